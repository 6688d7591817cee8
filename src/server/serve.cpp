#include "server/serve.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <thread>

#include <malloc.h>
#include <signal.h>
#include <unistd.h>

#include "distributed/coordinator.h"
#include "engine/engine.h"
#include "frontends/flightsql/flight_door.h"
#include "frontends/http/http_door.h"
#include "frontends/pgwire/pg_door.h"
#include "server/cluster.h"
#include "server/commands.h"
#include "server/observer.h"
#include "server/settings.h"
#include "server/temp_folder.h"
#include "server/token_issuer.h"
#include "server/version.h"
#include "session/session.h"
#include "telemetry/log.h"

namespace skein::server {
namespace {

using telemetry::Field;
using telemetry::LogLevel;

/// What gRPC's health service calls the Flight SQL door.
constexpr std::string_view kFlightService = "arrow.flight.protocol.FlightService";

bool IsLoopbackHost(const std::string& host) {
  return host == "localhost" || security::IsLoopbackAddress(host);
}

security::AuthMode ToSecurity(AuthMode mode) {
  switch (mode) {
    case AuthMode::kTrust:
      return security::AuthMode::kTrust;
    case AuthMode::kPassword:
      return security::AuthMode::kPassword;
    default:
      return security::AuthMode::kAuto;
  }
}

Result<engine::Options> EngineOptions(const Settings& settings) {
  engine::Options options;
  options.database = settings.database;
  for (const std::string& dir : settings.data_dir) {
    std::error_code error;
    auto path = std::filesystem::weakly_canonical(dir, error);
    if (error || !std::filesystem::is_directory(path)) {
      return errors::InvalidParameter("data_dir \"" + dir + "\" is not a directory")
          .WithHint(
              "Name an existing directory: --data-dir DIR or DATA_DIR=DIR; several are separated "
              "by ':'.");
    }
    options.data_dirs.push_back(path.string());
  }
  options.allowed_locations = settings.allowed_locations;
  bool allow_private =
      settings.private_endpoints == PrivateEndpoints::kAllow ||
      (settings.private_endpoints == PrivateEndpoints::kAuto && IsLoopbackHost(settings.host));
  options.private_endpoints =
      allow_private ? engine::PrivateEndpoints::kAllow : engine::PrivateEndpoints::kDeny;
  options.extension_dir =
      settings.extensions_dir.empty() ? ExtensionDirectory() : settings.extensions_dir;
  options.extensions = settings.extensions;
  options.memory_limit_bytes = MemoryLimitBytes(settings);
  options.threads = static_cast<int>(settings.threads);
  options.max_temp_bytes = static_cast<uint64_t>(settings.max_temp_size);
  options.fixed_settings = {{"max_connections", std::to_string(settings.max_connections)},
                            {"ssl", settings.tls == TlsMode::kOff ? "off" : "on"}};
  return options;
}

Result<std::string> ReadFile(const std::string& path, const std::string& setting) {
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file.good() && text.empty())
    return errors::InvalidParameter(setting + " \"" + path + "\" cannot be read");
  return text;
}

/// Paths of the settings are from where the server was started; paths in SQL from the first data
/// directory, which becomes the working directory.
void FixPaths(Settings& settings) {
  for (std::string* path :
       {&settings.extensions_dir, &settings.init_file, &settings.users_file, &settings.hba_file,
        &settings.tls_cert, &settings.tls_key, &settings.tls_client_ca, &settings.jwt_keys_file,
        &settings.jwt_keys_ca, &settings.temp_dir, &settings.log_file}) {
    if (!path->empty()) *path = std::filesystem::absolute(*path).string();
  }
  bool file = !settings.database.empty() && settings.database.find(':') == std::string::npos;
  if (file) settings.database = std::filesystem::absolute(settings.database).string();
}

/// The error of what a setting asked for, with the setting's name in front.
Status Named(const std::string& setting, const Status& status) {
  return Status(status.code(), status.sqlstate(), setting + ": " + status.message())
      .WithHint(status.hint());
}

/// Everything that runs, in the order it was started; destroyed the other way round.
class Server {
 public:
  explicit Server(Settings settings) : settings_(std::move(settings)) {}

  Status Start();
  void Stop();
  /// "listening pg=127.0.0.1:5432 ...": what scripts and tests wait for.
  std::string Listening() const { return listening_; }

