#pragma once

#include <cstddef>
#include <string_view>

namespace skein::results {

/// The bytes of the valid UTF-8 character at the start of `text`: 1 to 4, or 0 when there is none
/// (empty, cut off, overlong, a surrogate, above U+10FFFF, a stray byte).
size_t Utf8CharacterLength(std::string_view text);

}  // namespace skein::results
