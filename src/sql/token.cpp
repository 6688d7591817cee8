#include "sql/token.h"

namespace skein::sql {
namespace {

constexpr size_t kNone = std::string_view::npos;

bool IsSpace(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
/// Bytes above 127 are letters of UTF-8 names.
bool StartsName(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool ContinuesName(char c) { return StartsName(c) || IsDigit(c) || c == '$'; }

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

void AppendUtf8(unsigned code, std::string* out) {
  if (code < 0x80) {
    *out += static_cast<char>(code);
  } else if (code < 0x800) {
    *out += static_cast<char>(0xC0 | (code >> 6));
    *out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    *out += static_cast<char>(0xE0 | (code >> 12));
    *out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    *out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    *out += static_cast<char>(0xF0 | (code >> 18));
    *out += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    *out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    *out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

/// Up to `most` digits of `base` from `at` on; `*count` is how many there were.
unsigned Digits(std::string_view text, size_t at, size_t most, unsigned base, size_t* count) {
  unsigned value = 0;
  *count = 0;
  while (*count < most && at + *count < text.size()) {
    char c = Lower(text[at + *count]);
    unsigned digit = IsDigit(c)             ? static_cast<unsigned>(c - '0')
                     : c >= 'a' && c <= 'f' ? static_cast<unsigned>(c - 'a') + 10
                                            : 99;
    if (digit >= base) break;
    value = value * base + digit;
    ++*count;
  }
  return value;
}

/// The escape behind the backslash at `at`; moves `at` past it.
void Unescape(std::string_view text, size_t* at, std::string* out) {
  char c = text[*at + 1];
  *at += 2;
  size_t count = 0;
  switch (c) {
    case 'b':
      *out += '\b';
      return;
    case 'f':
      *out += '\f';
      return;
    case 'n':
      *out += '\n';
      return;
    case 'r':
      *out += '\r';
      return;
    case 't':
      *out += '\t';
      return;
    case 'x':
    case 'u':
    case 'U': {
      size_t most = c == 'x' ? 2 : c == 'u' ? 4 : 8;
      unsigned value = Digits(text, *at, most, 16, &count);
      if (count == 0) {
        *out += c;
        return;
      }
      *at += count;
      if (c == 'x') {
        *out += static_cast<char>(value);
      } else {
        AppendUtf8(value <= 0x10FFFF ? value : 0xFFFD, out);
      }
      return;
    }
    default:
      if (c >= '0' && c <= '7') {
        unsigned value = Digits(text, *at - 1, 3, 8, &count);
        *at += count - 1;
        *out += static_cast<char>(value & 0xFF);
        return;
      }
      *out += c;
  }
}

}  // namespace

bool Token::Is(std::string_view word) const {
  if (kind != TokenKind::kWord || text.size() != word.size()) return false;
  for (size_t i = 0; i < word.size(); ++i) {
    if (Lower(text[i]) != word[i]) return false;
  }
  return true;
}

Token Tokenizer::Take(TokenKind kind, size_t end) {
  Token token{kind, text_.substr(at_, end - at_), at_};
  at_ = end;
  return token;
}

bool Tokenizer::SkipSpace() {
  while (at_ < text_.size()) {
    if (IsSpace(text_[at_])) {
      ++at_;
    } else if (text_.compare(at_, 2, "--") == 0) {
      size_t end = text_.find_first_of("\r\n", at_);
      at_ = end == kNone ? text_.size() : end;
    } else if (text_.compare(at_, 2, "/*") == 0) {
      size_t end = at_ + 2;
      for (size_t depth = 1; depth > 0;) {
        size_t next = text_.find_first_of("*/", end);
        if (next == kNone) return false;
        if (text_.compare(next, 2, "*/") == 0) {
          --depth;
          end = next + 2;
        } else if (text_.compare(next, 2, "/*") == 0) {
          ++depth;
          end = next + 2;
        } else {
          end = next + 1;
        }
      }
      at_ = end;
    } else {
      break;
    }
  }
  return true;
}

size_t Tokenizer::QuoteEnd(size_t open, bool backslashes) const {
  char quote = text_[open];
  for (size_t i = open + 1; i < text_.size(); ++i) {
    if (backslashes && text_[i] == '\\') {
      ++i;
    } else if (text_[i] == quote) {
      if (i + 1 < text_.size() && text_[i + 1] == quote) {
        ++i;
      } else {
        return i + 1;
      }
    }
  }
  return kNone;
}

Token Tokenizer::Next() {
  if (!SkipSpace()) return Take(TokenKind::kBad, text_.size());
  if (at_ == text_.size()) return Take(TokenKind::kEnd, at_);
  auto quoted = [&](TokenKind kind, size_t open, bool backslashes) {
    size_t end = QuoteEnd(open, backslashes);
    return end == kNone ? Take(TokenKind::kBad, text_.size()) : Take(kind, end);
  };
  char c = text_[at_];
  char next = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
  if (c == '\'') return quoted(TokenKind::kString, at_, false);
  if (c == '"') return quoted(TokenKind::kQuotedName, at_, false);
  if (next == '\'') {
    char prefix = Lower(c);
    if (prefix == 'e') return quoted(TokenKind::kString, at_ + 1, true);
    if (prefix == 'b' || prefix == 'x' || prefix == 'n')
      return quoted(TokenKind::kString, at_ + 1, false);
  }
  if (Lower(c) == 'u' && next == '&' && at_ + 2 < text_.size()) {
    if (text_[at_ + 2] == '\'') return quoted(TokenKind::kString, at_ + 2, false);
    if (text_[at_ + 2] == '"') return quoted(TokenKind::kQuotedName, at_ + 2, false);
  }
  if (c == '$') {
    size_t end = at_ + 1;
    if (IsDigit(next)) {
      while (end < text_.size() && IsDigit(text_[end])) ++end;
      return Take(TokenKind::kParameter, end);
    }
    while (end < text_.size() && ContinuesName(text_[end]) && text_[end] != '$') ++end;
    if (end < text_.size() && text_[end] == '$') {
      std::string_view tag = text_.substr(at_, end + 1 - at_);
      size_t close = text_.find(tag, end + 1);
      if (close == kNone) return Take(TokenKind::kBad, text_.size());
      return Take(TokenKind::kString, close + tag.size());
    }
    if (end > at_ + 1) return Take(TokenKind::kParameter, end);
    return Take(TokenKind::kOperator, at_ + 1);
  }
  if (c == '?') return Take(TokenKind::kParameter, at_ + 1);
  if (StartsName(c)) {
    size_t end = at_ + 1;
    while (end < text_.size() && ContinuesName(text_[end])) ++end;
    return Take(TokenKind::kWord, end);
  }
  if (IsDigit(c) || (c == '.' && IsDigit(next))) {
    size_t end = at_;
    auto digits = [&] {
      while (end < text_.size() && (IsDigit(text_[end]) || text_[end] == '_')) ++end;
    };
    digits();
    if (end < text_.size() && text_[end] == '.') {
      ++end;
      digits();
    }
    if (end < text_.size() && Lower(text_[end]) == 'e') {
      size_t exponent = end + 1;
      if (exponent < text_.size() && (text_[exponent] == '+' || text_[exponent] == '-')) ++exponent;
      if (exponent < text_.size() && IsDigit(text_[exponent])) {
        end = exponent;
        digits();
      }
    }
    return Take(TokenKind::kNumber, end);
  }
  return Take(TokenKind::kOperator, at_ + 1);
}

std::string LowerAscii(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = Lower(c);
  return lower;
}

std::string NameOf(const Token& token) {
  if (token.kind == TokenKind::kWord) return LowerAscii(token.text);
  size_t open = token.text.find('"');
  std::string name;
  for (size_t i = open + 1; i + 1 < token.text.size(); ++i) {
    name += token.text[i];
    if (token.text[i] == '"') ++i;
  }
  return name;
}

std::string StringValue(const Token& token) {
  std::string_view text = token.text;
  if (text[0] == '$') {
    size_t tag = text.find('$', 1) + 1;
    return std::string(text.substr(tag, text.size() - 2 * tag));
  }
  bool backslashes = Lower(text[0]) == 'e';
  std::string value;
  for (size_t i = text.find('\'') + 1; i + 1 < text.size();) {
    if (backslashes && text[i] == '\\') {
      Unescape(text.substr(0, text.size() - 1), &i, &value);
    } else {
      value += text[i];
      i += text[i] == '\'' ? 2 : 1;
    }
  }
  return value;
}

std::string QuoteName(std::string_view name) {
  std::string quoted = "\"";
  for (char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string QuoteLiteral(std::string_view value) {
  std::string quoted = "'";
  for (char c : value) {
    if (c == '\'') quoted += '\'';
    quoted += c;
  }
  return quoted + '\'';
}

}  // namespace skein::sql
