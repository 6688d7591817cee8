#include "results/json_value.h"

#include <algorithm>
#include <cmath>

#include "results/temporal_value.h"
#include "results/utf8.h"

namespace skein::results {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

bool IsPlain(unsigned char c) { return c >= 0x20 && c < 0x80 && c != '"' && c != '\\'; }

constexpr uint64_t Repeated(uint8_t byte) { return 0x0101010101010101u * byte; }

// Whether eight characters all are plain: tested at once, each byte's high bit telling.
bool EightPlain(const char* at) {
  uint64_t word = 0;
  std::memcpy(&word, at, sizeof(word));
  uint64_t quote = word ^ Repeated('"');
  uint64_t backslash = word ^ Repeated('\\');
  uint64_t control = (word - Repeated(0x20)) & ~word;
  uint64_t special =
      ((quote - Repeated(1)) & ~quote) | ((backslash - Repeated(1)) & ~backslash) | control | word;
  return (special & Repeated(0x80)) == 0;
}

void WriteEscape(unsigned char c, ByteWriter* out) {
  switch (c) {
    case '"':
      return out->Put("\\\"");
    case '\\':
      return out->Put("\\\\");
    case '\b':
      return out->Put("\\b");
    case '\f':
      return out->Put("\\f");
    case '\n':
      return out->Put("\\n");
    case '\r':
      return out->Put("\\r");
    case '\t':
      return out->Put("\\t");
    default:
      break;
  }
  out->Put("\\u00");
  out->Put(kHexDigits[c >> 4]);
  out->Put(kHexDigits[c & 15]);
}

void WriteBool(const ColumnView& view, int64_t row, EncodeContext& context) {
  context.out.Put(view.Bit(row) ? std::string_view("true") : std::string_view("false"));
}

template <typename Int>
void WriteInt(const ColumnView& view, int64_t row, EncodeContext& context) {
  context.out.CommitTo(WriteInteger(context.out.Reserve(kMaxIntegerText), view.Fixed<Int>(row)));
}

/// 5 is written 5.0, so that a reader who tells integers from fractions takes it for what it is.
char* AsFraction(char* begin, char* end) {
  if (std::find_if(begin, end, [](char c) { return c == '.' || c == 'e'; }) != end) return end;
  *end++ = '.';
  *end++ = '0';
  return end;
}

void WriteFloat4(const ColumnView& view, int64_t row, EncodeContext& context) {
  float value = view.Fixed<float>(row);
  if (!std::isfinite(value)) return context.out.Put("null");
  char* begin = context.out.Reserve(kMaxFloatText + 2);
  context.out.CommitTo(AsFraction(begin, WriteFloat(begin, value)));
}

void WriteFloat8(const ColumnView& view, int64_t row, EncodeContext& context) {
  double value = view.Fixed<double>(row);
  if (!std::isfinite(value)) return context.out.Put("null");
  char* begin = context.out.Reserve(kMaxFloatText + 2);
  context.out.CommitTo(AsFraction(begin, WriteDouble(begin, value)));
}

void WriteNumeric(const ColumnView& view, int64_t row, EncodeContext& context) {
  char* out = context.out.Reserve(kMaxDecimalText);
  context.out.CommitTo(WriteDecimal(out, view.Unscaled(row), view.plan->type.scale));
}

void WriteBare(const ColumnView& view, int64_t row, EncodeContext& context) {
  context.out.Put(view.Text(row));
}

void WriteEmbedded(const ColumnView& view, int64_t row, EncodeContext& context) {
  std::string_view text = view.Text(row);
  context.out.Put(text.empty() ? std::string_view("\"\"") : text);
}

void WriteString(const ColumnView& view, int64_t row, EncodeContext& context) {
  WriteJsonString(view.Text(row), &context.out);
}

void WriteLabel(const ColumnView& view, int64_t row, EncodeContext& context) {
  WriteJsonString(view.children[0].Text(view.Index(row)), &context.out);
}

void WriteBase64(std::string_view bytes, EncodeContext& context) {
  static constexpr char kDigits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  char* out = context.out.Reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    size_t count = std::min<size_t>(3, bytes.size() - i);
    uint32_t bits = 0;
    for (size_t j = 0; j < 3; ++j)
      bits = bits << 8 | (j < count ? static_cast<unsigned char>(bytes[i + j]) : 0u);
    for (size_t j = 0; j < 4; ++j) *out++ = j <= count ? kDigits[bits >> (18 - 6 * j) & 63] : '=';
  }
  context.out.CommitTo(out);
}

