// From the first byte to ReadyForQuery: encryption, version, authentication, the session and what
// it is told.

#include <algorithm>

#include "common/utf8.h"
#include "frontends/pgwire/authentication.h"
#include "frontends/pgwire/error_mapping.h"
#include "frontends/pgwire/frame_reader.h"
#include "frontends/pgwire/pg_connection.h"

namespace skein::frontends::pgwire {
namespace {

constexpr std::chrono::seconds kStartupDeadline{60};

/// What clients are told at the start and when it changes: the protocol's "hard-wired set", as far
/// as it can change here.
constexpr const char* kReported[] = {"application_name",
                                     "client_encoding",
                                     "DateStyle",
                                     "default_transaction_read_only",
                                     "IntervalStyle",
                                     "search_path",
                                     "standard_conforming_strings",
                                     "TimeZone"};

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return lower;
}

/// "-c name=value --name=value" of the startup parameter `options`; a backslash keeps the next
/// character.
Result<std::vector<std::pair<std::string, std::string>>> ParseOptions(std::string_view text) {
  std::vector<std::string> words(1);
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      words.back() += text[++i];
    } else if (text[i] == ' ' || text[i] == '\t') {
      if (!words.back().empty()) words.emplace_back();
    } else {
      words.back() += text[i];
    }
  }
  if (words.back().empty()) words.pop_back();
  std::vector<std::pair<std::string, std::string>> settings;
  for (size_t i = 0; i < words.size(); ++i) {
    std::string setting;
    if (words[i] == "-c" && i + 1 < words.size()) {
      setting = words[++i];
    } else if (words[i].rfind("-c", 0) == 0 || words[i].rfind("--", 0) == 0) {
      setting = words[i].substr(2);
    }
    size_t equals = setting.find('=');
    if (setting.empty() || equals == std::string::npos || equals == 0) {
      return errors::InvalidParameter("the startup option \"" + words[i] + "\" is not understood")
          .WithHint("Options are written -c name=value.");
    }
    settings.emplace_back(setting.substr(0, equals), setting.substr(equals + 1));
  }
  return settings;
}

}  // namespace

Status PgConnection::StartUp() {
  SKEIN_ASSIGN_OR_RETURN(StartupMessage startup, Negotiate());
  if (state_ == State::kClosed) return Status::OK();
  SKEIN_RETURN_IF_ERROR(LetIn(startup));
  door_.services_->timer->Remove(startup_timer_);
  state_ = State::kReady;
  return Flush();
}

Result<StartupMessage> PgConnection::Negotiate() {
  Deadline deadline = Clock::now() + kStartupDeadline;
  if (door_.options_.tls && !stream_->is_tls()) {
    // A client may start TLS at once, without asking (PostgreSQL 17's direct negotiation).
    char first = 0;
    SKEIN_ASSIGN_OR_RETURN(size_t seen, stream_->Peek(&first, 1, deadline));
    if (seen == 1 && first == 0x16)
      SKEIN_RETURN_IF_ERROR(stream_->StartTls(door_.options_.tls, deadline));
  }
  while (true) {
    StartupRead read = ReadStartupPacket(input());
    if (read.status == FrameStatus::kTooLarge || read.status == FrameStatus::kMalformed)
      return read.error;
    if (read.status == FrameStatus::kNeedMore) {
      SKEIN_ASSIGN_OR_RETURN(bool more, ReadMore(read.needed, deadline));
      if (!more) return errors::ConnectionLost("the client left before it started");
      continue;
    }
    Consume(read.consumed);
    if (std::holds_alternative<SslRequest>(read.packet)) {
      // Bytes sent ahead of the answer would be taken for encrypted ones (CVE-2021-23214).
      if (!input().empty()) {
        return errors::ProtocolViolation("received unencrypted data after SSL request");
      }
      bool accept = door_.options_.tls != nullptr && !stream_->is_tls();
      SKEIN_RETURN_IF_ERROR(stream_->Write(accept ? "S" : "N", deadline));
      if (accept) SKEIN_RETURN_IF_ERROR(stream_->StartTls(door_.options_.tls, deadline));
    } else if (std::holds_alternative<GssEncRequest>(read.packet)) {
      if (!input().empty()) {
        return errors::ProtocolViolation(
            "received unencrypted data after GSSAPI encryption request");
      }
      SKEIN_RETURN_IF_ERROR(stream_->Write("N", deadline));
    } else if (auto* cancel = std::get_if<CancelRequest>(&read.packet)) {
      door_.cancels_.Cancel(cancel->process_id, cancel->secret_key);
      state_ = State::kClosed;
      return StartupMessage{};
    } else if (auto* startup = std::get_if<StartupMessage>(&read.packet)) {
      if (door_.options_.tls_required && !stream_->is_tls()) {
        return Status(StatusCode::kUnauthenticated, "28000",
                      "this server takes encrypted connections only")
            .WithHint("Connect with sslmode=require.");
      }
      return std::move(*startup);
    } else {
      return errors::ProtocolViolation("a TLS handshake came, and this server has no certificate")
          .WithHint("Connect without TLS, or start the server with tls_cert and tls_key.");
    }
  }
}

