#include "results/pg_binary_value.h"

#include <bit>
#include <limits>

#include "results/json_value.h"
#include "results/pg_numeric.h"
#include "results/pg_text_value.h"
#include "results/temporal_value.h"

namespace skein::results {
namespace {

void WriteBool(const ColumnView& view, int64_t row, EncodeContext& context) {
  context.out.Put(view.Bit(row) ? '\1' : '\0');
}

template <typename Int>
void WriteInt2(const ColumnView& view, int64_t row, EncodeContext& context) {
  context.out.PutInt16(static_cast<int16_t>(view.Fixed<Int>(row)));
}
template <typename Int>
void WriteInt4(const ColumnView& view, int64_t row, EncodeContext& context) {
  context.out.PutInt32(static_cast<int32_t>(view.Fixed<Int>(row)));
}
template <typename Int>
void WriteInt8(const ColumnView& view, int64_t row, EncodeContext& context) {
  context.out.PutInt64(static_cast<int64_t>(view.Fixed<Int>(row)));
}

void WriteUBigInt(const ColumnView& view, int64_t row, EncodeContext& context) {
  WritePgNumeric(&context.out, Int128{view.Fixed<uint64_t>(row)}, 0);
}
void WriteNumeric(const ColumnView& view, int64_t row, EncodeContext& context) {
  WritePgNumeric(&context.out, view.Unscaled(row), view.plan->type.scale);
}
void WriteNumericText(const ColumnView& view, int64_t row, EncodeContext& context) {
  Status status = WritePgNumericText(&context.out, view.Text(row));
  if (!status.ok()) context.Fail(std::move(status));
}

void WriteText(const ColumnView& view, int64_t row, EncodeContext& context) {
  context.out.Put(view.Text(row));
}
void WriteJsonb(const ColumnView& view, int64_t row, EncodeContext& context) {
  constexpr char kVersion = 1;
  context.out.Put(kVersion);
  WriteText(view, row, context);
}
void WriteLabel(const ColumnView& view, int64_t row, EncodeContext& context) {
  context.out.Put(view.children[0].Text(view.Index(row)));
}

void FailOnText(const ColumnView& view, int64_t row, const char* what, EncodeContext& context) {
  context.Fail(errors::Internal("the engine's text is not a " + std::string(what) + " in column " +
                                view.plan->name + ": " +
                                std::string(view.Text(row).substr(0, 100))));
}

// `0101` as its number of bits and the bits, the first one highest.
void WriteVarbit(const ColumnView& view, int64_t row, EncodeContext& context) {
  std::string_view bits = view.Text(row);
  context.out.PutInt32(static_cast<int32_t>(bits.size()));
  size_t bytes = (bits.size() + 7) / 8;
  char* out = context.out.Reserve(bytes);
  std::fill_n(out, bytes, '\0');
  for (size_t i = 0; i < bits.size(); ++i) {
    if (bits[i] != '0' && bits[i] != '1') return FailOnText(view, row, "bit string", context);
    if (bits[i] == '1') out[i / 8] = static_cast<char>(out[i / 8] | (0x80 >> (i % 8)));
  }
  context.out.CommitTo(out + bytes);
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void WriteUuid(const ColumnView& view, int64_t row, EncodeContext& context) {
  constexpr size_t kDigits = 32;
  int digits[kDigits];
  size_t count = 0;
  for (char c : view.Text(row)) {
    if (c == '-') continue;
    int digit = HexDigit(c);
    if (digit < 0 || count == kDigits) return FailOnText(view, row, "UUID", context);
    digits[count++] = digit;
  }
  if (count != kDigits) return FailOnText(view, row, "UUID", context);
  for (size_t i = 0; i < kDigits; i += 2)
    context.out.Put(static_cast<char>(digits[i] << 4 | digits[i + 1]));
}

// `12:34:56.789+05:30`: microseconds since midnight and seconds west of Greenwich.
void WriteTimeTz(const ColumnView& view, int64_t row, EncodeContext& context) {
  std::string_view text = view.Text(row);
  size_t at = 0;
  auto number = [&](int* digits) {
    int64_t value = 0;
    for (*digits = 0; at < text.size() && text[at] >= '0' && text[at] <= '9' && *digits < 9;
         ++at, ++*digits) {
      value = value * 10 + (text[at] - '0');
    }
    return value;
  };
  auto eat = [&](char c) { return at < text.size() && text[at] == c ? (++at, true) : false; };
  int digits = 0;
  int64_t seconds = number(&digits) * 3600;
  if (eat(':')) seconds += number(&digits) * 60;
  if (eat(':')) seconds += number(&digits);
  int64_t micros = 0;
  if (eat('.')) {
    micros = number(&digits);
    for (; digits < 6; ++digits) micros *= 10;
    for (; digits > 6; --digits) micros /= 10;
  }
  bool west = at < text.size() && text[at] == '-';
  int64_t zone = 0;
  if (eat('+') || eat('-')) {
    zone = number(&digits) * 3600;
    if (eat(':')) zone += number(&digits) * 60;
    if (eat(':')) zone += number(&digits);
  }
  if (at != text.size() || text.empty())
    return FailOnText(view, row, "time with time zone", context);
  context.out.PutInt64(seconds * kMicrosPerSecond + micros);
  context.out.PutInt32(static_cast<int32_t>(west ? zone : -zone));
}

void WritePgDate(const ColumnView& view, int64_t row, EncodeContext& context) {
  Instant instant = ReadPgDate(view, row, context);
  switch (instant.kind) {
    case Instant::Kind::kInfinity:
      return context.out.PutInt32(std::numeric_limits<int32_t>::max());
    case Instant::Kind::kMinusInfinity:
      return context.out.PutInt32(std::numeric_limits<int32_t>::min());
    case Instant::Kind::kFinite:
      return context.out.PutInt32(static_cast<int32_t>(instant.value - kPgEpochDays));
    case Instant::Kind::kOutOfRange:
      return;
  }
}

void WritePgTime(const ColumnView& view, int64_t row, EncodeContext& context) {
  context.out.PutInt64(ReadTime(view, row));
}

void WritePgTimestamp(const ColumnView& view, int64_t row, EncodeContext& context) {
  Instant instant = ReadPgTimestamp(view, row, context);
  switch (instant.kind) {
    case Instant::Kind::kInfinity:
      return context.out.PutInt64(std::numeric_limits<int64_t>::max());
    case Instant::Kind::kMinusInfinity:
      return context.out.PutInt64(std::numeric_limits<int64_t>::min());
    case Instant::Kind::kFinite:
      return context.out.PutInt64(instant.value - kPgEpochDays * kMicrosPerDay);
    case Instant::Kind::kOutOfRange:
      return;
  }
}

void WriteInterval(const ColumnView& view, int64_t row, EncodeContext& context) {
  IntervalValue value = ReadInterval(view, row);
  context.out.PutInt64(value.micros);
  context.out.PutInt32(value.days);
  context.out.PutInt32(value.months);
}

bool IsList(const ColumnView& view) {
  return view.plan->type.kind == TypeKind::kList || view.plan->type.kind == TypeKind::kArray;
}

// An array of PostgreSQL is a box: every list at one level has the same length, and none is NULL.
class ArrayBox {
 public:
  static constexpr int kMaxDimensions = 6;  // PostgreSQL's MAXDIM

  bool Measure(const ColumnView& view, int64_t row, int level) {
    if (level == kMaxDimensions) return false;
    int64_t begin = 0;
    int64_t end = 0;
    view.ListRange(row, &begin, &end);
    const ColumnView& element = view.children[0];
    bool first = level == dimensions_;
    if (first) sizes_[dimensions_++] = end - begin;
    if (sizes_[level] != end - begin) return false;
    if (!IsList(element)) {
      elements_ += end - begin;
      return true;
    }
    for (int64_t i = begin; i < end; ++i) {
      if (element.IsNull(i) || !Measure(element, i, level + 1)) return false;
    }
    return true;
  }

  int dimensions() const { return elements_ > 0 ? dimensions_ : 0; }
  int64_t size(int dimension) const { return sizes_[dimension]; }

 private:
  int dimensions_ = 0;
  int64_t sizes_[kMaxDimensions] = {};
  int64_t elements_ = 0;
};

bool WriteElements(const ColumnView& view, int64_t row, EncodeContext& context) {
  const ColumnView& element = view.children[0];
  int64_t begin = 0;
  int64_t end = 0;
  view.ListRange(row, &begin, &end);
  bool has_null = false;
  for (int64_t i = begin; i < end; ++i) {
    if (IsList(element)) {
      has_null |= WriteElements(element, i, context);
    } else if (element.IsNull(i)) {
      context.out.PutInt32(-1);
      has_null = true;
    } else {
      size_t length_at = context.out.size();
      context.out.PutInt32(0);
      element.write(element, i, context);
      context.out.PatchInt32(length_at, context.out.size() - length_at - sizeof(int32_t));
    }
  }
  return has_null;
}

void WriteArray(const ColumnView& view, int64_t row, EncodeContext& context) {
  ArrayBox box;
  if (!box.Measure(view, row, 0)) {
    return context.Fail(errors::NotSupported(
                            "nested lists of different lengths, of NULLs or deeper than six levels "
                            "have no binary form in PostgreSQL, in column: " +
                            view.plan->name)
                            .WithHint("ask for the text format, or cast the column to JSON"));
  }
  const ColumnView* element = &view;
  while (IsList(*element)) element = &element->children[0];
  const int32_t lower_bound = view.plan->type.pg_oid ? 0 : 1;  // vectors count from 0
  context.out.PutInt32(box.dimensions());
  size_t flags_at = context.out.size();
  context.out.PutInt32(0);
  context.out.PutInt32(static_cast<int32_t>(element->plan->pg.oid));
  for (int i = 0; i < box.dimensions(); ++i) {
    context.out.PutInt32(static_cast<int32_t>(box.size(i)));
    context.out.PutInt32(lower_bound);
  }
  if (box.dimensions() > 0 && WriteElements(view, row, context))
    context.out.PatchInt32(flags_at, 1);
}

WriteValue Choose(TypeKind kind) {
  switch (kind) {
    case TypeKind::kBoolean:
      return WriteBool;
    case TypeKind::kTinyInt:
      return WriteInt2<int8_t>;
    case TypeKind::kUTinyInt:
      return WriteInt2<uint8_t>;
    case TypeKind::kSmallInt:
      return WriteInt2<int16_t>;
    case TypeKind::kUSmallInt:
      return WriteInt4<uint16_t>;
    case TypeKind::kFloat:  // the same bits
    case TypeKind::kInteger:
      return WriteInt4<int32_t>;
    case TypeKind::kUInteger:
      return WriteInt8<uint32_t>;
    case TypeKind::kDouble:  // the same bits
    case TypeKind::kBigInt:
      return WriteInt8<int64_t>;
    case TypeKind::kUBigInt:
      return WriteUBigInt;
    case TypeKind::kHugeInt:
    case TypeKind::kDecimal:
      return WriteNumeric;
    case TypeKind::kUHugeInt:
    case TypeKind::kBigNum:
      return WriteNumericText;
    case TypeKind::kNull:
    case TypeKind::kVarchar:
    case TypeKind::kJson:
    case TypeKind::kBlob:
    case TypeKind::kOther:
      return WriteText;
    case TypeKind::kBit:
      return WriteVarbit;
    case TypeKind::kUuid:
      return WriteUuid;
    case TypeKind::kDate:
      return WritePgDate;
    case TypeKind::kTime:
    case TypeKind::kTimeNs:
      return WritePgTime;
    case TypeKind::kTimeTz:
      return WriteTimeTz;
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampS:
    case TypeKind::kTimestampMs:
    case TypeKind::kTimestampNs:
    case TypeKind::kTimestampTz:
      return WritePgTimestamp;
    case TypeKind::kInterval:
      return WriteInterval;
    case TypeKind::kEnum:
      return WriteLabel;
    case TypeKind::kList:
    case TypeKind::kArray:
      return WriteArray;
    case TypeKind::kStruct:
    case TypeKind::kMap:
    case TypeKind::kUnion:
    case TypeKind::kVariant:
      break;
  }
  return nullptr;
}

}  // namespace

void ChoosePgBinaryWriters(ColumnPlan* plan) {
  plan->write = Choose(plan->type.kind);
  if (plan->type.pg_oid && plan->type.kind == TypeKind::kBigInt)
    plan->write = WriteInt4<int64_t>;  // oid
  if (plan->type.pg_oid && plan->type.kind == TypeKind::kUInteger)
    plan->write = WriteInt4<uint32_t>;  // xid, cid
  if (plan->jsonb) plan->write = WriteJsonb;
  if (plan->write == nullptr) return ChooseJsonWriters(plan);
  for (ColumnPlan& child : plan->children) ChoosePgBinaryWriters(&child);
}

}  // namespace skein::results
