#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace skein::security {

/// Base64 of RFC 4648, section 4, with padding.
std::string Base64Encode(std::string_view bytes);
/// Strict: nullopt for any other character (also line breaks), wrong padding, or bits that are
/// lost; so that a text that decodes is the one text for its bytes.
std::optional<std::string> Base64Decode(std::string_view text);
/// As Base64Decode, and the padding may be left out: Basic credentials of some drivers come
/// without.
std::optional<std::string> Base64DecodeUnpadded(std::string_view text);

}  // namespace skein::security
