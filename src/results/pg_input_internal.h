#pragma once

#include <string>
#include <string_view>

namespace skein::results {

/// Without the white space around it.
std::string_view TrimInput(std::string_view text);
/// ASCII letters in lower case.
std::string LowerInput(std::string_view text);
/// As much of a wrong value as an error quotes.
std::string_view ShownInput(std::string_view text);

}  // namespace skein::results
