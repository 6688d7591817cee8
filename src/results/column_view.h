#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <arrow/type_fwd.h>

#include "common/status.h"
#include "results/byte_writer.h"
#include "results/duckdb_type.h"
#include "results/number_text.h"
#include "results/pg_type.h"
#include "results/time_text.h"

namespace skein::results {

struct ColumnView;

/// What one encoder run shares among its columns.
struct EncodeContext {
  ByteWriter out;
  const TimeZone& zone;
  int extra_float_digits = 1;
  bool bytea_hex = true;
  bool blob_base64 = false;  ///< JSON: base64 instead of PostgreSQL's `\x` text
  /// The first failure; what was written for that row is then thrown away.
  Status error = Status::OK();

  void Fail(Status status) {
    if (error.ok()) error = std::move(status);
  }
};

/// Appends one value, known not to be NULL, to context.out. May write anything when it fails.
using WriteValue = void (*)(const ColumnView&, int64_t row, EncodeContext& context);

/// How a column is stored, as far as readers differ.
enum class Layout : uint8_t {
  kNone,
  kBits,
  kFixed1,
  kFixed2,
  kFixed4,
  kFixed8,
  kFixed16,
  kText32,      ///< offsets of 32 bits and characters
  kText64,      ///< offsets of 64 bits and characters
  kTextView,    ///< sixteen-byte views
  kDictionary,  ///< indexes into children[0]
  kList32,
  kList64,
  kFixedList,
  kStruct,
  kMap,  ///< children[0] keys, children[1] values; offsets of 32 bits
};

/// The unit in which a date, time or timestamp is stored.
enum class StoredUnit : uint8_t { kSeconds, kMillis, kMicros, kNanos };

/// What the schema says of a column, worked out once per result.
struct ColumnPlan {
  std::string name;
  DuckDbType type;
  PgType pg;
  Layout layout = Layout::kNone;
  StoredUnit unit = StoredUnit::kMicros;
  Layout index_layout = Layout::kNone;  ///< of a dictionary
  bool index_signed = false;
  int64_t list_size = 0;       ///< of a fixed-size list
  WriteValue write = nullptr;  ///< chosen by the encoder that made the plan
  bool jsonb = false;          ///< json that was declared as jsonb
  std::string json_key;        ///< of a member, quoted, with the colon; set for JSON
  std::vector<ColumnPlan> children;
};

/// Fails with 0A000 for what results do not carry.
Result<ColumnPlan> PlanColumn(const arrow::Field& field);

/// One array of one batch, its buffers found: what the writers read from. Valid while the array and
/// the plan live. Rows count from the array's own start, nested ones from the start of the child.
struct ColumnView {
  const ColumnPlan* plan = nullptr;
  WriteValue write = nullptr;
  const uint8_t* validity = nullptr;  ///< null when there is no NULL
  int64_t offset = 0;
  int64_t length = 0;
  bool all_null = false;
  const uint8_t* data = nullptr;  ///< values, views, indexes, or offsets
  const char* characters = nullptr;
  std::vector<const char*> variadic;  ///< character buffers of views
  std::vector<ColumnView> children;

  bool IsNull(int64_t row) const {
    if (validity == nullptr) return all_null;
    int64_t bit = row + offset;
    return !((validity[bit >> 3] >> (bit & 7)) & 1);
  }
  template <typename T>
  T Fixed(int64_t row) const {
    T value;
    std::memcpy(&value, data + static_cast<size_t>(row + offset) * sizeof(T), sizeof(T));
    return value;
  }
  bool Bit(int64_t row) const {
    int64_t bit = row + offset;
    return (data[bit >> 3] >> (bit & 7)) & 1;
  }
  std::string_view Text(int64_t row) const;
  /// A signed integer of 4 or 8 bytes: dates, times, timestamps.
  int64_t Integer(int64_t row) const {
    return plan->layout == Layout::kFixed4 ? Fixed<int32_t>(row) : Fixed<int64_t>(row);
  }
  /// A decimal of any stored width, without its scale.
  Int128 Unscaled(int64_t row) const;
  /// Where a dictionary's value is in children[0].
  int64_t Index(int64_t row) const;
  /// The rows [begin, end) of children that belong to a list, array or map.
  void ListRange(int64_t row, int64_t* begin, int64_t* end) const;
};

/// Finds the buffers of `array`, whose type must be the one planned for (XX000 otherwise).
Status BindColumn(const ColumnPlan& plan, const arrow::ArrayData& array, ColumnView* view);

/// All columns of a batch; XX000 when it does not have the planned ones.
Result<std::vector<ColumnView>> BindBatch(const std::vector<ColumnPlan>& plans,
                                          const arrow::RecordBatch& batch);

inline std::string_view ColumnView::Text(int64_t row) const {
  int64_t at = row + offset;
  if (plan->layout == Layout::kText32) [[likely]] {
    int32_t ends[2];
    std::memcpy(ends, data + static_cast<size_t>(at) * sizeof(int32_t), sizeof(ends));
    return {characters + ends[0], static_cast<size_t>(ends[1] - ends[0])};
  }
  if (plan->layout == Layout::kText64) {
    int64_t ends[2];
    std::memcpy(ends, data + static_cast<size_t>(at) * sizeof(int64_t), sizeof(ends));
    return {characters + ends[0], static_cast<size_t>(ends[1] - ends[0])};
  }
  // A view: length, then either up to 12 characters or a prefix, a buffer's number and an offset in
  // it.
  constexpr int32_t kInline = 12;
  constexpr size_t kViewSize = 16;
  const uint8_t* view = data + static_cast<size_t>(at) * kViewSize;
  int32_t fields[4];
  std::memcpy(fields, view, sizeof(fields));
  const char* start = fields[0] <= kInline ? reinterpret_cast<const char*>(view) + sizeof(int32_t)
                                           : variadic[static_cast<size_t>(fields[2])] + fields[3];
  return {start, static_cast<size_t>(fields[0])};
}

}  // namespace skein::results
