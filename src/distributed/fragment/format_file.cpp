#include "distributed/fragment/format_file.h"

#include <algorithm>
#include <charconv>

#include "duckdb/common/exception.hpp"

namespace skein::distributed {
namespace {

constexpr std::string_view kConstant = "skein_constant_";
constexpr const char* kDeleted = "skein_deleted";

auto& OptionsOf(duckdb::OpenFileInfo& file) {
  // What is there may be shared with the list that the file is from.
  auto info = duckdb::make_shared_ptr<duckdb::ExtendedOpenFileInfo>();
  if (file.extended_info) info->options = file.extended_info->options;
  file.extended_info = std::move(info);
  return file.extended_info->options;
}

/// Steps between the rows, seven bits a byte: rows that are deleted together take a byte each.
std::string Pack(const std::vector<uint64_t>& rows) {
  std::string bytes;
  uint64_t next = 0;
  for (uint64_t row : rows) {
    uint64_t step = row - next;
    next = row + 1;
    for (; step >= 0x80; step >>= 7) bytes.push_back(static_cast<char>((step & 0x7f) | 0x80));
    bytes.push_back(static_cast<char>(step));
  }
  return bytes;
}

std::vector<uint64_t> Unpack(const std::string& bytes) {
  std::vector<uint64_t> rows;
  uint64_t next = 0;
  uint64_t step = 0;
  unsigned shift = 0;
  for (char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (shift > 56) throw duckdb::SerializationException("the deleted rows of a file are damaged");
    step |= uint64_t{byte & 0x7fU} << shift;
    shift += 7;
    if (byte & 0x80) continue;
    rows.push_back(next + step);
    next = rows.back() + 1;
    step = shift = 0;
  }
  if (shift != 0) throw duckdb::SerializationException("the deleted rows of a file are damaged");
  return rows;
}

class DeletedRows : public duckdb::DeleteFilter {
 public:
  explicit DeletedRows(std::vector<uint64_t> rows) : rows_(std::move(rows)) {}

  duckdb::idx_t Filter(duckdb::row_t start, duckdb::idx_t count,
                       duckdb::SelectionVector& kept) override {
    const auto first = static_cast<uint64_t>(start);
    auto deleted = std::lower_bound(rows_.begin(), rows_.end(), first);
    if (deleted == rows_.end() || *deleted >= first + count) return count;
    kept.Initialize(STANDARD_VECTOR_SIZE);
    duckdb::idx_t size = 0;
    for (duckdb::idx_t i = 0; i < count; ++i) {
      if (deleted != rows_.end() && *deleted == first + i) {
        ++deleted;
      } else {
        kept.set_index(size++, i);
      }
    }
    return size;
  }

 private:
  const std::vector<uint64_t> rows_;
};

}  // namespace

void SetConstants(duckdb::OpenFileInfo& file, const FileConstants& constants) {
  if (constants.empty()) return;
  auto& options = OptionsOf(file);
  for (const auto& [column, value] : constants)
    options[std::string(kConstant) + std::to_string(column)] = value;
}

FileConstants ConstantsOf(const duckdb::OpenFileInfo& file) {
  FileConstants constants;
  if (!file.extended_info) return constants;
  for (const auto& [name, value] : file.extended_info->options) {
    if (!name.starts_with(kConstant)) continue;
    duckdb::idx_t column = 0;
    const char* end = name.data() + name.size();
    auto read = std::from_chars(name.data() + kConstant.size(), end, column);
    if (read.ec != std::errc() || read.ptr != end)
      throw duckdb::SerializationException("a constant of the file \"%s\" is damaged", file.path);
    constants.emplace(column, value);
  }
  return constants;
}

void SetDeletedRows(duckdb::OpenFileInfo& file, const std::vector<uint64_t>& rows) {
  if (!rows.empty()) OptionsOf(file)[kDeleted] = duckdb::Value::BLOB_RAW(Pack(rows));
}

std::vector<uint64_t> DeletedRowsOf(const duckdb::OpenFileInfo& file) {
  if (!file.extended_info) return {};
  auto found = file.extended_info->options.find(kDeleted);
  if (found == file.extended_info->options.end()) return {};
  return Unpack(duckdb::StringValue::Get(found->second));
}

duckdb::unique_ptr<duckdb::DeleteFilter> MakeDeleteFilter(std::vector<uint64_t> rows) {
  return duckdb::make_uniq<DeletedRows>(std::move(rows));
}

}  // namespace skein::distributed
