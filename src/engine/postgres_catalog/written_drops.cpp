#include "engine/postgres_catalog/written_drops.h"

#include <string_view>

#include "engine/postgres_catalog/tokens.h"

namespace skein::engine::postgres_catalog {
namespace {

bool Is(const std::vector<Token>& tokens, size_t i, std::string_view text) {
  return i < tokens.size() && !tokens[i].quoted && tokens[i].text == text;
}

/// Where the first name stands, behind DROP and the kind of object.
size_t FirstName(const std::vector<Token>& tokens) {
  return Is(tokens, 2, "if") && Is(tokens, 3, "exists") ? 4 : 2;
}

}  // namespace

bool WantsOneObject(const std::string& message) {
  return message.find("Can only drop one object") != std::string::npos;
}

std::vector<std::string> SeparateDrops(const std::string& sql) {
  const auto tokens = Tokens(sql);
  const size_t first = FirstName(tokens);
  if (!Is(tokens, 0, "drop") || first >= tokens.size()) return {};
  size_t last = tokens.size();
  while (last > first && Is(tokens, last - 1, ";")) --last;
  if (last > first && (Is(tokens, last - 1, "cascade") || Is(tokens, last - 1, "restrict"))) --last;
  const std::string lead = sql.substr(0, tokens[first].start);
  const std::string behind = last < tokens.size() ? sql.substr(tokens[last].start) : "";
  std::vector<std::string> drops;
  for (size_t begin = first, i = first; i <= last; ++i) {
    if (Is(tokens, i, ";") && i < last) return {};
    if (i < last && !Is(tokens, i, ",")) continue;
    const size_t from = begin < tokens.size() ? tokens[begin].start : sql.size();
    const size_t to = i < tokens.size() ? tokens[i].start : sql.size();
    drops.push_back(lead + sql.substr(from, to - from) + " " + behind);
    begin = i + 1;
  }
  return drops;
}

bool TakeDroppedArguments(std::string* sql) {
  const auto tokens = Tokens(*sql);
  if (!Is(tokens, 0, "drop") || !Is(tokens, 1, "function")) return false;
  size_t at = FirstName(tokens) + 1;
  while (Is(tokens, at, ".")) at += 2;
  if (!Is(tokens, at, "(")) return false;
  size_t depth = 0;
  for (size_t i = at; i < tokens.size(); ++i) {
    depth += Is(tokens, i, "(");
    depth -= Is(tokens, i, ")");
    Blank(tokens[i], sql);
    if (depth == 0) return true;
  }
  return false;
}

}  // namespace skein::engine::postgres_catalog
