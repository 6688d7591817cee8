#include "distributed/fragment/split_file.h"

#include <mutex>
#include <utility>

#include "duckdb/common/exception.hpp"
#include "duckdb/common/file_system.hpp"
#include "duckdb/common/serializer/binary_deserializer.hpp"
#include "duckdb/common/serializer/binary_serializer.hpp"
#include "duckdb/common/serializer/memory_stream.hpp"

namespace skein::distributed {
namespace {

using duckdb::ClientContext;
using duckdb::Value;
using duckdb::vector;

/// What a local file was when the query was planned. A remote store's files carry their ETag, which
/// the file system checks itself at every read.
constexpr const char* kSeenSize = "skein_size";
constexpr const char* kSeenModified = "skein_modified";

bool IsRemote(const std::string& path) { return path.find("://") != std::string::npos; }

std::pair<uint64_t, duckdb::timestamp_t> StateOf(ClientContext& context,
                                                 const duckdb::OpenFileInfo& file) {
  auto& files = duckdb::FileSystem::GetFileSystem(context);
  auto handle = files.OpenFile(file, duckdb::FileFlags::FILE_FLAGS_READ);
  return {handle->GetFileSize(), files.GetLastModifiedTime(*handle)};
}

/// A list of files as they are. It always says "several", so that one file is read by many threads.
class ExplicitFileList : public duckdb::SimpleMultiFileList {
 public:
  using SimpleMultiFileList::SimpleMultiFileList;
  duckdb::FileExpandResult GetExpandResult() const override {
    return duckdb::FileExpandResult::MULTIPLE_FILES;
  }
};

/// Who asks for more than the scan does would take what another task could read: so the list knows
/// no more than what was scanned.
class TakenFileList : public duckdb::MultiFileList {
 public:
  explicit TakenFileList(std::function<const TakenSplit*(size_t)> splits)
      : splits_(std::move(splits)) {}

  duckdb::FileExpandResult GetExpandResult() const override {
    return duckdb::FileExpandResult::MULTIPLE_FILES;
  }
  vector<duckdb::OpenFileInfo> GetAllFiles() const override {
    std::lock_guard lock(mu_);
    return taken_;
  }
  duckdb::idx_t GetTotalFileCount() const override { return GetAllFiles().size(); }
  vector<duckdb::OpenFileInfo> GetDisplayFileList(duckdb::optional_idx) const override {
    return GetAllFiles();
  }
  // The names of the files are no reason to list them.
  duckdb::unique_ptr<duckdb::MultiFileList> ComplexFilterPushdown(
      ClientContext&, const duckdb::MultiFileOptions&, duckdb::MultiFilePushdownInfo&,
      vector<duckdb::unique_ptr<duckdb::Expression>>&) const override {
    return nullptr;
  }
  duckdb::unique_ptr<duckdb::MultiFileList> DynamicFilterPushdown(
      ClientContext&, const duckdb::MultiFileOptions&, const vector<std::string>&,
      const vector<duckdb::LogicalType>&, const vector<duckdb::column_t>&,
      duckdb::TableFilterSet&) const override {
    return nullptr;
  }

 protected:
  duckdb::OpenFileInfo GetFile(duckdb::idx_t file) const override {
    if (!splits_(file)) return {};
    std::lock_guard lock(mu_);
    while (taken_.size() <= file) taken_.push_back(FileOfSplit(splits_(taken_.size())->split));
    return taken_[file];
  }

