#include "engine/postgres_functions/regex_pattern.h"

#include "engine/postgres_functions/registrar.h"

namespace skein::engine {
namespace {

/// The end of the bracket expression that begins at `at`: behind its `]`.
size_t BracketEnd(std::string_view pattern, size_t at) {
  size_t i = at + 1;
  if (i < pattern.size() && pattern[i] == '^') ++i;
  if (i < pattern.size() && pattern[i] == ']') ++i;
  while (i < pattern.size() && pattern[i] != ']') {
    if (pattern[i] == '\\') {
      ++i;
    } else if (pattern[i] == '[' && i + 1 < pattern.size() &&
               (pattern[i + 1] == ':' || pattern[i + 1] == '.' || pattern[i + 1] == '=')) {
      size_t end = pattern.find(std::string{pattern[i + 1], ']'}, i + 2);
      if (end != pattern.npos) i = end + 1;
    }
    ++i;
  }
  return i < pattern.size() ? i + 1 : pattern.size();
}

}  // namespace

RegexFlags ParseRegexFlags(std::string_view flags) {
  RegexFlags parsed;
  for (char flag : flags) {
    switch (flag) {
      case 'g':
        parsed.global = true;
        break;
      case 'i':
        parsed.ignore_case = true;
        break;
      case 'c':
        parsed.ignore_case = false;
        break;
      case 'q':
        parsed.literal = true;
        break;
      case 'm':
      case 'n':
        parsed.dot_matches_newline = false;
        parsed.lines = true;
        break;
      case 'p':
        parsed.dot_matches_newline = false;
        break;
      case 'w':
        parsed.lines = true;
        break;
      case 's':
        parsed.dot_matches_newline = true;
        parsed.lines = false;
        break;
      case 'e':
      case 't':
        break;
      default:
        ThrowSql("22023", std::string("invalid regular expression option: \"") + flag + "\"");
    }
  }
  return parsed;
}

std::string ToRe2(std::string_view pattern) {
  std::string out;
  // "***:" says that an advanced expression follows, "***=" a literal one.
  if (pattern.rfind("***=", 0) == 0) return "\\Q" + std::string(pattern.substr(4)) + "\\E";
  if (pattern.rfind("***:", 0) == 0) pattern.remove_prefix(4);
  for (size_t i = 0; i < pattern.size();) {
    char c = pattern[i];
    if (c == '[') {
      size_t end = BracketEnd(pattern, i);
      std::string_view bracket = pattern.substr(i, end - i);
      if (bracket == "[[:<:]]" || bracket == "[[:>:]]") {
        out += "\\b";
      } else {
        out += bracket;
      }
      i = end;
    } else if (c == '\\' && i + 1 < pattern.size()) {
      char next = pattern[i + 1];
      switch (next) {
        case 'y':  // at the edge of a word; RE2 has no other word than \b for its two ends
        case 'm':
        case 'M':
          out += "\\b";
          break;
        case 'Y':
          out += "\\B";
          break;
        case 'Z':
          out += "\\z";
          break;
        case 'e':
          out += "\\x1b";
          break;
        default:
          out += c;
          out += next;
      }
      i += 2;
    } else {
      out += c;
      ++i;
    }
  }
  return out;
}

std::string SimilarToRe2(std::string_view pattern) {
  std::string out = "(?:";
  for (size_t i = 0; i < pattern.size();) {
    char c = pattern[i];
    if (c == '\\') {
      if (i + 1 == pattern.size()) ThrowSql("22025", "invalid escape string");
      out += '\\';
      out += pattern[i + 1];
      i += 2;
      continue;
    }
    if (c == '[') {
      size_t end = BracketEnd(pattern, i);
      out += pattern.substr(i, end - i);
      i = end;
      continue;
    }
    switch (c) {
      case '%':
        out += ".*";
        break;
      case '_':
        out += '.';
        break;
      case '(':
        out += "(?:";
        break;
      case '.':
      case '^':
      case '$':
        out += '\\';
        out += c;
        break;
      default:
        out += c;
    }
    ++i;
  }
  return out + ")";
}

std::string ReplacementToRe2(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    char next = i + 1 < text.size() ? text[i + 1] : '\0';
    if (next == '&') {
      out += "\\0";
      ++i;
    } else if (next >= '1' && next <= '9') {
      out += '\\';
      out += next;
      ++i;
    } else {
      // A backslash before anything else stands for itself, and so does a doubled one.
      out += "\\\\";
      if (next == '\\') ++i;
    }
  }
  return out;
}

bool HoldsLazyQuantifier(std::string_view pattern) {
  for (size_t i = 0; i < pattern.size();) {
    if (pattern[i] == '\\') {
      i += 2;
    } else if (pattern[i] == '[') {
      i = BracketEnd(pattern, i);
    } else {
      char c = pattern[i];
      if ((c == '*' || c == '+' || c == '?' || c == '}') && i + 1 < pattern.size() &&
          pattern[i + 1] == '?') {
        return true;
      }
      ++i;
    }
  }
  return false;
}

}  // namespace skein::engine
