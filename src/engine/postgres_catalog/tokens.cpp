#include "engine/postgres_catalog/tokens.h"

#include "duckdb/common/string_util.hpp"
#include "duckdb/parser/parser.hpp"

namespace skein::engine::postgres_catalog {

using duckdb::SimplifiedTokenType;
using duckdb::StringUtil;

std::vector<Token> Tokens(const std::string& sql) {
  std::vector<Token> tokens;
  auto raw = duckdb::Parser::Tokenize(sql);
  for (size_t i = 0; i < raw.size(); ++i) {
    if (raw[i].type == SimplifiedTokenType::SIMPLIFIED_TOKEN_COMMENT) continue;
    size_t end = i + 1 < raw.size() ? raw[i + 1].start : sql.size();
    Token token;
    token.start = raw[i].start;
    token.text = StringUtil::Lower(sql.substr(token.start, end - token.start));
    StringUtil::RTrim(token.text);
    token.quoted = raw[i].type == SimplifiedTokenType::SIMPLIFIED_TOKEN_STRING_CONSTANT;
    if (raw[i].type == SimplifiedTokenType::SIMPLIFIED_TOKEN_KEYWORD) {
      auto category = duckdb::Parser::IsKeyword(token.text);
      token.reserved = category == duckdb::KeywordCategory::KEYWORD_RESERVED ||
                       category == duckdb::KeywordCategory::KEYWORD_TYPE_FUNC;
    }
    tokens.push_back(std::move(token));
  }
  return tokens;
}

void Blank(const Token& token, std::string* sql) {
  sql->replace(token.start, token.text.size(), token.text.size(), ' ');
}

}  // namespace skein::engine::postgres_catalog