void WriteBlob(const ColumnView& view, int64_t row, EncodeContext& context) {
  context.out.Put('"');
  if (context.blob_base64) {
    WriteBase64(view.Text(row), context);
  } else {
    context.out.Put('\\');  // the backslash of \x, escaped for JSON
    WriteByteaHex(view.Text(row), context);
  }
  context.out.Put('"');
}

// True when the instant was one without a date of its own.
bool WroteSpecial(const Instant& instant, EncodeContext& context) {
  switch (instant.kind) {
    case Instant::Kind::kFinite:
      return false;
    case Instant::Kind::kInfinity:
      context.out.Put("\"infinity\"");
      return true;
    case Instant::Kind::kMinusInfinity:
      context.out.Put("\"-infinity\"");
      return true;
    case Instant::Kind::kOutOfRange:
      context.Fail(Status(StatusCode::kInvalidArgument, "22008", "timestamp out of range"));
      return true;
  }
  return true;
}

void WriteDay(const ColumnView& view, int64_t row, EncodeContext& context) {
  Instant instant = ReadDate(view, row);
  if (WroteSpecial(instant, context)) return;
  char* out = context.out.Reserve(kMaxTimeText);
  *out++ = '"';
  out = WriteDate(out, instant.value);
  *out++ = '"';
  context.out.CommitTo(out);
}

void WriteTimeOfDay(const ColumnView& view, int64_t row, EncodeContext& context) {
  char* out = context.out.Reserve(kMaxTimeText);
  *out++ = '"';
  out = WriteTime(out, ReadTime(view, row));
  *out++ = '"';
  context.out.CommitTo(out);
}

void WriteMoment(const ColumnView& view, int64_t row, EncodeContext& context) {
  Instant instant = ReadTimestamp(view, row);
  if (WroteSpecial(instant, context)) return;
  char* out = context.out.Reserve(kMaxTimeText);
  *out++ = '"';
  out = WriteTimestamp(out, instant.value, TimeSeparator::kT);
  *out++ = '"';
  context.out.CommitTo(out);
}

void WriteZonedMoment(const ColumnView& view, int64_t row, EncodeContext& context) {
  Instant instant = ReadTimestamp(view, row);
  if (WroteSpecial(instant, context)) return;
  context.out.Put('"');
  WriteZonedTimestamp(instant.value, TimeSeparator::kT, OffsetForm::kIso, context);
  context.out.Put('"');
}

void WriteInterval(const ColumnView& view, int64_t row, EncodeContext& context) {
  IntervalValue value = ReadInterval(view, row);
  char* out = context.out.Reserve(kMaxIntervalText + 2);
  *out++ = '"';
  out = WriteDuckDbInterval(out, value.months, value.days, value.micros);
  *out++ = '"';
  context.out.CommitTo(out);
}

void WriteValueOrNull(const ColumnView& view, int64_t row, EncodeContext& context) {
  if (view.IsNull(row)) return context.out.Put("null");
  view.write(view, row, context);
}

void WriteList(const ColumnView& view, int64_t row, EncodeContext& context) {
  int64_t begin = 0;
  int64_t end = 0;
  view.ListRange(row, &begin, &end);
  context.out.Put('[');
  for (int64_t i = begin; i < end; ++i) {
    if (i > begin) context.out.Put(',');
    WriteValueOrNull(view.children[0], i, context);
  }
  context.out.Put(']');
}

// Members of a struct start where the struct's own rows start.
void WriteObject(const ColumnView& view, int64_t row, EncodeContext& context) {
  context.out.Put('{');
  for (size_t i = 0; i < view.children.size(); ++i) {
    if (i > 0) context.out.Put(',');
    context.out.Put(view.plan->children[i].json_key);
    WriteValueOrNull(view.children[i], row + view.offset, context);
  }
  context.out.Put('}');
}

void WriteUnnamedStruct(const ColumnView& view, int64_t row, EncodeContext& context) {
  context.out.Put('[');
  for (size_t i = 0; i < view.children.size(); ++i) {
    if (i > 0) context.out.Put(',');
    WriteValueOrNull(view.children[i], row + view.offset, context);
  }
  context.out.Put(']');
}

void WriteMapAsObject(const ColumnView& view, int64_t row, EncodeContext& context) {
  int64_t begin = 0;
  int64_t end = 0;
  view.ListRange(row, &begin, &end);
  context.out.Put('{');
  for (int64_t i = begin; i < end; ++i) {
    if (i > begin) context.out.Put(',');
    view.children[0].write(view.children[0], i, context);
    context.out.Put(':');
    WriteValueOrNull(view.children[1], i, context);
  }
  context.out.Put('}');
}

