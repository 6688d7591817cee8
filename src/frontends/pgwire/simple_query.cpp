// The simple query protocol: one text, any number of statements, one implicit transaction, one
// ReadyForQuery.

#include <algorithm>
#include <vector>

#include "frontends/pgwire/error_mapping.h"
#include "frontends/pgwire/pg_connection.h"

namespace skein::frontends::pgwire {

namespace {

/// The name in "DEALLOCATE [PREPARE] name", unquoted, or "ALL"; empty when the text is something
/// else.
std::string DeallocatedName(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool quoted = false;
  for (char c : text) {
    if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ';')) {
      if (!word.empty()) words.push_back(std::move(word));
      word.clear();
    } else {
      word += c;
    }
    if (words.size() > 3) return {};
  }
  if (!word.empty()) words.push_back(std::move(word));
  auto is = [&](size_t i, std::string_view keyword) {
    return words[i].size() == keyword.size() &&
           std::equal(keyword.begin(), keyword.end(), words[i].begin(),
                      [](char k, char c) { return k == (c >= 'a' && c <= 'z' ? c - 32 : c); });
  };
  if (words.size() == 3 && is(1, "PREPARE")) words.erase(words.begin() + 1);
  if (words.size() != 2 || !is(0, "DEALLOCATE")) return {};
  return is(1, "ALL") ? std::string("ALL") : words[1];
}

}  // namespace

bool PgConnection::DeallocateHere(std::string_view text) {
  std::string name = DeallocatedName(text);
  if (name.empty()) return false;
  if (name == "ALL") {
    statements_.clear();
    MessageWriter(out_).CommandComplete("DEALLOCATE ALL");
    return true;
  }
  if (statements_.erase(name) == 0) return false;
  MessageWriter(out_).CommandComplete("DEALLOCATE");
  return true;
}

Status PgConnection::HandleQuery(std::string_view text) {
  // A simple query does away with the unnamed statement and portal.
  portals_.erase("");
  statements_.erase("");
  if (DeallocateHere(text)) {
    AppendReady();
    return Status::OK();
  }
  // Of our own: COPY from the client reads on, which ends what the message's view is of.
  const std::string sql(text);
  text = sql;
  auto statements = session_->Parse(sql);
  bool ok = statements.ok();
  if (!ok) {
    AppendError(statements.status(), "ERROR", text, 0, &out_);
  } else if (statements->empty()) {
    MessageWriter(out_).EmptyQueryResponse();
  } else {
    for (size_t i = 0; ok && i < statements->size(); ++i) {
      SKEIN_ASSIGN_OR_RETURN(
          ok, RunStatement(std::move((*statements)[i]), text, i + 1 == statements->size()));
    }
  }
  if (Status status = session_->EndImplicit(ok); !status.ok()) AppendError(status, &out_);
  if (session_->transaction_state() == engine::TransactionState::kIdle) portals_.clear();
  AppendReady();
  return Status::OK();
}

Result<bool> PgConnection::RunStatement(session::Statement statement, std::string_view sql,
                                        bool last) {
  const size_t offset = statement.offset();
  auto fail = [&](const Status& status) {
    AppendError(status, "ERROR", sql, offset, &out_);
    return false;
  };
  auto prepared = session_->Prepare(std::move(statement));
  if (!prepared.ok()) return fail(prepared.status());
  if (!(*prepared)->parameter_types().empty()) {
    return fail(
        Status(StatusCode::kInvalidArgument, "42P02", "there is no parameter $1 in a simple query")
            .WithHint("Parameters are bound by prepared statements."));
  }
  Portal portal;
  portal.statement =
      std::make_shared<Statement>(Statement{std::string(), *std::move(prepared), {}});
  if (Status started = StartPortal(portal, last); !started.ok()) return fail(started);
  if (portal.execution->returns_rows() && !portal.execution->copy_out()) {
    auto fields = DescribeFields(*portal.execution->schema(), {});
    if (!fields.ok()) return fail(fields.status());
    MessageWriter(out_).RowDescription(*fields);
  }
  Status failed;
  SKEIN_RETURN_IF_ERROR(SendRows(portal, 0, &failed));
  if (!failed.ok()) return fail(failed);
  return true;
}

}  // namespace skein::frontends::pgwire
