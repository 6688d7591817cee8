#pragma once

#include <string>
#include <vector>

namespace skein::engine::postgres_catalog {

/// A token of SQL, as DuckDB's lexer cuts it. Comments are none.
struct Token {
  std::string text;  ///< in lower case, as it is written
  size_t start = 0;
  bool quoted = false;    ///< a constant of text
  bool reserved = false;  ///< a keyword that is no name
};

std::vector<Token> Tokens(const std::string& sql);

/// Puts blanks where the token stands.
void Blank(const Token& token, std::string* sql);

}  // namespace skein::engine::postgres_catalog
