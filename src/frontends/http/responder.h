#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "frontends/http/error_mapping.h"
#include "net/stream.h"

namespace skein::frontends::http {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Response {
  int status = 200;
  std::string content_type;
  std::string body;
  Headers headers;
};

/// Answers one request: what every answer of this connection has in common.
///
/// Blocks while the client does not read, up to `write_timeout`. Not thread-safe.
class Responder {
 public:
  struct Options {
    bool http_11 = true;
    bool keep_alive = true;
    bool head_only = false;  ///< HEAD: the head of the answer without its body
    std::string cors_origin = {};
    std::chrono::milliseconds write_timeout{300'000};
  };
  /// `stream` outlives it.
  Responder(net::Stream* stream, Options options) : stream_(stream), options_(std::move(options)) {}

  Status Send(const Response& response);
  Status Send(const HttpError& error);

  const Options& options() const { return options_; }
  /// From the next head on.
  void set_keep_alive(bool keep_alive) { options_.keep_alive = keep_alive; }

 private:
  friend class StreamedBody;
  /// `length` below 0: not known.
  std::string Head(int status, std::string_view content_type, const Headers& headers,
                   int64_t length) const;
  Status Write(std::string_view first, std::string_view second);

  net::Stream* stream_;
  Options options_;
};

/// The body of a 200 whose length is not known when it begins.
///
/// Nothing is sent before kBufferBytes have gathered, so that an error up to then can still be
/// answered as one; a body that ends before is sent with its length. After that the body goes out
/// in chunks (HTTP/1.1) or up to the connection's end (HTTP/1.0). Without Finish the client must
/// see a broken transfer: call Break.
class StreamedBody {
 public:
  static constexpr size_t kBufferBytes = size_t{64} << 10;

  StreamedBody(Responder* responder, std::string content_type, Headers headers)
      : responder_(responder),
        content_type_(std::move(content_type)),
        headers_(std::move(headers)) {}

  /// Append here, then call FlushIfFull.
  std::string* buffer() { return &buffer_; }
  Status FlushIfFull() { return buffer_.size() < kBufferBytes ? Status::OK() : Flush(); }
  Status Finish();
  /// Ends the connection so that the client cannot take what it has for the whole.
  void Break();
  /// The status line is out: an error can no longer be answered.
  bool started() const { return started_; }

 private:
  Status Flush();

  Responder* responder_;
  std::string content_type_;
  Headers headers_;
  std::string buffer_;
  bool started_ = false;
};

}  // namespace skein::frontends::http
