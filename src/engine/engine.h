#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "common/status.h"
#include "engine/connection.h"
#include "engine/options.h"

namespace skein::engine {

/// DuckDB in this process, behind an interface without any of its headers.
///
/// Lifecycle: Open once at start, Connect once for each session; connections keep the engine alive.
/// Exceptions of DuckDB become Status at this door. Thread-safe.
class Engine {
 public:
  virtual ~Engine() = default;

  /// Opens the database, loads the extensions, applies the access rules and (unless trusted) locks
  /// the configuration.
  static Result<std::shared_ptr<Engine>> Open(const Options& options);

  virtual Result<std::unique_ptr<Connection>> Connect(const ConnectionOptions& options = {}) = 0;

  struct Memory {
    uint64_t used_bytes = 0;
    uint64_t limit_bytes = 0;
    uint64_t spilled_bytes = 0;
  };
  virtual Memory memory() const = 0;

  /// DuckDB's version, such as "v1.5.5".
  static std::string Version();
};

}  // namespace skein::engine
