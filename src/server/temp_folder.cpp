#include "server/temp_folder.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string_view>

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace skein::server {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "skein-";

int OpenFolder(const std::string& path) {
  return open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

bool IsOfThisUser(int folder) {
  struct stat about{};
  return fstat(folder, &about) == 0 && about.st_uid == geteuid();
}

enum class Locking { kDone, kTaken, kUnknown };

/// There are file systems without locks; nothing is taken for abandoned there.
Locking Lock(int folder) {
  if (flock(folder, LOCK_EX | LOCK_NB) == 0) return Locking::kDone;
  return errno == EWOULDBLOCK ? Locking::kTaken : Locking::kUnknown;
}

/// "skein-PID-six characters"
bool IsOurs(std::string_view name) {
  if (!name.starts_with(kPrefix)) return false;
  name.remove_prefix(kPrefix.size());
  const size_t dash = name.find_first_not_of("0123456789");
  return dash != 0 && dash != std::string_view::npos && name[dash] == '-' &&
         name.size() - dash == 7;
}

void RemoveAbandoned(const std::string& below) {
  std::error_code ignored;
  for (fs::directory_iterator entry(below, ignored), end; entry != end; entry.increment(ignored)) {
    if (!IsOurs(entry->path().filename().string())) continue;
    const int folder = OpenFolder(entry->path().string());
    if (folder < 0) continue;
    if (IsOfThisUser(folder) && Lock(folder) == Locking::kDone)
      fs::remove_all(entry->path(), ignored);
    close(folder);
  }
}

}  // namespace

Result<std::unique_ptr<TempFolder>> TempFolder::Make(const std::string& below) {
  std::error_code error;
  const std::string parent =
      below.empty() ? fs::temp_directory_path(error).string() : fs::path(below).string();
  if (!error) fs::create_directories(parent, error);
  auto failed = [&](const std::string& why) {
    return errors::IoError("temp_dir \"" + parent + "\" cannot be used: " + why)
        .WithHint("Name a folder that the server may write to: --temp-dir DIR.");
  };
  if (error) return failed(error.message());
  RemoveAbandoned(parent);
  // Another that starts may take it for abandoned before it is locked.
  for (int attempt = 0; attempt < 100; ++attempt) {
    std::string path = parent + "/" + std::string(kPrefix) + std::to_string(getpid()) + "-XXXXXX";
    if (!mkdtemp(path.data())) return failed(std::strerror(errno));
    const int lock = OpenFolder(path);
    if (lock < 0) continue;
    struct stat about{};
    if (Lock(lock) != Locking::kTaken && stat(path.c_str(), &about) == 0)
      return std::unique_ptr<TempFolder>(new TempFolder(std::move(path), lock));
    close(lock);
  }
  return failed("a new folder in it is removed at once");
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
  close(lock_);
}

}  // namespace skein::server
