#pragma once

#include <string>

namespace skein::engine {

/// `name` as an identifier in SQL: quoted unless it is plain, in lower case and no reserved word.
std::string QuoteIdentifier(const std::string& name);
/// `text` as a literal in SQL, with E'...' when there is a backslash in it.
std::string QuoteLiteral(const std::string& text);

}  // namespace skein::engine
