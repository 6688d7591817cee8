#include "engine/postgres_catalog/refused_operators.h"

#include <array>
#include <string_view>

#include "engine/postgres_catalog/tokens.h"
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

/// A parameter `?` and a position `#1` stand where an operand does: behind an operator, a keyword,
/// a bracket.
bool EndsOperand(const Token& token) {
  if (token.quoted || token.text.empty()) return token.quoted;
  char last = token.text.back();
  bool word = (last >= 'a' && last <= 'z') || (last >= '0' && last <= '9') || last == '_' ||
              static_cast<unsigned char>(last) >= 0x80;
  // Many keywords are names, too (data, value).
  return last == ')' || last == ']' || last == '"' || (word && !token.reserved);
}

}  // namespace

void ThrowIfJsonOperator(const std::string& sql) {
  auto tokens = Tokens(sql);
  for (size_t i = 1; i < tokens.size(); ++i) {
    if (tokens[i].quoted || !EndsOperand(tokens[i - 1])) continue;
    for (const JsonOperator& one : kJsonOperators) {
      if (sql.compare(tokens[i].start, one.signs.size(), one.signs) != 0) continue;
      ThrowSql("0A000", "operator " + std::string(one.signs) + " is not supported",
               "Write " + std::string(one.instead) + ".");
    }
  }
}

}  // namespace skein::engine::postgres_catalog
