#include "sql/recogniser.h"

#include <charconv>

#include "common/utf8.h"

namespace skein::sql {
namespace {

using Found = std::optional<SessionStatement>;

Result<Found> RecogniseDiscard(TokenReader& in) {
  DiscardStatement discard;
  if (in.TryWord("plans")) {
    discard.target = DiscardTarget::kPlans;
  } else if (in.TryWord("sequences")) {
    discard.target = DiscardTarget::kSequences;
  } else if (in.TryWord("temp") || in.TryWord("temporary")) {
    discard.target = DiscardTarget::kTemp;
  } else if (!in.TryWord("all")) {
    return in.Error();
  }
  SKEIN_RETURN_IF_ERROR(in.ExpectEnd());
  return Found(discard);
}

Result<Found> RecogniseDeclare(TokenReader& in) {
  DeclareStatement declare;
  SKEIN_ASSIGN_OR_RETURN(declare.name, in.Name());
  while (!in.TryWord("cursor")) {
    if (in.TryWord("binary")) {
      declare.binary = true;
    } else if (in.TryWord("insensitive") || in.TryWord("asensitive")) {
      // Every cursor shows its snapshot.
    } else if (in.TryWord("scroll") && !declare.scroll) {
      declare.scroll = true;
    } else if (in.TryWords({"no", "scroll"}) && !declare.scroll) {
      declare.scroll = false;
    } else {
      return in.Error();
    }
  }
  if (in.TryWords({"with", "hold"})) {
    declare.hold = true;
  } else {
    in.TryWords({"without", "hold"});
  }
  SKEIN_RETURN_IF_ERROR(in.ExpectWord("for"));
  SKEIN_ASSIGN_OR_RETURN(declare.query, in.Rest());
  return Found(std::move(declare));
}

/// Whether the words of a direction end here: what follows is FROM, IN or the cursor's name alone.
bool NameIsLast(const TokenReader& in) { return in.Peek(1).kind == TokenKind::kEnd; }

bool StartsNumber(const TokenReader& in) {
  return in.Peek().kind == TokenKind::kNumber || in.Peek().IsOperator('-') ||
         in.Peek().IsOperator('+');
}

Result<Found> RecogniseFetch(TokenReader& in, bool move) {
  using Direction = FetchStatement::Direction;
  FetchStatement fetch;
  fetch.move = move;
  auto counted = [&](Direction direction) -> Status {
    fetch.direction = direction;
    if (in.TryWord("all")) {
      fetch.count = FetchStatement::kAll;
    } else if (StartsNumber(in)) {
      SKEIN_ASSIGN_OR_RETURN(fetch.count, in.SignedInteger());
    }
    if (fetch.count < 0 &&
        (direction == Direction::kForward || direction == Direction::kBackward)) {
      fetch.direction =
          direction == Direction::kForward ? Direction::kBackward : Direction::kForward;
      fetch.count = -fetch.count;
    }
    return Status::OK();
  };
  auto placed = [&](Direction direction) -> Status {
    fetch.direction = direction;
    SKEIN_ASSIGN_OR_RETURN(fetch.count, in.SignedInteger());
    return Status::OK();
  };
  if (!NameIsLast(in)) {
    if (in.TryWord("next")) {
      fetch.direction = Direction::kForward;
    } else if (in.TryWord("prior")) {
      fetch.direction = Direction::kBackward;
    } else if (in.TryWord("first")) {
      fetch.direction = Direction::kAbsolute;
    } else if (in.TryWord("last")) {
      fetch.direction = Direction::kAbsolute;
      fetch.count = -1;
    } else if (in.TryWord("absolute")) {
      SKEIN_RETURN_IF_ERROR(placed(Direction::kAbsolute));
    } else if (in.TryWord("relative")) {
      SKEIN_RETURN_IF_ERROR(placed(Direction::kRelative));
    } else if (in.TryWord("backward")) {
      SKEIN_RETURN_IF_ERROR(counted(Direction::kBackward));
    } else {
      in.TryWord("forward");
      SKEIN_RETURN_IF_ERROR(counted(Direction::kForward));
    }
    if (!in.TryWord("from")) in.TryWord("in");
  }
  SKEIN_ASSIGN_OR_RETURN(fetch.cursor, in.Name());
  SKEIN_RETURN_IF_ERROR(in.ExpectEnd());
  return Found(std::move(fetch));
}

/// name, or ALL when `all` allows it: then there is none.
Result<std::optional<std::string>> NameOrAll(TokenReader& in) {
  std::optional<std::string> name;
  if (!in.TryWord("all")) {
    SKEIN_ASSIGN_OR_RETURN(name, in.Name());
  }
  SKEIN_RETURN_IF_ERROR(in.ExpectEnd());
  return name;
}

Result<Found> RecogniseClose(TokenReader& in) {
  SKEIN_ASSIGN_OR_RETURN(auto name, NameOrAll(in));
  return Found(CloseStatement{std::move(name)});
}

Result<Found> RecogniseDeallocate(TokenReader& in) {
  if (!NameIsLast(in)) in.TryWord("prepare");
  SKEIN_ASSIGN_OR_RETURN(auto name, NameOrAll(in));
  return Found(DeallocateStatement{std::move(name)});
}

Result<Found> RecognisePrepare(TokenReader& in) {
  if (in.Peek().Is("transaction") && in.Peek(1).kind == TokenKind::kString) {
    return errors::NotSupported("two-phase commit is not supported");
  }
  PrepareStatement prepare;
  SKEIN_ASSIGN_OR_RETURN(prepare.name, in.Name());
  if (in.TryOperator('(')) {
    do {
      SKEIN_ASSIGN_OR_RETURN(Slice type, in.Expression());
      prepare.types.push_back(std::move(type.text));
    } while (in.TryOperator(','));
    SKEIN_RETURN_IF_ERROR(in.ExpectOperator(')'));
  }
  SKEIN_RETURN_IF_ERROR(in.ExpectWord("as"));
  SKEIN_ASSIGN_OR_RETURN(prepare.query, in.Rest());
  return Found(std::move(prepare));
}

Result<Found> RecogniseExecute(TokenReader& in) {
  ExecuteStatement execute;
  SKEIN_ASSIGN_OR_RETURN(execute.name, in.Name());
  if (in.TryOperator('(')) {
    if (!in.Peek().IsOperator(')')) {
      do {
        SKEIN_ASSIGN_OR_RETURN(Slice argument, in.Expression());
        execute.arguments.push_back(std::move(argument));
      } while (in.TryOperator(','));
    }
    SKEIN_RETURN_IF_ERROR(in.ExpectOperator(')'));
  }
  SKEIN_RETURN_IF_ERROR(in.ExpectEnd());
  return Found(std::move(execute));
}

Result<Found> RecogniseListen(ListenStatement::Verb verb, TokenReader& in) {
  ListenStatement listen;
  listen.verb = verb;
  if (verb != ListenStatement::Verb::kUnlisten || !in.TryOperator('*')) {
    SKEIN_ASSIGN_OR_RETURN(listen.channel, in.Name());
  }
  if (verb == ListenStatement::Verb::kNotify && in.TryOperator(',')) {
    SKEIN_RETURN_IF_ERROR(in.String().status());
  }
  SKEIN_RETURN_IF_ERROR(in.ExpectEnd());
  return Found(std::move(listen));
}

/// The value of an option of EXPLAIN; true when it has none.
Result<bool> Flag(TokenReader& in) {
  const Token& token = in.Peek();
  if (token.IsOperator(',') || token.IsOperator(')')) return true;
  for (std::string_view word : {"true", "on"}) {
    if (in.TryWord(word)) return true;
  }
  for (std::string_view word : {"false", "off"}) {
    if (in.TryWord(word)) return false;
  }
  SKEIN_ASSIGN_OR_RETURN(int64_t number, in.SignedInteger());
  if (number != 0 && number != 1) return in.Error();
  return number == 1;
}

/// An option that neither PostgreSQL nor we have is DuckDB's.
Result<Found> RecogniseExplain(TokenReader& in) {
  ExplainStatement explain;
  bool ours = false;
  if (!in.TryOperator('(')) {
    explain.analyze = in.TryWord("analyze") || in.TryWord("analyse");
    explain.plain = !in.TryWord("verbose");
    SKEIN_ASSIGN_OR_RETURN(explain.query, in.Rest());
    return Found(std::move(explain));
  }
  do {
    if (in.TryWord("analyze") || in.TryWord("analyse")) {
      ours = ours || in.Peek().kind == TokenKind::kWord;
      SKEIN_ASSIGN_OR_RETURN(explain.analyze, Flag(in));
    } else if (in.TryWord("distributed")) {
      ours = true;
      SKEIN_ASSIGN_OR_RETURN(explain.distributed, Flag(in));
    } else if (in.TryWord("format")) {
      const Token& token = in.Peek();
      bool word = token.kind == TokenKind::kWord;
      if (!word && token.kind != TokenKind::kString) return in.Error();
      std::string name = LowerAscii(word ? std::string(token.text) : StringValue(token));
      in.Take();
      if (name == "text") {
        explain.format = ExplainStatement::Format::kText;
      } else if (name == "json") {
        explain.format = ExplainStatement::Format::kJson;
      } else if (name == "xml") {
        explain.format = ExplainStatement::Format::kXml;
        ours = true;
      } else if (name == "yaml") {
        explain.format = ExplainStatement::Format::kYaml;
      } else {
        return Found();
      }
    } else {
      const Token& token = in.Peek();
      bool known = false;
      for (std::string_view option : {"verbose", "costs", "settings", "generic_plan", "buffers",
                                      "wal", "timing", "summary", "memory"}) {
        known = known || token.Is(option);
      }
      if (token.Is("serialize")) {
        in.Take();
        ours = true;
        if (!in.Peek().IsOperator(',') && !in.Peek().IsOperator(')')) in.Take();
        continue;
      }
      if (!known && explain.distributed) {
        return Status(StatusCode::kInvalidArgument, "42601",
                      "unrecognized EXPLAIN option \"" + LowerAscii(token.text) + "\"")
            .WithHint("EXPLAIN (DISTRIBUTED) takes ANALYZE and FORMAT, too.");
      }
      if (!known) return Found();
      ours = true;
      in.Take();
      SKEIN_RETURN_IF_ERROR(Flag(in).status());
    }
  } while (in.TryOperator(','));
  SKEIN_RETURN_IF_ERROR(in.ExpectOperator(')'));
  explain.plain = !ours;
  SKEIN_ASSIGN_OR_RETURN(explain.query, in.Rest());
  return Found(std::move(explain));
}

}  // namespace

TokenReader::TokenReader(std::string_view text) : text_(text) {
  Tokenizer tokenizer(text);
  do {
    tokens_.push_back(tokenizer.Next());
  } while (tokens_.back().kind != TokenKind::kEnd);
}

bool TokenReader::TryWords(std::initializer_list<std::string_view> words) {
  size_t ahead = 0;
  for (std::string_view word : words) {
    if (!Peek(ahead++).Is(word)) return false;
  }
  for (size_t i = 0; i < words.size(); ++i) Take();
  return true;
}

bool TokenReader::TryOperator(char c) {
  if (!Peek().IsOperator(c)) return false;
  Take();
  return true;
}

Status TokenReader::Error() const {
  const Token& token = Peek();
  if (token.kind == TokenKind::kEnd) {
    return errors::Syntax("syntax error at end of input").WithPosition(text_.size());
  }
  if (token.kind == TokenKind::kBad) {
    const char* what = token.text[0] == '/'   ? "unterminated /* comment"
                       : token.text[0] == '"' ? "unterminated quoted identifier"
                       : token.text[0] == '$' ? "unterminated dollar-quoted string"
                                              : "unterminated quoted string";
    return errors::Syntax(what).WithPosition(token.offset);
  }
  return errors::Syntax("syntax error at or near \"" + LowerAscii(token.text) + "\"")
      .WithPosition(token.offset);
}

Status TokenReader::ExpectWord(std::string_view word) {
  return TryWord(word) ? Status::OK() : Error();
}
Status TokenReader::ExpectOperator(char c) { return TryOperator(c) ? Status::OK() : Error(); }
Status TokenReader::ExpectEnd() { return AtEnd() ? Status::OK() : Error(); }

Result<std::string> TokenReader::Name() {
  if (Peek().kind != TokenKind::kWord && Peek().kind != TokenKind::kQuotedName) return Error();
  std::string name = NameOf(Peek());
  if (name.empty()) {
    return errors::Syntax("zero-length delimited identifier").WithPosition(Peek().offset);
  }
  Take();
  return name;
}

Result<std::string> TokenReader::String() {
  if (Peek().kind != TokenKind::kString) return Error();
  std::string value = StringValue(Peek());
  // An escape can make any byte.
  if (!IsValidUtf8(value) || value.find('\0') != std::string::npos) {
    return Status(StatusCode::kInvalidArgument, "22021",
                  "invalid byte sequence for encoding \"UTF8\" in a string")
        .WithPosition(Peek().offset);
  }
  Take();
  return value;
}

Result<int64_t> TokenReader::SignedInteger() {
  bool negative = TryOperator('-');
  if (!negative) TryOperator('+');
  if (Peek().kind != TokenKind::kNumber) return Error();
  std::string_view digits = Peek().text;
  int64_t value = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) return Error();
  Take();
  return negative ? -value : value;
}

