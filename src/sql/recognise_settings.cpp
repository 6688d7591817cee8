#include "sql/recogniser.h"

namespace skein::sql {
namespace {

using Found = std::optional<SessionStatement>;

/// name, or name.name; nullopt for what no setting is called.
std::optional<std::string> SettingName(TokenReader& in) {
  std::string name;
  do {
    if (in.Peek().kind != TokenKind::kWord && in.Peek().kind != TokenKind::kQuotedName)
      return std::nullopt;
    if (!name.empty()) name += '.';
    name += NameOf(in.Take());
  } while (in.TryOperator('.'));
  return name;
}

/// One value that is no expression: a word, a string, a number. nullopt leaves the statement to
/// DuckDB, which takes expressions.
Result<std::optional<SetStatement::Value>> SimpleValue(TokenReader& in) {
  SetStatement::Value value;
  const Token& token = in.Peek();
  if (token.kind == TokenKind::kString) {
    SKEIN_ASSIGN_OR_RETURN(value.text, in.String());
    value.quoted = true;
  } else if (token.kind == TokenKind::kQuotedName) {
    SKEIN_ASSIGN_OR_RETURN(value.text, in.Name());
    value.quoted = true;
  } else if (token.kind == TokenKind::kWord) {
    value.text = std::string(in.Take().text);
  } else {
    if (in.Peek().IsOperator('-') || in.Peek().IsOperator('+')) {
      if (in.Take().IsOperator('-')) value.text = "-";
    }
    if (in.Peek().kind != TokenKind::kNumber) return std::optional<SetStatement::Value>();
    value.text += in.Take().text;
  }
  return std::optional(std::move(value));
}

/// value [, ...] up to the end of the statement.
Result<Found> Values(TokenReader& in, SetStatement set) {
  if (in.Peek().Is("default") && in.Peek(1).kind == TokenKind::kEnd) {
    set.reset = true;
    return Found(std::move(set));
  }
  if (in.AtEnd()) return in.Error();
  do {
    SKEIN_ASSIGN_OR_RETURN(auto value, SimpleValue(in));
    if (!value) return Found();
    set.values.push_back(*std::move(value));
  } while (in.TryOperator(','));
  if (!in.AtEnd()) return Found();
  return Found(std::move(set));
}

Result<Found> TimeZone(TokenReader& in, SetStatement set) {
  set.name = "timezone";
  if (in.TryWord("interval")) {
    SKEIN_ASSIGN_OR_RETURN(std::string interval, in.String());
    set.values.push_back({std::move(interval), true});
    in.TryWords({"hour", "to", "minute"});
  } else if (in.TryWord("local") || in.TryWord("default")) {
    set.reset = true;
  } else {
    SKEIN_ASSIGN_OR_RETURN(auto value, SimpleValue(in));
    if (!value) return in.Error();
    set.values.push_back(*std::move(value));
  }
  SKEIN_RETURN_IF_ERROR(in.ExpectEnd());
  return Found(std::move(set));
}

/// ROLE and SESSION AUTHORIZATION: a name, a string, or the word that means none.
Result<Found> Identity(TokenReader& in, SetStatement set, std::string_view none) {
  if (in.TryWord(none)) {
    set.reset = true;
  } else if (in.Peek().kind == TokenKind::kString) {
    SKEIN_ASSIGN_OR_RETURN(std::string name, in.String());
    set.values.push_back({std::move(name), true});
  } else {
    SKEIN_ASSIGN_OR_RETURN(std::string name, in.Name());
    set.values.push_back({std::move(name), true});
  }
  SKEIN_RETURN_IF_ERROR(in.ExpectEnd());
  return Found(std::move(set));
}

}  // namespace

Result<Found> RecogniseSet(TokenReader& in) {
  if (in.Peek().Is("variable") || in.Peek().Is("global")) return Found();
  SetStatement set;
  if (in.TryWords({"session", "characteristics", "as", "transaction"})) {
    SetTransactionStatement transaction;
    transaction.session = true;
    SKEIN_ASSIGN_OR_RETURN(transaction.modes, ReadTransactionModes(in));
    if (transaction.modes.empty()) return in.Error();
    SKEIN_RETURN_IF_ERROR(in.ExpectEnd());
    return Found(transaction);
  }
  // SESSION may also be the name's first word.
  bool session = in.Peek().Is("session") && !in.Peek(1).Is("authorization") &&
                 !in.Peek(1).IsOperator('=') && !in.Peek(1).Is("to");
  if (session) in.Take();
  if (!session && !in.Peek(1).IsOperator('=') && !in.Peek(1).Is("to")) {
    set.local = in.TryWord("local");
  }
  if (in.TryWords({"session", "authorization"})) {
    set.name = "session_authorization";
    return Identity(in, std::move(set), "default");
  }
  bool assigned = in.Peek(1).IsOperator('=') || in.Peek(1).Is("to");
  if (!assigned) {
    if (in.TryWord("transaction")) {
      if (in.Peek().Is("snapshot"))
        return errors::NotSupported("snapshots of other transactions cannot be imported");
      SetTransactionStatement transaction;
      SKEIN_ASSIGN_OR_RETURN(transaction.modes, ReadTransactionModes(in));
      if (transaction.modes.empty()) return in.Error();
      SKEIN_RETURN_IF_ERROR(in.ExpectEnd());
      return Found(transaction);
    }
    if (in.TryWords({"time", "zone"})) return TimeZone(in, std::move(set));
    if (in.TryWord("role")) {
      set.name = "role";
      return Identity(in, std::move(set), "none");
    }
    if (in.Peek().Is("names") ||
        (in.Peek().Is("schema") && in.Peek(1).kind == TokenKind::kString)) {
      set.name = in.Take().Is("names") ? "client_encoding" : "search_path";
      if (in.AtEnd()) {
        set.reset = true;
        return Found(std::move(set));
      }
      return Values(in, std::move(set));
    }
  }
  auto name = SettingName(in);
  if (!name) return in.Error();
  set.name = *std::move(name);
  if (!in.TryOperator('=') && !in.TryWord("to")) return Found();
  return Values(in, std::move(set));
}

Result<Found> RecogniseReset(TokenReader& in) {
  if (in.Peek().Is("variable") || in.Peek().Is("global")) return Found();
  SetStatement set;
  set.reset = true;
  set.by_reset = true;
  if (in.TryWords({"session", "authorization"})) {
    set.name = "session_authorization";
  } else if (in.TryWords({"time", "zone"})) {
    set.name = "timezone";
  } else if (in.TryWords({"transaction", "isolation", "level"})) {
    set.name = "transaction_isolation";
  } else {
    if (in.Peek().Is("session") && in.Peek(1).kind == TokenKind::kWord) in.Take();
    auto name = SettingName(in);
    if (!name) return in.Error();
    set.name = *std::move(name);
  }
  SKEIN_RETURN_IF_ERROR(in.ExpectEnd());
  return Found(std::move(set));
}

Result<Found> RecogniseShow(TokenReader& in) {
  ShowStatement show;
  if (in.TryWords({"time", "zone"})) {
    show.name = "timezone";
  } else if (in.TryWords({"transaction", "isolation", "level"})) {
    show.name = "transaction_isolation";
  } else if (in.TryWords({"session", "authorization"})) {
    show.name = "session_authorization";
  } else {
    auto name = SettingName(in);
    if (!name) return Found();
    show.name = *std::move(name);
  }
  // SHOW ALL TABLES, SHOW TABLES FROM x and the like are DuckDB's.
  if (!in.AtEnd()) return Found();
  return Found(std::move(show));
}

}  // namespace skein::sql
