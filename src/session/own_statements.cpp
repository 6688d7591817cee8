// What the session does itself: settings and the like. Transactions are in transactions.cpp.

#include <algorithm>
#include <optional>

#include <arrow/array.h>
#include <arrow/record_batch.h>

#include "session/distributed_explain.h"
#include "session/session.h"
#include "session/text_rows.h"
#include "sql/token.h"

namespace skein::session {

using engine::TransactionState;

Result<std::shared_ptr<arrow::Schema>> Session::OwnSchema(const sql::SessionStatement& own) {
  if (const auto* show = std::get_if<sql::ShowStatement>(&own)) {
    if (show->name == "all") return TextSchema({"name", "setting", "description"});
    return TextSchema({SettingStore::Spelling(show->name)});
  }
  if (const auto* explain = std::get_if<sql::ExplainStatement>(&own)) {
    bool json = explain->format == sql::ExplainStatement::Format::kJson;
    return TextSchema({"QUERY PLAN"}, json ? "JSON" : "VARCHAR");
  }
  if (const auto* fetch = std::get_if<sql::FetchStatement>(&own)) {
    auto cursor = fetch->move ? nullptr : FindCursor(fetch->cursor);
    if (cursor && cursor->prepared()->returns() == engine::Returns::kRows)
      return cursor->prepared()->schema();
  }
  return std::shared_ptr<arrow::Schema>();
}

const std::shared_ptr<arrow::Schema>& Session::Describe(Prepared& prepared) {
  if (const sql::SessionStatement* own = prepared.own()) {
    if (std::holds_alternative<sql::FetchStatement>(*own)) {
      if (auto schema = OwnSchema(*own); schema.ok()) prepared.own_schema_ = *std::move(schema);
    } else if (const auto* execute = std::get_if<sql::ExecuteStatement>(own)) {
      if (auto named = FindNamed(execute->name); named.ok()) prepared.target_ = (*named)->prepared;
    }
  }
  return prepared.schema();
}

Status Session::RunOwn(Execution& execution, const std::vector<engine::BoundValue>& parameters) {
  struct Runner {
    Session& session;
    Execution& execution;
    const std::vector<engine::BoundValue>& parameters;

    Status operator()(const sql::ShowStatement& s) { return session.RunShow(execution, s); }
    Status operator()(const sql::SetStatement& s) { return session.RunSet(execution, s); }
    Status operator()(const sql::DiscardStatement& s) { return session.RunDiscard(execution, s); }
    Status operator()(const sql::BeginStatement& s) { return session.RunBegin(execution, s); }
    Status operator()(const sql::CommitStatement& s) {
      return session.RunEnd(execution, true, s.chain);
    }
    Status operator()(const sql::RollbackStatement& s) {
      return session.RunEnd(execution, false, s.chain);
    }
    Status operator()(const sql::SetTransactionStatement& s) {
      return session.RunSetTransaction(execution, s);
    }
    Status operator()(const sql::SavepointStatement& s) { return session.RunSavepoint(s); }
    Status operator()(const sql::RollbackToStatement& s) { return session.RunRollbackTo(s); }
    Status operator()(const sql::ReleaseStatement& s) { return session.RunRelease(s); }
    Status operator()(const sql::ListenStatement& s) {
      if (s.verb == sql::ListenStatement::Verb::kUnlisten) return Status::OK();
      return errors::NotSupported("LISTEN and NOTIFY are not supported")
          .WithHint("Sessions send each other no messages here: poll a table instead.");
    }
    Status operator()(const sql::CopyStatement& s) { return session.RunCopy(execution, s); }
    Status operator()(const sql::DeclareStatement& s) {
      return session.RunDeclare(execution, s, parameters);
    }
    Status operator()(const sql::FetchStatement& s) { return session.RunFetch(execution, s); }
    Status operator()(const sql::CloseStatement& s) { return session.RunClose(s); }
    Status operator()(const sql::PrepareStatement& s) { return session.RunPrepare(execution, s); }
    Status operator()(const sql::ExecuteStatement& s) { return session.RunExecute(execution, s); }
    Status operator()(const sql::DeallocateStatement& s) { return session.RunDeallocate(s); }
    Status operator()(const sql::ExplainStatement& s) {
      return session.RunExplain(execution, s, parameters);
    }
  };
  return std::visit(Runner{*this, execution, parameters}, *execution.prepared_->own());
}

Status Session::RunShow(Execution& execution, const sql::ShowStatement& show) {
  if (execution.prepared_->engine_) return RunEngine(execution, *execution.prepared_->engine_, {});
  std::vector<std::vector<std::string>> rows;
  if (show.name == "all") {
    for (auto& row : store_.ShowAll())
      rows.push_back({std::move(row.name), std::move(row.value), std::move(row.description)});
  } else if (show.name == "transaction_read_only") {
    bool in_block = connection_->transaction_state() != TransactionState::kIdle;
    rows.push_back({in_block ? transaction_.read_only ? "on" : "off"
                             : store_.Show("default_transaction_read_only").value_or("off")});
  } else if (auto value = store_.Show(show.name)) {
    rows.push_back({*std::move(value)});
  } else {
    return Status(StatusCode::kNotFound, "42704",
                  "unrecognized configuration parameter \"" + show.name + "\"");
  }
  SKEIN_ASSIGN_OR_RETURN(execution.stream_, TextRows(execution.prepared_->schema(), rows));
  return Status::OK();
}

Status Session::RunSet(Execution& execution, const sql::SetStatement& set) {
  // SET transaction_read_only is another way to write SET TRANSACTION.
  if (!set.reset && (set.name == "transaction_read_only" || set.name == "transaction_isolation")) {
    sql::SetTransactionStatement transaction;
    const auto* setting = engine::FindPostgresSetting(set.name);
    SKEIN_ASSIGN_OR_RETURN(std::string value,
                           engine::NormaliseSetting(*setting, set.values.at(0).text));
    if (set.name == "transaction_read_only") {
      transaction.modes.read_only = value == "on";
    } else {
      transaction.modes.isolation = value == "serializable" ? sql::IsolationLevel::kSerializable
                                                            : sql::IsolationLevel::kRepeatableRead;
    }
    return RunSetTransaction(execution, transaction);
  }
  if (set.local && !InBlock() && !implicit_) {
    execution.notice_ = Status(StatusCode::kFailedPrecondition, "25P01",
                               "SET LOCAL can only be used in transaction blocks");
    return Status::OK();
  }
  SKEIN_RETURN_IF_ERROR(DetachOpenResult());
  if (!execution.prepared_->engine_) return store_.Apply(set);
  // What no one knows is refused below, and must not be reset later.
  if (connection_->setting(set.name)) store_.Remember(set.name, set.local);
  return RunEngine(execution, *execution.prepared_->engine_, {});
}

Status Session::RunDiscard(Execution& execution, const sql::DiscardStatement& discard) {
  (void)execution;
  if (discard.target == sql::DiscardTarget::kPlans ||
      discard.target == sql::DiscardTarget::kSequences) {
    return Status::OK();
  }
  if (discard.target == sql::DiscardTarget::kAll && (InBlock() || implicit_)) {
    return Status(StatusCode::kFailedPrecondition, "25001",
                  "DISCARD ALL cannot run inside a transaction block");
  }
  SKEIN_RETURN_IF_ERROR(DetachOpenResult());
  if (discard.target == sql::DiscardTarget::kAll) {
    CloseCursors(false);
    SKEIN_RETURN_IF_ERROR(RunClose({}));
    DeallocateAll();
    sql::SetStatement all;
    all.name = "all";
    all.reset = true;
    SKEIN_RETURN_IF_ERROR(store_.Apply(all));
    connection_->DetachAll();
  }
  return DropTemporaryObjects();
}

Status Session::RunExplain(Execution& execution, const sql::ExplainStatement& explain,
                           const std::vector<engine::BoundValue>& parameters) {
  std::vector<std::vector<std::string>> rows;
  auto add = [&](std::string text) {
    if (explain.format == sql::ExplainStatement::Format::kJson) {
      rows.push_back({std::move(text)});
      return;
    }
    for (size_t begin = 0; begin < text.size();) {
      size_t end = std::min(text.find('\n', begin), text.size());
      rows.push_back({text.substr(begin, end - begin)});
      begin = end + 1;
    }
  };
  const bool json = explain.format == sql::ExplainStatement::Format::kJson;
  if (explain.distributed) {
    if (!services_->distributed) {
      return errors::NotSupported("this server has no cluster")
          .WithHint("It is started with --cluster local or --cluster ray.");
    }
    SKEIN_RETURN_IF_ERROR(DetachOpenResult(execution.cancel_));
    transaction_.queried = true;
    SKEIN_ASSIGN_OR_RETURN(
        std::string text,
        services_->distributed->Explain(*connection_, *execution.prepared_->engine_, parameters,
                                        {explain.analyze, json}, execution.cancel_));
    add(std::move(text));
    SKEIN_ASSIGN_OR_RETURN(execution.stream_, TextRows(execution.prepared_->schema(), rows));
    return Status::OK();
  }
  // In DuckDB's own columns a row is a plan, with its name.
  const bool keyed = execution.prepared_->schema()->num_fields() == 2;
  auto add_as = [&](const char* key, std::string text) {
    if (keyed) {
      rows.push_back({key, std::move(text)});
    } else {
      add(std::move(text));
    }
  };
  std::optional<DistributedExplain::Verdict> verdict;
  auto* distributed = dynamic_cast<DistributedExplain*>(services_->distributed.get());
  if (distributed && execution.prepared_->engine_->read_only()) {
    SKEIN_RETURN_IF_ERROR(DetachOpenResult(execution.cancel_));
    transaction_.queried = true;
    SKEIN_ASSIGN_OR_RETURN(auto parsed, ParseQueryWithin("", explain.query.text, "EXPLAIN"));
    // Of the values. Text may be what a value of any type came as: then the query says the type.
    std::vector<std::string> types;
    types.reserve(parameters.size());
    for (const auto& parameter : parameters)
      types.push_back(parameter.type == "VARCHAR" ? "" : parameter.type);
    auto query = connection_->Prepare(std::move(parsed), types, execution.cancel_);
    // Where parameters are not understood so, there is no verdict: DuckDB's own EXPLAIN decides.
    if (!query.ok() && parameters.empty()) return query.status();
    if (query.ok() && (*query)->returns() == engine::Returns::kRows) {
      SKEIN_ASSIGN_OR_RETURN(verdict,
                             distributed->ExplainAsRun(*connection_, **query, parameters,
                                                       {explain.analyze, json}, execution.cancel_));
    }
  }
  if (verdict && verdict->cut && explain.analyze) {
    add_as("analyzed_plan", std::move(verdict->text));
    SKEIN_ASSIGN_OR_RETURN(execution.stream_, TextRows(execution.prepared_->schema(), rows));
    return Status::OK();
  }
  SKEIN_RETURN_IF_ERROR(RunEngine(execution, *execution.prepared_->engine_, parameters));
  while (execution.stream_) {
    SKEIN_ASSIGN_OR_RETURN(auto batch, execution.stream_->Next());
    if (!batch) break;
    // DuckDB gives a key and a text for each plan.
    const auto& keys = static_cast<const arrow::StringArray&>(*batch->column(0));
    const auto& column = static_cast<const arrow::StringArray&>(*batch->column(1));
    for (int64_t i = 0; i < column.length(); ++i)
      add_as(keys.GetString(i).c_str(), column.GetString(i));
  }
  open_ = nullptr;
  // A document has no room for it.
  if (verdict && !json) add_as("distributed", std::move(verdict->text));
  SKEIN_ASSIGN_OR_RETURN(execution.stream_, TextRows(execution.prepared_->schema(), rows));
  return Status::OK();
}

Status Session::DropTemporaryObjects() {
  // The next session of a pooled connection must find neither tables nor credentials of this one.
  struct Kind {
    const char* list;
    const char* drop;
  };
  for (const Kind& kind :
       {Kind{"SELECT view_name FROM duckdb_views() WHERE temporary AND NOT internal",
             "DROP VIEW IF EXISTS temp.main."},
        Kind{"SELECT table_name FROM duckdb_tables() WHERE temporary AND NOT internal",
             "DROP TABLE IF EXISTS temp.main."},
        Kind{"SELECT sequence_name FROM duckdb_sequences() WHERE temporary",
             "DROP SEQUENCE IF EXISTS temp.main."},
        Kind{"SELECT name FROM duckdb_secrets()", "DROP SECRET IF EXISTS "}}) {
    SKEIN_ASSIGN_OR_RETURN(auto parsed, connection_->Parse(kind.list));
    auto cancel = std::make_shared<CancelToken>();
    SKEIN_ASSIGN_OR_RETURN(auto prepared,
                           connection_->Prepare(std::move(parsed.at(0)), {}, cancel));
    SKEIN_ASSIGN_OR_RETURN(auto outcome, connection_->Execute(*prepared, {}, cancel));
    std::vector<std::string> names;
    while (outcome.rows) {
      SKEIN_ASSIGN_OR_RETURN(auto batch, outcome.rows->Next());
      if (!batch) break;
      const auto& column = static_cast<const arrow::StringArray&>(*batch->column(0));
      for (int64_t i = 0; i < column.length(); ++i) names.push_back(column.GetString(i));
    }
    outcome.rows.reset();
    for (const std::string& name : names) {
      // Through the guard, which finds the session's own secrets.
      SKEIN_ASSIGN_OR_RETURN(auto drop, connection_->Parse(kind.drop + sql::QuoteName(name)));
      SKEIN_ASSIGN_OR_RETURN(auto ready, connection_->Prepare(std::move(drop.at(0)), {}, cancel));
      SKEIN_RETURN_IF_ERROR(connection_->Execute(*ready, {}, cancel).status());
    }
  }
  return Status::OK();
}

}  // namespace skein::session
