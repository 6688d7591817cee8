#include "engine/postgres_catalog/operator_tokens.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "duckdb/common/string_util.hpp"

#include "engine/postgres_catalog/tokens.h"
#include "engine/postgres_functions/json_operators.h"
#include "engine/postgres_functions/sql_error.h"

namespace skein::engine::postgres_catalog {
namespace {

struct JsonOperator {
  std::string_view signs;
  std::string_view instead;
};
/// The longer first, where one begins with another.
constexpr std::array<JsonOperator, 7> kJsonOperators = {{
    {"#>>", "json_extract_path_text(value, 'a', 'b')"},
    {"#>", "json_extract_path(value, 'a', 'b')"},
    {"#-", "jsonb_delete_path(value, '{a,b}')"},
    {"?|", "jsonb_exists_any(value, keys)"},
    {"?&", "jsonb_exists_all(value, keys)"},
    {"?", "jsonb_exists(value, key)"},
    {"#", "xor(a, b)"},
}};

template <size_t N>
bool IsOneOf(const Token& token, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), token.text) != words.end();
}

bool IsWord(const Token& token) {
  if (token.quoted || token.text.empty()) return false;
  char last = token.text.back();
  return (last >= 'a' && last <= 'z') || (last >= '0' && last <= '9') || last == '_' ||
         last == '"' || static_cast<unsigned char>(last) >= 0x80;
}

/// A comment may stand behind it.
bool IsKeyword(const Token& token, std::string_view word) {
  if (token.quoted || !token.text.starts_with(word)) return false;
  const char behind = token.text.size() > word.size() ? token.text[word.size()] : ' ';
  return behind == '-' || behind == '/' || duckdb::StringUtil::CharacterIsSpace(behind);
}

/// A parameter `?` and a position `#1` stand where an operand does: behind an operator, a keyword,
/// a bracket.
bool EndsOperand(const Token& token) {
  static constexpr auto kValues = std::to_array<std::string_view>({"end", "null", "true", "false"});
  // Many keywords are names, too (data, value); these want an operand.
  static constexpr auto kWanting = std::to_array<std::string_view>(
      {"by", "escape", "zone", "between", "rows", "range", "groups", "interval"});
  if (token.quoted || token.text.empty()) return token.quoted;
  if (token.text == ")" || token.text == "]" || IsOneOf(token, kValues)) return true;
  return IsWord(token) && !token.reserved && !IsOneOf(token, kWanting);
}

/// The operator that begins at token `i`, if an operand stands before it.
const JsonOperator* OperatorAt(const std::string& sql, const std::vector<Token>& tokens, size_t i) {
  if (i == 0 || tokens[i].quoted || !EndsOperand(tokens[i - 1])) return nullptr;
  for (const JsonOperator& one : kJsonOperators) {
    if (sql.compare(tokens[i].start, one.signs.size(), one.signs) == 0) return &one;
  }
  return nullptr;
}

/// Finds the arrows of lambdas: `f(list, x -> ...)`, `f(list, (x, y) -> ...)`, `list.f(x -> ...)`.
class LambdaFinder {
 public:
  explicit LambdaFinder(const std::vector<Token>& tokens) : tokens_(tokens) {}

  /// For each token in their order.
  void Pass(size_t i) {
    if (Is(i, "(") || Is(i, "[") || Is(i, "{")) {
      open_.push_back(i);
    } else if ((Is(i, ")") || Is(i, "]") || Is(i, "}")) && !open_.empty()) {
      closed_ = open_.back();
      open_.pop_back();
    }
  }

  /// Whether the arrow at token `i`, up to which all have passed, is one.
  bool IsLambda(size_t i) const {
    if (open_.empty() || i < 2) return false;
    const size_t call = open_.back();
    // Its parameters: one name, or several in brackets that are closed just before.
    size_t before = Is(i - 1, ")") ? closed_ : i - 1;
    if (before == 0 || (before == i - 1 && !IsWord(tokens_[before]))) return false;
    --before;
    if (before < call || call == 0 || !TakesLambda(call - 1)) return false;
    return Is(before, ",") ||
           (before == call && (Is(call - 1, "columns") || (call > 1 && Is(call - 2, "."))));
  }

 private:
  bool Is(size_t i, std::string_view text) const {
    return !tokens_[i].quoted && tokens_[i].text == text;
  }
  bool TakesLambda(size_t i) const {
    static constexpr auto kFunctions = std::to_array<std::string_view>(
        {"list_transform", "array_transform", "list_apply", "array_apply", "apply", "list_filter",
         "array_filter", "filter", "list_reduce", "array_reduce", "reduce", "columns"});
    return !tokens_[i].quoted && IsOneOf(tokens_[i], kFunctions);
  }

  const std::vector<Token>& tokens_;
  std::vector<size_t> open_;
  size_t closed_ = 0;  // the bracket that the last closing one closed
};

}  // namespace

bool WriteArrows(std::string* sql) {
  if (sql->find("->") == sql->npos) return false;
  auto tokens = Tokens(*sql);
  // Of a PIVOT DuckDB's parser makes statements that the dialect does not see.
  static constexpr auto kPivots =
      std::to_array<std::string_view>({"pivot", "pivot_wider", "unpivot", "pivot_longer"});
  if (std::any_of(tokens.begin(), tokens.end(),
                  [](const Token& token) { return !token.quoted && IsOneOf(token, kPivots); })) {
    return false;
  }
  LambdaFinder lambdas(tokens);
  bool changed = false;
  for (size_t i = 0; i < tokens.size(); ++i) {
    lambdas.Pass(i);
    const Token& token = tokens[i];
    if (token.quoted || (token.text != "->" && token.text != "->>") || lambdas.IsLambda(i))
      continue;
    sql->replace(token.start, kArrow.size(), kArrow);
    if (token.text == "->>") (*sql)[token.start + kArrow.size()] = kArrow.back();
    changed = true;
  }
  return changed;
}

bool WriteJsonOperators(std::string* sql) {
  auto tokens = Tokens(*sql);
  const std::string written = *sql;
  for (size_t i = 1; i < tokens.size(); ++i) {
    if (OperatorAt(written, tokens, i)) (*sql)[tokens[i].start] = kSign;
  }
  return *sql != written;
}

bool TakeSymmetric(std::string* sql) {
  auto tokens = Tokens(*sql);
  bool found = false;
  for (size_t i = 1; i < tokens.size(); ++i) {
    if (!IsKeyword(tokens[i], "symmetric") || !IsKeyword(tokens[i - 1], "between")) continue;
    Blank(tokens[i], sql);
    found = true;
  }
  return found;
}

void ThrowIfJsonOperator(const std::string& sql) {
  auto tokens = Tokens(sql);
  for (size_t i = 1; i < tokens.size(); ++i) {
    if (const JsonOperator* one = OperatorAt(sql, tokens, i)) {
      ThrowSql("0A000", "operator " + std::string(one->signs) + " is not supported",
               "Write " + std::string(one->instead) + ".");
    }
  }
}

}  // namespace skein::engine::postgres_catalog
