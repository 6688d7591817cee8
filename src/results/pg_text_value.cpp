#include "results/pg_text_value.h"

#include <cfloat>

#include "results/json_value.h"
#include "results/temporal_value.h"

namespace skein::results {
namespace {

void WriteBool(const ColumnView& view, int64_t row, EncodeContext& context) {
  context.out.Put(view.Bit(row) ? 't' : 'f');
}

template <typename Int>
void WriteInt(const ColumnView& view, int64_t row, EncodeContext& context) {
  context.out.CommitTo(WriteInteger(context.out.Reserve(kMaxIntegerText), view.Fixed<Int>(row)));
}

void WriteFloat4(const ColumnView& view, int64_t row, EncodeContext& context) {
  char* out = context.out.Reserve(kMaxFloatText);
  float value = view.Fixed<float>(row);
  context.out.CommitTo(
      context.extra_float_digits > 0
          ? WriteFloat(out, value)
          : WriteRoundedDouble(out, double{value}, FLT_DIG + context.extra_float_digits));
}

void WriteFloat8(const ColumnView& view, int64_t row, EncodeContext& context) {
  char* out = context.out.Reserve(kMaxFloatText);
  double value = view.Fixed<double>(row);
  context.out.CommitTo(context.extra_float_digits > 0
                           ? WriteDouble(out, value)
                           : WriteRoundedDouble(out, value, DBL_DIG + context.extra_float_digits));
}

void WriteNumeric(const ColumnView& view, int64_t row, EncodeContext& context) {
  char* out = context.out.Reserve(kMaxDecimalText);
  context.out.CommitTo(WriteDecimal(out, view.Unscaled(row), view.plan->type.scale));
}

void WriteText(const ColumnView& view, int64_t row, EncodeContext& context) {
  context.out.Put(view.Text(row));
}

void WriteLabel(const ColumnView& view, int64_t row, EncodeContext& context) {
  context.out.Put(view.children[0].Text(view.Index(row)));
}

void WriteBytea(const ColumnView& view, int64_t row, EncodeContext& context) {
  std::string_view bytes = view.Text(row);
  if (context.bytea_hex) return WriteByteaHex(bytes, context);
  constexpr size_t kLongestEscape = 4;
  char* out = context.out.Reserve(bytes.size() * kLongestEscape);
  for (char c : bytes) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '\\') {
      *out++ = '\\';
      *out++ = '\\';
    } else if (byte < 0x20 || byte > 0x7E) {
      *out++ = '\\';
      *out++ = static_cast<char>('0' + (byte >> 6));
      *out++ = static_cast<char>('0' + ((byte >> 3) & 7));
      *out++ = static_cast<char>('0' + (byte & 7));
    } else {
      *out++ = c;
    }
  }
  context.out.CommitTo(out);
}

// True when the instant was one without a date of its own.
bool WroteInfinity(const Instant& instant, EncodeContext& context) {
  if (instant.kind == Instant::Kind::kInfinity) context.out.Put("infinity");
  if (instant.kind == Instant::Kind::kMinusInfinity) context.out.Put("-infinity");
  return instant.kind != Instant::Kind::kFinite;
}

void WritePgDate(const ColumnView& view, int64_t row, EncodeContext& context) {
  Instant instant = ReadPgDate(view, row, context);
  if (WroteInfinity(instant, context)) return;
  context.out.CommitTo(WriteDate(context.out.Reserve(kMaxTimeText), instant.value));
}

void WritePgTime(const ColumnView& view, int64_t row, EncodeContext& context) {
  context.out.CommitTo(WriteTime(context.out.Reserve(kMaxTimeText), ReadTime(view, row)));
}

void WritePgTimestamp(const ColumnView& view, int64_t row, EncodeContext& context) {
  Instant instant = ReadPgTimestamp(view, row, context);
  if (WroteInfinity(instant, context)) return;
  char* out = context.out.Reserve(kMaxTimeText);
  context.out.CommitTo(WriteTimestamp(out, instant.value, TimeSeparator::kSpace));
}

void WritePgTimestampTz(const ColumnView& view, int64_t row, EncodeContext& context) {
  Instant instant = ReadPgTimestamp(view, row, context);
  if (WroteInfinity(instant, context)) return;
  WriteZonedTimestamp(instant.value, TimeSeparator::kSpace, OffsetForm::kPostgres, context);
}

void WriteInterval(const ColumnView& view, int64_t row, EncodeContext& context) {
  IntervalValue value = ReadInterval(view, row);
  char* out = context.out.Reserve(kMaxIntervalText);
  context.out.CommitTo(WritePgInterval(out, value.months, value.days, value.micros));
}