Result<Slice> TokenReader::Rest() {
  if (AtEnd()) return Error();
  size_t begin = Peek().offset;
  size_t end = tokens_[tokens_.size() - 2].end();
  at_ = tokens_.size() - 1;
  return Slice{std::string(text_.substr(begin, end - begin)), begin};
}

Result<Slice> TokenReader::Expression() {
  size_t begin = Peek().offset;
  size_t end = begin;
  size_t depth = 0;
  while (true) {
    const Token& token = Peek();
    if (token.kind == TokenKind::kEnd || token.kind == TokenKind::kBad) return Error();
    if (depth == 0 && (token.IsOperator(',') || token.IsOperator(')'))) break;
    if (token.IsOperator('(') || token.IsOperator('[') || token.IsOperator('{')) ++depth;
    if (token.IsOperator(')') || token.IsOperator(']') || token.IsOperator('}')) {
      if (depth == 0) return Error();
      --depth;
    }
    end = Take().end();
  }
  if (end == begin) return Error();
  return Slice{std::string(text_.substr(begin, end - begin)), begin};
}

Result<Slice> TokenReader::Parenthesised() {
  size_t begin = Peek().offset;
  size_t end = begin;
  for (size_t depth = 1; depth > 0;) {
    if (Peek().kind == TokenKind::kEnd || Peek().kind == TokenKind::kBad) return Error();
    if (Peek().IsOperator('(')) ++depth;
    if (Peek().IsOperator(')')) --depth;
    if (depth > 0) end = Peek().end();
    if (depth == 0 && end == begin) return Error();
    Take();
  }
  return Slice{std::string(text_.substr(begin, end - begin)), begin};
}

