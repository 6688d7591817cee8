#include "distributed/fragment/sort_keys.h"

#include <algorithm>

#include "duckdb/common/exception.hpp"

#include "common/random.h"

namespace skein::distributed {

void SortKeys::Set(duckdb::Vector& keys, duckdb::idx_t count) {
  keys.ToUnifiedFormat(count, format_);
  numbers_.clear();
  switch (keys.GetType().id()) {
    case duckdb::LogicalTypeId::BLOB:
      return;
    case duckdb::LogicalTypeId::BIGINT:
      break;
    default:
      throw duckdb::SerializationException("a column of sort keys has another type");
  }
  const auto* values = duckdb::UnifiedVectorFormat::GetData<int64_t>(format_);
  numbers_.resize(count);
  for (duckdb::idx_t row = 0; row < count; ++row)
    numbers_[row] = __builtin_bswap64(static_cast<uint64_t>(values[format_.sel->get_index(row)]));
}

KeySampler::KeySampler(uint32_t most) : most_(most), state_(RandomUint64()) {}

void KeySampler::Add(const SortKeys& keys, duckdb::idx_t count) {
  for (duckdb::idx_t row = 0; row < count; ++row) {
    // SplitMix64.
    uint64_t lot = state_ += 0x9E3779B97F4A7C15;
    lot = (lot ^ (lot >> 30)) * 0xBF58476D1CE4E5B9;
    lot = (lot ^ (lot >> 27)) * 0x94D049BB133111EB;
    lot ^= lot >> 31;
    if (drawn_.size() == most_ && lot >= drawn_.front().lot) continue;
    Keep({lot, std::string(keys[row].substr(0, kLongestKey))});
  }
}

void KeySampler::Keep(Drawn drawn) {
  if (drawn_.size() == most_) {
    if (most_ == 0 || !(drawn < drawn_.front())) return;
    std::pop_heap(drawn_.begin(), drawn_.end());
    drawn_.pop_back();
  }
  drawn_.push_back(std::move(drawn));
  std::push_heap(drawn_.begin(), drawn_.end());
}

void KeySampler::Combine(KeySampler&& other) {
  for (Drawn& drawn : other.drawn_) Keep(std::move(drawn));
  other.drawn_.clear();
}

std::vector<std::string> KeySampler::Finish() && {
  std::vector<std::string> keys;
  keys.reserve(drawn_.size());
  for (Drawn& drawn : drawn_) keys.push_back(std::move(drawn.key));
  return keys;
}

RangeSpan RangesOf(std::string_view key, const std::vector<std::string>& bounds) {
  const auto [first, last] = std::equal_range(bounds.begin(), bounds.end(), key);
  return {static_cast<uint32_t>(first - bounds.begin()),
          static_cast<uint32_t>(last - bounds.begin())};
}

}  // namespace skein::distributed
