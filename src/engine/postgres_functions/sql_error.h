#pragma once

#include <string>

namespace skein::engine {

/// Ends the query with an error that reaches the client with this SQLSTATE.
[[noreturn]] void ThrowSql(const char* sqlstate, const std::string& message,
                           const std::string& hint = {});

}  // namespace skein::engine
