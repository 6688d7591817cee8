#include "frontends/http/http_connection.h"

#include <nlohmann/json.hpp>

#include "frontends/http/peer_watch.h"
#include "frontends/http/query_handler.h"
#include "frontends/http/query_request.h"

namespace skein::frontends::http {
namespace {

constexpr char kJson[] = "application/json";
constexpr char kText[] = "text/plain; charset=utf-8";

Response Text(int status, std::string body, const char* type = kText) {
  return {status, type, std::move(body), {}};
}

HttpError MethodNotAllowed(const std::string& method, const std::string& path, const char* allow) {
  HttpError error = DetailError(405, method + " is not for " + path + ": use " + allow);
  error.headers.emplace_back("Allow", allow);
  return error;
}

}  // namespace

HttpConnection::HttpConnection(std::shared_ptr<DoorState> state,
                               std::unique_ptr<net::Stream> stream)
    : state_(std::move(state)), stream_(std::move(stream)) {}

HttpConnection::~HttpConnection() = default;

void HttpConnection::Shutdown(Status) {
  {
    std::lock_guard lock(mu_);
    stopping_ = true;
  }
  stream_->StopReading();
}

void HttpConnection::Abort() {
  std::lock_guard lock(mu_);
  if (running_) running_->CancelCurrent(errors::ShuttingDown("the server is stopping"));
}

bool HttpConnection::stopping() const {
  std::lock_guard lock(mu_);
  return stopping_;
}

void HttpConnection::SetRunning(session::Session* session) {
  std::lock_guard lock(mu_);
  running_ = session;
}

bool HttpConnection::Begin() {
  const Dependencies& dependencies = state_->dependencies;
  begun_ = true;
  if (dependencies.tls_mode != TlsMode::kOff) {
    Deadline deadline = Clock::now() + dependencies.limits.header_timeout;
    char first = 0;
    auto seen = stream_->Peek(&first, 1, deadline);
    if (!seen.ok() || *seen == 0) return false;
    if (first == 0x16) {
      if (!stream_->StartTls(dependencies.tls, deadline).ok()) return false;
    } else if (dependencies.tls_mode == TlsMode::kRequired) {
      Responder responder(stream_.get(), {.keep_alive = false});
      HttpError error =
          DetailError(426, "this server takes encrypted connections only: use https://");
      error.headers.emplace_back("Upgrade", "TLS/1.2, HTTP/1.1");
      (void)responder.Send(error);
      return false;
    }
  }
  reader_ = std::make_unique<RequestReader>(stream_.get(), &state_->dependencies.limits);
  return true;
}

net::Next HttpConnection::Serve() {
  if (!begun_ && !Begin()) return net::Next::kClose;
  if (health_) return health_->Serve();
  const Limits& limits = state_->dependencies.limits;
  while (true) {
    if (!reader_->has_bytes() && !stream_->HasBufferedInput()) {
      auto readable = stream_->WaitReadable(Clock::now() + limits.linger);
      if (!readable.ok()) return net::Next::kClose;
      if (!*readable) return net::Next::kPark;
    }
    auto head = reader_->ReadHead();
    if (std::holds_alternative<RequestReader::End>(head)) return net::Next::kClose;
    if (auto* http2 = std::get_if<RequestReader::Http2>(&head)) {
      health_ = std::make_unique<HealthConnection>(state_.get(), stream_.get(), http2->received);
      return health_->Serve();
    }
    if (auto* error = std::get_if<HttpError>(&head)) {
      Responder responder(stream_.get(),
                          {.keep_alive = false, .write_timeout = limits.write_timeout});
      if (responder.Send(*error).ok()) reader_->DiscardBriefly();
      return net::Next::kClose;
    }
    if (!Handle(std::move(std::get<Request>(head)))) return net::Next::kClose;
  }
}

bool HttpConnection::Handle(Request request) {
  const Dependencies& dependencies = state_->dependencies;
  Responder responder(stream_.get(), {.http_11 = request.http_11,
                                      .keep_alive = request.keep_alive && !stopping(),
                                      .head_only = request.method == "HEAD",
                                      .cors_origin = dependencies.cors_origin,
                                      .write_timeout = dependencies.limits.write_timeout});
  // Who may not ask must not make us take in a large body first.
  auto who = state_->authenticator.Identify(*stream_, request.authorization, &memory_);
  if (auto* error = std::get_if<HttpError>(&who); error && request.has_body) {
    responder.set_keep_alive(false);
    if (responder.Send(*error).ok()) reader_->DiscardBriefly();
    return false;
  }
  auto body = reader_->ReadBody(&request);
  if (std::holds_alternative<RequestReader::End>(body)) return false;
  if (auto* error = std::get_if<HttpError>(&body)) {
    responder.set_keep_alive(false);
    if (responder.Send(*error).ok()) reader_->DiscardBriefly();
    return false;
  }
  return Route(request, responder).ok() && responder.options().keep_alive;
}

Status HttpConnection::Route(const Request& request, Responder& responder) {
  Target target = SplitTarget(request.target);
  const std::string& path = target.path;
  const std::string& method = request.method;
  bool read = method == "GET" || method == "HEAD";
  if (method == "OPTIONS") {
    Response response{204, "", "", {}};
    response.headers = {{"Allow", "GET, HEAD, POST, DELETE, OPTIONS"},
                        {"Access-Control-Allow-Methods", "GET, HEAD, POST, DELETE, OPTIONS"},
                        {"Access-Control-Allow-Headers", "Content-Type, X-Skein-Session"},
                        {"Access-Control-Max-Age", "600"}};
    return responder.Send(response);
  }
  const Dependencies& dependencies = state_->dependencies;
  if (path == "/health")
    return read ? responder.Send(Text(200, "ok"))
                : responder.Send(MethodNotAllowed(method, path, "GET"));
  if (path == "/ready") {
    if (!read) return responder.Send(MethodNotAllowed(method, path, "GET"));
    bool ready = dependencies.ready() && !stopping();
    return responder.Send(ready ? Text(200, "ready") : Text(503, "stopping"));
  }
  bool known = path == "/" || path == "/metrics" || path == "/query" || path == "/v1/session";
  if (!known) {
    return responder.Send(
        DetailError(404, "there is nothing at " + path +
                             ": there are /query, /v1/session, /health, /ready, /metrics and /"));
  }
  const char* allow = path == "/query" ? "POST" : path == "/v1/session" ? "POST, DELETE" : "GET";
  bool allowed = path == "/query"        ? method == "POST"
                 : path == "/v1/session" ? method == "POST" || method == "DELETE"
                                         : read;
  if (!allowed) return responder.Send(MethodNotAllowed(method, path, allow));

  if (!request.origin.empty() && dependencies.cors_origin.empty()) {
    return responder.Send(
        DetailError(403, "requests of web pages are refused (Origin: " + request.origin + ")"));
  }
  auto who = state_->authenticator.Identify(*stream_, request.authorization, &memory_);
  if (auto* error = std::get_if<HttpError>(&who)) return responder.Send(*error);
  const std::string& user = std::get<std::string>(who);
  if (path == "/metrics") {
    return responder.Send(
        Text(200, dependencies.render_metrics(), "text/plain; version=0.0.4; charset=utf-8"));
  }
  if (path == "/") return responder.Send(Info());
  if (stopping() || !dependencies.ready()) {
    return responder.Send(FromStatus(errors::ShuttingDown("the server is stopping")));
  }
  if (path == "/v1/session") return NamedSession(request, user, responder);
  return Query(request, target.query, user, responder);
}

Status HttpConnection::NamedSession(const Request& request, const std::string& user,
                                    Responder& responder) {
  if (request.method == "DELETE") {
    if (!state_->sessions.Close(request.session, user)) {
      return responder.Send(
          DetailError(404, "there is no such session; name it in the header X-Skein-Session"));
    }
    return responder.Send(Response{204, "", "", {}});
  }
  auto opened = state_->sessions.Open({user, "http", stream_->peer()});
  if (auto* error = std::get_if<HttpError>(&opened)) return responder.Send(*error);
  auto idle =
      std::chrono::duration_cast<std::chrono::seconds>(state_->dependencies.limits.session_idle);
  nlohmann::json body = {{"session", std::get<std::string>(opened)},
                         {"expires_in_seconds", idle.count()}};
  return responder.Send(Response{201, kJson, body.dump(), {{"Cache-Control", "no-store"}}});
}

Status HttpConnection::Query(const Request& request, const std::string& query_string,
                             const std::string& user, Responder& responder) {
  auto decoded = DecodeQueryRequest(query_string, request.body);
  if (auto* error = std::get_if<HttpError>(&decoded)) return responder.Send(*error);
  session::Session* session = nullptr;
  std::unique_ptr<session::Session> own;
  SessionRegistry::Lease lease;
  if (request.session.empty()) {
    auto opened =
        session::Session::Open(state_->dependencies.services, {user, "http", stream_->peer()});
    if (!opened.ok()) return responder.Send(FromStatus(opened.status()));
    own = *std::move(opened);
    session = own.get();
  } else {
    auto used = state_->sessions.Use(request.session, user);
    if (auto* error = std::get_if<HttpError>(&used)) return responder.Send(*error);
    lease = std::move(std::get<SessionRegistry::Lease>(used));
    session = lease.named->session.get();
  }
  SetRunning(session);
  Status status;
  {
    PeerWatch watch(state_->dependencies.services->timer.get(), stream_.get(), session);
    status = AnswerQuery(*session, std::get<QueryRequest>(decoded), responder);
  }
  SetRunning(nullptr);
  return status;
}

Response HttpConnection::Info() const {
  const Dependencies& dependencies = state_->dependencies;
  nlohmann::json info = {{"name", "skein"},
                         {"version", dependencies.version},
                         {"duckdb", dependencies.duckdb_version},
                         {"query", "POST /query {\"sql\": \"SELECT 1\"}"}};
  if (!dependencies.docs_url.empty()) info["docs"] = dependencies.docs_url;
  if (dependencies.doors) {
    for (const auto& [name, address] : dependencies.doors()) info["doors"][name] = address;
  }
  if (stream_->peer_is_loopback()) info["data_dirs"] = dependencies.data_dirs;
  return {200, kJson, info.dump(), {}};
}

}  // namespace skein::frontends::http
