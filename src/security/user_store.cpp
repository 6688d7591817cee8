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

Result<std::string> ReadAll(const Descriptor& file, const std::string& path) {
  std::string text;
  char block[16384];
  for (;;) {
    ssize_t count = ::read(file.fd, block, sizeof(block));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return FileError("could not read", path, errno);
    if (count == 0) return text;
    text.append(block, static_cast<size_t>(count));
    if (text.size() > kMaxUsersFileBytes) {
      return errors::TooLarge(
          fmt::format("the users file is longer than {} bytes: {}", kMaxUsersFileBytes, path));
    }
  }
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
  Descriptor current(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (current.fd >= 0) {
    SKEIN_ASSIGN_OR_RETURN(old, ReadAll(current, path));
    SKEIN_RETURN_IF_ERROR(ParseUsers(old).status());
  } else if (errno != ENOENT) {
    return FileError("could not open", path, errno);
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

Result<UserStore::Version> UserStore::Stat(const std::string& path) {
  struct stat info;
  if (::stat(path.c_str(), &info) != 0) return FileError("could not open", path, errno);
  return Version{info.st_mtim.tv_sec, info.st_mtim.tv_nsec, info.st_size, info.st_ino,
                 info.st_mode};
}

Result<UserStore::Loaded> UserStore::Load(const std::string& path) {
  // Looked at before it is read: a change in between is then seen at the next look.
  SKEIN_ASSIGN_OR_RETURN(Version version, Stat(path));
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.fd < 0) return FileError("could not open", path, errno);
  SKEIN_ASSIGN_OR_RETURN(std::string text, ReadAll(file, path));
  Result<UserMap> users = ParseUsers(text);
  if (!users.ok()) {
    return errors::InvalidParameter(fmt::format("{}: {}", path, users.status().message()))
        .WithHint(users.status().hint());
  }
  return Loaded{*std::move(users), version};
}

Result<std::unique_ptr<UserStore>> UserStore::Open(std::string path, Clock clock) {
  std::unique_ptr<UserStore> store(new UserStore(std::move(path), std::move(clock)));
  Result<Loaded> loaded = Load(store->path_);
  if (!loaded.ok()) return loaded.status();
  store->users_ = std::make_shared<const UserMap>(std::move(loaded->users));
  store->seen_ = loaded->version;
  store->next_check_ = store->clock_() + kCheckInterval;
  store->open_to_others_ = WarningOfMode(store->path_, loaded->version.mode);
  return store;
}

void UserStore::ReloadIfChanged() {
  std::unique_lock<std::mutex> reload(reload_mutex_, std::try_to_lock);
  if (!reload.owns_lock()) return;
  auto now = clock_();
  if (now < next_check_) return;
  next_check_ = now + kCheckInterval;
  Result<Version> version = Stat(path_);
  if (version.ok() && seen_ == *version) return;

  Result<Loaded> loaded = version.ok() ? Load(path_) : Result<Loaded>(version.status());
  seen_ = version.ok() ? std::optional<Version>(*version) : std::nullopt;
  std::lock_guard<std::mutex> lock(mutex_);
  if (!loaded.ok()) {
    reload_error_ =
        fmt::format("the users file changed and can not be used, the users of before stay: {}",
                    loaded.status().ToString());
    return;
  }
  users_ = std::make_shared<const UserMap>(std::move(loaded->users));
  reload_error_.clear();
  open_to_others_ = WarningOfMode(path_, loaded->version.mode);
}

std::optional<ScramVerifier> UserStore::Find(std::string_view name) {
  ReloadIfChanged();
  std::shared_ptr<const UserMap> users;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    users = users_;
  }
  auto it = users->find(name);
  if (it == users->end()) return std::nullopt;
  return it->second;
}

std::vector<std::string> UserStore::warnings() const {
  std::lock_guard<std::mutex> lock(mutex_);
  std::vector<std::string> out;
  if (!open_to_others_.empty()) out.push_back(open_to_others_);
  if (!reload_error_.empty()) out.push_back(reload_error_);
  return out;
}

size_t UserStore::size() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return users_->size();
}

}  // namespace skein::security
