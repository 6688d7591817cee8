#include "results/copy_encoder.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <utility>

#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include "results/copy_binary_format.h"
#include "results/pg_binary_value.h"
#include "results/pg_text_value.h"

namespace skein::results {
namespace {

// PostgreSQL itself sends no longer rows, and clients allocate what a message's length says.
constexpr size_t kMaxRowBytes = (size_t{1} << 30) - 1;
constexpr size_t kLength = sizeof(int32_t);

// Numbers, dates, times and the like: what they are printed with.
bool PrintsPlainly(TypeKind kind) {
  switch (kind) {
    case TypeKind::kBoolean:
    case TypeKind::kTinyInt:
    case TypeKind::kSmallInt:
    case TypeKind::kInteger:
    case TypeKind::kBigInt:
    case TypeKind::kHugeInt:
    case TypeKind::kUTinyInt:
    case TypeKind::kUSmallInt:
    case TypeKind::kUInteger:
    case TypeKind::kUBigInt:
    case TypeKind::kUHugeInt:
    case TypeKind::kFloat:
    case TypeKind::kDouble:
    case TypeKind::kDecimal:
    case TypeKind::kUuid:
    case TypeKind::kDate:
    case TypeKind::kTime:
    case TypeKind::kTimeNs:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampS:
    case TypeKind::kTimestampMs:
    case TypeKind::kTimestampNs:
    case TypeKind::kTimestampTz:
    case TypeKind::kInterval:
      return true;
    default:
      return false;
  }
}

bool StandsInPlainValues(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '+' ||
         c == '-' || c == '.' || c == ':' || c == ' ';
}

}  // namespace

CopyEncoder::CopyEncoder(CopyLayout layout, TimeZone zone, const PgEncodeOptions& encode_options)
    : layout_(std::move(layout)), zone_(std::move(zone)), encode_options_(encode_options) {
  auto special = [&](char c) -> char& { return special_[static_cast<unsigned char>(c)]; };
  if (layout_.format == CopyFormat::kText) {
    special('\b') = 'b';
    special('\f') = 'f';
    special('\n') = 'n';
    special('\r') = 'r';
    special('\t') = 't';
    special('\v') = 'v';
    special('\\') = '\\';
    if (special(layout_.delimiter) == 0) special(layout_.delimiter) = layout_.delimiter;
  } else if (layout_.format == CopyFormat::kCsv) {
    special('\n') = special('\r') = special(layout_.delimiter) = special(layout_.quote) = 1;
  }
}

CopyEncoder::Way CopyEncoder::WayOf(const ColumnPlan& plan) const {
  TypeKind kind = plan.type.kind;
  if (layout_.format == CopyFormat::kBinary) {
    if (kind == TypeKind::kInteger || kind == TypeKind::kFloat) return Way::kBinary4;
    if (kind == TypeKind::kBigInt || kind == TypeKind::kDouble) return Way::kBinary8;
    if (kind == TypeKind::kVarchar || kind == TypeKind::kBlob) return Way::kBinaryText;
    return Way::kBinary;
  }
  if (kind == TypeKind::kVarchar || kind == TypeKind::kJson) return Way::kCharacters;
  // A word for NULL that is not empty could be how a number prints, too; in text that is not
  // escaped, in CSV it is quoted.
  bool csv = layout_.format == CopyFormat::kCsv;
  bool plain = PrintsPlainly(kind) && !StandsInPlainValues(layout_.delimiter) &&
               (!csv || (!StandsInPlainValues(layout_.quote) && layout_.null_text.empty()));
  return plain ? Way::kPlain : Way::kEscaped;
}

Result<std::unique_ptr<CopyEncoder>> CopyEncoder::Make(const arrow::Schema& schema,
                                                       const CopyLayout& layout,
                                                       const PgEncodeOptions& encode_options) {
  auto count = static_cast<size_t>(schema.num_fields());
  if (count > static_cast<size_t>(std::numeric_limits<int16_t>::max())) {
    return Status(StatusCode::kInvalidArgument, "54011",
                  fmt::format("too many columns for the protocol: {}", count));
  }
  SKEIN_ASSIGN_OR_RETURN(TimeZone zone, TimeZone::Load(encode_options.time_zone));
  SKEIN_ASSIGN_OR_RETURN(std::vector<bool> forced,
                         MarkColumns(schema.field_names(), layout.force_quote, "FORCE_QUOTE"));
  std::unique_ptr<CopyEncoder> encoder(new CopyEncoder(layout, std::move(zone), encode_options));
  for (size_t i = 0; i < count; ++i) {
    Column& column = encoder->columns_.emplace_back();
    SKEIN_ASSIGN_OR_RETURN(column.plan, PlanColumn(*schema.field(static_cast<int>(i))));
    if (layout.format == CopyFormat::kBinary) {
      ChoosePgBinaryWriters(&column.plan);
    } else {
      ChoosePgTextWriters(&column.plan);
    }
    column.force_quote = forced[i];
    column.way = encoder->WayOf(column.plan);
    if (column.force_quote && column.way == Way::kPlain) column.way = Way::kEscaped;
  }
  return encoder;
}

void CopyEncoder::PutText(std::string_view text, ByteWriter& out) const {
  // Room for every character escaped; the string gives back what is not used.
  char* to = out.Reserve(text.size() * 2);
  const char* from = text.data();
  const char* end = from + text.size();
  while (from < end) {
    const char* plain = from;
    while (from < end && special_[static_cast<unsigned char>(*from)] == 0) ++from;
    if (from > plain) std::memcpy(to, plain, static_cast<size_t>(from - plain));
    to += from - plain;
    if (from == end) break;
    *to++ = '\\';
    *to++ = special_[static_cast<unsigned char>(*from++)];
  }
  out.CommitTo(to);
}

void CopyEncoder::PutCsv(std::string_view text, bool force_quote, ByteWriter& out) const {
  bool quote = force_quote || text == layout_.null_text ||
               // The end of the data, if it stood alone in a line.
               (columns_.size() == 1 && text == "\\.") ||
               std::any_of(text.begin(), text.end(),
                           [&](char c) { return special_[static_cast<unsigned char>(c)] != 0; });
  if (!quote) return out.Put(text);
  char* to = out.Reserve(text.size() * 2 + 2);
  *to++ = layout_.quote;
  for (char c : text) {
    if (c == layout_.quote || c == layout_.escape) *to++ = layout_.escape;
    *to++ = c;
  }
  *to++ = layout_.quote;
  out.CommitTo(to);
}

void CopyEncoder::Rewrite(size_t start, bool force_quote, EncodeContext& context) {
  ByteWriter& out = context.out;
  scratch_.assign(out.at(start), out.size() - start);
  out.TruncateTo(start);
  if (layout_.format == CopyFormat::kCsv) return PutCsv(scratch_, force_quote, out);
  PutText(scratch_, out);
}

void CopyEncoder::WriteTextRow(const std::vector<ColumnView>& views, int64_t row,
                               EncodeContext& context) {
  ByteWriter& out = context.out;
  bool csv = layout_.format == CopyFormat::kCsv;
  for (size_t i = 0; i < views.size(); ++i) {
    if (i > 0) out.Put(layout_.delimiter);
    const ColumnView& view = views[i];
    const Column& column = columns_[i];
    if (view.IsNull(row)) {
      out.Put(layout_.null_text);
      continue;
    }
    if (column.way == Way::kPlain) {
      view.write(view, row, context);
    } else if (column.way == Way::kCharacters) {
      csv ? PutCsv(view.Text(row), column.force_quote, out) : PutText(view.Text(row), out);
    } else {
      size_t start = out.size();
      view.write(view, row, context);
      Rewrite(start, column.force_quote, context);
    }
  }
  out.Put('\n');
}

void CopyEncoder::WriteBinaryRow(const std::vector<ColumnView>& views, int64_t row,
                                 EncodeContext& context) {
  ByteWriter& out = context.out;
  out.PutInt16(static_cast<int16_t>(views.size()));
  for (size_t i = 0; i < views.size(); ++i) {
    const ColumnView& view = views[i];
    if (view.IsNull(row)) {
      out.PutInt32(-1);
      continue;
    }
    switch (columns_[i].way) {
      case Way::kBinary4:
        out.PutInt32(sizeof(int32_t));
        out.PutInt32(view.Fixed<int32_t>(row));
        break;
      case Way::kBinary8:
        out.PutInt32(sizeof(int64_t));
        out.PutInt64(view.Fixed<int64_t>(row));
        break;
      case Way::kBinaryText: {
        std::string_view text = view.Text(row);
        out.PutInt32(static_cast<int32_t>(text.size()));
        out.Put(text);
        break;
      }
      default: {
        size_t length_at = out.size();
        out.CommitTo(out.Reserve(kLength) + kLength);
        view.write(view, row, context);
        out.PatchInt32(length_at, out.size() - length_at - kLength);
      }
    }
  }
}

void CopyEncoder::Begin(std::string* out) {
  if (layout_.format == CopyFormat::kBinary || layout_.header == CopyHeader::kNone) return;
  ByteWriter writer(out);
  size_t start = writer.size();
  writer.Put('d');
  writer.PutInt32(0);
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (i > 0) writer.Put(layout_.delimiter);
    const std::string& name = columns_[i].plan.name;
    layout_.format == CopyFormat::kCsv ? PutCsv(name, false, writer) : PutText(name, writer);
  }
  writer.Put('\n');
  writer.PatchInt32(start + 1, writer.size() - start - 1);
}

