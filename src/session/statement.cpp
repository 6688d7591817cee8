#include "session/statement.h"

#include <arrow/type.h>

namespace skein::session {
namespace {

engine::TransactionVerb VerbOf(const sql::SessionStatement& statement) {
  if (std::holds_alternative<sql::BeginStatement>(statement))
    return engine::TransactionVerb::kBegin;
  if (std::holds_alternative<sql::CommitStatement>(statement))
    return engine::TransactionVerb::kCommit;
  if (std::holds_alternative<sql::RollbackStatement>(statement))
    return engine::TransactionVerb::kRollback;
  return engine::TransactionVerb::kNone;
}

bool NamesCredentials(const std::string& name) {
  for (const char* part : {"key", "secret", "token", "password", "connection_string"}) {
    if (name.find(part) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

Statement::Statement(engine::ParsedStatement statement, size_t offset)
    : text_(statement.text()),
      offset_(offset),
      log_text_(statement.log_text()),
      command_(statement.command()),
      inner_(std::move(statement)) {}

Statement::Statement(sql::SessionStatement own, std::string text, size_t offset,
                     std::optional<engine::ParsedStatement> inner, size_t inner_offset)
    : text_(std::move(text)),
      offset_(offset),
      log_text_(text_),
      command_(sql::CommandOf(own)),
      verb_(VerbOf(own)),
      own_(std::move(own)),
      inner_(std::move(inner)),
      inner_offset_(inner_offset) {
  const auto* set = std::get_if<sql::SetStatement>(&*own_);
  if ((set && NamesCredentials(set->name)) || (inner_ && inner_->log_text() != inner_->text()))
    log_text_ = command_ + " (not logged: it may hold credentials)";
}

const engine::Prepared* Prepared::shown() const {
  const sql::SessionStatement* own = statement_.own();
  return !own || std::holds_alternative<sql::ShowStatement>(*own) ? engine_.get() : nullptr;
}

const Prepared* Prepared::executed() const {
  const sql::SessionStatement* own = statement_.own();
  return own && std::holds_alternative<sql::ExecuteStatement>(*own) ? target_.get() : nullptr;
}

engine::Returns Prepared::returns() const {
  if (executed()) return executed()->returns();
  if (own_schema_) return engine::Returns::kRows;
  return shown() ? shown()->returns() : engine::Returns::kNothing;
}

bool Prepared::read_only() const {
  if (executed()) return executed()->read_only();
  const sql::SessionStatement* own = statement_.own();
  if (!own) return engine_->read_only();
  if (std::holds_alternative<sql::ExplainStatement>(*own)) return engine_->read_only();
  // A setting is undone when its transaction is; a cursor lives in one.
  return !std::holds_alternative<sql::SetStatement>(*own) &&
         !std::holds_alternative<sql::DeclareStatement>(*own);
}

bool Prepared::ordered() const { return !own() && engine_ && engine_->ordered(); }

int64_t Prepared::estimated_bytes() const {
  return !own() && engine_ ? engine_->estimated_bytes() : 0;
}

const std::shared_ptr<arrow::Schema>& Prepared::schema() const {
  static const std::shared_ptr<arrow::Schema> none = arrow::schema(arrow::FieldVector{});
  if (executed()) return executed()->schema();
  if (own_schema_) return own_schema_;
  return shown() ? shown()->schema() : none;
}

const std::vector<std::string>& Prepared::parameter_types() const {
  static const std::vector<std::string> none;
  const sql::SessionStatement* own = statement_.own();
  // The parameters of what PREPARE names are EXECUTE's to give.
  if (own && std::holds_alternative<sql::DeclareStatement>(*own)) return target_->parameter_types();
  return engine_ ? engine_->parameter_types() : none;
}

const std::vector<uint32_t>& Prepared::parameter_oids() const {
  static const std::vector<uint32_t> none;
  const sql::SessionStatement* own = statement_.own();
  if (own && std::holds_alternative<sql::DeclareStatement>(*own)) return target_->parameter_oids();
  return engine_ ? engine_->parameter_oids() : none;
}

}  // namespace skein::session
