#include "engine/postgres_catalog/operator_classes.h"

#include <string_view>

#include "engine/postgres_catalog/tokens.h"

namespace skein::engine::postgres_catalog {

bool TakeOperatorClasses(std::string* sql) {
  const auto tokens = Tokens(*sql);
  auto is = [&](size_t i, std::string_view text) {
    return i < tokens.size() && !tokens[i].quoted && tokens[i].text == text;
  };
  if (!is(0, "create") || !(is(1, "index") || (is(1, "unique") && is(2, "index")))) return false;
  bool taken = false;
  int depth = 0;
  for (size_t i = 2; i < tokens.size(); ++i) {
    if (is(i, "(")) ++depth;
    if (is(i, ")")) --depth;
    // Behind a column or the end of an expression, not in the place of one.
    if (depth != 1 || tokens[i].quoted || !tokens[i].text.ends_with("_ops")) continue;
    if (is(i - 1, "(") || is(i - 1, ",") || is(i - 1, ".")) continue;
    if (is(i + 1, ",") || is(i + 1, ")") || is(i + 1, "asc") || is(i + 1, "desc") ||
        is(i + 1, "nulls")) {
      Blank(tokens[i], sql);
      taken = true;
    }
  }
  return taken;
}

}  // namespace skein::engine::postgres_catalog
