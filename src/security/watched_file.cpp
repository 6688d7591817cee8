#include "security/watched_file.h"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace skein::security {
namespace {

Status FileError(std::string_view done, std::string_view what, const std::string& path, int error) {
  return errors::IoError(
      fmt::format("{} {}: {}: {}", done, what, path, std::generic_category().message(error)));
}

}  // namespace

Result<FileVersion> StatFile(std::string_view what, const std::string& path) {
  struct stat info;
  if (::stat(path.c_str(), &info) != 0) return FileError("could not open", what, path, errno);
  return FileVersion{info.st_mtim.tv_sec, info.st_mtim.tv_nsec, info.st_size, info.st_ino,
                     info.st_mode};
}

Result<std::string> ReadWholeFile(std::string_view what, const std::string& path,
                                  size_t max_bytes) {
  int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return FileError("could not open", what, path, errno);
  auto read = [&]() -> Result<std::string> {
    std::string text;
    char block[16384];
    for (;;) {
      ssize_t count = ::read(file, block, sizeof(block));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return FileError("could not read", what, path, errno);
      if (count == 0) return text;
      text.append(block, static_cast<size_t>(count));
      if (text.size() > max_bytes)
        return errors::TooLarge(
            fmt::format("{} is longer than {} bytes: {}", what, max_bytes, path));
    }
  };
  auto text = read();
  ::close(file);
  return text;
}

}  // namespace skein::security
