#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace skein::engine {

/// Whether object-store traffic may reach loopback and private addresses. Cloud metadata addresses
/// (link-local) are refused in every case.
enum class PrivateEndpoints { kAllow, kDeny };

/// How to open the engine. Paths are absolute; directories end without a slash.
struct Options {
  /// ":memory:" or a database file.
  std::string database = ":memory:";
  /// Where file sets named as tables are looked for, in this order; clients may read and write
  /// below them.
  std::vector<std::string> data_dirs;
  /// URL prefixes that clients may read and write, such as "s3://" or "s3://lake/raw/".
  std::vector<std::string> allowed_locations;
  PrivateEndpoints private_endpoints = PrivateEndpoints::kAllow;
  /// <dir>/v<version>/<platform>/<name>.duckdb_extension; nothing is ever downloaded.
  std::string extension_dir;
  /// Loaded at Open; an extension that is not here cannot be loaded later by a client.
  std::vector<std::string> extensions;
  /// Statements that run at Open, before the access rules hold: what they attach, and the secrets
  /// they create, is for all sessions.
  std::string init_sql;
  /// 0 leaves DuckDB's default (80% of the machine's memory).
  uint64_t memory_limit_bytes = 0;
  /// 0 = all cores.
  int threads = 0;
  std::string temp_dir;
  /// 0 leaves DuckDB's default (90% of the free disk).
  uint64_t max_temp_bytes = 0;
  /// What settings of PostgreSQL that no session changes say of this server, by name
  /// (max_connections, ssl).
  std::map<std::string, std::string, std::less<>> fixed_settings;
  /// The caller is the person at this machine (`skein sql`): no file access rules, configuration
  /// stays open, extensions load on use from extension_dir.
  bool trusted = false;
};

}  // namespace skein::engine
