// COPY between the client and a table or query: what the session does of it.

#include <algorithm>

#include <arrow/type.h>

#include "session/copy_feed.h"
#include "session/session.h"
#include "sql/token.h"

namespace skein::session {
namespace {

const engine::TableDescription::Column* FindColumn(const engine::TableDescription& table,
                                                   const std::string& name) {
  for (const auto& column : table.columns) {
    if (results::SameName(column.name, name)) return &column;
  }
  return nullptr;
}

Status NoColumn(const engine::TableDescription& table, const std::string& name) {
  return Status(StatusCode::kNotFound, "42703",
                "column \"" + name + "\" of relation \"" + table.name + "\" does not exist");
}

/// The columns that options name must be the table's; whether they are copied is asked later.
Status CheckForced(const engine::TableDescription& table, const sql::CopyOptions& options) {
  for (const auto* columns : {&options.force_quote, &options.force_not_null, &options.force_null}) {
    for (const std::string& name : columns->names) {
      if (!FindColumn(table, name)) return NoColumn(table, name);
    }
  }
  return Status::OK();
}

Status CheckColumns(const engine::TableDescription& table, const std::vector<std::string>& names) {
  for (size_t i = 0; i < names.size(); ++i) {
    const auto* column = FindColumn(table, names[i]);
    if (!column) return NoColumn(table, names[i]);
    if (column->generated) {
      return Status(StatusCode::kInvalidArgument, "42P10",
                    "column \"" + names[i] + "\" is a generated column")
          .WithDetail("Generated columns cannot be used in COPY.");
    }
    for (size_t before = 0; before < i; ++before) {
      if (results::SameName(names[before], names[i])) {
        return Status(StatusCode::kInvalidArgument, "42701",
                      "column \"" + names[i] + "\" specified more than once");
      }
    }
  }
  return Status::OK();
}

/// The table's columns as a query: those named, else all that are not computed from others, which
/// COPY leaves out. What the catalogue does not know (a file set) is the engine's to find.
Result<std::string> QueryOf(engine::Connection& connection, const sql::CopyStatement& copy) {
  std::vector<std::string> columns = copy.columns;
  auto table = connection.DescribeTable(copy.table);
  if (!table.ok() && table.status().sqlstate() != "42P01") return table.status();
  if (table.ok()) {
    SKEIN_RETURN_IF_ERROR(CheckColumns(*table, copy.columns));
    SKEIN_RETURN_IF_ERROR(CheckForced(*table, copy.options));
  }
  if (table.ok() && columns.empty()) {
    for (const auto& column : table->columns) {
      if (!column.generated) columns.push_back(column.name);
    }
  }
  std::string list;
  for (const std::string& column : columns)
    list += (list.empty() ? "" : ", ") + sql::QuoteName(column);
  std::string name;
  for (const std::string& part : copy.table)
    name += (name.empty() ? "" : ".") + sql::QuoteName(part);
  return "SELECT " + (list.empty() ? "*" : list) + " FROM " + name;
}

}  // namespace

Status Session::RunCopy(Execution& execution, const sql::CopyStatement& copy) {
  if (identity_.door != "pg") {
    return errors::NotSupported("COPY to STDOUT and from STDIN is for PostgreSQL connections")
        .WithHint("Over this protocol, ask for the rows with SELECT and give them with INSERT.");
  }
  if (copy.direction == sql::CopyStatement::Direction::kFromStdin) {
    if (transaction_.read_only) {
      return Status(StatusCode::kFailedPrecondition, "25006",
                    "cannot execute COPY FROM in a read-only transaction");
    }
    SKEIN_RETURN_IF_ERROR(DetachOpenResult(execution.cancel_));
    transaction_.queried = true;
    ++writes_;
    auto table = connection_->DescribeTable(copy.table);
    if (table.ok()) SKEIN_RETURN_IF_ERROR(CheckForced(*table, copy.options));
    SKEIN_ASSIGN_OR_RETURN(execution.feed_, CopyFeed::Make(*connection_, copy, settings().time_zone,
                                                           execution.cancel_));
    return Status::OK();
  }
  SKEIN_ASSIGN_OR_RETURN(auto layout, LayoutOf(copy));
  SKEIN_RETURN_IF_ERROR(DetachOpenResult(execution.cancel_));
  std::string query = copy.query;
  if (query.empty()) {
    SKEIN_ASSIGN_OR_RETURN(query, QueryOf(*connection_, copy));
  }
  auto run = [&]() -> Status {
    SKEIN_ASSIGN_OR_RETURN(auto parsed, connection_->Parse(query));
    if (parsed.size() != 1) return errors::Syntax("COPY takes one query");
    SKEIN_ASSIGN_OR_RETURN(execution.copied_,
                           connection_->Prepare(std::move(parsed[0]), {}, execution.cancel_));
    if (!execution.copied_->parameter_types().empty())
      return Status(StatusCode::kInvalidArgument, "42P02", "there is no parameter $1 in COPY");
    if (execution.copied_->returns() != engine::Returns::kRows) {
      return errors::NotSupported("the query of COPY returns no rows")
          .WithHint("Copy the result of SELECT, or of INSERT, UPDATE or DELETE with RETURNING.");
    }
    for (const std::string& name : copy.options.force_quote.names) {
      const auto& columns = execution.copied_->schema()->field_names();
      if (!copy.query.empty() &&
          std::none_of(columns.begin(), columns.end(), [&](const std::string& column) {
            return results::SameName(column, name);
          })) {
        return Status(StatusCode::kNotFound, "42703", "column \"" + name + "\" does not exist");
      }
    }
    execution.copy_out_ = std::move(layout);
    return RunEngine(execution, *execution.copied_, {});
  };
  Status status = run();
  // A position is one in the query; the client knows the whole statement.
  if (!status.ok() && status.position() && !copy.query.empty())
    status = std::move(status).WithPosition(*status.position() + copy.query_offset);
  return status;
}

Status Execution::Feed(std::string_view bytes) { return feed_->Take(bytes); }

Status Execution::FinishFeed() {
  auto inserted = feed_->Finish();
  if (!inserted.ok()) return inserted.status();
  changed_rows_ = *inserted;
  if (feed_->skipped() > 0) {
    notice_ = Status(
        StatusCode::kInvalidArgument, "00000",
        std::to_string(feed_->skipped()) + " rows were skipped due to data type incompatibility");
  }
  feed_.reset();
  End(Status::OK());
  return Status::OK();
}

}  // namespace skein::session
