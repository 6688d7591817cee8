#include "results/copy_decoder.h"

#include <algorithm>
#include <utility>

#include <arrow/array.h>
#include <arrow/builder.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>

namespace skein::results {
namespace {

// As much of a value or line as PostgreSQL shows.
std::string Shown(std::string_view text) {
  constexpr size_t kShown = 100;
  if (text.size() <= kShown) return std::string(text);
  size_t end = kShown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "...";
}

}  // namespace

std::string CopyContext(std::string_view table, int64_t line, std::string_view column,
                        const std::string_view* value) {
  if (value == nullptr) return fmt::format("COPY {}, line {}, column {}", table, line, column);
  return fmt::format("COPY {}, line {}, column {}: \"{}\"", table, line, column, Shown(*value));
}

CopyDecoder::~CopyDecoder() = default;

Result<std::unique_ptr<CopyDecoder>> CopyDecoder::Make(Options options) {
  bool binary = options.layout.format == CopyFormat::kBinary;
  if (binary && options.skip_wrong_rows)
    return errors::Syntax("only ON_ERROR STOP is allowed in BINARY mode");
  std::unique_ptr<CopyDecoder> decoder;
  if (binary) {
    decoder = MakeCopyBinaryDecoder(std::move(options));
  } else {
    SKEIN_ASSIGN_OR_RETURN(decoder, MakeCopyTextDecoder(std::move(options)));
  }
  SKEIN_RETURN_IF_ERROR(decoder->MakeColumns());
  return decoder;
}

Status CopyDecoder::MakeColumns() {
  SKEIN_ASSIGN_OR_RETURN(TimeZone zone, TimeZone::Load(options_.time_zone));
  for (const CopyTarget& target : options_.columns) {
    SKEIN_ASSIGN_OR_RETURN(auto column,
                           CopyColumn::Make(target.type, options_.layout.format, zone));
    columns_.push_back(std::move(column));
  }
  if (options_.layout.default_text) defaults_.resize(columns_.size());
  return Status::OK();
}

Status CopyDecoder::InLine(Status status) const {
  if (!status.context().empty()) return status;
  return std::move(status).WithContext(fmt::format("COPY {}, line {}", options_.table, line_));
}

Status CopyDecoder::InLine(Status status, std::string_view line) const {
  if (!status.context().empty()) return status;
  return std::move(status).WithContext(
      fmt::format("COPY {}, line {}: \"{}\"", options_.table, line_, Shown(line)));
}

Result<CopyRows> CopyDecoder::Take() {
  CopyRows rows;
  arrow::FieldVector fields;
  arrow::ArrayVector arrays;
  for (size_t i = 0; i < columns_.size(); ++i) {
    SKEIN_ASSIGN_OR_RETURN(auto array, columns_[i]->Finish());
    fields.push_back(arrow::field(options_.columns[i].name, array->type()));
    arrays.push_back(std::move(array));
  }
  for (size_t i = 0; i < defaults_.size(); ++i) {
    arrow::BooleanBuilder builder;
    arrow::Status status =
        builder.AppendValues(defaults_[i].data(), static_cast<int64_t>(defaults_[i].size()));
    auto array = builder.Finish();
    if (!status.ok() || !array.ok())
      return errors::Internal("the defaults of a COPY could not be kept");
    defaults_[i].clear();
    fields.push_back(arrow::field(options_.columns[i].name, arrow::boolean()));
    arrays.push_back(*std::move(array));
  }
  rows.batch = arrow::RecordBatch::Make(arrow::schema(std::move(fields)), this->rows(), arrays);
  rows.lines = std::exchange(lines_, {});
  rows.skipped = std::exchange(skipped_, {});
  if (!rows.skipped.empty()) rows.skipped.resize(rows.lines.size());
  bytes_ = 0;
  return rows;
}

}  // namespace skein::results
