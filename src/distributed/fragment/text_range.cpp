#include "distributed/fragment/text_range.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <vector>

#include "duckdb/common/exception.hpp"
#include "duckdb/common/file_opener.hpp"
#include "duckdb/common/file_system.hpp"
#include "duckdb/main/client_context.hpp"

namespace skein::distributed {
namespace {

using duckdb::FileHandle;
using duckdb::idx_t;

constexpr const char* kHex = "0123456789abcdef";
constexpr size_t kStep = 64 << 10;

std::string ToHex(std::string_view text) {
  std::string hex;
  for (const char c : text) {
    hex += kHex[static_cast<unsigned char>(c) >> 4];
    hex += kHex[static_cast<unsigned char>(c) & 15];
  }
  return hex;
}

std::string FromHex(std::string_view hex) {
  std::string text;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    unsigned value = 0;
    std::from_chars(hex.data() + i, hex.data() + i + 2, value, 16);
    text += static_cast<char>(value);
  }
  return text;
}

TextRange RangeOf(const std::string& path) {
  std::string_view text(path);
  text.remove_prefix(std::strlen(kTextRanges));
  const size_t slash = text.find('/');
  TextRange range;
  std::vector<int64_t> numbers;
  if (slash != std::string_view::npos) {
    const char* at = text.data();
    const char* const end = at + slash;
    while (at < end) {
      int64_t number = 0;
      auto [next, error] = std::from_chars(at, end, number);
      if (error != std::errc()) break;
      numbers.push_back(number);
      at = next + 1;
    }
    range.file = FromHex(text.substr(slash + 1));
  }
  if (numbers.size() != 9 || range.file.empty() || numbers[8] < 0 ||
      numbers[8] > static_cast<int64_t>(LineDialect::Kind::kJson))
    throw duckdb::IOException("\"%s\" is no range of a file", path);
  range.file_bytes = static_cast<uint64_t>(numbers[0]);
  range.modified = numbers[1];
  range.data_start = static_cast<uint64_t>(numbers[2]);
  range.first_byte = static_cast<uint64_t>(numbers[3]);
  range.end_byte = static_cast<uint64_t>(numbers[4]);
  range.dialect = {static_cast<LineDialect::Kind>(numbers[8]), static_cast<char>(numbers[5]),
                   static_cast<char>(numbers[6]), static_cast<char>(numbers[7])};
  return range;
}

/// The lines of the range.
std::string Load(duckdb::FileSystem& files, const TextRange& range) {
  auto file = files.OpenFile(range.file, duckdb::FileFlags::FILE_FLAGS_READ);
  if (file->GetFileSize() != range.file_bytes ||
      files.GetLastModifiedTime(*file).value != range.modified) {
    throw duckdb::IOException(
        "the file \"%s\" was changed while the query ran. Run the query again", range.file);
  }
  // The byte before says whether a line begins at the first.
  const bool first = range.first_byte <= range.data_start;
  const uint64_t begin = first ? range.data_start : range.first_byte - 1;
  const uint64_t end = std::min(range.end_byte, range.file_bytes);
  if (end <= begin) return {};
  std::string text(end - begin, '\0');
  file->Read(text.data(), text.size(), begin);
  if (!first) {
    const size_t newline = text.find('\n');
    if (newline == std::string::npos || newline + 1 == text.size()) return {};
    text.erase(0, newline + 1);
  }
  // The last line may end behind the range.
  uint64_t at = end;
  while (!text.ends_with('\n') && at < range.file_bytes) {
    std::string more(std::min<uint64_t>(kStep, range.file_bytes - at), '\0');
    file->Read(more.data(), more.size(), at);
    at += more.size();
    const size_t newline = more.find('\n');
    if (newline != std::string::npos) {
      text.append(more, 0, newline + 1);
      break;
    }
    text += more;
  }
  return text;
}

struct RangeHandle : public FileHandle {
  RangeHandle(duckdb::FileSystem& files, const std::string& path, duckdb::FileOpenFlags flags)
      : FileHandle(files, path, flags) {}
  void Close() override {}
  std::string text;
  idx_t at = 0;
  int64_t modified = 0;
};

class RangeFileSystem : public duckdb::FileSystem {
 public:
  duckdb::unique_ptr<FileHandle> OpenFile(
      const std::string& path, duckdb::FileOpenFlags flags,
      duckdb::optional_ptr<duckdb::FileOpener> opener) override {
    const TextRange range = RangeOf(path);
    auto context = duckdb::FileOpener::TryGetClientContext(opener);
    if (!context) throw duckdb::IOException("a range of a file is opened outside of a query");
    auto handle = duckdb::make_uniq<RangeHandle>(*this, path, flags);
    // By the session's own file system, which knows its credentials and what it may read.
    handle->text = Load(duckdb::FileSystem::GetFileSystem(*context), range);
    handle->modified = range.modified;
    if (!LinesAreRecords(handle->text, range.dialect)) {
      throw duckdb::IOException("\"%s\" cannot be read in ranges of bytes: a line is not a record",
                                range.file);
    }
    return handle;
  }
  void Read(FileHandle& handle, void* buffer, int64_t bytes, idx_t location) override {
    auto& range = handle.Cast<RangeHandle>();
    if (location + static_cast<idx_t>(bytes) > range.text.size())
      throw duckdb::IOException("a range of a file is read behind its end");
    std::memcpy(buffer, range.text.data() + location, static_cast<size_t>(bytes));
  }
  int64_t Read(FileHandle& handle, void* buffer, int64_t bytes) override {
    auto& range = handle.Cast<RangeHandle>();
    const idx_t size = std::min<idx_t>(static_cast<idx_t>(bytes), range.text.size() - range.at);
    std::memcpy(buffer, range.text.data() + range.at, size);
    range.at += size;
    return static_cast<int64_t>(size);
  }
  int64_t GetFileSize(FileHandle& handle) override {
    return static_cast<int64_t>(handle.Cast<RangeHandle>().text.size());
  }
  duckdb::timestamp_t GetLastModifiedTime(FileHandle& handle) override {
    return duckdb::timestamp_t(handle.Cast<RangeHandle>().modified);
  }
  duckdb::FileType GetFileType(FileHandle&) override { return duckdb::FileType::FILE_TYPE_REGULAR; }
  bool FileExists(const std::string&, duckdb::optional_ptr<duckdb::FileOpener>) override {
    return true;
  }
  bool IsPipe(const std::string&, duckdb::optional_ptr<duckdb::FileOpener>) override {
    return false;
  }
  duckdb::vector<duckdb::OpenFileInfo> Glob(const std::string& path, duckdb::FileOpener*) override {
    return {duckdb::OpenFileInfo(path)};
  }
  bool CanHandleFile(const std::string& path) override { return path.starts_with(kTextRanges); }
  void Seek(FileHandle& handle, idx_t location) override {
    auto& range = handle.Cast<RangeHandle>();
    range.at = std::min<idx_t>(location, range.text.size());
  }
  void Reset(FileHandle& handle) override { Seek(handle, 0); }
  idx_t SeekPosition(FileHandle& handle) override { return handle.Cast<RangeHandle>().at; }
  bool CanSeek() override { return true; }
  bool OnDiskFile(FileHandle&) override { return false; }
  std::string GetName() const override { return "SkeinTextRanges"; }
};

/// Whether a line of CSV, without its end, is a record.
bool IsRecord(std::string_view line, const LineDialect& dialect) {
  if (line.find('\r') != std::string_view::npos) return false;
  if (dialect.quote == 0 || line.find(dialect.quote) == std::string_view::npos) return true;
  bool quoted = false;
  bool value_begins = true;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted) {
      const bool last = i + 1 == line.size();
      if (c == dialect.escape && dialect.escape != 0 && !last &&
          (line[i + 1] == dialect.quote || line[i + 1] == dialect.escape)) {
        ++i;
      } else if (c == dialect.quote) {
        if (!last && line[i + 1] != dialect.delimiter) return false;
        quoted = false;
      }
    } else if (c == dialect.quote) {
      if (!value_begins) return false;
      quoted = true;
      value_begins = false;
    } else {
      value_begins = c == dialect.delimiter;
    }
  }
  return !quoted;
}

