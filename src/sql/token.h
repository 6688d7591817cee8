#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace skein::sql {

enum class TokenKind {
  kWord,        ///< an identifier or keyword without quotes
  kQuotedName,  ///< "like this"
  kString,      ///< 'a', E'a\n', $$a$$, and also b'', x'' and U&'' with their prefix
  kNumber,
  kParameter,  ///< $1, $name, ?
  kOperator,   ///< one character: ( ) [ ] , ; . and every character of a longer operator by itself
  kBad,        ///< a quote or comment that is never closed: it reaches to the end of the text
  kEnd,
};

/// One token of a text, as a view into it. Comments and white space are not tokens.
struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string_view text;
  size_t offset = 0;

  size_t end() const { return offset + text.size(); }
  /// An unquoted word, compared without regard to case. `word` is in lower case.
  bool Is(std::string_view word) const;
  bool IsOperator(char c) const { return kind == TokenKind::kOperator && text[0] == c; }
};

/// Cuts a text into tokens by PostgreSQL's lexical rules, which DuckDB shares: standard strings
/// without backslashes, E'' with them, dollar quotes, nested comments. Never fails: what is not
/// closed is one kBad token. Allocates nothing; the text must outlive it.
class Tokenizer {
 public:
  explicit Tokenizer(std::string_view text) : text_(text) {}
  /// kEnd for ever after the last one.
  Token Next();

 private:
  Token Take(TokenKind kind, size_t end);
  bool SkipSpace();
  /// Where the quoted text that begins at `open` ends, past its closing quote; npos when it does
  /// not.
  size_t QuoteEnd(size_t open, bool backslashes) const;

  std::string_view text_;
  size_t at_ = 0;
};

/// The name that an identifier stands for: without quotes, or in lower case when it has none.
/// Precondition: kWord or kQuotedName.
std::string NameOf(const Token& token);

/// The value of a string token: 'it''s' gives it's. Precondition: kString. Escapes of E'' are
/// those of PostgreSQL; b'', x'' and U&'' are given without their prefix, undecoded.
std::string StringValue(const Token& token);

std::string LowerAscii(std::string_view text);

/// A name as it must be written to mean exactly itself.
std::string QuoteName(std::string_view name);
/// A string literal with this value.
std::string QuoteLiteral(std::string_view value);

}  // namespace skein::sql