bool EqualsNull(std::string_view text) {
  return text.size() == 4 && (text[0] | 0x20) == 'n' && (text[1] | 0x20) == 'u' &&
         (text[2] | 0x20) == 'l' && (text[3] | 0x20) == 'l';
}

// Puts the element written from `start` on between quotes where the array's syntax asks for it.
void QuoteElement(size_t start, EncodeContext& context) {
  std::string_view text(context.out.at(start), context.out.size() - start);
  bool quote = text.empty() || EqualsNull(text);
  size_t escapes = 0;
  for (char c : text) {
    switch (c) {
      case '"':
      case '\\':
        ++escapes;
        [[fallthrough]];
      case '{':
      case '}':
      case ',':
      case ' ':
      case '\t':
      case '\n':
      case '\v':
      case '\f':
      case '\r':
        quote = true;
        break;
      default:
        break;
    }
  }
  if (!quote) return;
  size_t length = text.size();
  char* end = context.out.Reserve(escapes + 2) + escapes + 2;
  context.out.CommitTo(end);
  char* first = context.out.at(start);
  *--end = '"';
  for (size_t i = length; i-- > 0;) {
    char c = first[i];
    *--end = c;
    if (c == '"' || c == '\\') *--end = '\\';
  }
  *--end = '"';
}

void WriteArray(const ColumnView& view, int64_t row, EncodeContext& context) {
  const ColumnView& element = view.children[0];
  bool nested =
      element.plan->type.kind == TypeKind::kList || element.plan->type.kind == TypeKind::kArray;
  int64_t begin = 0;
  int64_t end = 0;
  view.ListRange(row, &begin, &end);
  context.out.Put('{');
  for (int64_t i = begin; i < end; ++i) {
    if (i > begin) context.out.Put(',');
    if (element.IsNull(i)) {
      context.out.Put("NULL");
      continue;
    }
    size_t start = context.out.size();
    element.write(element, i, context);
    if (!nested) QuoteElement(start, context);
  }
  context.out.Put('}');
}

/// int2vector and oidvector: numbers with blanks between.
void WriteVector(const ColumnView& view, int64_t row, EncodeContext& context) {
  const ColumnView& element = view.children[0];
  int64_t begin = 0;
  int64_t end = 0;
  view.ListRange(row, &begin, &end);
  for (int64_t i = begin; i < end; ++i) {
    if (i > begin) context.out.Put(' ');
    element.write(element, i, context);
  }
}

WriteValue Choose(TypeKind kind) {
  switch (kind) {
    case TypeKind::kBoolean:
      return WriteBool;
    case TypeKind::kTinyInt:
      return WriteInt<int8_t>;
    case TypeKind::kSmallInt:
      return WriteInt<int16_t>;
    case TypeKind::kInteger:
      return WriteInt<int32_t>;
    case TypeKind::kBigInt:
      return WriteInt<int64_t>;
    case TypeKind::kUTinyInt:
      return WriteInt<uint8_t>;
    case TypeKind::kUSmallInt:
      return WriteInt<uint16_t>;
    case TypeKind::kUInteger:
      return WriteInt<uint32_t>;
    case TypeKind::kUBigInt:
      return WriteInt<uint64_t>;
    case TypeKind::kHugeInt:
    case TypeKind::kDecimal:
      return WriteNumeric;
    case TypeKind::kFloat:
      return WriteFloat4;
    case TypeKind::kDouble:
      return WriteFloat8;
    case TypeKind::kUHugeInt:
    case TypeKind::kBigNum:
    case TypeKind::kVarchar:
    case TypeKind::kJson:
    case TypeKind::kBit:
    case TypeKind::kUuid:
    case TypeKind::kTimeTz:
    case TypeKind::kNull:
    case TypeKind::kOther:
      return WriteText;
    case TypeKind::kBlob:
      return WriteBytea;
    case TypeKind::kDate:
      return WritePgDate;
    case TypeKind::kTime:
    case TypeKind::kTimeNs:
      return WritePgTime;
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampS:
    case TypeKind::kTimestampMs:
    case TypeKind::kTimestampNs:
      return WritePgTimestamp;
    case TypeKind::kTimestampTz:
      return WritePgTimestampTz;
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

void ChoosePgTextWriters(ColumnPlan* plan) {
  plan->write = Choose(plan->type.kind);
  if (plan->type.pg_oid && plan->type.kind == TypeKind::kList) plan->write = WriteVector;
  if (plan->write == nullptr) return ChooseJsonWriters(plan);
  for (ColumnPlan& child : plan->children) ChoosePgTextWriters(&child);
}

}  // namespace skein::results