Status CopyEncoder::Append(const arrow::RecordBatch& batch, int64_t begin, size_t max_bytes,
                           std::string* out, int64_t* rows_written) {
  *rows_written = 0;
  if (static_cast<size_t>(batch.num_columns()) != columns_.size())
    return errors::Internal("a batch has not as many columns as its result's schema");
  std::vector<ColumnView> views(columns_.size());
  for (size_t i = 0; i < views.size(); ++i) {
    SKEIN_RETURN_IF_ERROR(
        BindColumn(columns_[i].plan, *batch.column_data(static_cast<int>(i)), &views[i]));
  }
  EncodeContext context{ByteWriter(out), zone_, encode_options_.extra_float_digits,
                        encode_options_.bytea_hex};
  ByteWriter& writer = context.out;
  bool binary = layout_.format == CopyFormat::kBinary;
  size_t start = writer.size();
  for (int64_t row = begin; row < batch.num_rows(); ++row) {
    size_t row_start = writer.size();
    if (row_start - start >= max_bytes && row > begin) break;
    writer.Put('d');
    writer.PutInt32(0);
    bool with_header = binary && !begun_;
    if (with_header) writer.Put(copy_binary::Header());
    binary ? WriteBinaryRow(views, row, context) : WriteTextRow(views, row, context);
    size_t row_bytes = writer.size() - row_start - 1;
    if (row_bytes > kMaxRowBytes)
      context.Fail(errors::TooLarge("row is larger than the protocol's limit of 1 GiB"));
    if (!context.error.ok()) [[unlikely]] {
      writer.TruncateTo(row_start);
      return context.error;
    }
    begun_ = begun_ || with_header;
    writer.PatchInt32(row_start + 1, row_bytes);
    ++*rows_written;
  }
  return Status::OK();
}

void CopyEncoder::End(std::string* out) {
  if (layout_.format != CopyFormat::kBinary) return;
  ByteWriter writer(out);
  size_t start = writer.size();
  writer.Put('d');
  writer.PutInt32(0);
  if (!begun_) writer.Put(copy_binary::Header());
  begun_ = true;
  writer.PutInt16(copy_binary::kTrailer);
  writer.PatchInt32(start + 1, writer.size() - start - 1);
}

}  // namespace skein::results
