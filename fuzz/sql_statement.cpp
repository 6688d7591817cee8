// Input: the text of a request. Its pieces must be parts of it, in order, each one piece by itself;
// what the recogniser cuts out of a piece must be where it says.
#include <cstdint>
#include <string_view>

#include "property.h"
#include "sql/session_statement.h"
#include "sql/splitter.h"
#include "sql/token.h"

namespace {

using namespace skein::sql;  // NOLINT(google-build-using-namespace)

void CheckSlice(std::string_view statement, std::string_view text, size_t offset) {
  PROPERTY(offset <= statement.size() && statement.substr(offset, text.size()) == text);
}

struct Checker {
  std::string_view text;

  void operator()(const DeclareStatement& s) { CheckSlice(text, s.query.text, s.query.offset); }
  void operator()(const PrepareStatement& s) { CheckSlice(text, s.query.text, s.query.offset); }
  void operator()(const ExplainStatement& s) { CheckSlice(text, s.query.text, s.query.offset); }
  void operator()(const ExecuteStatement& s) {
    for (const Slice& argument : s.arguments) {
      CheckSlice(text, argument.text, argument.offset);
      PROPERTY(Split(argument.text).size() <= text.size());
    }
  }
  void operator()(const CopyStatement& s) {
    CheckSlice(text, s.query, s.query_offset);
    CheckSlice(text, s.where, s.where_offset);
    PROPERTY(s.table.empty() != s.query.empty());
  }
  template <typename T>
  void operator()(const T&) {}
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  Tokenizer tokenizer(text);
  size_t at = 0;
  for (Token token = tokenizer.Next(); token.kind != TokenKind::kEnd; token = tokenizer.Next()) {
    PROPERTY(token.offset >= at && !token.text.empty());
    PROPERTY(text.substr(token.offset, token.text.size()) == token.text);
    at = token.end();
    if (token.kind == TokenKind::kString) PROPERTY(StringValue(token).size() <= token.text.size());
    if (token.kind == TokenKind::kQuotedName)
      PROPERTY(NameOf(Tokenizer(QuoteName(NameOf(token))).Next()) == NameOf(token));
  }
  at = 0;
  for (const Piece& piece : Split(text)) {
    PROPERTY(piece.offset >= at && !piece.text.empty());
    PROPERTY(text.substr(piece.offset, piece.text.size()) == piece.text);
    at = piece.offset + piece.text.size();
    auto again = Split(piece.text);
    PROPERTY(again.size() == 1 && again[0].text == piece.text);
    auto found = Recognise(piece.text);
    if (!found.ok()) {
      PROPERTY(found.status().position().value_or(0) <= piece.text.size());
    } else if (*found) {
      PROPERTY(!CommandOf(**found).empty());
      std::visit(Checker{piece.text}, **found);
    }
  }
  return 0;
}
