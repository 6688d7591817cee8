#include "frontends/flightsql/flight_door.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "frontends/flightsql/service.h"

namespace skein::frontends::flightsql {

namespace fl = arrow::flight;

/// Holds the parts, and the thread that puts away what is idle: closing a session may take the
/// engine a moment, which the shared timer has not.
class FlightDoor::Impl {
 public:
  Impl(const Options& options, std::shared_ptr<session::Services> services)
      : authenticator_(std::make_shared<Authenticator>(Authenticator::Options{
            options.policy, options.jwt, !options.tls_certificate.empty(),
            options.token_idle_timeout,
            [observer = services->observer](const std::string& peer, const std::string& user,
                                            const Status& why) {
              observer->LoginRefused("flightsql", user, peer, why);
            }})),
        spool_dir_(services->spool_dir),
        table_(std::make_shared<ConversationTable>(
            std::move(services),
            ConversationTable::Options{options.session_idle_timeout, options.max_sessions})),
        service_(FlightService::Dependencies{table_, options.results, spool_dir_}),
        sweep_interval_(std::clamp<std::chrono::milliseconds>(
            std::min({options.session_idle_timeout, options.token_idle_timeout,
                      options.results.ticket_timeout}) /
                4,
            std::chrono::milliseconds(20), std::chrono::seconds(10))) {}

  ~Impl() { Drain(Clock::now()); }

  Status Listen(const Options& options) {
    bool tls = !options.tls_certificate.empty();
    if (tls != !options.tls_key.empty()) {
      return errors::InvalidParameter(
          "the Flight SQL door needs both a certificate and its key, or neither");
    }
    if (options.require_tls && !tls) {
      return errors::InvalidParameter(
          "the Flight SQL door must be encrypted, and has no certificate");
    }
    bool brackets = options.host.find(':') != std::string::npos && !options.host.starts_with('[');
    std::string host = brackets ? "[" + options.host + "]" : options.host;
    auto location = tls ? fl::Location::ForGrpcTls(host, options.port)
                        : fl::Location::ForGrpcTcp(host, options.port);
    if (!location.ok()) return Failed(options, location.status());
    fl::FlightServerOptions server(*location);
    if (tls) server.tls_certificates.push_back({options.tls_certificate, options.tls_key});
    if (!options.tls_client_ca.empty()) {
      server.verify_client = true;
      server.root_certificates = options.tls_client_ca;
    }
    server.auth_handler = std::make_shared<HandshakeHandler>(authenticator_);
    server.middleware.emplace_back(
        kMiddlewareKey, std::make_shared<CallMiddlewareFactory>(authenticator_, table_, stopping_));
    if (auto status = service_.Init(server); !status.ok()) return Failed(options, status);
    listening_ = true;
    sweeper_ = std::thread([this] { SweepLoop(); });
    return Status::OK();
  }

  int port() const { return service_.port(); }
  void StopAccepting() { *stopping_ = true; }
  size_t open_sessions() const { return table_->size(); }

  void Drain(Clock::time_point deadline) {
    StopAccepting();
    if (listening_) {
      listening_ = false;
      auto left = std::max(Clock::duration::zero(), deadline - Clock::now());
      auto until = std::chrono::system_clock::now() +
                   std::chrono::duration_cast<std::chrono::system_clock::duration>(left);
      // What it reports is that calls were cut off, which is what a deadline is for.
      (void)service_.Shutdown(&until);
      (void)service_.Wait();
      service_.StopRuns();
    }
    {
      std::lock_guard lock(mu_);
      ended_ = true;
    }
    changed_.notify_all();
    if (sweeper_.joinable()) sweeper_.join();
    table_->CloseAll();
  }

 private:
  static Status Failed(const Options& options, const arrow::Status& status) {
    return errors::IoError("cannot listen for Flight SQL on " + options.host + ":" +
                           std::to_string(options.port) + ": " + status.message())
        .WithOrigin(Origin::kServer);
  }

  void SweepLoop() {
    std::unique_lock lock(mu_);
    while (!changed_.wait_for(lock, sweep_interval_, [this] { return ended_; })) {
      lock.unlock();
      table_->Sweep();
      service_.Sweep();
      authenticator_->Sweep();
      lock.lock();
    }
  }

  const std::shared_ptr<std::atomic<bool>> stopping_ = std::make_shared<std::atomic<bool>>(false);
  const std::shared_ptr<Authenticator> authenticator_;
  const std::string spool_dir_;
  const std::shared_ptr<ConversationTable> table_;
  FlightService service_;
  const std::chrono::milliseconds sweep_interval_;
  bool listening_ = false;

  std::mutex mu_;
  std::condition_variable changed_;
  bool ended_ = false;  // guarded by mu_
  std::thread sweeper_;
};

FlightDoor::FlightDoor(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
FlightDoor::~FlightDoor() = default;

Result<std::unique_ptr<FlightDoor>> FlightDoor::Start(Options options,
                                                      std::shared_ptr<session::Services> services) {
  auto impl = std::make_unique<Impl>(options, std::move(services));
  SKEIN_RETURN_IF_ERROR(impl->Listen(options));
  return std::unique_ptr<FlightDoor>(new FlightDoor(std::move(impl)));
}

int FlightDoor::port() const { return impl_->port(); }
void FlightDoor::StopAccepting() { impl_->StopAccepting(); }
void FlightDoor::Drain(Clock::time_point deadline) { impl_->Drain(deadline); }
size_t FlightDoor::open_sessions() const { return impl_->open_sessions(); }

}  // namespace skein::frontends::flightsql
