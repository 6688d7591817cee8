#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "frontends/http/door_state.h"
#include "frontends/http/health_connection.h"
#include "frontends/http/request_reader.h"
#include "frontends/http/responder.h"
#include "net/connection_server.h"
#include "session/session.h"

namespace skein::frontends::http {

/// One client of the HTTP door: requests in, session calls, answers out, one after the other.
///
/// Serve runs on one thread at a time; Shutdown and Abort come from others. An error that leaves no
/// doubt where the next request begins keeps the connection; every other one ends it after the
/// answer. A client that begins with HTTP/2 is handed to a HealthConnection.
class HttpConnection : public net::Connection {
 public:
  HttpConnection(std::shared_ptr<DoorState> state, std::unique_ptr<net::Stream> stream);
  ~HttpConnection() override;

  net::Next Serve() override;
  void Shutdown(Status why) override;
  void Abort() override;

 private:
  /// TLS, where the client begins with it. False when the connection is over.
  bool Begin();
  /// Answers one request. False when the connection cannot go on.
  bool Handle(Request request);
  Status Route(const Request& request, Responder& responder);
  Status Query(const Request& request, const std::string& query_string, const std::string& user,
               Responder& responder);
  Status NamedSession(const Request& request, const std::string& user, Responder& responder);
  Response Info() const;
  bool stopping() const;
  void SetRunning(session::Session* session);

  std::shared_ptr<DoorState> state_;
  std::unique_ptr<net::Stream> stream_;
  std::unique_ptr<RequestReader> reader_;
  std::unique_ptr<HealthConnection> health_;  ///< set once the client turned out to speak HTTP/2
  Authenticator::Memory memory_;
  bool begun_ = false;

  mutable std::mutex mu_;
  bool stopping_ = false;                // guarded by mu_
  session::Session* running_ = nullptr;  // guarded by mu_
};

}  // namespace skein::frontends::http