 private:
  Status OpenSecurity();
  Status OpenCluster(const engine::Options& engine_options);
  Status OpenDoors();
  void SetReady(bool ready);

  Settings settings_;
  std::unique_ptr<TempFolder> temp_folder_;  // before all that write in it
  std::string listening_ = "listening";
  std::shared_ptr<security::UserStore> users_;
  std::shared_ptr<security::LoginPolicy> policy_;
  std::shared_ptr<const net::TlsContext> tls_;
  std::shared_ptr<telemetry::Metrics> metrics_;
  std::shared_ptr<session::Services> services_;
  std::unique_ptr<frontends::pgwire::PgDoor> pg_;
  std::unique_ptr<frontends::flightsql::FlightDoor> flight_;
  std::unique_ptr<frontends::http::HttpDoor> http_;
  std::unique_ptr<net::ConnectionServer> http_server_;  // after http_: it goes first
  std::vector<std::pair<std::string, std::string>> addresses_;
  std::atomic<bool> ready_{false};
};

Status Server::OpenSecurity() {
  if (!settings_.users_file.empty()) {
    auto users = security::UserStore::Open(settings_.users_file);
    if (!users.ok()) return Named("users_file", users.status());
    users_ = *std::move(users);
    for (const std::string& warning : users_->warnings()) telemetry::Log(LogLevel::kWarn, warning);
  }
  if (!settings_.tls_cert.empty() && settings_.tls != TlsMode::kOff) {
    SKEIN_ASSIGN_OR_RETURN(tls_, net::TlsContext::Load({settings_.tls_cert,
                                                        settings_.tls_key,
                                                        {"postgresql", "http/1.1", "h2"},
                                                        settings_.tls_client_ca}));
    for (const std::string& warning : tls_->warnings()) telemetry::Log(LogLevel::kWarn, warning);
  }
  std::shared_ptr<security::RulesFile> rules;
  if (!settings_.hba_file.empty()) {
    auto opened = security::OpenRulesFile(settings_.hba_file);
    if (!opened.ok()) return Named("hba_file", opened.status());
    rules = *std::move(opened);
  }
  policy_ = std::make_shared<security::LoginPolicy>(ToSecurity(settings_.auth), users_, rules);
  if (settings_.auth == AuthMode::kAuto && !users_ && !rules && !IsLoopbackHost(settings_.host)) {
    return errors::InvalidParameter("host is " + settings_.host +
                                    " and there is no users file: nobody could log in")
        .WithHint(
            "Make one with `skein passwd NAME --users-file FILE` and give --users-file FILE; or "
            "listen on "
            "127.0.0.1; or, where the network itself is trusted, say --auth trust.");
  }
  return Status::OK();
}

Status Server::Start() {
  SKEIN_RETURN_IF_ERROR(OpenSecurity());
  SKEIN_ASSIGN_OR_RETURN(engine::Options options, EngineOptions(settings_));
  SKEIN_ASSIGN_OR_RETURN(temp_folder_, TempFolder::Make(settings_.temp_dir));
  options.temp_dir = temp_folder_->path();
  if (!options.data_dirs.empty()) {
    std::error_code error;
    std::filesystem::current_path(options.data_dirs.front(), error);
    if (error) {
      return errors::InvalidParameter("data_dir \"" + options.data_dirs.front() +
                                      "\" cannot be entered: " + error.message())
          .WithHint("The user that runs the server needs the permission to search it.");
    }
  }
  // One half for the sessions' own engine, one for the workers'.
  if (!settings_.cluster.empty()) options.memory_limit_bytes /= 2;
  metrics_ = std::make_shared<telemetry::Metrics>(
      telemetry::Metrics::BuildInfo{kVersion, engine::Engine::Version()});
  services_ = std::make_shared<session::Services>();
  // The workers' engines get what they need of it with each task.
  engine::Options own = options;
  if (!settings_.init_file.empty()) {
    SKEIN_ASSIGN_OR_RETURN(own.init_sql, ReadFile(settings_.init_file, "init_file"));
  }
  auto opened = engine::Engine::Open(own);
  if (!opened.ok()) return opened.status();
  services_->engine = *std::move(opened);
  services_->timer = std::make_shared<Timer>();
  services_->observer = std::make_shared<TelemetryObserver>(metrics_);
  services_->query_timeout = settings_.query_timeout;
  services_->spool_dir = temp_folder_->path();
  services_->max_spool_size = settings_.max_spool_size;
  SKEIN_RETURN_IF_ERROR(OpenCluster(options));
  metrics_->SetMemorySource([engine = services_->engine] {
    auto memory = engine->memory();
    return std::vector<std::pair<std::string, uint64_t>>{{"used", memory.used_bytes},
                                                         {"limit", memory.limit_bytes},
                                                         {"spilled", memory.spilled_bytes}};
  });
  return OpenDoors();
}

Status Server::OpenCluster(const engine::Options& engine_options) {
  if (settings_.cluster.empty()) return Status::OK();
  SKEIN_ASSIGN_OR_RETURN(auto runner, server::OpenCluster(settings_, engine_options));
  SKEIN_ASSIGN_OR_RETURN(services_->distributed,
                         distributed::Coordinator::Start(services_->engine, std::move(runner)));
  return Status::OK();
}

Status Server::OpenDoors() {
  auto announce = [&](const char* name, uint16_t port) {
    addresses_.emplace_back(name, settings_.host + ":" + std::to_string(port));
    listening_ += std::string(" ") + name + "=" + addresses_.back().second;
  };
  net::ConnectionServer::Options listen;
  listen.host = settings_.host;
  listen.max_connections = static_cast<size_t>(settings_.max_connections);
  if (settings_.pg_port) {
    frontends::pgwire::PgDoor::Options options;
    options.listen = listen;
    options.listen.port = *settings_.pg_port;
    options.listen.port_setting = "pg_port";
    options.policy = policy_;
    options.tls = tls_;
    options.tls_required = settings_.tls == TlsMode::kRequire;
    options.max_message_bytes = static_cast<size_t>(settings_.max_message_bytes);
    options.idle_timeout = settings_.idle_session_timeout;
    options.version = kVersion;
    SKEIN_ASSIGN_OR_RETURN(pg_, frontends::pgwire::PgDoor::Start(options, services_));
    announce("pg", pg_->port());
  }
  if (settings_.http_port) {
    frontends::http::Dependencies dependencies;
    dependencies.services = services_;
    dependencies.policy = policy_;
    dependencies.tls = tls_;
    dependencies.tls_mode = !tls_ ? frontends::http::TlsMode::kOff
                            : settings_.tls == TlsMode::kRequire
                                ? frontends::http::TlsMode::kRequired
                                : frontends::http::TlsMode::kOptional;
    dependencies.render_metrics = [metrics = metrics_] { return metrics->RenderPrometheus(); };
    dependencies.ready = [this] { return ready_.load(); };
    dependencies.serves = [this](std::string_view service) -> std::optional<bool> {
      bool known = service.empty() || (service == kFlightService && settings_.flight_sql_port);
      return known ? std::optional(ready_.load()) : std::nullopt;
    };
    dependencies.doors = [this] { return addresses_; };
    dependencies.version = kVersion;
    dependencies.duckdb_version = engine::Engine::Version();
    for (const std::string& dir : settings_.data_dir) {
      dependencies.data_dirs += (dependencies.data_dirs.empty() ? "" : ":") + dir;
    }
    dependencies.limits.max_message_bytes = static_cast<size_t>(settings_.max_message_bytes);
    if (settings_.idle_session_timeout.count() > 0)
      dependencies.limits.session_idle = settings_.idle_session_timeout;
    http_ = std::make_unique<frontends::http::HttpDoor>(std::move(dependencies));
    auto options = listen;
    options.name = "http";
    options.port = *settings_.http_port;
    options.port_setting = "http_port";
    options.over_limit = &frontends::http::HttpDoor::OverLimit;
    SKEIN_ASSIGN_OR_RETURN(http_server_, net::ConnectionServer::Start(options, http_->factory()));
    announce("http", http_server_->port());
  }
  if (settings_.flight_sql_port) {
    frontends::flightsql::FlightDoor::Options options;
    options.host = settings_.host;
    options.port = *settings_.flight_sql_port;
    if (tls_) {
      SKEIN_ASSIGN_OR_RETURN(options.tls_certificate, ReadFile(settings_.tls_cert, "tls_cert"));
      SKEIN_ASSIGN_OR_RETURN(options.tls_key, ReadFile(settings_.tls_key, "tls_key"));
    }
    if (settings_.flight_client_certificates) {
      SKEIN_ASSIGN_OR_RETURN(options.tls_client_ca,
                             ReadFile(settings_.tls_client_ca, "tls_client_ca"));
    }
    SKEIN_ASSIGN_OR_RETURN(options.jwt, OpenTokenIssuer(settings_));
    options.require_tls = settings_.tls == TlsMode::kRequire;
    options.policy = policy_;
    if (settings_.idle_session_timeout.count() > 0)
      options.session_idle_timeout = settings_.idle_session_timeout;
    options.max_sessions = static_cast<size_t>(settings_.max_connections);
    options.results.endpoints = static_cast<size_t>(settings_.flight_endpoints);
    options.results.endpoint_bytes = settings_.flight_endpoint_size;
    options.results.spool_memory = settings_.flight_spool_memory;
    options.results.spool_disk = settings_.flight_spool_disk;
    if (settings_.flight_ticket_timeout.count() > 0)
      options.results.ticket_timeout = settings_.flight_ticket_timeout;
    auto door = frontends::flightsql::FlightDoor::Start(options, services_);
    if (!door.ok()) return Named("flight_sql_port", door.status());
    flight_ = *std::move(door);
    announce("flight", static_cast<uint16_t>(flight_->port()));
  }
  SetReady(true);
  return Status::OK();
}

void Server::SetReady(bool ready) {
  ready_ = ready;
  if (http_) http_->StateChanged();
}

void Server::Stop() {
  auto why = errors::ShuttingDown("terminating connection: the server is stopping")
                 .WithHint("Connect again in a moment.");
  telemetry::Log(LogLevel::kInfo, "stopping",
                 {Field("running_statements", services_->running.load())});
  SetReady(false);
  services_->StopAccepting();
  // The HTTP door goes on accepting until the others are done: load balancers ask there whether
  // the server is ready, often over a new connection. It takes no query any more.
  if (pg_) pg_->StopAccepting();
  if (flight_) flight_->StopAccepting();
  Deadline deadline = Clock::now() + settings_.shutdown_grace;
  // Statements that outlive the grace end with the same words; the doors then drain at once.
  auto ending = services_->timer->At(
      *deadline, [services = services_.get(), why] { services->TerminateAll(why); });
  Deadline last = *deadline + std::chrono::seconds(2);
  if (pg_) pg_->Drain(last, why);
  if (flight_) flight_->Drain(*last);
  if (http_server_) http_server_->Drain(last, why);
  services_->timer->Remove(ending);
  flight_.reset();
  http_server_.reset();
  http_.reset();
  pg_.reset();
  services_->distributed.reset();
  services_->engine.reset();
  temp_folder_.reset();
  telemetry::Log(LogLevel::kInfo, "stopped");
}

int Fail(const Status& status) {
  std::cerr << "skein: " << status.message() << "\n";
  if (!status.hint().empty()) std::cerr << "hint: " << status.hint() << "\n";
  return 1;
}

}  // namespace

