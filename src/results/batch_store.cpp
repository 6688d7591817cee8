#include "results/batch_store.h"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <arrow/buffer.h>
#include <arrow/io/interfaces.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/reader.h>
#include <arrow/ipc/writer.h>
#include <arrow/record_batch.h>
#include <arrow/util/byte_size.h>
#include <fcntl.h>
#include <unistd.h>

namespace skein::results {
namespace {

Status StoreError(const std::string& why) {
  return errors::IoError("a result could not be kept: " + why).WithOrigin(Origin::kServer);
}

/// Writes to a place in a file, without a copy of what it is given.
class FileSink : public arrow::io::OutputStream {
 public:
  FileSink(int file, int64_t begin) : file_(file), begin_(begin), at_(begin) {}
  using arrow::io::OutputStream::Write;

  arrow::Status Write(const void* data, int64_t size) override {
    const auto* bytes = static_cast<const char*>(data);
    while (size > 0) {
      ssize_t wrote = pwrite(file_, bytes, static_cast<size_t>(size), at_);
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote <= 0) return arrow::Status::IOError(std::strerror(errno));
      bytes += wrote;
      size -= wrote;
      at_ += wrote;
    }
    return arrow::Status::OK();
  }
  arrow::Result<int64_t> Tell() const override { return at_ - begin_; }
  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }
  bool closed() const override { return closed_; }

 private:
  const int file_;
  const int64_t begin_;
  int64_t at_;
  bool closed_ = false;
};

Result<std::shared_ptr<int>> OpenUnlinked(const std::string& directory) {
  std::error_code ignored;
  std::filesystem::create_directories(directory, ignored);
  std::string path = directory + "/result-XXXXXX";
  int file = mkostemp(path.data(), O_CLOEXEC);
  if (file < 0) return StoreError(directory + ": " + std::strerror(errno));
  unlink(path.c_str());
  return std::shared_ptr<int>(new int(file), [](int* opened) {
    close(*opened);
    delete opened;
  });
}

}  // namespace

StoredBatch::~StoredBatch() {
  if (batch_) {
    budget_->GiveMemory(size_);
  } else if (file_) {
    budget_->GiveDisk(size_);
  }
}

Result<std::shared_ptr<arrow::RecordBatch>> StoredBatch::Load() const {
  if (batch_) return batch_;
  auto allocated = arrow::AllocateBuffer(size_);
  if (!allocated.ok()) return StoreError(allocated.status().message());
  for (int64_t done = 0; done < size_;) {
    ssize_t got = pread(*file_, (*allocated)->mutable_data() + done,
                        static_cast<size_t>(size_ - done), offset_ + done);
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

Result<std::shared_ptr<const StoredBatch>> BatchStore::Keep(
    const std::shared_ptr<arrow::RecordBatch>& batch, bool disk) {
  std::shared_ptr<StoredBatch> stored(new StoredBatch);
  stored->budget_ = budget_;
  stored->rows_ = batch->num_rows();
  int64_t bytes = arrow::util::TotalBufferSize(*batch);
  if (budget_->TakeMemory(bytes)) {
    stored->size_ = bytes;
    stored->batch_ = batch;
  } else if (!disk || !budget_->TakeDisk(bytes)) {
    return std::shared_ptr<const StoredBatch>();
  } else {
    Status written = Write(*batch, stored.get());
    budget_->GiveDisk(bytes);
    if (!written.ok()) {
      stored->file_.reset();
      return written;
    }
    // What it takes is known only now; to end a little above the limit is no harm.
    budget_->AddDisk(stored->size_);
  }
  return std::shared_ptr<const StoredBatch>(std::move(stored));
}

Status BatchStore::Write(const arrow::RecordBatch& batch, StoredBatch* stored) {
  // Each batch is a stream of its own, so that it brings its dictionaries.
  std::lock_guard lock(mu_);
  if (!file_) {
    SKEIN_ASSIGN_OR_RETURN(file_, OpenUnlinked(directory_));
  }
  FileSink sink(*file_, end_);
  auto write = [&]() -> arrow::Result<int64_t> {
    ARROW_ASSIGN_OR_RAISE(auto writer, arrow::ipc::MakeStreamWriter(&sink, batch.schema()));
    ARROW_RETURN_NOT_OK(writer->WriteRecordBatch(batch));
    ARROW_RETURN_NOT_OK(writer->Close());
    return sink.Tell();
  };
  auto size = write();
  if (!size.ok()) return StoreError(size.status().message());
  stored->file_ = file_;
  stored->offset_ = end_;
  stored->size_ = *size;
  end_ += *size;
  return Status::OK();
}

}  // namespace skein::results