 private:
  const std::function<const TakenSplit*(size_t)> splits_;
  mutable std::mutex mu_;
  mutable vector<duckdb::OpenFileInfo> taken_;  // guarded by mu_
};

}  // namespace

std::string PropertiesOf(const duckdb::OpenFileInfo& file) {
  if (!file.extended_info || file.extended_info->options.empty()) return {};
  duckdb::MemoryStream stream;
  duckdb::BinarySerializer serializer(stream);
  serializer.Begin();
  vector<std::string> names;
  vector<Value> values;
  for (const auto& [name, value] : file.extended_info->options) {
    names.push_back(name);
    values.push_back(value);
  }
  serializer.WriteProperty(1, "names", names);
  serializer.WriteProperty(2, "values", values);
  serializer.End();
  return std::string(reinterpret_cast<const char*>(stream.GetData()), stream.GetPosition());
}

duckdb::OpenFileInfo FileOfSplit(const Split& split) {
  duckdb::OpenFileInfo file(split.path);
  if (split.properties.empty()) return file;
  auto* bytes = reinterpret_cast<duckdb::data_ptr_t>(const_cast<char*>(split.properties.data()));
  duckdb::MemoryStream stream(bytes, split.properties.size());
  duckdb::BinaryDeserializer deserializer(stream);
  deserializer.Begin();
  auto names = deserializer.ReadProperty<vector<std::string>>(1, "names");
  auto values = deserializer.ReadProperty<vector<Value>>(2, "values");
  deserializer.End();
  file.extended_info = duckdb::make_shared_ptr<duckdb::ExtendedOpenFileInfo>();
  for (duckdb::idx_t i = 0; i < names.size(); ++i)
    file.extended_info->options[names[i]] = values[i];
  return file;
}

void CheckUnchanged(ClientContext& context, const Split& split) {
  auto file = FileOfSplit(split);
  if (!file.extended_info) return;
  const auto& seen = file.extended_info->options;
  auto size = seen.find(kSeenSize);
  auto modified = seen.find(kSeenModified);
  if (size == seen.end() || modified == seen.end()) return;
  auto [size_now, modified_now] = StateOf(context, file);
  if (Value::UBIGINT(size_now) == size->second &&
      Value::TIMESTAMP(modified_now) == modified->second)
    return;
  throw duckdb::IOException(
      "the file \"%s\" was changed while the query ran: it had %s bytes of %s, now it has %llu of "
      "%s. Run the query again",
      split.path, size->second.ToString(), modified->second.ToString(),
      static_cast<uint64_t>(size_now), Value::TIMESTAMP(modified_now).ToString());
}

uint64_t KnownSize(ClientContext& context, const duckdb::OpenFileInfo& file) {
  if (file.extended_info) {
    auto found = file.extended_info->options.find("file_size");
    if (found != file.extended_info->options.end() && !found->second.IsNull())
      return found->second.GetValue<uint64_t>();
  }
  if (IsRemote(file.path)) return 0;
  return StateOf(context, file).first;
}

Split SplitOfFile(ClientContext& context, const duckdb::OpenFileInfo& file) {
  Split split;
  split.path = file.path;
  duckdb::OpenFileInfo seen = file;
  if (IsRemote(file.path)) {
    split.bytes = KnownSize(context, file);
  } else {
    auto [size, modified] = StateOf(context, file);
    split.bytes = size;
    auto info = duckdb::make_shared_ptr<duckdb::ExtendedOpenFileInfo>();
    if (file.extended_info) info->options = file.extended_info->options;
    info->options[kSeenSize] = Value::UBIGINT(size);
    info->options[kSeenModified] = Value::TIMESTAMP(modified);
    seen.extended_info = std::move(info);
  }
  split.properties = PropertiesOf(seen);
  return split;
}

duckdb::shared_ptr<duckdb::MultiFileList> MakeFileList(const vector<Split>& splits) {
  vector<duckdb::OpenFileInfo> files;
  for (const Split& split : splits) files.push_back(FileOfSplit(split));
  return duckdb::make_shared_ptr<ExplicitFileList>(std::move(files));
}

duckdb::shared_ptr<duckdb::MultiFileList> MakeFileList(
    std::function<const TakenSplit*(size_t)> splits) {
  return duckdb::make_shared_ptr<TakenFileList>(std::move(splits));
}

}  // namespace skein::distributed
