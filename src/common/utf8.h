#pragma once

#include <cstddef>
#include <string_view>

namespace skein {

/// Where the first byte is that can not be part of UTF-8 (RFC 3629: no overlong forms, no
/// surrogates, nothing above U+10FFFF, no cut-off sequence at the end), as the offset of the
/// sequence's first byte; npos when all of it is good. A NUL byte is valid UTF-8. Runs of ASCII are
/// skipped eight bytes at a time.
size_t FindInvalidUtf8(std::string_view text);

inline bool IsValidUtf8(std::string_view text) {
  return FindInvalidUtf8(text) == std::string_view::npos;
}

/// How many characters (code points) valid UTF-8 text has; PostgreSQL counts error positions in
/// them.
size_t CountUtf8Characters(std::string_view text);

}  // namespace skein
