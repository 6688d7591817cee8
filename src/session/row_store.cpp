#include "session/row_store.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include <arrow/buffer.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/reader.h>
#include <arrow/ipc/writer.h>
#include <arrow/record_batch.h>
#include <arrow/util/byte_size.h>
#include <fcntl.h>
#include <unistd.h>

namespace skein::session {
namespace {

Status StoreError(const std::string& why) {
  return errors::IoError("the rows of a cursor could not be kept: " + why)
      .WithOrigin(Origin::kServer);
}

}  // namespace

RowStore::~RowStore() {
  if (file_ >= 0) close(file_);
}

Status RowStore::Append(std::shared_ptr<arrow::RecordBatch> batch) {
  Part part;
  part.first = rows_;
  rows_ += batch->num_rows();
  if (in_memory_ < kMemory) {
    in_memory_ += static_cast<size_t>(arrow::util::TotalBufferSize(*batch));
    part.batch = std::move(batch);
  } else {
    SKEIN_RETURN_IF_ERROR(Write(*batch, &part));
  }
  parts_.push_back(std::move(part));
  return Status::OK();
}

Status RowStore::Write(const arrow::RecordBatch& batch, Part* part) {
  if (file_ < 0) {
    std::error_code ignored;
    std::filesystem::create_directories(directory_, ignored);
    std::string path = directory_ + "/cursor-XXXXXX";
    file_ = mkostemp(path.data(), O_CLOEXEC);
    if (file_ < 0) return StoreError(directory_ + ": " + std::strerror(errno));
    unlink(path.c_str());
  }
  // Each part is a stream of its own, so that it brings its dictionaries.
  auto serialise = [&]() -> arrow::Result<std::shared_ptr<arrow::Buffer>> {
    ARROW_ASSIGN_OR_RAISE(auto sink, arrow::io::BufferOutputStream::Create());
    ARROW_ASSIGN_OR_RAISE(auto writer, arrow::ipc::MakeStreamWriter(sink, batch.schema()));
    ARROW_RETURN_NOT_OK(writer->WriteRecordBatch(batch));
    ARROW_RETURN_NOT_OK(writer->Close());
    return sink->Finish();
  };
  auto bytes = serialise();
  if (!bytes.ok()) return StoreError(bytes.status().message());
  part->offset = file_size_;
  part->size = (*bytes)->size();
  for (int64_t done = 0; done < part->size;) {
    ssize_t wrote = pwrite(file_, (*bytes)->data() + done, static_cast<size_t>(part->size - done),
                           part->offset + done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return StoreError(std::strerror(errno));
    done += wrote;
  }
  file_size_ += part->size;
  return Status::OK();
}

Result<std::shared_ptr<arrow::RecordBatch>> RowStore::Load(const Part& part) {
  auto allocated = arrow::AllocateBuffer(part.size);
  if (!allocated.ok()) return StoreError(allocated.status().message());
  for (int64_t done = 0; done < part.size;) {
    ssize_t got = pread(file_, (*allocated)->mutable_data() + done,
                        static_cast<size_t>(part.size - done), part.offset + done);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return StoreError(got == 0 ? "the file is too short" : std::strerror(errno));
    done += got;
  }
  auto read = [&]() -> arrow::Result<std::shared_ptr<arrow::RecordBatch>> {
    auto source = std::make_shared<arrow::io::BufferReader>(
        std::shared_ptr<arrow::Buffer>(*std::move(allocated)));
    ARROW_ASSIGN_OR_RAISE(auto reader, arrow::ipc::RecordBatchStreamReader::Open(source));
    return reader->Next();
  };
  auto batch = read();
  if (!batch.ok()) return StoreError(batch.status().message());
  return *batch;
}

Result<std::shared_ptr<arrow::RecordBatch>> RowStore::Read(int64_t first, int64_t limit) {
  auto behind = std::upper_bound(parts_.begin(), parts_.end(), first,
                                 [](int64_t row, const Part& part) { return row < part.first; });
  auto index = static_cast<size_t>(behind - parts_.begin()) - 1;
  const Part& part = parts_[index];
  std::shared_ptr<arrow::RecordBatch> batch = part.batch;
  if (!batch) {
    if (!loaded_ || loaded_part_ != index) {
      SKEIN_ASSIGN_OR_RETURN(loaded_, Load(part));
      loaded_part_ = index;
    }
    batch = loaded_;
  }
  int64_t offset = first - part.first;
  return batch->Slice(offset, std::min(limit, batch->num_rows() - offset));
}

}  // namespace skein::session
