#include "sql/splitter.h"

#include "sql/token.h"

namespace skein::sql {

std::vector<Piece> Split(std::string_view text) {
  std::vector<Piece> pieces;
  Tokenizer tokenizer(text);
  bool open = false;
  size_t begin = 0;
  size_t end = 0;
  auto close = [&] {
    if (open) pieces.push_back({text.substr(begin, end - begin), begin});
    open = false;
  };
  while (true) {
    Token token = tokenizer.Next();
    if (token.kind == TokenKind::kEnd) break;
    if (token.IsOperator(';')) {
      close();
      continue;
    }
    if (!open) begin = token.offset;
    open = true;
    end = token.end();
  }
  close();
  return pieces;
}

}  // namespace skein::sql