/// Whether a line is one JSON object, or blank. What is within its brackets is not looked at but
/// for where they end.
bool IsObject(std::string_view line) {
  constexpr std::string_view kBlank = " \t\r";
  const size_t first = line.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return true;
  const size_t last = line.find_last_not_of(kBlank);
  if (line[first] != '{') return false;
  size_t depth = 0;
  for (size_t i = first; i <= last; ++i) {
    switch (line[i]) {
      case '"':
        for (++i; i <= last && line[i] != '"'; ++i) {
          if (line[i] == '\\') ++i;
        }
        if (i > last) return false;
        break;
      case '{':
      case '[':
        ++depth;
        break;
      case '}':
      case ']':
        if (depth == 0 || (--depth == 0 && i != last)) return false;
        break;
      default:
        break;
    }
  }
  return depth == 0;
}

}  // namespace

std::string PathOf(const TextRange& range) {
  std::string path = kTextRanges;
  for (const int64_t number :
       {static_cast<int64_t>(range.file_bytes), range.modified,
        static_cast<int64_t>(range.data_start), static_cast<int64_t>(range.first_byte),
        static_cast<int64_t>(range.end_byte), static_cast<int64_t>(range.dialect.delimiter),
        static_cast<int64_t>(range.dialect.quote), static_cast<int64_t>(range.dialect.escape),
        static_cast<int64_t>(range.dialect.kind)}) {
    path += std::to_string(number) + "_";
  }
  path.back() = '/';
  return path + ToHex(range.file);
}

bool LinesAreRecords(std::string_view lines, const LineDialect& dialect) {
  size_t begin = 0;
  while (begin < lines.size()) {
    const size_t end = lines.find('\n', begin);
    const bool ended = end != std::string_view::npos;
    std::string_view line = lines.substr(begin, ended ? end - begin : end);
    begin = ended ? end + 1 : lines.size();
    if (dialect.kind == LineDialect::Kind::kJson) {
      if (!IsObject(line)) return false;
      continue;
    }
    if (dialect.kind == LineDialect::Kind::kCsvReturns) {
      if (line.ends_with('\r')) {
        line.remove_suffix(1);
      } else if (ended) {
        return false;
      }
    }
    if (!IsRecord(line, dialect)) return false;
  }
  return true;
}

void RegisterTextRanges(duckdb::DatabaseInstance& instance) {
  instance.GetFileSystem().RegisterSubSystem(duckdb::make_uniq<RangeFileSystem>());
}

}  // namespace skein::distributed
