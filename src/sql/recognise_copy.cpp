#include "sql/recogniser.h"

namespace skein::sql {
namespace {

using Found = std::optional<SessionStatement>;

Result<std::vector<std::string>> Names(TokenReader& in) {
  std::vector<std::string> names;
  do {
    SKEIN_ASSIGN_OR_RETURN(std::string name, in.Name());
    names.push_back(std::move(name));
  } while (in.TryOperator(','));
  return names;
}

/// The value of an option in the list: a word, a string or a number, as text.
Result<std::string> OptionText(TokenReader& in) {
  const Token& token = in.Peek();
  if (token.kind == TokenKind::kString) return in.String();
  if (token.kind == TokenKind::kWord || token.kind == TokenKind::kQuotedName) return in.Name();
  if (token.kind == TokenKind::kNumber) return std::string(in.Take().text);
  return in.Error();
}

bool OptionHasValue(TokenReader& in) {
  return !in.Peek().IsOperator(',') && !in.Peek().IsOperator(')');
}

Result<bool> OptionFlag(TokenReader& in, const std::string& name) {
  if (!OptionHasValue(in)) return true;
  SKEIN_ASSIGN_OR_RETURN(std::string text, OptionText(in));
  std::string lower = LowerAscii(text);
  if (lower == "true" || lower == "on" || lower == "1") return true;
  if (lower == "false" || lower == "off" || lower == "0") return false;
  return errors::Syntax(name + " requires a Boolean value");
}

Result<CopyOptions::Format> FormatNamed(const std::string& name) {
  if (name == "text") return CopyOptions::Format::kText;
  if (name == "csv") return CopyOptions::Format::kCsv;
  if (name == "binary") return CopyOptions::Format::kBinary;
  return errors::InvalidParameter("COPY format \"" + name + "\" not recognized")
      .WithHint("Between client and server the formats are text, csv and binary.");
}

Result<CopyOptions::Columns> ColumnList(TokenReader& in) {
  CopyOptions::Columns columns;
  if (in.TryOperator('*')) {
    columns.all = true;
    return columns;
  }
  SKEIN_RETURN_IF_ERROR(in.ExpectOperator('('));
  if (in.TryOperator('*')) {
    columns.all = true;
  } else {
    SKEIN_ASSIGN_OR_RETURN(columns.names, Names(in));
  }
  SKEIN_RETURN_IF_ERROR(in.ExpectOperator(')'));
  return columns;
}

/// One `name [value]` of the list in parentheses.
Status ReadOption(TokenReader& in, CopyOptions* options) {
  size_t position = in.Peek().offset;
  SKEIN_ASSIGN_OR_RETURN(std::string name, in.Name());
  auto text = [&](std::optional<std::string>* value) -> Status {
    SKEIN_ASSIGN_OR_RETURN(*value, OptionText(in));
    return Status::OK();
  };
  if (name == "format") {
    SKEIN_ASSIGN_OR_RETURN(std::string format, OptionText(in));
    SKEIN_ASSIGN_OR_RETURN(options->format, FormatNamed(LowerAscii(format)));
  } else if (name == "freeze") {
    SKEIN_ASSIGN_OR_RETURN(options->freeze, OptionFlag(in, name));
  } else if (name == "header") {
    if (in.TryWord("match")) {
      options->header = CopyOptions::Header::kMatch;
      return Status::OK();
    }
    auto flag = OptionFlag(in, name);
    if (!flag.ok()) return errors::Syntax("header requires a Boolean value or \"match\"");
    bool on = *flag;
    options->header = on ? CopyOptions::Header::kOn : CopyOptions::Header::kOff;
  } else if (name == "delimiter") {
    return text(&options->delimiter);
  } else if (name == "null") {
    return text(&options->null);
  } else if (name == "quote") {
    return text(&options->quote);
  } else if (name == "escape") {
    return text(&options->escape);
  } else if (name == "encoding") {
    return text(&options->encoding);
  } else if (name == "default") {
    return text(&options->default_value);
  } else if (name == "force_quote") {
    SKEIN_ASSIGN_OR_RETURN(options->force_quote, ColumnList(in));
  } else if (name == "force_not_null") {
    SKEIN_ASSIGN_OR_RETURN(options->force_not_null, ColumnList(in));
  } else if (name == "force_null") {
    SKEIN_ASSIGN_OR_RETURN(options->force_null, ColumnList(in));
  } else if (name == "on_error") {
    SKEIN_ASSIGN_OR_RETURN(std::string choice, OptionText(in));
    choice = LowerAscii(choice);
    if (choice != "stop" && choice != "ignore")
      return errors::InvalidParameter("COPY ON_ERROR \"" + choice + "\" not recognized");
    options->ignore_errors = choice == "ignore";
  } else if (name == "reject_limit") {
    SKEIN_ASSIGN_OR_RETURN(options->reject_limit, in.SignedInteger());
  } else if (name == "log_verbosity") {
    return OptionText(in).status();
  } else {
    return errors::Syntax("option \"" + name + "\" not recognized").WithPosition(position);
  }
  return Status::OK();
}

Status ReadOptionList(TokenReader& in, CopyOptions* options) {
  std::vector<std::string> seen;
  do {
    if (in.Peek().kind == TokenKind::kWord || in.Peek().kind == TokenKind::kQuotedName) {
      std::string name = NameOf(in.Peek());
      for (const std::string& earlier : seen) {
        if (earlier == name)
          return errors::Syntax("conflicting or redundant options").WithPosition(in.Peek().offset);
      }
      seen.push_back(std::move(name));
    }
    SKEIN_RETURN_IF_ERROR(ReadOption(in, options));
  } while (in.TryOperator(','));
  return in.ExpectOperator(')');
}

/// The options of PostgreSQL before 9.0: words in any order, without commas.
Status ReadOldOptions(TokenReader& in, CopyOptions* options) {
  auto string = [&](std::optional<std::string>* value) -> Status {
    in.TryWord("as");
    SKEIN_ASSIGN_OR_RETURN(*value, in.String());
    return Status::OK();
  };
  auto columns = [&](CopyOptions::Columns* list) -> Status {
    if (in.TryOperator('*')) {
      list->all = true;
      return Status::OK();
    }
    SKEIN_ASSIGN_OR_RETURN(list->names, Names(in));
    return Status::OK();
  };
  while (!in.AtEnd() && !in.Peek().Is("where")) {
    if (in.TryWord("binary")) {
      options->format = CopyOptions::Format::kBinary;
    } else if (in.TryWord("csv")) {
      options->format = CopyOptions::Format::kCsv;
    } else if (in.TryWord("freeze")) {
      options->freeze = true;
    } else if (in.TryWord("header")) {
      options->header = CopyOptions::Header::kOn;
    } else if (in.TryWord("delimiter")) {
      SKEIN_RETURN_IF_ERROR(string(&options->delimiter));
    } else if (in.TryWord("null")) {
      SKEIN_RETURN_IF_ERROR(string(&options->null));
    } else if (in.TryWord("quote")) {
      SKEIN_RETURN_IF_ERROR(string(&options->quote));
    } else if (in.TryWord("escape")) {
      SKEIN_RETURN_IF_ERROR(string(&options->escape));
    } else if (in.TryWord("encoding")) {
      SKEIN_ASSIGN_OR_RETURN(options->encoding, in.String());
    } else if (in.TryWords({"force", "quote"})) {
      SKEIN_RETURN_IF_ERROR(columns(&options->force_quote));
    } else if (in.TryWords({"force", "not", "null"})) {
      SKEIN_RETURN_IF_ERROR(columns(&options->force_not_null));
    } else if (in.TryWords({"force", "null"})) {
      SKEIN_RETURN_IF_ERROR(columns(&options->force_null));
    } else {
      return in.Error();
    }
  }
  return Status::OK();
}

/// Whether this COPY ends at the client: somewhere outside of brackets it says TO STDOUT or FROM
/// STDIN.
bool AboutTheClient(const TokenReader& in) {
  size_t depth = 0;
  for (size_t i = 0; in.Peek(i).kind != TokenKind::kEnd; ++i) {
    if (in.Peek(i).IsOperator('(')) ++depth;
    if (in.Peek(i).IsOperator(')') && depth > 0) --depth;
    if (depth > 0) continue;
    if (in.Peek(i).Is("to") && in.Peek(i + 1).Is("stdout")) return true;
    if (in.Peek(i).Is("from") && in.Peek(i + 1).Is("stdin")) return true;
  }
  return false;
}

}  // namespace

Result<Found> RecogniseCopy(TokenReader& in) {
  if (!AboutTheClient(in)) return Found();
  CopyStatement copy;
  if (in.TryOperator('(')) {
    SKEIN_ASSIGN_OR_RETURN(Slice query, in.Parenthesised());
    copy.query = std::move(query.text);
    copy.query_offset = query.offset;
  } else {
    if (in.Peek().Is("binary") && !in.Peek(1).Is("to") && !in.Peek(1).Is("from") &&
        !in.Peek(1).IsOperator('(') && !in.Peek(1).IsOperator('.')) {
      in.Take();
      copy.options.format = CopyOptions::Format::kBinary;
    }
    do {
      SKEIN_ASSIGN_OR_RETURN(std::string part, in.Name());
      copy.table.push_back(std::move(part));
    } while (in.TryOperator('.'));
    if (copy.table.size() > 3) {
      return errors::Syntax("improper qualified name (too many dotted names)");
    }
    if (in.TryOperator('(')) {
      SKEIN_ASSIGN_OR_RETURN(copy.columns, Names(in));
      SKEIN_RETURN_IF_ERROR(in.ExpectOperator(')'));
    }
  }
  if (in.TryWords({"from", "stdin"})) {
    copy.direction = CopyStatement::Direction::kFromStdin;
    if (copy.table.empty()) {
      return errors::Syntax("COPY FROM takes a table, not a query");
    }
  } else if (!in.TryWords({"to", "stdout"})) {
    return in.Error();
  }
  if (in.TryWords({"using", "delimiters"}) || in.TryWord("delimiters")) {
    SKEIN_ASSIGN_OR_RETURN(copy.options.delimiter, in.String());
  }
  in.TryWord("with");
  if (in.TryOperator('(')) {
    SKEIN_RETURN_IF_ERROR(ReadOptionList(in, &copy.options));
  } else {
    SKEIN_RETURN_IF_ERROR(ReadOldOptions(in, &copy.options));
  }
  if (copy.direction == CopyStatement::Direction::kFromStdin && in.TryWord("where")) {
    SKEIN_ASSIGN_OR_RETURN(Slice where, in.Rest());
    copy.where = std::move(where.text);
    copy.where_offset = where.offset;
  }
  SKEIN_RETURN_IF_ERROR(in.ExpectEnd());
  return Found(std::move(copy));
}

}  // namespace skein::sql
