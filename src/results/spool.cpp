#include "results/spool.h"

#include <cerrno>
#include <cstring>
#include <deque>
#include <filesystem>

#include <arrow/api.h>
#include <arrow/io/file.h>
#include <arrow/ipc/api.h>
#include <arrow/util/byte_size.h>
#include <fcntl.h>
#include <unistd.h>

namespace skein::results {
namespace {

Status SpoolError(const arrow::Status& status) {
  return errors::IoError("a result could not be spooled: " + status.message())
      .WithOrigin(Origin::kServer);
}

/// Batches in memory first, then those of the file.
class SpooledStream : public BatchStream {
 public:
  explicit SpooledStream(std::shared_ptr<arrow::Schema> schema) : schema_(std::move(schema)) {}

  const std::shared_ptr<arrow::Schema>& schema() const override { return schema_; }

  Result<std::shared_ptr<arrow::RecordBatch>> Next() override {
    if (!memory_.empty()) {
      auto batch = std::move(memory_.front());
      memory_.pop_front();
      return batch;
    }
    if (reader_) {
      std::shared_ptr<arrow::RecordBatch> batch;
      if (auto status = reader_->ReadNext(&batch); !status.ok()) return SpoolError(status);
      if (batch) return batch;
      reader_.reset();
    }
    if (!end_.ok()) return end_;
    return std::shared_ptr<arrow::RecordBatch>();
  }

  std::shared_ptr<arrow::Schema> schema_;
  std::deque<std::shared_ptr<arrow::RecordBatch>> memory_;
  std::shared_ptr<arrow::ipc::RecordBatchStreamReader> reader_;
  Status end_;
};

/// A file that is gone from its folder already: open for writing, and for reading through a second
/// descriptor.
Result<std::pair<int, int>> OpenUnlinked(const std::string& directory) {
  std::error_code ignored;
  std::filesystem::create_directories(directory, ignored);
  std::string path = directory + "/spool-XXXXXX";
  int write_fd = mkostemp(path.data(), O_CLOEXEC);
  int read_fd = write_fd < 0 ? -1 : open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (write_fd >= 0) unlink(path.c_str());
  if (read_fd < 0) {
    int error = errno;
    if (write_fd >= 0) close(write_fd);
    return errors::IoError("cannot make a spool file in " + directory + ": " + std::strerror(error))
        .WithOrigin(Origin::kServer);
  }
  return std::pair(write_fd, read_fd);
}

}  // namespace

Result<std::unique_ptr<BatchStream>> Spool(std::unique_ptr<BatchStream> stream,
                                           const std::string& directory, int64_t max_bytes) {
  auto spooled = std::make_unique<SpooledStream>(stream->schema());
  int64_t bytes = 0;
  std::shared_ptr<arrow::ipc::RecordBatchWriter> writer;
  std::shared_ptr<arrow::io::FileOutputStream> file;
  int read_fd = -1;
  auto finish = [&]() -> arrow::Status {
    if (!writer) return arrow::Status::OK();
    ARROW_RETURN_NOT_OK(writer->Close());
    ARROW_RETURN_NOT_OK(file->Close());
    ARROW_ASSIGN_OR_RAISE(auto input, arrow::io::ReadableFile::Open(read_fd));
    ARROW_ASSIGN_OR_RAISE(spooled->reader_, arrow::ipc::RecordBatchStreamReader::Open(input));
    return arrow::Status::OK();
  };
  while (true) {
    auto batch = stream->Next();
    if (!batch.ok()) {
      spooled->end_ = batch.status();
      break;
    }
    if (!*batch) break;
    const bool fits_memory = bytes < static_cast<int64_t>(kSpoolMemory);
    bytes += arrow::util::TotalBufferSize(**batch);
    if (bytes > max_bytes) {
      spooled->end_ = Status(StatusCode::kResourceExhausted, "53400",
                             "the result is larger than what may be put aside for another "
                             "statement of the session")
                          .WithHint(
                              "Read it to its end before the next statement, use another "
                              "connection, or give the server more max_spool_size.");
      break;
    }
    if (!writer && fits_memory) {
      spooled->memory_.push_back(*std::move(batch));
      continue;
    }
    if (!writer) {
      SKEIN_ASSIGN_OR_RETURN(auto fds, OpenUnlinked(directory));
      read_fd = fds.second;
      auto opened = arrow::io::FileOutputStream::Open(fds.first);
      if (!opened.ok()) return SpoolError(opened.status());
      file = *opened;
      auto made = arrow::ipc::MakeStreamWriter(file, stream->schema());
      if (!made.ok()) return SpoolError(made.status());
      writer = *made;
    }
    if (auto status = writer->WriteRecordBatch(**batch); !status.ok()) return SpoolError(status);
  }
  stream.reset();
  if (auto status = finish(); !status.ok()) return SpoolError(status);
  return std::unique_ptr<BatchStream>(std::move(spooled));
}

}  // namespace skein::results
