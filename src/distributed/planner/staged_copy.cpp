#include "distributed/planner/staged_copy.h"

#include <filesystem>
#include <map>
#include <mutex>

#include "duckdb/common/exception.hpp"
#include "duckdb/common/file_system.hpp"

#include "common/random.h"
#include "distributed/fragment/run_fragment.h"

namespace skein::distributed {
namespace {

namespace fs = std::filesystem;

/// Behind the extension, so that "**/*.parquet" does not take what is being written.
constexpr const char* kPart = ".part";

std::string LocalPath(duckdb::ClientContext& context, const duckdb::LogicalCopyToFile& copy) {
  auto& files = duckdb::FileSystem::GetFileSystem(context);
  std::string path = fs::absolute(files.ExpandPath(copy.file_path)).lexically_normal().string();
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

/// The name says how the file is compressed, so it has to stay.
bool NameTellsCompression(const std::string& extension) {
  return extension.ends_with("gz") || extension.ends_with("zst");
}

/// Files below `directory`, but for those of copies that are under way.
std::vector<fs::path> FilesBelow(const std::string& directory) {
  std::vector<fs::path> files;
  std::error_code error;
  fs::recursive_directory_iterator at(directory, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    if (at->is_directory(error) && !at->is_symlink(error)) {
      if (at->path().filename().string().starts_with(kStagingPrefix))
        at.disable_recursion_pending();
    } else {
      files.push_back(at->path());
    }
  }
  if (error)
    throw duckdb::IOException("cannot list the directory \"%s\": %s", directory, error.message());
  return files;
}

/// Renames that are undone unless they were all made.
class Moves {
 public:
  ~Moves() {
    if (done_) return;
    std::error_code ignored;
    for (auto move = made_.rbegin(); move != made_.rend(); ++move)
      fs::rename(move->second, move->first, ignored);
    for (auto directory = directories_.rbegin(); directory != directories_.rend(); ++directory)
      fs::remove(*directory, ignored);
  }
  void Make(const fs::path& from, const fs::path& to) {
    MakeDirectories(to.parent_path());
    std::error_code error;
    fs::rename(from, to, error);
    if (error) {
      throw duckdb::IOException("the written file \"%s\" cannot become \"%s\": %s", from.string(),
                                to.string(), error.message());
    }
    made_.emplace_back(from, to);
  }
  void Done() { done_ = true; }

 private:
  void MakeDirectories(const fs::path& directory) {
    if (fs::exists(directory)) return;
    MakeDirectories(directory.parent_path());
    std::error_code error;
    if (fs::create_directory(directory, error)) directories_.push_back(directory);
    if (error)
      throw duckdb::IOException("cannot make the directory \"%s\": %s", directory.string(),
                                error.message());
  }
  std::vector<std::pair<fs::path, fs::path>> made_;
  std::vector<fs::path> directories_;
  bool done_ = false;
};

}  // namespace

std::string StagedCopy::WhyNot(duckdb::ClientContext& context,
                               const duckdb::LogicalCopyToFile& copy) {
  if (duckdb::FileSystem::GetFileSystem(context).FileExists(LocalPath(context, copy)))
    return "the target is a file";
  return {};
}

StagedCopy::StagedCopy(duckdb::ClientContext& context, duckdb::LogicalCopyToFile& copy)
    : TaskCopy(context, copy),
      target_(LocalPath(context, copy)),
      staging_(target_ + "/" + kStagingPrefix + NewId()),
      pattern_(copy.filename_pattern),
      extension_(copy.file_extension) {
  copy.file_path = staging_;
  if (!NameTellsCompression(copy.file_extension)) copy.file_extension += kPart;
}

StagedCopy::~StagedCopy() {
  if (!begun_) return;
  std::error_code ignored;
  fs::remove_all(staging_, ignored);
  // Only when it is empty: nothing was committed.
  if (made_target_) fs::remove(target_, ignored);
}

void StagedCopy::CheckTarget() {
  if (mode_ == duckdb::CopyOverwriteMode::COPY_ERROR_ON_CONFLICT && !FilesBelow(target_).empty()) {
    throw duckdb::IOException(
        "Directory \"%s\" is not empty! Enable OVERWRITE option to overwrite files", target_);
  }
}

void StagedCopy::Begin() {
  // DuckDB's file system knows what the session may write to.
  auto& files = duckdb::FileSystem::GetFileSystem(context_);
  if (files.DirectoryExists(target_)) {
    CheckTarget();
  } else {
    files.CreateDirectory(target_);
    made_target_ = true;
  }
  begun_ = true;
  files.CreateDirectory(staging_);
}

std::vector<StagedCopy::Move> StagedCopy::FinalNames(const std::vector<Written>& tasks) {
  auto& files = duckdb::FileSystem::GetFileSystem(context_);
  std::vector<Move> moves;
  std::map<std::string, duckdb::idx_t> numbers;
  for (const Written& task : tasks) {
    for (const std::string& file : task.files) {
      // <staging>/<attempt>/<partitions>/<name>
      fs::path below = fs::path(file).lexically_relative(staging_);
      fs::path directory = target_;
      if (below.empty() || *below.begin() == "..")
        throw duckdb::InternalException("a task wrote \"%s\", elsewhere than it was told", file);
      auto part = ++below.begin();
      for (; part != below.end() && std::next(part) != below.end(); ++part) directory /= *part;
      moves.push_back({file, pattern_.CreateFilename(files, directory.string(), extension_,
                                                     numbers[directory.string()]++)});
    }
  }
  return moves;
}

void StagedCopy::MakeValid(const std::vector<Written>& tasks) {
  // What is there is looked at and changed by one at a time.
  static std::mutex mu;
  std::lock_guard lock(mu);
  CheckTarget();
  std::vector<Move> news = FinalNames(tasks);
  std::vector<fs::path> olds;
  if (mode_ == duckdb::CopyOverwriteMode::COPY_OVERWRITE) {
    olds = FilesBelow(target_);
  } else {
    for (const Move& move : news) {
      if (fs::exists(move.to)) olds.emplace_back(move.to);
    }
  }
  Moves moves;
  for (size_t i = 0; i < olds.size(); ++i)
    moves.Make(olds[i], fs::path(staging_) / "old" / std::to_string(i));
  for (const Move& move : news) moves.Make(move.from, move.to);
  moves.Done();
  made_target_ = false;
}

}  // namespace skein::distributed
