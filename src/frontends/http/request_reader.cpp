#include "frontends/http/request_reader.h"

#include <algorithm>

#include <boost/beast/http.hpp>

#include "frontends/http/grpc_health.h"

namespace skein::frontends::http {
namespace {

namespace beast = boost::beast;

constexpr size_t kReadBytes = size_t{64} << 10;

/// Between the pieces of a body (chunk sizes, trailers) there may stand no more than this.
constexpr size_t kMaxUnparsedBytes = size_t{64} << 10;

constexpr std::chrono::milliseconds kDiscardQuiet{200};
constexpr std::chrono::milliseconds kDiscardLongest{2'000};

HttpError Explain(const beast::error_code& error, const Limits& limits) {
  if (error == beast::http::error::body_limit) {
    return DetailError(
        413, "The body is larger than " + std::to_string(limits.max_message_bytes) + " bytes");
  }
  if (error == beast::http::error::header_limit) {
    return DetailError(431, "The request's head is larger than " +
                                std::to_string(limits.max_header_bytes) + " bytes");
  }
  if (error == beast::http::error::bad_version)
    return DetailError(505, "HTTP/1.0 and HTTP/1.1 are spoken here");
  return DetailError(400, "This is not an HTTP request: " + error.message());
}

}  // namespace

struct RequestReader::Parser : beast::http::request_parser<beast::http::string_body> {};

RequestReader::RequestReader(net::Stream* stream, const Limits* limits)
    : stream_(stream), limits_(limits) {}

RequestReader::~RequestReader() = default;

Result<size_t> RequestReader::ReadMore(Deadline deadline) {
  size_t size = buffer_.size();
  buffer_.resize(size + kReadBytes);
  auto got = stream_->Read(buffer_.data() + size, kReadBytes, deadline);
  buffer_.resize(size + (got.ok() ? *got : 0));
  return got;
}

RequestReader::Fed RequestReader::Feed(HttpError* error) {
  beast::error_code code;
  size_t used = parser_->put(boost::asio::buffer(buffer_.data(), buffer_.size()), code);
  buffer_.erase(0, used);
  if (code && code != beast::http::error::need_more) {
    *error = Explain(code, *limits_);
    return Fed::kBad;
  }
  bool done = parser_->eager() ? parser_->is_done() : parser_->is_header_done();
  if (done) return Fed::kDone;
  if (!code && used > 0 && !buffer_.empty()) return Feed(error);
  if (parser_->is_header_done() && buffer_.size() > kMaxUnparsedBytes) {
    *error = DetailError(400, "This is not an HTTP request: a chunk's header is too long");
    return Fed::kBad;
  }
  return Fed::kNeedMore;
}

bool RequestReader::MayBeHttp2() const {
  return first_ && !buffer_.empty() &&
         kHttp2Preface.starts_with(std::string_view(buffer_).substr(0, kHttp2Preface.size()));
}

RequestReader::HeadResult RequestReader::ReadHead() {
  parser_ = std::make_unique<Parser>();
  parser_->header_limit(static_cast<uint32_t>(limits_->max_header_bytes));
  parser_->body_limit(limits_->max_message_bytes);
  Deadline deadline = Clock::now() + limits_->header_timeout;
  for (;;) {
    // Empty lines in front of a request are skipped, as RFC 9112 (2.2) asks.
    if (!parser_->got_some())
      buffer_.erase(0, std::min(buffer_.find_first_not_of("\r\n"), buffer_.size()));
    bool http2 = MayBeHttp2();
    if (http2 && buffer_.size() >= kHttp2Preface.size()) return Http2{std::move(buffer_)};
    if (!buffer_.empty() && !http2) {
      HttpError error;
      Fed fed = Feed(&error);
      if (fed == Fed::kBad) return error;
      if (fed == Fed::kDone) break;
    }
    bool begun = !buffer_.empty();
    auto got = ReadMore(deadline);
    if (!got.ok()) {
      if (got.status().code() != StatusCode::kDeadlineExceeded || !begun) return End{};
      return DetailError(408, "The request did not arrive in time");
    }
    if (*got == 0) return End{};
  }
  first_ = false;
  const auto& head = parser_->get();
  auto field = [&](auto name) { return std::string(head[name]); };
  Request request;
  request.method = std::string(head.method_string());
  request.target = std::string(head.target());
  request.http_11 = head.version() >= 11;
  request.keep_alive = head.keep_alive();
  request.has_body = !parser_->is_done();
  request.authorization = field(beast::http::field::authorization);
  request.content_type = field(beast::http::field::content_type);
  request.origin = field(beast::http::field::origin);
  request.session = field("X-Skein-Session");
  request.expect = field(beast::http::field::expect);
  return request;
}

std::variant<std::monostate, RequestReader::End, HttpError> RequestReader::ReadBody(
    Request* request) {
  if (!request->expect.empty()) {
    if (!beast::iequals(request->expect, "100-continue")) {
      return DetailError(417, "The only expectation that can be met is 100-continue");
    }
    if (request->http_11 && buffer_.empty() && !parser_->is_done()) {
      Status sent =
          stream_->Write("HTTP/1.1 100 Continue\r\n\r\n", Clock::now() + limits_->write_timeout);
      if (!sent.ok()) return End{};
    }
  }
  parser_->eager(true);
  auto latest = Clock::now() + limits_->body_timeout;
  while (!parser_->is_done()) {
    if (!buffer_.empty()) {
      HttpError error;
      Fed fed = Feed(&error);
      if (fed == Fed::kBad) return error;
      if (fed == Fed::kDone) break;
    }
    auto got = ReadMore(std::min(latest, Clock::now() + limits_->header_timeout));
    if (!got.ok()) {
      if (got.status().code() != StatusCode::kDeadlineExceeded) return End{};
      return DetailError(408, "The request's body did not arrive in time");
    }
    if (*got == 0) return End{};
  }
  request->body = std::move(parser_->get().body());
  parser_.reset();
  return std::monostate{};
}

void RequestReader::DiscardBriefly() {
  buffer_.clear();
  auto latest = Clock::now() + kDiscardLongest;
  char unused[4096];
  while (Clock::now() < latest) {
    auto got =
        stream_->Read(unused, sizeof(unused), std::min(latest, Clock::now() + kDiscardQuiet));
    if (!got.ok() || *got == 0) return;
  }
}

}  // namespace skein::frontends::http
