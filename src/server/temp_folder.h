#pragma once

#include <memory>
#include <string>

#include "common/status.h"

namespace skein::server {

/// The folder of this process for what does not fit in memory: `skein-PID-…` below another one.
/// No other process writes in it, as engines that shared one would overwrite each other's files.
///
/// Its process holds a lock on it, which the kernel lets go of however the process ends: `Make`
/// removes the folders of earlier ones that were killed. Only its user may look into it. Goes, with
/// all that is in it, when the object does.
class TempFolder {
 public:
  /// `below` empty: the system's folder for such files. It is made where it is not there.
  static Result<std::unique_ptr<TempFolder>> Make(const std::string& below);
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder();

  const std::string& path() const { return path_; }

 private:
  TempFolder(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}

  const std::string path_;
  const int lock_;  ///< the folder, open
};

}  // namespace skein::server
