#pragma once

#include <memory>
#include <utility>

#include <arrow/record_batch.h>

#include "results/batch_stream.h"

namespace skein::results {

/// A result that is there already: one batch, or none when it is null.
class OneBatch : public BatchStream {
 public:
  OneBatch(std::shared_ptr<arrow::Schema> schema, std::shared_ptr<arrow::RecordBatch> batch)
      : schema_(std::move(schema)), batch_(std::move(batch)) {}

  const std::shared_ptr<arrow::Schema>& schema() const override { return schema_; }
  Result<std::shared_ptr<arrow::RecordBatch>> Next() override {
    return std::exchange(batch_, nullptr);
  }

 private:
  std::shared_ptr<arrow::Schema> schema_;
  std::shared_ptr<arrow::RecordBatch> batch_;
};

}  // namespace skein::results
