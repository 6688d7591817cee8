#pragma once

#include <cstdint>
#include <string_view>

/// The frame around the rows of a binary COPY.
namespace skein::results::copy_binary {

inline constexpr std::string_view kSignature{"PGCOPY\n\xff\r\n\0", 11};
/// Instead of a row's number of fields.
inline constexpr int16_t kTrailer = -1;

/// Signature, no flags, no extension.
inline constexpr std::string_view Header() { return {"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", 19}; }

}  // namespace skein::results::copy_binary
