// The extended query protocol: Parse, Bind, Describe, Execute, Close and Sync.

#include <arrow/type.h>

#include "frontends/pgwire/error_mapping.h"
#include "frontends/pgwire/frame_reader.h"
#include "frontends/pgwire/pg_connection.h"
#include "results/pg_parameter.h"
#include "results/pg_type.h"

namespace skein::frontends::pgwire {
namespace {

std::string Named(const char* what, std::string_view name) {
  return name.empty() ? std::string("unnamed ") + what
                      : std::string(what) + " \"" + std::string(name) + "\"";
}

}  // namespace

Status PgConnection::HandleParse(const ParseMessage& message) {
  auto& statements = session_->named_statements();
  auto parse = [&]() -> Result<std::shared_ptr<session::NamedStatement>> {
    if (!message.statement.empty() && statements.contains(message.statement)) {
      return Status(StatusCode::kAlreadyExists, "42P05",
                    "prepared statement \"" + std::string(message.statement) + "\" already exists");
    }
    auto statement = std::make_shared<session::NamedStatement>();
    statement->text = std::string(message.text);
    SKEIN_ASSIGN_OR_RETURN(auto parsed, session_->Parse(statement->text));
    if (parsed.size() > 1) {
      return errors::Syntax("cannot insert multiple commands into a prepared statement");
    }
    if (parsed.empty()) return statement;
    std::vector<std::string> declared;
    std::vector<session::NamedStatement::Parameter> parameters;
    for (uint32_t oid : message.parameter_types) {
      auto& parameter = parameters.emplace_back();
      std::string& type = declared.emplace_back();
      if (oid == 0 || oid == results::pg_oid::kUnknown) continue;
      parameter.oid = parameter.form = oid;
      if (oid < results::kFirstUserOid) {
        SKEIN_ASSIGN_OR_RETURN(type, results::DuckDbTypeForOid(oid));
        continue;
      }
      SKEIN_ASSIGN_OR_RETURN(auto made, session_->FindUserType(oid));
      type = std::move(made.name);
      parameter.form =
          made.array ? results::PgArrayOid(results::pg_oid::kText) : results::pg_oid::kText;
    }
    SKEIN_ASSIGN_OR_RETURN(statement->prepared, session_->Prepare(std::move(parsed[0]), declared));
    SKEIN_RETURN_IF_ERROR(statement->DescribeParameters(parameters));
    return statement;
  };
  if (message.statement.empty()) statements.erase("");
  auto statement = parse();
  if (!statement.ok()) {
    FailExtended(statement.status(), message.text);
    return Status::OK();
  }
  statements.insert_or_assign(std::string(message.statement), *std::move(statement));
  MessageWriter(out_).ParseComplete();
  return Status::OK();
}

Status PgConnection::HandleBind(const BindMessage& message) {
  auto bind = [&]() -> Result<Portal> {
    auto found = session_->named_statements().find(message.statement);
    if (found == session_->named_statements().end()) {
      return errors::UndefinedStatement(Named("prepared statement", message.statement) +
                                        " does not exist");
    }
    if (!message.portal.empty() && FindPortal(message.portal)) {
      return Status(StatusCode::kAlreadyExists, "42P03",
                    "cursor \"" + std::string(message.portal) + "\" already exists");
    }
    Portal portal;
    portal.statement = found->second;
    std::vector<engine::BoundValue> parameters;
    const auto& expected = portal.statement->parameters;
    if (message.parameters.size() != expected.size()) {
      return errors::ProtocolViolation(
          "bind message supplies " + std::to_string(message.parameters.size()) +
          " parameters, but " + Named("prepared statement", message.statement) + " requires " +
          std::to_string(expected.size()));
    }
    for (size_t i = 0; i < expected.size(); ++i) {
      auto format = static_cast<int16_t>(message.parameter_formats.At(i));
      auto parameter = results::DecodePgParameter(expected[i].form, format, message.parameters[i]);
      if (!parameter.ok()) {
        return parameter.status().detail().empty()
                   ? parameter.status().WithDetail("Parameter $" + std::to_string(i + 1))
                   : parameter.status();
      }
      parameters.push_back({std::move(parameter->value), std::move(parameter->type)});
    }
    const auto& prepared = portal.statement->prepared;
    size_t columns =
        prepared ? static_cast<size_t>(session_->Describe(*prepared)->num_fields()) : 0;
    if (!message.result_formats.Fits(columns)) {
      return errors::ProtocolViolation(
          "bind message has " + std::to_string(message.result_formats.codes.size()) +
          " result formats but query has " + std::to_string(columns) + " columns");
    }
    if (columns > 0) {
      for (Format format : message.result_formats.codes)
        portal.formats.push_back(static_cast<int16_t>(format));
    }
    if (prepared) {
      SKEIN_ASSIGN_OR_RETURN(portal.cursor, session_->OpenPortal(std::string(message.portal),
                                                                 prepared, std::move(parameters)));
    }
    return portal;
  };
  if (message.portal.empty()) portals_.erase("");
  auto portal = bind();
  if (!portal.ok()) {
    FailExtended(portal.status());
    return Status::OK();
  }
  portals_.insert_or_assign(std::string(message.portal), *std::move(portal));
  MessageWriter(out_).BindComplete();
  return Status::OK();
}

Portal* PgConnection::FindPortal(std::string_view name) {
  auto found = portals_.find(name);
  if (found != portals_.end()) {
    if (!found->second.cursor || !found->second.cursor->closed()) return &found->second;
    portals_.erase(found);
  }
  auto cursor = session_->FindCursor(name);
  if (!cursor) return nullptr;
  Portal portal;
  portal.statement = std::make_shared<session::NamedStatement>();
  portal.statement->prepared = cursor->prepared();
  if (cursor->options().binary) portal.formats = {1};
  portal.cursor = std::move(cursor);
  return &portals_.insert_or_assign(std::string(name), std::move(portal)).first->second;
}

Status PgConnection::HandleDescribe(const DescribeMessage& message) {
  const session::NamedStatement* statement = nullptr;
  std::vector<int16_t> formats;
  if (message.target == Target::kStatement) {
    auto found = session_->named_statements().find(message.name);
    if (found == session_->named_statements().end()) {
      FailExtended(errors::UndefinedStatement(Named("prepared statement", message.name) +
                                              " does not exist"));
      return Status::OK();
    }
    statement = found->second.get();
  } else {
    const Portal* portal = FindPortal(message.name);
    if (!portal) {
      FailExtended(errors::UndefinedCursor(Named("portal", message.name) + " does not exist"));
      return Status::OK();
    }
    statement = portal->statement.get();
    formats = portal->formats;
  }
  size_t before = out_.size();
  MessageWriter writer(out_);
  if (message.target == Target::kStatement) {
    std::vector<uint32_t> oids;
    for (const auto& parameter : statement->parameters) oids.push_back(parameter.oid);
    writer.ParameterDescription(oids);
  }
  if (!statement->prepared) {
    writer.NoData();
    return Status::OK();
  }
  const auto& schema = session_->Describe(*statement->prepared);
  if (statement->prepared->returns() != engine::Returns::kRows) {
    writer.NoData();
    return Status::OK();
  }
  auto fields = DescribeFields(*schema, formats);
  if (!fields.ok()) {
    out_.resize(before);
    FailExtended(fields.status());
    return Status::OK();
  }
  writer.RowDescription(*fields);
  return Status::OK();
}

Status PgConnection::HandleExecute(const ExecuteMessage& message) {
  Portal* portal = FindPortal(message.portal);
  if (!portal) {
    FailExtended(errors::UndefinedCursor(Named("portal", message.portal) + " does not exist"));
    return Status::OK();
  }
  if (!portal->cursor) {
    MessageWriter(out_).EmptyQueryResponse();
    return Status::OK();
  }
  // The statement may close its own portal.
  auto cursor = portal->cursor;
  auto statement = portal->statement;
  if (!cursor->started()) {
    // A writing statement that is followed by Sync at once is its own transaction; else what is
    // executed until Sync is one. The message behind this one is nearly always here already.
    Frame current = ReadFrame(input(), door_.options_.max_message_bytes);
    std::string_view behind = input().substr(current.consumed);
    bool alone = !executed_since_sync_ && !behind.empty() && behind[0] == 'S';
    executed_since_sync_ = true;
    if (Status started = StartPortal(*portal, alone); !started.ok()) {
      FailExtended(started, statement->text);
      return Status::OK();
    }
  } else {
    if (statement->prepared->returns() != engine::Returns::kRows) {
      FailExtended(Status(StatusCode::kFailedPrecondition, "55000",
                          Named("portal", message.portal) + " cannot be run anymore"));
      return Status::OK();
    }
    if (Status refused = ContinuePortal(*portal); !refused.ok()) {
      FailExtended(refused);
      return Status::OK();
    }
  }
  Status failed;
  SKEIN_RETURN_IF_ERROR(SendRows(*portal, message.max_rows, &failed));
  if (!failed.ok()) FailExtended(failed, statement->text);
  return Status::OK();
}

Status PgConnection::ContinuePortal(Portal& portal) {
  if (session_->transaction_state() == engine::TransactionState::kFailed) {
    return Status(
        StatusCode::kFailedPrecondition, "25P02",
        "current transaction is aborted, commands ignored until end of transaction block");
  }
  session::Execution& execution = *portal.cursor->run();
  SKEIN_RETURN_IF_ERROR(execution.Resume());
  if (!portal.encoder) {
    // DECLARE or FETCH started it.
    SKEIN_ASSIGN_OR_RETURN(
        portal.encoder,
        results::PgRowEncoder::Make(*execution.schema(), portal.formats, EncodeOptions()));
  }
  return Status::OK();
}

Status PgConnection::HandleClose(const CloseMessage& message) {
  // Closing what is not there is no error.
  if (message.target == Target::kStatement) {
    auto& statements = session_->named_statements();
    if (auto it = statements.find(message.name); it != statements.end()) statements.erase(it);
  } else {
    if (auto it = portals_.find(message.name); it != portals_.end()) portals_.erase(it);
    session_->CloseCursor(message.name);
  }
  MessageWriter(out_).CloseComplete();
  return Status::OK();
}

Status PgConnection::HandleSync() {
  bool ok = !failed_since_sync_;
  skip_until_sync_ = false;
  failed_since_sync_ = false;
  executed_since_sync_ = false;
  // What was executed since the last Sync is committed, and with the transaction go its portals.
  if (session_->visible_transaction_state() == engine::TransactionState::kIdle) DropPortals();
  if (Status status = session_->EndImplicit(ok); !status.ok()) AppendError(status, &out_);
  AppendReady();
  // Sent when there is nothing more to handle: pipelined answers go together.
  return FlushIfLarge();
}

}  // namespace skein::frontends::pgwire
