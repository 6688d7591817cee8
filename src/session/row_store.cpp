#include "session/row_store.h"

#include <algorithm>
#include <limits>

#include <arrow/record_batch.h>

namespace skein::session {

RowStore::RowStore(std::string directory)
    : store_(std::make_shared<results::StoreBudget>(kMemory, std::numeric_limits<int64_t>::max()),
             std::move(directory)) {}

Status RowStore::Append(const std::shared_ptr<arrow::RecordBatch>& batch) {
  SKEIN_ASSIGN_OR_RETURN(auto kept, store_.Keep(batch, true));
  parts_.push_back({rows_, std::move(kept)});
  rows_ += batch->num_rows();
  return Status::OK();
}

Result<std::shared_ptr<arrow::RecordBatch>> RowStore::Read(int64_t first, int64_t limit) {
  auto behind = std::upper_bound(parts_.begin(), parts_.end(), first,
                                 [](int64_t row, const Part& part) { return row < part.first; });
  auto index = static_cast<size_t>(behind - parts_.begin()) - 1;
  const Part& part = parts_[index];
  if (!loaded_ || loaded_part_ != index) {
    SKEIN_ASSIGN_OR_RETURN(loaded_, part.batch->Load());
    loaded_part_ = index;
  }
  int64_t offset = first - part.first;
  return loaded_->Slice(offset, std::min(limit, loaded_->num_rows() - offset));
}

}  // namespace skein::session