Result<Found> Recognise(std::string_view statement) {
  // Most statements are DuckDB's, and their first word says so.
  Token first = Tokenizer(statement).Next();
  if (first.kind != TokenKind::kWord || first.text.size() > 10) return Found();
  std::string verb = LowerAscii(first.text);
  static constexpr std::string_view kVerbs[] = {
      "abort", "begin",    "close",   "commit", "copy",      "deallocate", "declare", "discard",
      "end",   "execute",  "explain", "fetch",  "listen",    "move",       "notify",  "prepare",
      "reset", "rollback", "release", "set",    "savepoint", "show",       "start",   "unlisten"};
  bool ours = false;
  for (std::string_view known : kVerbs) ours = ours || verb == known;
  if (!ours) return Found();

  TokenReader in(statement);
  in.Take();
  if (verb == "copy") return RecogniseCopy(in);
  if (verb == "set") return RecogniseSet(in);
  if (verb == "reset") return RecogniseReset(in);
  if (verb == "show") return RecogniseShow(in);
  if (verb == "discard") return RecogniseDiscard(in);
  if (verb == "declare") return RecogniseDeclare(in);
  if (verb == "fetch") return RecogniseFetch(in, false);
  if (verb == "move") return RecogniseFetch(in, true);
  if (verb == "close") return RecogniseClose(in);
  if (verb == "prepare") return RecognisePrepare(in);
  if (verb == "execute") return RecogniseExecute(in);
  if (verb == "deallocate") return RecogniseDeallocate(in);
  if (verb == "listen") return RecogniseListen(ListenStatement::Verb::kListen, in);
  if (verb == "notify") return RecogniseListen(ListenStatement::Verb::kNotify, in);
  if (verb == "unlisten") return RecogniseListen(ListenStatement::Verb::kUnlisten, in);
  if (verb == "explain") return RecogniseExplain(in);
  return RecogniseTransaction(verb, in);
}

