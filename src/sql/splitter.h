#pragma once

#include <string_view>
#include <vector>

namespace skein::sql {

/// One statement of a text: from its first token to its last, without the semicolon.
struct Piece {
  std::string_view text;
  /// Where it begins in the whole text, in bytes.
  size_t offset = 0;
};

/// Cuts a text at its semicolons, by the lexical level alone: those in strings, names, comments and
/// dollar quotes do not count. Pieces that hold no token are left out. What is never closed belongs
/// to the last piece, whose parser has the words for it. The pieces are views into `text`.
std::vector<Piece> Split(std::string_view text);

}  // namespace skein::sql
