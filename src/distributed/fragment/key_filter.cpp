#include "distributed/fragment/key_filter.h"

#include <bit>
#include <cstring>
#include <limits>

#include "duckdb/common/serializer/deserializer.hpp"
#include "duckdb/common/serializer/serializer.hpp"
#include "duckdb/common/types/value.hpp"
#include "duckdb/common/types/vector.hpp"
#include "duckdb/execution/expression_executor_state.hpp"
#include "duckdb/planner/expression/bound_function_expression.hpp"

namespace skein::distributed {
namespace {

using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::PhysicalType;
using duckdb::Value;

/// A word and four of its bits, of a hash that is mixed once more: partitions and hash tables
/// choose by bits of the same hash.
struct Place {
  uint64_t word;
  uint64_t bits;
};

inline Place PlaceOf(uint64_t hash, uint64_t mask) {
  hash ^= hash >> 29;
  hash *= 0xBF58476D1CE4E5B9;
  hash ^= hash >> 32;
  const uint64_t bits = uint64_t{1} << (hash & 63) | uint64_t{1} << (hash >> 6 & 63) |
                        uint64_t{1} << (hash >> 12 & 63) | uint64_t{1} << (hash >> 18 & 63);
  return {(hash >> 24) & mask, bits};
}

/// `data`: of mask + 1 words.
inline bool Contains(const char* data, uint64_t mask, uint64_t hash) {
  const Place place = PlaceOf(hash, mask);
  uint64_t word = 0;
  std::memcpy(&word, data + place.word * sizeof(word), sizeof(word));
  return (word & place.bits) == place.bits;
}

template <typename T>
void Widen(duckdb::Vector& vector, idx_t count, KeySummary::Range* range) {
  duckdb::UnifiedVectorFormat format;
  vector.ToUnifiedFormat(count, format);
  const T* values = duckdb::UnifiedVectorFormat::GetData<T>(format);
  T least = std::numeric_limits<T>::max();
  T greatest = std::numeric_limits<T>::lowest();
  bool any = false;
  for (idx_t row = 0; row < count; ++row) {
    const idx_t index = format.sel->get_index(row);
    if (!format.validity.RowIsValid(index)) continue;
    any = true;
    least = std::min(least, values[index]);
    greatest = std::max(greatest, values[index]);
  }
  if (!any) return;
  if (!range->known) {
    *range = {true, static_cast<int64_t>(least), static_cast<int64_t>(greatest)};
  } else {
    range->least = std::min(range->least, static_cast<int64_t>(least));
    range->greatest = std::max(range->greatest, static_cast<int64_t>(greatest));
  }
}

struct BloomData : public duckdb::FunctionData {
  explicit BloomData(std::shared_ptr<const std::string> from) : bloom(std::move(from)) {}
  duckdb::unique_ptr<FunctionData> Copy() const override {
    return duckdb::make_uniq<BloomData>(bloom);
  }
  bool Equals(const FunctionData& other) const override {
    return *bloom == *other.Cast<BloomData>().bloom;
  }
  std::shared_ptr<const std::string> bloom;
};

void SerializeBloom(duckdb::Serializer& serializer,
                    const duckdb::optional_ptr<duckdb::FunctionData> data,
                    const duckdb::ScalarFunction&) {
  serializer.WriteProperty(100, "bloom", data ? *data->Cast<BloomData>().bloom : std::string());
}

duckdb::unique_ptr<duckdb::FunctionData> DeserializeBloom(duckdb::Deserializer& deserializer,
                                                          duckdb::ScalarFunction&) {
  return BoundBloom(deserializer.ReadProperty<std::string>(100, "bloom"));
}

void MayContain(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                duckdb::Vector& result) {
  // A client that calls it has none.
  const auto& bound = state.expr.Cast<duckdb::BoundFunctionExpression>().bind_info;
  const uint64_t words = bound ? bound->Cast<BloomData>().bloom->size() / sizeof(uint64_t) : 0;
  if (words == 0 || !std::has_single_bit(words)) {
    result.Reference(Value::BOOLEAN(true));
    return;
  }
  const char* data = bound->Cast<BloomData>().bloom->data();
  // A hash is never NULL.
  duckdb::UnifiedVectorFormat format;
  arguments.data[0].ToUnifiedFormat(arguments.size(), format);
  const auto* hashes = duckdb::UnifiedVectorFormat::GetData<uint64_t>(format);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* found = duckdb::FlatVector::GetData<bool>(result);
  for (idx_t row = 0; row < arguments.size(); ++row)
    found[row] = Contains(data, words - 1, hashes[format.sel->get_index(row)]);
}

}  // namespace

KeyGatherer::KeyGatherer(uint32_t bloom_bits, std::vector<uint32_t> range_columns,
                         const duckdb::vector<LogicalType>& types)
    : range_columns_(std::move(range_columns)),
      types_(types),
      mask_((uint64_t{1} << (std::max(bloom_bits, 6U) - 6)) - 1),
      words_(new std::atomic<uint64_t>[mask_ + 1]()),
      ranges_(range_columns_.size()) {}

void KeyGatherer::AddHashes(const duckdb::hash_t* hashes, const duckdb::SelectionVector& selection,
                            idx_t count) {
  for (idx_t row = 0; row < count; ++row) {
    const Place place = PlaceOf(hashes[selection.get_index(row)], mask_);
    auto& word = words_[place.word];
    // Most keys come more than once, and writing is what costs when threads share.
    if ((word.load(std::memory_order_relaxed) & place.bits) != place.bits)
      word.fetch_or(place.bits, std::memory_order_relaxed);
  }
}

void KeyGatherer::AddRanges(duckdb::DataChunk& rows, Ranges* ranges) const {
  ranges->resize(range_columns_.size());
  for (size_t i = 0; i < range_columns_.size(); ++i) {
    auto& vector = rows.data[range_columns_[i]];
    auto* range = &(*ranges)[i];
    switch (types_[range_columns_[i]].InternalType()) {
      case PhysicalType::INT8:
        Widen<int8_t>(vector, rows.size(), range);
        break;
      case PhysicalType::INT16:
        Widen<int16_t>(vector, rows.size(), range);
        break;
      case PhysicalType::INT32:
        Widen<int32_t>(vector, rows.size(), range);
        break;
      case PhysicalType::INT64:
        Widen<int64_t>(vector, rows.size(), range);
        break;
      case PhysicalType::UINT8:
        Widen<uint8_t>(vector, rows.size(), range);
        break;
      case PhysicalType::UINT16:
        Widen<uint16_t>(vector, rows.size(), range);
        break;
      case PhysicalType::UINT32:
        Widen<uint32_t>(vector, rows.size(), range);
        break;
      default:
        break;
    }
  }
}

void KeyGatherer::Combine(const Ranges& ranges) {
  KeySummary all{{}, ranges_};
  if (ranges.size() == ranges_.size()) all.Add({{}, ranges});
  ranges_ = std::move(all.ranges);
}

KeySummary KeyGatherer::Finish() const {
  KeySummary summary;
  summary.ranges = ranges_;
  summary.bloom.resize((mask_ + 1) * sizeof(uint64_t));
  for (uint64_t i = 0; i <= mask_; ++i) {
    const uint64_t word = words_[i].load(std::memory_order_relaxed);
    std::memcpy(summary.bloom.data() + i * sizeof(word), &word, sizeof(word));
  }
  return summary;
}

bool KeyGatherer::HasRange(const LogicalType& type) {
  switch (type.id()) {
    case LogicalTypeId::TINYINT:
    case LogicalTypeId::SMALLINT:
    case LogicalTypeId::INTEGER:
    case LogicalTypeId::BIGINT:
    case LogicalTypeId::UTINYINT:
    case LogicalTypeId::USMALLINT:
    case LogicalTypeId::UINTEGER:
    case LogicalTypeId::DATE:
    case LogicalTypeId::TIMESTAMP:
    case LogicalTypeId::TIMESTAMP_TZ:
      return true;
    case LogicalTypeId::DECIMAL:
      return type.InternalType() != PhysicalType::INT128;
    default:
      return false;
  }
}

Value ValueOfRange(int64_t number, const LogicalType& type) {
  Value value;
  switch (type.InternalType()) {
    case PhysicalType::INT8:
      value = Value::TINYINT(static_cast<int8_t>(number));
      break;
    case PhysicalType::INT16:
      value = Value::SMALLINT(static_cast<int16_t>(number));
      break;
    case PhysicalType::INT32:
      value = Value::INTEGER(static_cast<int32_t>(number));
      break;
    case PhysicalType::UINT8:
      value = Value::UTINYINT(static_cast<uint8_t>(number));
      break;
    case PhysicalType::UINT16:
      value = Value::USMALLINT(static_cast<uint16_t>(number));
      break;
    case PhysicalType::UINT32:
      value = Value::UINTEGER(static_cast<uint32_t>(number));
      break;
    default:
      value = Value::BIGINT(number);
  }
  value.Reinterpret(type);
  return value;
}

std::string UsefulBloom(std::string bloom) {
  size_t words = bloom.size() / sizeof(uint64_t);
  auto word_at = [&](size_t i) {
    uint64_t word = 0;
    std::memcpy(&word, bloom.data() + i * sizeof(word), sizeof(word));
    return word;
  };
  uint64_t set = 0;
  for (size_t i = 0; i < words; ++i) {
    // Most are empty where more keys were estimated than there are.
    if (const uint64_t word = word_at(i)) set += static_cast<uint64_t>(std::popcount(word));
  }
  // Half of the bits: one of sixteen that are not in it would pass.
  if (set * 2 > words * 64) return {};
  // A place is a hash's low bits, so the upper half of the words belongs to the same hashes as the
  // lower half. With an eighth of the bits one of some thousand passes.
  for (; words > 1 && words % 2 == 0 && set * 16 <= words * 64; words /= 2) {
    for (size_t i = 0; i < words / 2; ++i) {
      const uint64_t both = word_at(i) | word_at(i + words / 2);
      std::memcpy(bloom.data() + i * sizeof(both), &both, sizeof(both));
    }
  }
  bloom.resize(words * sizeof(uint64_t));
  return bloom;
}

bool BloomMayContain(const std::string& bloom, duckdb::hash_t hash) {
  return Contains(bloom.data(), bloom.size() / sizeof(uint64_t) - 1, hash);
}

duckdb::ScalarFunction MayContainFunction() {
  duckdb::ScalarFunction function(kMayContainName, {LogicalType::HASH}, LogicalType::BOOLEAN,
                                  MayContain);
  function.SetSerializeCallback(SerializeBloom);
  function.SetDeserializeCallback(DeserializeBloom);
  return function;
}

duckdb::unique_ptr<duckdb::FunctionData> BoundBloom(std::string bloom) {
  return duckdb::make_uniq<BloomData>(std::make_shared<const std::string>(std::move(bloom)));
}

}  // namespace skein::distributed