std::string CommandOf(const SessionStatement& statement) {
  struct Visitor {
    std::string operator()(const ShowStatement&) { return "SHOW"; }
    std::string operator()(const SetStatement& s) { return s.by_reset ? "RESET" : "SET"; }
    std::string operator()(const DiscardStatement& s) {
      switch (s.target) {
        case DiscardTarget::kPlans:
          return "DISCARD PLANS";
        case DiscardTarget::kSequences:
          return "DISCARD SEQUENCES";
        case DiscardTarget::kTemp:
          return "DISCARD TEMP";
        default:
          return "DISCARD ALL";
      }
    }
    std::string operator()(const BeginStatement& s) {
      return s.start ? "START TRANSACTION" : "BEGIN";
    }
    std::string operator()(const CommitStatement&) { return "COMMIT"; }
    std::string operator()(const RollbackStatement&) { return "ROLLBACK"; }
    std::string operator()(const SetTransactionStatement&) { return "SET"; }
    std::string operator()(const SavepointStatement&) { return "SAVEPOINT"; }
    std::string operator()(const RollbackToStatement&) { return "ROLLBACK"; }
    std::string operator()(const ReleaseStatement&) { return "RELEASE"; }
    std::string operator()(const DeclareStatement&) { return "DECLARE CURSOR"; }
    std::string operator()(const FetchStatement& s) { return s.move ? "MOVE" : "FETCH"; }
    std::string operator()(const CloseStatement& s) {
      return s.name ? "CLOSE CURSOR" : "CLOSE CURSOR ALL";
    }
    std::string operator()(const PrepareStatement&) { return "PREPARE"; }
    std::string operator()(const ExecuteStatement&) { return "EXECUTE"; }
    std::string operator()(const DeallocateStatement& s) {
      return s.name ? "DEALLOCATE" : "DEALLOCATE ALL";
    }
    std::string operator()(const ListenStatement& s) {
      switch (s.verb) {
        case ListenStatement::Verb::kListen:
          return "LISTEN";
        case ListenStatement::Verb::kNotify:
          return "NOTIFY";
        default:
          return "UNLISTEN";
      }
    }
    std::string operator()(const ExplainStatement&) { return "EXPLAIN"; }
    std::string operator()(const CopyStatement&) { return "COPY"; }
  };
  return std::visit(Visitor{}, statement);
}

}  // namespace skein::sql
