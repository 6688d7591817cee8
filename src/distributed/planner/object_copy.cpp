#include "distributed/planner/object_copy.h"

#include <algorithm>
#include <array>
#include <set>

#include "duckdb/common/exception.hpp"
#include "duckdb/common/file_system.hpp"
#include "duckdb/common/hive_partitioning.hpp"

#include "common/random.h"

namespace skein::distributed {
namespace {

using duckdb::FileNameSegmentType;

/// Of stores that speak S3's protocol, where objects can be listed and removed.
constexpr std::array kSchemes = {"s3://", "s3a://", "s3n://", "gs://", "gcs://", "r2://"};

/// Tasks do not know each other's numbers: this is in their place.
constexpr const char* kUnique = "{uuid}";

std::string WithoutSlash(std::string path) {
  while (path.ends_with('/')) path.pop_back();
  return path;
}

/// The pattern of the names, as text. DuckDB gives its parts only when there are several numbers.
std::string TextOf(const duckdb::FilenamePattern& pattern) {
  const auto segments = pattern.SerializeSegments();
  if (segments.empty()) {
    std::string base = pattern.SerializeBase();
    return base.insert(std::min<size_t>(pattern.SerializePos(), base.size()), kUnique);
  }
  std::string text;
  for (const auto& segment : segments)
    text += segment.type == FileNameSegmentType::LITERAL ? segment.data : kUnique;
  return text;
}

}  // namespace

std::string ObjectCopy::WhyNot(const duckdb::LogicalCopyToFile& copy) {
  if (std::none_of(kSchemes.begin(), kSchemes.end(),
                   [&](const char* scheme) { return copy.file_path.starts_with(scheme); })) {
    return "of object stores, tasks write to those of S3's protocol only";
  }
  if (duckdb::FileSystem::HasGlob(copy.file_path) ||
      duckdb::FileSystem::HasGlob(TextOf(copy.filename_pattern))) {
    return "the name looks like a pattern";
  }
  if (copy.overwrite_mode == duckdb::CopyOverwriteMode::COPY_OVERWRITE_OR_IGNORE &&
      !copy.filename_pattern.HasUUID()) {
    return "OVERWRITE_OR_IGNORE replaces objects by their numbers, which tasks cannot give";
  }
  return {};
}

ObjectCopy::ObjectCopy(duckdb::ClientContext& context, duckdb::LogicalCopyToFile& copy)
    : TaskCopy(context, copy), target_(WithoutSlash(copy.file_path)) {
  std::string pattern = TextOf(copy.filename_pattern);
  const size_t end = pattern.find(kUnique);
  prefix_ = pattern.substr(0, end) + NewId() + "_";
  pattern = prefix_ + (end == std::string::npos ? kUnique : pattern.substr(end));
  if (partitioned_) {
    for (const auto column : copy.partition_columns) partitions_.push_back(copy.names.at(column));
  }
  copy.file_path = target_;
  copy.filename_pattern.SetFilenamePattern(pattern);
}

ObjectCopy::~ObjectCopy() {
  if (!begun_) return;
  try {
    auto& files = duckdb::FileSystem::GetFileSystem(context_);
    for (const std::string& file : OwnFiles()) files.TryRemoveFile(file);
  } catch (...) {
    // The store cannot be asked any more: what is there stays.
  }
}

std::vector<std::string> ObjectCopy::OwnFiles() {
  auto& files = duckdb::FileSystem::GetFileSystem(context_);
  std::vector<std::string> found;
  for (const auto& file :
       files.Glob(target_ + (partitioned_ ? "/**/" : "/") + prefix_ + "*", nullptr))
    found.push_back(AsWritten(file.path));
  return found;
}

std::string ObjectCopy::AsWritten(const std::string& listed) const {
  const size_t name = listed.rfind('/');
  size_t at = target_.size();
  std::string path = target_;
  for (size_t i = 0; i < partitions_.size(); ++i) {
    const std::string begin = "/" + partitions_[i] + "=";
    if (listed.compare(at, begin.size(), begin) != 0) return listed;
    at += begin.size();
    const size_t end =
        i + 1 == partitions_.size() ? name : listed.find("/" + partitions_[i + 1] + "=", at);
    if (end == std::string::npos || end > name) return listed;
    path += "/" + duckdb::HivePartitioning::Escape(partitions_[i]) + "=" +
            duckdb::HivePartitioning::Escape(listed.substr(at, end - at));
    at = end;
  }
  return path + listed.substr(name);
}

std::vector<std::string> ObjectCopy::AllFiles() {
  auto& files = duckdb::FileSystem::GetFileSystem(context_);
  std::vector<std::string> found;
  for (const auto& file : files.Glob(target_ + "/**", nullptr)) found.push_back(file.path);
  return found;
}

void ObjectCopy::Begin() {
  if (mode_ == duckdb::CopyOverwriteMode::COPY_ERROR_ON_CONFLICT && !AllFiles().empty()) {
    throw duckdb::IOException(
        "Directory \"%s\" is not empty! Enable OVERWRITE option to overwrite files", target_);
  }
  begun_ = true;
}

void ObjectCopy::MakeValid(const std::vector<Written>& tasks) {
  auto& files = duckdb::FileSystem::GetFileSystem(context_);
  std::set<std::string> keep;
  for (const Written& task : tasks) keep.insert(task.files.begin(), task.files.end());
  std::set<std::string> missing = keep;
  for (const std::string& file : OwnFiles()) {
    if (missing.erase(file) == 0) files.RemoveFile(file);
  }
  if (!missing.empty())
    throw duckdb::IOException("the written file \"%s\" is not there", *missing.begin());
  std::vector<std::string> olds;
  if (mode_ == duckdb::CopyOverwriteMode::COPY_OVERWRITE) {
    for (std::string& file : AllFiles()) {
      if (keep.contains(AsWritten(file))) continue;
      if (!files.FileExists(file))
        throw duckdb::IOException(
            "the object \"%s\" cannot be removed: it is not found by the name "
            "under which it is listed",
            file);
      olds.push_back(std::move(file));
    }
  }
  // From here on the new files stay, whatever becomes of the old ones.
  begun_ = false;
  for (const std::string& file : olds) files.RemoveFile(file);
}

}  // namespace skein::distributed
