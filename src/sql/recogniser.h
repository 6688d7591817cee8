#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/status.h"
#include "sql/session_statement.h"
#include "sql/token.h"

namespace skein::sql {

/// The tokens of one statement with a place in them: what the recursive descent of Recognise walks
/// over. For src/sql's own files.
class TokenReader {
 public:
  explicit TokenReader(std::string_view text);

  /// The token `ahead` places from here; kEnd behind the last.
  const Token& Peek(size_t ahead = 0) const {
    return at_ + ahead < tokens_.size() ? tokens_[at_ + ahead] : tokens_.back();
  }
  Token Take() {
    Token token = Peek();
    if (at_ + 1 < tokens_.size()) ++at_;
    return token;
  }
  bool AtEnd() const { return Peek().kind == TokenKind::kEnd; }

  /// Takes the words if they come next, all or none.
  bool TryWords(std::initializer_list<std::string_view> words);
  bool TryWord(std::string_view word) { return TryWords({word}); }
  bool TryOperator(char c);

  /// "syntax error at or near ..." for the token that comes next.
  Status Error() const;
  Status ExpectWord(std::string_view word);
  Status ExpectOperator(char c);
  Status ExpectEnd();

  /// An identifier, quoted or not.
  Result<std::string> Name();
  /// 'text'.
  Result<std::string> String();
  /// [+-] digits.
  Result<int64_t> SignedInteger();
  /// Everything from here to the end of the statement. An error when there is nothing.
  Result<Slice> Rest();
  /// Everything up to the next comma or closing parenthesis that is not inside brackets.
  Result<Slice> Expression();
  /// What stands between the parenthesis just opened and its twin, which is taken too.
  Result<Slice> Parenthesised();

 private:
  std::string_view text_;
  std::vector<Token> tokens_;
  size_t at_ = 0;
};

/// Each reads what follows its first word, which was taken. nullopt: not ours.
Result<std::optional<SessionStatement>> RecogniseCopy(TokenReader& in);
Result<std::optional<SessionStatement>> RecogniseSet(TokenReader& in);
Result<std::optional<SessionStatement>> RecogniseReset(TokenReader& in);
Result<std::optional<SessionStatement>> RecogniseShow(TokenReader& in);
Result<std::optional<SessionStatement>> RecogniseTransaction(std::string_view verb,
                                                             TokenReader& in);
/// [transaction_mode [[,] ...]]
Result<TransactionModes> ReadTransactionModes(TokenReader& in);

}  // namespace skein::sql
