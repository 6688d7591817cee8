#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/status.h"
#include "telemetry/log_level.h"

namespace skein::server {

enum class PrivateEndpoints { kAuto, kAllow, kDeny };
enum class AuthMode { kAuto, kTrust, kPassword };
enum class TlsMode { kAuto, kOff, kAllow, kRequire };

/// A door's port; no value: the door stays shut. 0: any free port.
using Port = std::optional<uint16_t>;

/// Everything that can be set, with the value that holds. The prose of each is in the table of
/// settings.cpp, which is also where the defaults are: make one with LoadSettings.
struct Settings {
  std::vector<std::string> data_dir;
  std::vector<std::string> allowed_locations;
  PrivateEndpoints private_endpoints{};
  std::string database;
  std::string extensions_dir;
  std::vector<std::string> extensions;
  std::string init_file;

  std::string host;
  Port pg_port;
  Port http_port;
  Port flight_sql_port;
  int64_t max_connections{};
  int64_t max_message_bytes{};

  AuthMode auth{};
  std::string users_file;
  std::string hba_file;
  std::string tls_cert;
  std::string tls_key;
  std::string tls_client_ca;
  bool flight_client_certificates{};
  std::string jwt_keys_file;
  std::string jwt_keys_url;
  std::string jwt_keys_ca;
  std::chrono::milliseconds jwt_keys_refresh{};
  std::string jwt_issuer;
  std::string jwt_audience;
  std::string jwt_user_claim;
  std::chrono::milliseconds jwt_skew{};
  TlsMode tls{};  ///< never kAuto after LoadSettings

  double max_memory_gb{};   ///< 0: 80 % of what the machine or the cgroup has
  int64_t threads{};        ///< 0: all cores
  std::string temp_dir;     ///< empty: a folder of the server's own under the system's
  int64_t max_temp_size{};  ///< 0: what is free on that disk, less a tenth
  int64_t max_spool_size{};

  int64_t flight_endpoints{};
  int64_t flight_endpoint_size{};
  int64_t flight_spool_memory{};
  int64_t flight_spool_disk{};

  std::string cluster;            ///< empty: none; "local[:N]", "ray", "ray://host:port"
  int64_t cluster_workers_min{};  ///< 0: as the maximum
  int64_t cluster_workers_max{};  ///< 0: as many as there is room for
  int64_t cluster_worker_cpus{};
  int64_t cluster_worker_memory{};  ///< 0: a share of this machine's, or DuckDB's default
  int64_t cluster_retries{};
  std::chrono::milliseconds cluster_idle{};
  std::string cluster_python;
  bool cluster_ship_code{};

  std::chrono::milliseconds query_timeout{};         ///< 0: none
  std::chrono::milliseconds idle_session_timeout{};  ///< 0: none
  std::chrono::milliseconds flight_ticket_timeout{};
  std::chrono::milliseconds shutdown_grace{};

  telemetry::LogLevel log_level{};
  telemetry::LogFormat log_format{};
  std::string log_file;  ///< empty: standard error

  /// --help was among the arguments: print ServeHelp instead of starting.
  bool help = false;
  /// The skein.toml that was read; empty when none.
  std::filesystem::path config_file;

  /// One setting that is not at its default, for the log at start and for `skein settings`.
  struct Given {
    std::string name;
    std::string value;
    std::string source;  ///< "flag --pg-port", "environment variable PG_PORT", "skein.toml"
  };
  std::vector<Given> given;
};

/// The value of an environment variable; no value when it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// This process's environment.
Environment ProcessEnvironment();

/// Reads the settings: a flag wins over the environment, that over skein.toml (--config FILE, else
/// skein.toml in `working_directory` when there is one), that over the default. `arguments` are
/// those behind `skein serve`. An error names the setting, where its value came from, the value,
/// and (as hint) what would be right. Blocks on the file system.
Result<Settings> LoadSettings(const std::vector<std::string>& arguments,
                              const Environment& environment,
                              const std::filesystem::path& working_directory = ".");

/// What `skein serve --help` prints, at most 96 columns wide.
std::string ServeHelp();

/// The same as Markdown tables, one for each section, for the documentation.
std::string SettingsMarkdown();

/// The memory that max_memory_gb stands for, in bytes: itself (a gigabyte is 1000^3 bytes), or 80 %
/// of the smaller of the machine's and the cgroup's when it is 0.
uint64_t MemoryLimitBytes(const Settings& settings);

}  // namespace skein::server
