#include "server/cluster.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <thread>

#include "distributed/runner/in_process.h"
#include "distributed/runner/ray/ray_runner.h"
#include "telemetry/log.h"

namespace skein::server {
namespace {

constexpr uint32_t kMostLocalWorkers = 64;
/// What Ray takes at least.
constexpr uint64_t kSmallestStore = uint64_t{80} << 20;

/// The N of "local:N"; nothing when it is none.
std::optional<uint32_t> LocalWorkers(const std::string& cluster, uint32_t threads) {
  if (cluster == "local") return std::clamp(threads, 1u, kMostLocalWorkers);
  uint32_t workers = 0;
  if (cluster.rfind("local:", 0) != 0) return std::nullopt;
  const char* end = cluster.data() + cluster.size();
  auto [rest, error] = std::from_chars(cluster.data() + 6, end, workers);
  if (error != std::errc() || rest != end || workers < 1 || workers > kMostLocalWorkers)
    return std::nullopt;
  return workers;
}

/// The host and port of "ray://host:port"; "" of "ray"; nothing when it is neither.
std::optional<std::string> RayAddress(const std::string& cluster) {
  if (cluster == "ray") return "";
  for (const char* scheme : {"ray://", "ray:"}) {
    if (cluster.rfind(scheme, 0) != 0) continue;
    std::string address = cluster.substr(std::char_traits<char>::length(scheme));
    size_t colon = address.rfind(':');
    uint16_t port = 0;
    if (colon == 0 || colon == std::string::npos) return std::nullopt;
    const char* end = address.data() + address.size();
    auto [rest, error] = std::from_chars(address.data() + colon + 1, end, port);
    if (error != std::errc() || rest != end || port == 0) return std::nullopt;
    return address;
  }
  return std::nullopt;
}

/// Where the Python package lies beside this program; empty when it does not.
std::string PackageFolder() {
  std::error_code error;
  auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  auto folder = program.parent_path().parent_path() / "python";
  return std::filesystem::exists(folder / "skein_ray" / "driver.py", error) ? folder.string() : "";
}

Result<std::unique_ptr<distributed::Runner>> OpenRay(const Settings& settings, std::string address,
                                                     const engine::Options& engine,
                                                     uint32_t threads) {
  distributed::RayRunner::Options options;
  options.private_dir = engine.temp_dir + "/ray";
  std::error_code error;
  std::filesystem::create_directories(options.private_dir, error);
  if (!error) {
    std::filesystem::permissions(options.private_dir, std::filesystem::perms::owner_all,
                                 std::filesystem::perm_options::replace, error);
  }
  if (error)
    return errors::IoError("\"" + options.private_dir + "\" cannot be made: " + error.message());
  const bool local = address.empty();
  options.address = std::move(address);
  options.worker_cpus = static_cast<uint32_t>(settings.cluster_worker_cpus);
  options.cpus = std::max(threads, options.worker_cpus);
  options.min_workers = static_cast<uint32_t>(settings.cluster_workers_min);
  options.max_workers = static_cast<uint32_t>(settings.cluster_workers_max);
  if (local) {
    const uint32_t room = options.cpus / options.worker_cpus;
    options.max_workers = options.max_workers == 0 ? room : options.max_workers;
    // More workers than cores, for who asks for it: Ray has to see a place for each.
    options.cpus = std::max(options.cpus, options.max_workers * options.worker_cpus);
    options.store_bytes = std::max(kSmallestStore, engine.memory_limit_bytes / 4);
    options.worker_memory_bytes = engine.memory_limit_bytes / 4 * 3 / options.max_workers;
  }
  if (settings.cluster_worker_memory > 0)
    options.worker_memory_bytes = static_cast<uint64_t>(settings.cluster_worker_memory);
  options.retries = static_cast<uint32_t>(settings.cluster_retries);
  options.idle_seconds = std::chrono::duration<double>(settings.cluster_idle).count();
  options.ship_code = settings.cluster_ship_code;
  options.engine = engine;
  options.engine.temp_dir = local ? options.private_dir : "";
  options.python = settings.cluster_python;
  options.module_dir = PackageFolder();
  if (const char* fault = std::getenv("SKEIN_FAULT")) options.fault = fault;
  options.log = [](bool warning, const std::string& text) {
    telemetry::Log(warning ? telemetry::LogLevel::kWarn : telemetry::LogLevel::kInfo, text);
  };
  return std::unique_ptr<distributed::Runner>(distributed::RayRunner::Start(std::move(options)));
}

}  // namespace

Result<std::unique_ptr<distributed::Runner>> OpenCluster(const Settings& settings,
                                                         const engine::Options& engine) {
  const uint32_t threads = engine.threads > 0 ? static_cast<uint32_t>(engine.threads)
                                              : std::max(1u, std::thread::hardware_concurrency());
  if (auto address = RayAddress(settings.cluster))
    return OpenRay(settings, *address, engine, threads);
  auto workers = LocalWorkers(settings.cluster, threads);
  if (!workers) {
    return errors::InvalidParameter("cluster \"" + settings.cluster + "\" is not understood")
        .WithHint(
            "Say --cluster local, --cluster local:N with N from 1 to 64, --cluster ray for a Ray "
            "of "
            "the server's own, or --cluster ray://HOST:PORT to join one.");
  }
  distributed::InProcessRunner::Options options;
  options.workers = *workers;
  options.engine = engine;
  options.engine.threads = static_cast<int>(threads);
  options.spill_dir = engine.temp_dir;
  // A small server keeps its memory for its engines.
  options.exchange_memory =
      std::clamp<size_t>(engine.memory_limit_bytes / 8, size_t{4} << 20, options.exchange_memory);
  SKEIN_ASSIGN_OR_RETURN(auto runner, distributed::InProcessRunner::Start(std::move(options)));
  return std::unique_ptr<distributed::Runner>(std::move(runner));
}

}  // namespace skein::server
