#include "security/user_store.h"

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/random.h"
#include "common/utf8.h"

namespace skein::security {
namespace {

constexpr std::string_view kLineHint =
    "A line is NAME:VERIFIER, such as `skein passwd NAME` writes; a comment begins with #.";

constexpr std::string_view kFileName = "the users file";

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r";
  size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

std::string_view CutLine(std::string_view& rest) {
  size_t end = rest.find('\n');
  std::string_view line = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return line;
}

Status FileError(std::string_view what, const std::string& path, int error) {
  return errors::IoError(
      fmt::format("{} the users file: {}: {}", what, path, std::generic_category().message(error)));
}

// Closes a file on every way out.
struct Descriptor {
  int fd = -1;
  explicit Descriptor(int descriptor) : fd(descriptor) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

// Empty when only the owner can do something with the file.
std::string WarningOfMode(const std::string& path, uint32_t mode) {
  if ((mode & (S_IRWXG | S_IRWXO)) == 0) return {};
  return fmt::format(
      "other accounts of this machine can read or change the users file; `chmod 600 {}` stops that",
      path);
}

Status WriteAll(const Descriptor& file, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    ssize_t count = ::write(file.fd, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return FileError("could not write", path, errno);
    text.remove_prefix(static_cast<size_t>(count));
  }
  if (::fsync(file.fd) != 0) return FileError("could not write", path, errno);
  return Status();
}

}  // namespace

Status CheckUserName(std::string_view name) {
  auto wrong = [](std::string_view what) -> Status {
    return errors::InvalidParameter(fmt::format("not a user name: {}", what));
  };
  if (name.empty()) return wrong("it is empty");
  if (!IsValidUtf8(name)) return wrong("it is not UTF-8");
  if (name != Trim(name)) return wrong("it begins or ends with a blank");
  if (name[0] == '#') return wrong("it begins with #, as comments do");
  for (char c : name) {
    if (c == ':') return wrong("it has a colon, which ends the name in the users file");
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      return wrong("it has a control character");
  }
  return Status();
}

Result<UserMap> ParseUsers(std::string_view text) {
  UserMap users;
  std::map<std::string, size_t, std::less<>> lines;
  for (size_t number = 1; !text.empty(); ++number) {
    std::string_view line = Trim(CutLine(text));
    if (line.empty() || line[0] == '#') continue;
    auto wrong = [&](std::string_view what, std::string_view hint) -> Status {
      return errors::InvalidParameter(fmt::format("line {} of the users file: {}", number, what))
          .WithHint(std::string(hint));
    };
    size_t colon = line.find(':');
    if (colon == std::string_view::npos)
      return wrong("there is no colon after the name", kLineHint);
    std::string_view name = Trim(line.substr(0, colon));
    if (Status status = CheckUserName(name); !status.ok())
      return wrong(status.message(), kLineHint);
    Result<ScramVerifier> verifier = ScramVerifier::Parse(Trim(line.substr(colon + 1)));
    if (!verifier.ok()) return wrong(verifier.status().message(), verifier.status().hint());
    auto [it, added] = lines.emplace(name, number);
    if (!added) {
      return wrong(fmt::format("the user \"{}\" is already in line {}", name, it->second),
                   "Keep one line for each user.");
    }
    users.emplace(name, *std::move(verifier));
  }
  return users;
}

Status WriteUser(const std::string& path, std::string_view name, const ScramVerifier& verifier) {
  SKEIN_RETURN_IF_ERROR(CheckUserName(name));
  std::string old;
  auto current = ReadWholeFile(kFileName, path, kMaxUsersFileBytes);
  if (current.ok()) {
    old = *std::move(current);
    SKEIN_RETURN_IF_ERROR(ParseUsers(old).status());
  } else if (::access(path.c_str(), F_OK) == 0 || errno != ENOENT) {
    return current.status();
  }
  std::string line = fmt::format("{}:{}\n", name, verifier.Format());
  std::string text;
  bool replaced = false;
  for (std::string_view rest = old; !rest.empty();) {
    std::string_view kept = CutLine(rest);
    std::string_view trimmed = Trim(kept);
    if (!trimmed.starts_with('#') && trimmed.find(':') != std::string_view::npos &&
        Trim(trimmed.substr(0, trimmed.find(':'))) == name) {
      text += line;
      replaced = true;
    } else {
      text.append(kept).push_back('\n');
    }
  }
  if (!replaced) text += line;

  // The new file lies beside the old one, as a rename only works within one file system.
  std::string beside = fmt::format("{}.{}.new", path, RandomHex(8));
  Descriptor out(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (out.fd < 0) return FileError("could not make", path, errno);
  Status status = WriteAll(out, text, path);
  if (status.ok() && ::rename(beside.c_str(), path.c_str()) != 0) {
    status = FileError("could not replace", path, errno);
  }
  if (!status.ok()) ::unlink(beside.c_str());
  return status;
}

Result<std::unique_ptr<UserStore>> UserStore::Open(std::string path, Clock clock) {
  SKEIN_ASSIGN_OR_RETURN(
      auto file, WatchedFile<UserMap>::Open(std::string(kFileName), std::move(path),
                                            kMaxUsersFileBytes, &ParseUsers, std::move(clock)));
  return std::unique_ptr<UserStore>(new UserStore(std::move(file)));
}

std::optional<ScramVerifier> UserStore::Find(std::string_view name) {
  std::shared_ptr<const UserMap> users = file_->Get();
  auto it = users->find(name);
  if (it == users->end()) return std::nullopt;
  return it->second;
}

std::vector<std::string> UserStore::warnings() const {
  std::vector<std::string> out;
  for (std::string warning : {WarningOfMode(file_->path(), file_->mode()), file_->warning()}) {
    if (!warning.empty()) out.push_back(std::move(warning));
  }
  return out;
}

size_t UserStore::size() const { return file_->Last()->size(); }

}  // namespace skein::security
