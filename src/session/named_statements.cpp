// PREPARE, EXECUTE and DEALLOCATE. The names are the protocol's too.

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/scalar.h>

#include "results/pg_type.h"
#include "session/session.h"

namespace skein::session {

Result<std::shared_ptr<NamedStatement>> Session::FindNamed(const std::string& name) const {
  auto found = named_.find(name);
  if (found == named_.end() || name.empty()) {
    return errors::UndefinedStatement("prepared statement \"" + name + "\" does not exist");
  }
  if (!found->second->prepared || found->second->prepared->own()) {
    return errors::NotSupported("prepared statement \"" + name +
                                "\" is no query: EXECUTE cannot run it");
  }
  return found->second;
}

Status NamedStatement::DescribeParameters(const std::vector<Parameter>& declared) {
  const auto& types = prepared->parameter_types();
  const auto& made = prepared->parameter_oids();
  for (size_t i = 0; i < types.size(); ++i) {
    if (i < declared.size() && declared[i].oid) {
      parameters.push_back(declared[i]);
    } else if (uint32_t oid = made[i]) {
      bool array = types[i].ends_with("[]");
      parameters.push_back(
          {oid, array ? results::PgArrayOid(results::pg_oid::kText) : results::pg_oid::kText});
    } else {
      SKEIN_ASSIGN_OR_RETURN(results::PgType type, results::PgTypeNamed(types[i]));
      parameters.push_back({type.oid, type.oid});
    }
  }
  return Status::OK();
}

Status Session::RunPrepare(Execution& execution, const sql::PrepareStatement& prepare) {
  if (named_.contains(prepare.name)) {
    return Status(StatusCode::kAlreadyExists, "42P05",
                  "prepared statement \"" + prepare.name + "\" already exists");
  }
  auto named = std::make_shared<NamedStatement>();
  named->text = execution.prepared_->text();
  named->prepared = execution.prepared_->target_;
  named->from_sql = true;
  SKEIN_RETURN_IF_ERROR(named->DescribeParameters({}));
  named_.emplace(prepare.name, std::move(named));
  return Status::OK();
}

Status Session::RunExecute(Execution& execution, const sql::ExecuteStatement& execute) {
  SKEIN_ASSIGN_OR_RETURN(auto named, FindNamed(execute.name));
  std::shared_ptr<Prepared> target = named->prepared;
  const auto& types = target->parameter_types();
  if (execute.arguments.size() != types.size()) {
    return Status(errors::Syntax("wrong number of parameters for prepared statement \"" +
                                 execute.name + "\""))
        .WithDetail("Expected " + std::to_string(types.size()) + " parameters but got " +
                    std::to_string(execute.arguments.size()) + ".");
  }
  SKEIN_ASSIGN_OR_RETURN(auto values, Evaluate(execution, execute, types));
  execution.command_ = target->command();
  execution.schema_ = target->schema();
  // It may be deallocated while its rows are read.
  execution.prepared_->target_ = target;
  return RunEngine(execution, *target->engine_, values);
}

Result<std::vector<engine::BoundValue>> Session::Evaluate(Execution& execution,
                                                          const sql::ExecuteStatement& execute,
                                                          const std::vector<std::string>& types) {
  std::vector<engine::BoundValue> values;
  if (types.empty()) return values;
  // Every other type has a text that gives the same value again.
  std::string query = "SELECT ";
  for (size_t i = 0; i < types.size(); ++i) {
    if (i > 0) query += ", ";
    const std::string value = "CAST((" + execute.arguments[i].text + "\n) AS " + types[i] + ")";
    // The engine's own text, which its casts read back; CAST says it as PostgreSQL does. Bytes go
    // as they are: their text is another in each dialect.
    const bool bytes = types[i].find("BLOB") != std::string::npos;
    query += bytes ? value : "TRY_CAST(" + value + " AS VARCHAR)";
  }
  SKEIN_RETURN_IF_ERROR(DetachOpenResult(execution.cancel_));
  SKEIN_ASSIGN_OR_RETURN(auto parsed, connection_->Parse(query));
  if (parsed.size() != 1) return errors::Syntax("the arguments of EXECUTE are expressions");
  SKEIN_ASSIGN_OR_RETURN(auto prepared,
                         connection_->Prepare(std::move(parsed[0]), {}, execution.cancel_));
  SKEIN_ASSIGN_OR_RETURN(auto outcome, connection_->Execute(*prepared, {}, execution.cancel_));
  if (!outcome.rows) return errors::Syntax("the arguments of EXECUTE are expressions");
  SKEIN_ASSIGN_OR_RETURN(auto batch, outcome.rows->Next());
  if (!batch || batch->num_rows() != 1 ||
      static_cast<size_t>(batch->num_columns()) != types.size()) {
    return errors::Syntax("the arguments of EXECUTE are expressions");
  }
  for (size_t i = 0; i < types.size(); ++i) {
    auto scalar = batch->column(static_cast<int>(i))->GetScalar(0);
    if (!scalar.ok()) return errors::Internal(scalar.status().message());
    values.push_back({*std::move(scalar), types[i]});
  }
  return values;
}

Status Session::RunDeallocate(const sql::DeallocateStatement& deallocate) {
  if (!deallocate.name) {
    DeallocateAll();
    return Status::OK();
  }
  auto found = named_.find(*deallocate.name);
  if (found == named_.end()) {
    return errors::UndefinedStatement("prepared statement \"" + *deallocate.name +
                                      "\" does not exist");
  }
  named_.erase(found);
  return Status::OK();
}

void Session::DeallocateAll() {
  std::erase_if(named_, [](const auto& entry) { return !entry.first.empty(); });
}

}  // namespace skein::session
