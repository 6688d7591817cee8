#include "frontends/pgwire/pg_door.h"

#include "common/random.h"
#include "frontends/pgwire/error_mapping.h"
#include "frontends/pgwire/pg_connection.h"

namespace skein::frontends::pgwire {

PgDoor::PgDoor(Options options, std::shared_ptr<session::Services> services)
    : options_(std::move(options)), services_(std::move(services)), mock_secret_(RandomBytes(32)) {}

PgDoor::~PgDoor() {
  server_.reset();
  Timer::Id watch;
  {
    std::lock_guard lock(watch_mu_);
    closing_ = true;
    watch = watch_;
  }
  services_->timer->Remove(watch);
}

void PgDoor::WatchForAbandoned() {
  std::lock_guard lock(watch_mu_);
  if (closing_) return;
  watch_ = services_->timer->At(Clock::now() + std::chrono::milliseconds(200), [this] {
    cancels_.CancelAbandoned();
    WatchForAbandoned();
  });
}

Result<std::unique_ptr<PgDoor>> PgDoor::Start(Options options,
                                              std::shared_ptr<session::Services> services) {
  std::unique_ptr<PgDoor> door(new PgDoor(std::move(options), std::move(services)));
  auto listen = door->options_.listen;
  listen.name = "pg";
  listen.over_limit = [] {
    std::string bytes;
    AppendError(Status(StatusCode::kResourceExhausted, "53300", "sorry, too many clients already"),
                "FATAL", {}, 0, &bytes);
    return bytes;
  };
  PgDoor* self = door.get();
  SKEIN_ASSIGN_OR_RETURN(
      door->server_,
      net::ConnectionServer::Start(listen, [self](std::unique_ptr<net::Stream> stream) {
        return std::make_unique<PgConnection>(*self, std::move(stream));
      }));
  door->WatchForAbandoned();
  return door;
}

}  // namespace skein::frontends::pgwire
