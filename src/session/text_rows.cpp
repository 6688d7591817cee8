#include "session/text_rows.h"

#include <arrow/builder.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>

#include "results/field_type.h"
#include "results/one_batch.h"

namespace skein::session {

std::shared_ptr<arrow::Schema> TextSchema(const std::vector<std::string>& names,
                                          const std::string& type) {
  arrow::FieldVector fields;
  for (const std::string& name : names) {
    fields.push_back(arrow::field(name, arrow::utf8(), true,
                                  arrow::key_value_metadata({results::kTypeMetadataKey}, {type})));
  }
  return arrow::schema(std::move(fields));
}

Result<std::unique_ptr<results::BatchStream>> TextRows(
    std::shared_ptr<arrow::Schema> schema, const std::vector<std::vector<std::string>>& rows) {
  arrow::ArrayVector columns;
  auto fill = [&]() -> arrow::Status {
    for (int i = 0; i < schema->num_fields(); ++i) {
      arrow::StringBuilder builder;
      for (const auto& row : rows) ARROW_RETURN_NOT_OK(builder.Append(row[static_cast<size_t>(i)]));
      ARROW_ASSIGN_OR_RAISE(auto column, builder.Finish());
      columns.push_back(std::move(column));
    }
    return arrow::Status::OK();
  };
  if (auto filled = fill(); !filled.ok())
    return errors::Internal("a small result could not be made: " + filled.message());
  std::shared_ptr<arrow::RecordBatch> batch;
  if (!rows.empty())
    batch = arrow::RecordBatch::Make(schema, static_cast<int64_t>(rows.size()), columns);
  return std::unique_ptr<results::BatchStream>(
      std::make_unique<results::OneBatch>(std::move(schema), std::move(batch)));
}

}  // namespace skein::session