int Serve(const std::vector<std::string>& arguments) {
  auto settings = LoadSettings(arguments, ProcessEnvironment());
  if (!settings.ok()) return Fail(settings.status());
  if (settings->help) {
    std::cout << ServeHelp();
    return 0;
  }
  // Taken by sigwait below, in this thread; every other thread inherits the mask.
  sigset_t stop_signals;
  sigemptyset(&stop_signals);
  sigaddset(&stop_signals, SIGTERM);
  sigaddset(&stop_signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stop_signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  // The C library would keep eight heaps for each core, and in each what the busiest moment left.
  mallopt(M_ARENA_MAX, 2 * static_cast<int>(std::max(1u, std::thread::hardware_concurrency())));

  if (Status status =
          telemetry::InitLogging(settings->log_level, settings->log_format, settings->log_file);
      !status.ok()) {
    return Fail(status);
  }
  FixPaths(*settings);
  Server server(*settings);
  if (Status status = server.Start(); !status.ok()) {
    telemetry::ShutdownLogging();
    return Fail(status);
  }
  std::cout << server.Listening() << std::endl;
  telemetry::Log(LogLevel::kInfo, server.Listening(), {Field("version", kVersion)});
  int signal_number = 0;
  sigwait(&stop_signals, &signal_number);
  server.Stop();
  telemetry::ShutdownLogging();
  return 0;
}

}  // namespace skein::server
