#include "frontends/http/responder.h"

#include <ctime>

#include <fmt/format.h>
#include <sys/socket.h>

namespace skein::frontends::http {
namespace {

std::string_view Reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 204:
      return "No Content";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Entity";
    case 426:
      return "Upgrade Required";
    case 431:
      return "Request Header Fields Too Large";
    case 499:
      return "Client Closed Request";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Unknown";
  }
}

std::string HttpDate() {
  // Not strftime: its names of days follow the locale.
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", kDays[utc.tm_wday], utc.tm_mday,
                     kMonths[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

}  // namespace

std::string Responder::Head(int status, std::string_view content_type, const Headers& headers,
                            int64_t length) const {
  std::string head = fmt::format("HTTP/1.1 {} {}\r\nServer: skein\r\nDate: {}\r\n", status,
                                 Reason(status), HttpDate());
  if (!content_type.empty()) head += fmt::format("Content-Type: {}\r\n", content_type);
  if (length >= 0) {
    if (status != 204) head += fmt::format("Content-Length: {}\r\n", length);
  } else if (options_.http_11) {
    head += "Transfer-Encoding: chunked\r\n";
  }
  bool keep_alive = options_.keep_alive && (length >= 0 || options_.http_11);
  if (!keep_alive) {
    head += "Connection: close\r\n";
  } else if (!options_.http_11) {
    head += "Connection: keep-alive\r\n";
  }
  if (!options_.cors_origin.empty()) {
    head += fmt::format(
        "Access-Control-Allow-Origin: {}\r\nAccess-Control-Expose-Headers: X-Skein-Query-Id, "
        "X-Skein-Sqlstate, Retry-After\r\n",
        options_.cors_origin);
  }
  for (const auto& [name, value] : headers) head += fmt::format("{}: {}\r\n", name, value);
  head += "\r\n";
  return head;
}

Status Responder::Write(std::string_view first, std::string_view second) {
  return stream_->WriteV(first, second, Clock::now() + options_.write_timeout);
}

Status Responder::Send(const Response& response) {
  std::string head = Head(response.status, response.content_type, response.headers,
                          static_cast<int64_t>(response.body.size()));
  return Write(head, options_.head_only ? std::string_view() : std::string_view(response.body));
}

Status Responder::Send(const HttpError& error) {
  return Send(Response{error.status, "application/json", error.body, error.headers});
}

Status StreamedBody::Flush() {
  std::string head;
  if (!started_) head = responder_->Head(200, content_type_, headers_, -1);
  started_ = true;
  if (responder_->options_.http_11) {
    head += fmt::format("{:x}\r\n", buffer_.size());
    buffer_ += "\r\n";
  } else {
    responder_->set_keep_alive(false);
  }
  Status sent = responder_->Write(head, buffer_);
  buffer_.clear();
  return sent;
}

Status StreamedBody::Finish() {
  if (!started_) {
    started_ = true;
    return responder_->Send(Response{200, content_type_, std::move(buffer_), headers_});
  }
  if (!buffer_.empty()) SKEIN_RETURN_IF_ERROR(Flush());
  return responder_->options_.http_11 ? responder_->Write("0\r\n\r\n", {}) : Status::OK();
}

void StreamedBody::Break() {
  responder_->set_keep_alive(false);
  if (responder_->options_.http_11) return;  // the last chunk is missing
  // Where the connection's end is the body's end only a reset tells that something is missing.
  // Connecting to nowhere is how a socket is reset at once.
  sockaddr nowhere{};
  nowhere.sa_family = AF_UNSPEC;
  connect(responder_->stream_->native_handle(), &nowhere, sizeof(nowhere));
}

}  // namespace skein::frontends::http
