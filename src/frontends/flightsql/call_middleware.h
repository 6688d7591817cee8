#pragma once

#include <atomic>
#include <memory>
#include <string>

#include <arrow/flight/server_auth.h>
#include <arrow/flight/server_middleware.h>

#include "frontends/flightsql/authenticator.h"
#include "frontends/flightsql/conversation.h"

namespace skein::frontends::flightsql {

inline constexpr char kMiddlewareKey[] = "skein";

/// A header of a call; empty when it was not sent.
std::string_view HeaderOf(const arrow::flight::ServerCallContext& context, std::string_view name);

/// What is known of a call before its handler runs, and what its answer's headers tell.
class CallMiddleware : public arrow::flight::ServerMiddleware {
 public:
  CallMiddleware(Caller caller, ConversationTable::Found found)
      : caller_(std::move(caller)), found_(std::move(found)) {}

  std::string name() const override { return kMiddlewareKey; }
  void SendingHeaders(arrow::flight::AddCallHeaders* headers) override;
  void CallCompleted(const arrow::Status&) override {}

  const Caller& caller() const { return caller_; }
  const std::shared_ptr<Conversation>& conversation() const { return found_.conversation; }

 private:
  Caller caller_;
  ConversationTable::Found found_;
};

/// Lets a call in, or not: who it is from, and which conversation it belongs to.
class CallMiddlewareFactory : public arrow::flight::ServerMiddlewareFactory {
 public:
  CallMiddlewareFactory(std::shared_ptr<Authenticator> authenticator,
                        std::shared_ptr<ConversationTable> table,
                        std::shared_ptr<std::atomic<bool>> stopping)
      : authenticator_(std::move(authenticator)),
        table_(std::move(table)),
        stopping_(std::move(stopping)) {}

  arrow::Status StartCall(const arrow::flight::CallInfo& info,
                          const arrow::flight::ServerCallContext& context,
                          std::shared_ptr<arrow::flight::ServerMiddleware>* middleware) override;

 private:
  const std::shared_ptr<Authenticator> authenticator_;
  const std::shared_ptr<ConversationTable> table_;
  const std::shared_ptr<std::atomic<bool>> stopping_;
};

/// Answers Handshake. A client that sent a Basic header was signed in by the middleware already;
/// the classic way is a name and a password in the first message, answered with a token. Calls are
/// checked by the middleware alone.
class HandshakeHandler : public arrow::flight::ServerAuthHandler {
 public:
  explicit HandshakeHandler(std::shared_ptr<Authenticator> authenticator)
      : authenticator_(std::move(authenticator)) {}

  arrow::Status Authenticate(const arrow::flight::ServerCallContext& context,
                             arrow::flight::ServerAuthSender* outgoing,
                             arrow::flight::ServerAuthReader* incoming) override;
  arrow::Status IsValid(const arrow::flight::ServerCallContext& context, const std::string& token,
                        std::string* peer_identity) override;

 private:
  const std::shared_ptr<Authenticator> authenticator_;
};

}  // namespace skein::frontends::flightsql
