#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "results/copy_binary_format.h"
#include "results/copy_decoder.h"

namespace skein::results {
namespace {

Status BadFormat(std::string message) {
  return Status(StatusCode::kInvalidArgument, "22P04", std::move(message));
}

class CopyBinaryDecoder : public CopyDecoder {
 public:
  explicit CopyBinaryDecoder(Options options) : CopyDecoder(std::move(options)) {}

  Status Feed(std::string_view bytes) override {
    // Most pieces hold whole rows, which are read where they are.
    bool gathered = !buffer_.empty();
    if (gathered) buffer_.append(bytes);
    std::string_view rest = gathered ? std::string_view(buffer_) : bytes;
    size_t size = rest.size();
    SKEIN_RETURN_IF_ERROR(Read(&rest));
    if (gathered) {
      buffer_.erase(0, size - rest.size());
    } else {
      buffer_.assign(rest);
    }
    if (buffer_.size() > kMaxCopyRowBytes) {
      return InLine(errors::TooLarge(
          fmt::format("a row of a COPY is longer than {} bytes", kMaxCopyRowBytes)));
    }
    return Status::OK();
  }

  Status Finish() override {
    switch (state_) {
      case State::kSignature:
        return BadFormat("COPY file signature not recognized");
      case State::kFlags:
        return BadFormat("invalid COPY file header (missing flags)");
      case State::kExtensionLength:
        return BadFormat("invalid COPY file header (missing length)");
      case State::kExtension:
        return BadFormat("invalid COPY file header (wrong length)");
      case State::kRows:
        // Without a trailer the data may end behind any row.
        if (buffer_.size() < sizeof(int16_t)) return Status::OK();
        ++line_;
        return InColumn(BadFormat("unexpected EOF in COPY data"),
                        std::min(reached_, columns_.size() - 1));
      case State::kEnded:
        return Status::OK();
    }
    return Status::OK();
  }

 private:
  enum class State { kSignature, kFlags, kExtensionLength, kExtension, kRows, kEnded };

  static uint32_t Word(std::string_view bytes, size_t at = 0) {
    uint32_t word = 0;
    for (size_t i = 0; i < sizeof(word); ++i)
      word = word << 8 | static_cast<unsigned char>(bytes[at + i]);
    return word;
  }

  Status Read(std::string_view* rest) {
    while (true) {
      switch (state_) {
        case State::kSignature: {
          std::string_view signature = copy_binary::kSignature;
          std::string_view seen = rest->substr(0, signature.size());
          if (seen != signature.substr(0, seen.size()))
            return BadFormat("COPY file signature not recognized");
          if (seen.size() < signature.size()) return Status::OK();
          rest->remove_prefix(signature.size());
          state_ = State::kFlags;
          break;
        }
        case State::kFlags: {
          if (rest->size() < sizeof(uint32_t)) return Status::OK();
          uint32_t flags = Word(*rest);
          constexpr uint32_t kWithOids = 1u << 16;
          if (flags & kWithOids) return BadFormat("invalid COPY file header (WITH OIDS)");
          if (flags >> 16) return BadFormat("unrecognized critical flags in COPY file header");
          rest->remove_prefix(sizeof(uint32_t));
          state_ = State::kExtensionLength;
          break;
        }
        case State::kExtensionLength: {
          if (rest->size() < sizeof(uint32_t)) return Status::OK();
          auto length = static_cast<int32_t>(Word(*rest));
          if (length < 0) return BadFormat("invalid COPY file header (missing length)");
          extension_ = static_cast<size_t>(length);
          rest->remove_prefix(sizeof(uint32_t));
          state_ = State::kExtension;
          break;
        }
        case State::kExtension: {
          size_t here = std::min(extension_, rest->size());
          rest->remove_prefix(here);
          extension_ -= here;
          if (extension_ > 0) return Status::OK();
          state_ = State::kRows;
          break;
        }
        case State::kRows: {
          SKEIN_ASSIGN_OR_RETURN(bool more, ReadRow(rest));
          if (!more) return Status::OK();
          break;
        }
        case State::kEnded:
          if (rest->empty()) return Status::OK();
          return InLine(BadFormat("received copy data after EOF marker"));
      }
    }
  }

  // False when the row is not all here; then nothing was taken.
  Result<bool> ReadRow(std::string_view* rest) {
    constexpr size_t kCount = sizeof(int16_t);
    constexpr size_t kLength = sizeof(int32_t);
    std::string_view bytes = *rest;
    if (bytes.size() < kCount) return false;
    auto count = static_cast<int16_t>(static_cast<unsigned char>(bytes[0]) << 8 |
                                      static_cast<unsigned char>(bytes[1]));
    if (count == copy_binary::kTrailer) {
      ++line_;
      state_ = State::kEnded;
      rest->remove_prefix(kCount);
      return true;
    }
    if (count < 0 || static_cast<size_t>(count) != columns_.size()) {
      ++line_;
      return InLine(
          BadFormat(fmt::format("row field count is {}, expected {}", count, columns_.size())));
    }
    fields_.clear();
    size_t at = kCount;
    for (size_t i = 0; i < columns_.size(); ++i) {
      reached_ = i;
      if (bytes.size() - at < kLength) return false;
      auto length = static_cast<int32_t>(Word(bytes, at));
      at += kLength;
      if (length < -1 || length > static_cast<int64_t>(kMaxCopyRowBytes)) {
        ++line_;
        return InColumn(length < -1
                            ? BadFormat("invalid field size")
                            : errors::TooLarge(fmt::format(
                                  "a value of a COPY is longer than {} bytes", kMaxCopyRowBytes)),
                        i);
      }
      if (length < 0) {
        fields_.push_back({nullptr, 0});
        continue;
      }
      auto size = static_cast<size_t>(length);
      if (bytes.size() - at < size) return false;
      fields_.push_back(bytes.substr(at, size));
      at += size;
    }
    ++line_;
    for (size_t i = 0; i < columns_.size(); ++i) {
      Status taken = fields_[i].data() == nullptr ? columns_[i]->AppendNull()
                                                  : columns_[i]->Append(fields_[i]);
      if (!taken.ok()) return InColumn(std::move(taken), i);
    }
    lines_.push_back(line_);
    bytes_ += at;
    rest->remove_prefix(at);
    return true;
  }

  Status InColumn(Status status, size_t column) const {
    return std::move(status).WithContext(
        CopyContext(options_.table, line_, options_.columns[column].name, nullptr));
  }

  State state_ = State::kSignature;
  size_t extension_ = 0;
  size_t reached_ = 0;  ///< the column at which the last row that was not whole broke off
  std::string buffer_;
  std::vector<std::string_view> fields_;
};

}  // namespace

std::unique_ptr<CopyDecoder> MakeCopyBinaryDecoder(CopyDecoder::Options options) {
  return std::make_unique<CopyBinaryDecoder>(std::move(options));
}

}  // namespace skein::results