void WriteMapAsPairs(const ColumnView& view, int64_t row, EncodeContext& context) {
  int64_t begin = 0;
  int64_t end = 0;
  view.ListRange(row, &begin, &end);
  context.out.Put('[');
  for (int64_t i = begin; i < end; ++i) {
    context.out.Put(i > begin ? std::string_view(",{\"key\":") : std::string_view("{\"key\":"));
    WriteValueOrNull(view.children[0], i, context);
    context.out.Put(",\"value\":");
    WriteValueOrNull(view.children[1], i, context);
    context.out.Put('}');
  }
  context.out.Put(']');
}

bool IsTextKey(TypeKind kind) {
  return kind == TypeKind::kVarchar || kind == TypeKind::kEnum || kind == TypeKind::kUuid;
}

WriteValue Choose(const ColumnPlan& plan) {
  switch (plan.type.kind) {
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
    case TypeKind::kUHugeInt:
    case TypeKind::kBigNum:
      return WriteBare;
    case TypeKind::kFloat:
      return WriteFloat4;
    case TypeKind::kDouble:
      return WriteFloat8;
    case TypeKind::kJson:
      return WriteEmbedded;
    case TypeKind::kNull:
    case TypeKind::kVarchar:
    case TypeKind::kBit:
    case TypeKind::kUuid:
    case TypeKind::kTimeTz:
    case TypeKind::kUnion:
    case TypeKind::kVariant:
    case TypeKind::kOther:
      return WriteString;
    case TypeKind::kBlob:
      return WriteBlob;
    case TypeKind::kDate:
      return WriteDay;
    case TypeKind::kTime:
    case TypeKind::kTimeNs:
      return WriteTimeOfDay;
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampS:
    case TypeKind::kTimestampMs:
    case TypeKind::kTimestampNs:
      return WriteMoment;
    case TypeKind::kTimestampTz:
      return WriteZonedMoment;
    case TypeKind::kInterval:
      return WriteInterval;
    case TypeKind::kEnum:
      return WriteLabel;
    case TypeKind::kList:
    case TypeKind::kArray:
      return WriteList;
    case TypeKind::kStruct: {
      bool named = std::any_of(plan.children.begin(), plan.children.end(),
                               [](const auto& c) { return !c.name.empty(); });
      return named ? WriteObject : WriteUnnamedStruct;
    }
    case TypeKind::kMap:
      return IsTextKey(plan.type.children[0].kind) ? WriteMapAsObject : WriteMapAsPairs;
  }
  return WriteString;
}

}  // namespace

void WriteJsonString(std::string_view text, ByteWriter* out) {
  constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
  char* to = out->Reserve(text.size() + 2);
  *to++ = '"';
  out->CommitTo(to);
  size_t start = 0;  // what is before is written
  size_t at = 0;
  auto flush = [&] { out->Put(text.substr(start, at - start)); };
  while (at < text.size()) {
    if (text.size() - at >= 8 && EightPlain(text.data() + at)) {
      at += 8;
      continue;
    }
    auto c = static_cast<unsigned char>(text[at]);
    if (IsPlain(c)) {
      ++at;
      continue;
    }
    if (c >= 0x80) {
      if (size_t length = Utf8CharacterLength(text.substr(at))) {
        at += length;
        continue;
      }
      flush();
      out->Put(kReplacement);
    } else {
      flush();
      WriteEscape(c, out);
    }
    start = ++at;
  }
  flush();
  out->Put('"');
}

void WriteByteaHex(std::string_view bytes, EncodeContext& context) {
  char* out = context.out.Reserve(2 + bytes.size() * 2);
  *out++ = '\\';
  *out++ = 'x';
  for (char c : bytes) {
    auto byte = static_cast<unsigned char>(c);
    *out++ = kHexDigits[byte >> 4];
    *out++ = kHexDigits[byte & 15];
  }
  context.out.CommitTo(out);
}

void ChooseJsonWriters(ColumnPlan* plan) {
  plan->write = Choose(*plan);
  plan->json_key.clear();
  {
    ByteWriter key(&plan->json_key);
    WriteJsonString(plan->name, &key);
    key.Put(':');
  }
  for (ColumnPlan& child : plan->children) ChooseJsonWriters(&child);
}

}  // namespace skein::results
