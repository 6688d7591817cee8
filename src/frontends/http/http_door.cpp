#include "frontends/http/http_door.h"

#include "frontends/http/door_state.h"
#include "frontends/http/health_connection.h"
#include "frontends/http/http_connection.h"

namespace skein::frontends::http {

HttpDoor::HttpDoor(Dependencies dependencies)
    : state_(std::make_shared<DoorState>(std::move(dependencies))) {}

HttpDoor::~HttpDoor() = default;

std::unique_ptr<net::Connection> HttpDoor::Connect(std::unique_ptr<net::Stream> stream) const {
  return std::make_unique<HttpConnection>(state_, std::move(stream));
}

net::ConnectionFactory HttpDoor::factory() const {
  return [this](std::unique_ptr<net::Stream> stream) { return Connect(std::move(stream)); };
}

std::string HttpDoor::OverLimit() {
  static constexpr std::string_view kBody =
      R"({"detail":"the server has as many connections as it may have"})";
  return "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nRetry-After: 5\r\n"
         "Connection: close\r\nContent-Length: " +
         std::to_string(kBody.size()) + "\r\n\r\n" + std::string(kBody);
}

void HttpDoor::StateChanged() const {
  std::lock_guard lock(state_->health.mu);
  for (HealthConnection* connection : state_->health.connections) connection->StateChanged();
}

size_t HttpDoor::sessions() const { return state_->sessions.size(); }

}  // namespace skein::frontends::http
