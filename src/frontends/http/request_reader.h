#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "frontends/http/error_mapping.h"
#include "frontends/http/http_door.h"
#include "net/stream.h"

namespace skein::frontends::http {

/// A request's head, and its body once it was read.
struct Request {
  std::string method;
  std::string target;
  bool http_11 = true;
  bool keep_alive = true;
  bool has_body = false;
  std::string authorization;
  std::string content_type;
  std::string origin;
  std::string session;
  std::string expect;
  std::string body;
};

/// Cuts the bytes of one connection into requests, HTTP/1.0 and 1.1.
///
/// For each request: ReadHead, then ReadBody unless it is refused before; a request whose body was
/// not read must be the connection's last. It blocks up to the limits' times; it decides nothing
/// about what is asked. Not thread-safe.
class RequestReader {
 public:
  /// Both outlive it.
  RequestReader(net::Stream* stream, const Limits* limits);
  ~RequestReader();

  /// There was no further request: the client left, or the server told the stream to stop reading.
  struct End {};
  /// The client's first bytes are HTTP/2's preface; all that was read.
  struct Http2 {
    std::string received;
  };
  /// An HttpError is to be answered, and the connection closed: nobody knows where the next request
  /// begins.
  using HeadResult = std::variant<Request, End, Http2, HttpError>;
  HeadResult ReadHead();

  /// Fills request->body. Says "100 Continue" first to who waits for it.
  std::variant<std::monostate, End, HttpError> ReadBody(Request* request);

  /// Bytes of a further request are here already.
  bool has_bytes() const { return !buffer_.empty(); }

  /// Reads and forgets what the client still sends, for a moment: closing earlier could take our
  /// answer away from a client that is still writing.
  void DiscardBriefly();

 private:
  struct Parser;
  enum class Fed { kDone, kNeedMore, kBad };
  Fed Feed(HttpError* error);
  Result<size_t> ReadMore(Deadline deadline);
  bool MayBeHttp2() const;

  net::Stream* stream_;
  const Limits* limits_;
  std::unique_ptr<Parser> parser_;
  std::string buffer_;  // read and not parsed yet
  bool first_ = true;   // no request was read before
};

}  // namespace skein::frontends::http
