#include "results/pg_row_encoder.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include "results/pg_binary_value.h"
#include "results/pg_text_value.h"

namespace skein::results {
namespace {

constexpr int16_t kTextFormat = 0;
constexpr int16_t kBinaryFormat = 1;
// PostgreSQL itself sends no longer rows, and clients allocate what a message's length says.
constexpr size_t kMaxRowBytes = (size_t{1} << 30) - 1;

}  // namespace

Result<std::unique_ptr<PgRowEncoder>> PgRowEncoder::Make(const arrow::Schema& schema,
                                                         const std::vector<int16_t>& formats,
                                                         const PgEncodeOptions& options) {
  auto columns = static_cast<size_t>(schema.num_fields());
  if (columns > static_cast<size_t>(std::numeric_limits<int16_t>::max())) {
    return Status(StatusCode::kInvalidArgument, "54011",
                  fmt::format("too many columns for the protocol: {}", columns));
  }
  if (formats.size() > 1 && formats.size() != columns) {
    return errors::ProtocolViolation(fmt::format(
        "number of result formats does not match the columns: {} for {}", formats.size(), columns));
  }
  SKEIN_ASSIGN_OR_RETURN(TimeZone zone, TimeZone::Load(options.time_zone));
  std::vector<ColumnPlan> plans;
  for (size_t i = 0; i < columns; ++i) {
    int16_t format = formats.empty() ? kTextFormat : formats.size() == 1 ? formats[0] : formats[i];
    if (format != kTextFormat && format != kBinaryFormat) {
      return errors::InvalidParameter(fmt::format("unsupported format code: {}", format));
    }
    SKEIN_ASSIGN_OR_RETURN(ColumnPlan plan, PlanColumn(*schema.field(static_cast<int>(i))));
    if (format == kBinaryFormat) {
      ChoosePgBinaryWriters(&plan);
    } else {
      ChoosePgTextWriters(&plan);
    }
    plans.push_back(std::move(plan));
  }
  return std::unique_ptr<PgRowEncoder>(
      new PgRowEncoder(std::move(plans), std::move(zone), options));
}

Status PgRowEncoder::Append(const arrow::RecordBatch& batch, int64_t begin, int64_t max_rows,
                            size_t max_bytes, std::string* out, int64_t* rows_written) {
  constexpr size_t kLength = sizeof(int32_t);
  *rows_written = 0;
  SKEIN_ASSIGN_OR_RETURN(std::vector<ColumnView> views, BindBatch(plans_, batch));
  EncodeContext context{ByteWriter(out), zone_, options_.extra_float_digits, options_.bytea_hex};
  ByteWriter& writer = context.out;
  size_t start = writer.size();
  int64_t end = begin + std::min(max_rows, batch.num_rows() - begin);
  for (int64_t row = begin; row < end; ++row) {
    size_t row_start = writer.size();
    if (row_start - start >= max_bytes && row > begin) break;
    writer.Put('D');
    writer.PutInt32(0);
    writer.PutInt16(static_cast<int16_t>(views.size()));
    for (const ColumnView& view : views) {
      if (view.IsNull(row)) {
        writer.PutInt32(-1);
        continue;
      }
      size_t length_at = writer.size();
      writer.CommitTo(writer.Reserve(kLength) + kLength);
      view.write(view, row, context);
      writer.PatchInt32(length_at, writer.size() - length_at - kLength);
    }
    size_t row_bytes = writer.size() - row_start - 1;
    if (row_bytes > kMaxRowBytes)
      context.Fail(errors::TooLarge("row is larger than the protocol's limit of 1 GiB"));
    if (!context.error.ok()) [[unlikely]] {
      writer.TruncateTo(row_start);
      return context.error;
    }
    writer.PatchInt32(row_start + 1, row_bytes);
    ++*rows_written;
  }
  return Status::OK();
}

}  // namespace skein::results
