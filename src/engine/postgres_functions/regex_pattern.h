#pragma once

#include <string>
#include <string_view>

namespace skein::engine {

/// PostgreSQL's flags of a regular expression function.
struct RegexFlags {
  bool global = false;
  bool ignore_case = false;
  bool literal = false;
  bool dot_matches_newline = true;
  /// ^ and $ match at lines.
  bool lines = false;
};

/// Throws 22023 for a flag that is none.
RegexFlags ParseRegexFlags(std::string_view flags);

/// An advanced regular expression of PostgreSQL as RE2 writes it. Back references and look-around
/// have no twin there and stay: compiling them fails with a message.
std::string ToRe2(std::string_view pattern);

/// A pattern of SIMILAR TO.
std::string SimilarToRe2(std::string_view pattern);

/// What regexp_replace() puts in: \\& is the whole match, \\1 to \\9 are groups.
std::string ReplacementToRe2(std::string_view text);

/// `*?` and the like, which ask for the shortest match.
bool HoldsLazyQuantifier(std::string_view pattern);

}  // namespace skein::engine
