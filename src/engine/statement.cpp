#include "engine/statement.h"

#include "duckdb/main/prepared_statement.hpp"
#include "duckdb/parser/sql_statement.hpp"
#include <arrow/type.h>

#include "engine/engine_impl.h"

namespace skein::engine {

ParsedStatement::ParsedStatement(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ParsedStatement::ParsedStatement(ParsedStatement&&) noexcept = default;
ParsedStatement& ParsedStatement::operator=(ParsedStatement&&) noexcept = default;
ParsedStatement::~ParsedStatement() = default;

const std::string& ParsedStatement::text() const { return impl_->text; }
const std::string& ParsedStatement::log_text() const { return impl_->log_text; }
const std::string& ParsedStatement::command() const { return impl_->command; }
TransactionVerb ParsedStatement::transaction_verb() const { return impl_->verb; }

Prepared::Prepared(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Prepared::~Prepared() = default;

const std::string& Prepared::text() const { return impl_->parsed.text; }
const std::string& Prepared::log_text() const { return impl_->parsed.log_text; }
const std::string& Prepared::command() const { return impl_->parsed.command; }
TransactionVerb Prepared::transaction_verb() const { return impl_->parsed.verb; }
Returns Prepared::returns() const { return impl_->returns; }
bool Prepared::read_only() const { return impl_->read_only; }
bool Prepared::temporary_only() const { return impl_->temporary_only; }
bool Prepared::ordered() const { return impl_->ordered; }
int64_t Prepared::estimated_bytes() const { return impl_->estimated_bytes; }
bool Prepared::all_or_nothing() const { return impl_->all_or_nothing; }
const std::vector<std::string>& Prepared::parameter_types() const {
  return impl_->parameter_type_names;
}

const std::vector<uint32_t>& Prepared::parameter_oids() const { return impl_->parameter_oids; }

const std::shared_ptr<arrow::Schema>& Prepared::schema() const {
  static const std::shared_ptr<arrow::Schema> none = arrow::schema(arrow::FieldVector{});
  return impl_->shape ? impl_->shape->schema : none;
}

}  // namespace skein::engine