Status PgConnection::LetIn(const StartupMessage& startup) {
  MessageWriter writer(out_);
  if (startup.NeedsNegotiation()) {
    writer.NegotiateProtocolVersion(startup.NegotiatedMinor(), startup.unsupported_options);
  }
  std::string user(startup.Find("user"));
  Deadline deadline = Clock::now() + kStartupDeadline;
  AuthenticationExchange exchange;
  exchange.policy = door_.options_.policy.get();
  exchange.request.user = user;
  // A client that names no database means the one of its own name.
  std::string database(startup.Find("database"));
  exchange.request.database = database.empty() ? user : database;
  exchange.request.address = security::AddressWithoutPort(stream_->peer());
  exchange.request.encrypted = stream_->is_tls();
  exchange.request.certificate_name = stream_->certificate_name();
  if (stream_->is_tls()) exchange.channel_binding = stream_->tls_context()->server_end_point();
  exchange.mock_secret = door_.mock_secret_;
  exchange.send = [&](const std::string& bytes) {
    out_ += bytes;
    return Flush();
  };
  exchange.receive = [&]() -> Result<std::string> {
    while (true) {
      Frame frame = ReadFrame(input(), kMaxMessageBytesBeforeAuthentication);
      if (frame.status == FrameStatus::kOk) {
        if (frame.type != 'p') return errors::ProtocolViolation("expected a password message");
        std::string payload(frame.payload);
        Consume(frame.consumed);
        return payload;
      }
      if (frame.status != FrameStatus::kNeedMore)
        return FrameError(frame, kMaxMessageBytesBeforeAuthentication);
      SKEIN_ASSIGN_OR_RETURN(bool more, ReadMore(frame.needed, deadline));
      if (!more) return errors::ConnectionLost("the client left during the log-in");
    }
  };
  if (Status refused = exchange.Run(); !refused.ok()) {
    door_.services_->observer->LoginRefused("pg", user, stream_->peer(), refused);
    return refused;
  }
  writer.AuthenticationOk();

  SKEIN_ASSIGN_OR_RETURN(session_,
                         session::Session::Open(door_.services_, {user, "pg", stream_->peer()},
                                                {.dialect = engine::Dialect::kPostgres}));
  SKEIN_RETURN_IF_ERROR(ApplyStartupSettings(startup));
  AppendParameterStatuses(false);
  std::string number = "15.0 (Skein " + door_.options_.version + ")";
  for (auto [name, value] : {std::pair<const char*, std::string>{"server_version", number},
                             {"server_encoding", "UTF8"},
                             {"integer_datetimes", "on"},
                             {"in_hot_standby", "off"},
                             {"is_superuser", "off"},
                             {"session_authorization", user}}) {
    writer.ParameterStatus(name, value);
  }
  key_ = door_.cancels_.Add(this, static_cast<uint32_t>(session_->backend_pid()),
                            startup.NegotiatedMinor() >= 2 ? 32 : 4);
  writer.BackendKeyData(key_.process_id, key_.secret);
  AppendReady();
  return Status::OK();
}

Status PgConnection::ApplyStartupSettings(const StartupMessage& startup) {
  std::vector<std::pair<std::string, std::string>> settings;
  for (const auto& [name, value] : startup.parameters) {
    if (name == "user" || name == "database" || name == "replication") continue;
    if (name == "options") {
      SKEIN_ASSIGN_OR_RETURN(auto options, ParseOptions(value));
      settings.insert(settings.end(), options.begin(), options.end());
    } else {
      settings.emplace_back(name, value);
    }
  }
  for (auto& [name, value] : settings) {
    // Another style is not worth a refused connection: the client is told which one it gets.
    if (Lower(name) == "datestyle" && Lower(value).find("iso") == std::string::npos) continue;
    SKEIN_RETURN_IF_ERROR(session_->Set(name, value));
  }
  return Status::OK();
}

void PgConnection::AppendParameterStatuses(bool only_changed) {
  MessageWriter writer(out_);
  reported_version_ = session_->settings_version();
  for (const char* name : kReported) {
    std::string value = session_->setting(Lower(name)).value_or("");
    auto [it, added] = reported_settings_.try_emplace(name, value);
    if (only_changed && !added && it->second == value) continue;
    it->second = value;
    writer.ParameterStatus(name, value);
  }
}

}  // namespace skein::frontends::pgwire
