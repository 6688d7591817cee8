#include "engine/postgres_functions/number_picture.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "engine/postgres_functions/sql_error.h"

namespace skein::engine {
namespace {

bool Has(std::string_view text, size_t at, std::string_view word) {
  return text.size() - at >= word.size() &&
         strncasecmp(text.data() + at, word.data(), word.size()) == 0;
}

[[noreturn]] void Contradiction(const char* why) { ThrowSql("42601", why); }

}  // namespace

std::optional<std::string> RomanNumeral(int number) {
  if (number < 1 || number > 3999) return std::nullopt;
  constexpr std::array<std::pair<int, const char*>, 13> kParts = {{{1000, "M"},
                                                                   {900, "CM"},
                                                                   {500, "D"},
                                                                   {400, "CD"},
                                                                   {100, "C"},
                                                                   {90, "XC"},
                                                                   {50, "L"},
                                                                   {40, "XL"},
                                                                   {10, "X"},
                                                                   {9, "IX"},
                                                                   {5, "V"},
                                                                   {4, "IV"},
                                                                   {1, "I"}}};
  std::string out;
  for (auto [value, letters] : kParts) {
    for (; number >= value; number -= value) out += letters;
  }
  return out;
}

std::string_view OrdinalSuffix(std::string_view digits) {
  if (digits.empty()) return "th";
  char last = digits.back();
  bool teen = digits.size() > 1 && digits[digits.size() - 2] == '1';
  if (!teen && last == '1') return "st";
  if (!teen && last == '2') return "nd";
  if (!teen && last == '3') return "rd";
  return "th";
}

void NumberPicture::Add(Kind kind, std::string text) {
  if (exponent_ && kind != Kind::kText) Contradiction("\"EEEE\" must be the last pattern used");
  switch (kind) {
    case Kind::kNine:
    case Kind::kZero:
      if (brackets_) Contradiction("digits must be ahead of \"PR\"");
      if (shifting_) {
        ++shift_;
        ++integer_slots_;
      } else if (point_) {
        ++fraction_slots_;
      } else {
        if (kind == Kind::kZero && first_zero_ < 0) first_zero_ = integer_slots_;
        ++integer_slots_;
      }
      if (kind == Kind::kZero) last_zero_ = integer_slots_ + fraction_slots_ - 1;
      break;
    case Kind::kPoint:
      if (point_) Contradiction("multiple decimal points");
      if (shifting_) Contradiction("cannot use \"V\" and decimal point together");
      point_ = true;
      break;
    case Kind::kSign:
      if (sign_ != SignPlace::kDefault) Contradiction("cannot use \"S\" twice");
      if (minus_ || plus_ || brackets_)
        Contradiction("cannot use \"S\" and \"PL\"/\"MI\"/\"SG\"/\"PR\" together");
      sign_ = point_ ? SignPlace::kAfter : SignPlace::kBefore;
      slots_before_sign_ = integer_slots_;
      break;
    case Kind::kMinus:
    case Kind::kPlus:
    case Kind::kPlusMinus:
      if (sign_ != SignPlace::kDefault)
        Contradiction("cannot use \"S\" and \"PL\"/\"MI\"/\"SG\" together");
      minus_ = minus_ || kind != Kind::kPlus;
      plus_ = plus_ || kind != Kind::kMinus;
      break;
    case Kind::kBrackets:
      if (sign_ != SignPlace::kDefault || minus_ || plus_)
        Contradiction("cannot use \"PR\" and \"S\"/\"PL\"/\"MI\"/\"SG\" together");
      brackets_ = true;
      break;
    case Kind::kShift:
      if (point_) Contradiction("cannot use \"V\" and decimal point together");
      shifting_ = true;
      break;
    case Kind::kRoman:
    case Kind::kRomanLower:
      roman_ = true;
      break;
    case Kind::kExponent:
      if (fill_ || brackets_ || minus_ || plus_ || sign_ != SignPlace::kDefault || roman_ ||
          shifting_) {
        ThrowSql("42601", "\"EEEE\" is incompatible with other formats",
                 "\"EEEE\" may only be used together with digit and decimal point patterns.");
      }
      exponent_ = true;
      break;
    default:
      break;
  }
  items_.push_back({kind, std::move(text)});
}

NumberPicture::NumberPicture(std::string_view text) {
  struct Word {
    std::string_view text;
    Kind kind;
  };
  static constexpr auto kWords = std::to_array<Word>({{"EEEE", Kind::kExponent},
                                                      {"MI", Kind::kMinus},
                                                      {"PL", Kind::kPlus},
                                                      {"PR", Kind::kBrackets},
                                                      {"SG", Kind::kPlusMinus},
                                                      {"9", Kind::kNine},
                                                      {"0", Kind::kZero},
                                                      {".", Kind::kPoint},
                                                      {"D", Kind::kPoint},
                                                      {",", Kind::kComma},
                                                      {"G", Kind::kGroup},
                                                      {"L", Kind::kCurrency},
                                                      {"S", Kind::kSign},
                                                      {"V", Kind::kShift}});
  for (size_t i = 0; i < text.size();) {
    if (Has(text, i, "FM")) {
      fill_ = true;
      i += 2;
      continue;
    }
    if (Has(text, i, "RN")) {
      Add(text[i] == 'r' ? Kind::kRomanLower : Kind::kRoman);
      i += 2;
      continue;
    }
    if (Has(text, i, "TH")) {
      Add(text[i] == 't' ? Kind::kOrdinalLower : Kind::kOrdinal);
      i += 2;
      continue;
    }
    const auto* word = std::find_if(kWords.begin(), kWords.end(),
                                    [&](const Word& one) { return Has(text, i, one.text); });
    if (word != kWords.end()) {
      Add(word->kind);
      i += word->text.size();
    } else if (text[i] == '"') {
      std::string literal;
      for (++i; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) ++i;
        literal += text[i];
      }
      ++i;
      Add(Kind::kText, std::move(literal));
    } else {
      if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '"') ++i;
      Add(Kind::kText, std::string(1, text[i++]));
    }
  }
  if (sign_ == SignPlace::kBefore && slots_before_sign_ == integer_slots_)
    sign_ = SignPlace::kAfter;
}

std::string NumberPicture::Format(std::string_view number) const {
  bool negative = !number.empty() && number[0] == '-';
  if (negative) number.remove_prefix(1);
  size_t dot = number.find('.');
  std::string digits(number.substr(0, dot));
  std::string fraction(dot == number.npos ? std::string_view() : number.substr(dot + 1));
  if (exponent_) return (negative ? "-" : " ") + std::string(number);
  std::string roman;
  if (roman_) {
    int value = negative || digits.size() > 4 ? 0 : std::atoi(digits.c_str());
    roman = RomanNumeral(value).value_or(std::string(15, '#'));
    if (!fill_ && roman.size() < 15) roman.insert(0, 15 - roman.size(), ' ');
  }
  // A number that rounds to nothing has no sign to show for default signs either.
  size_t slots = static_cast<size_t>(integer_slots_);
  bool overflow = digits.size() > slots;
  if (overflow) {
    digits.assign(slots, '#');
    fraction.assign(fraction.size(), '#');
  }
  size_t blanks = slots - digits.size();
  fraction.resize(static_cast<size_t>(fraction_slots_), '0');

  // FM drops zeros at the end, but for those that a 0 asks for.
  size_t shown = fraction.size();
  if (fill_ && point_ && !overflow) {
    while (shown > 0 && fraction[shown - 1] == '0' &&
           last_zero_ < static_cast<int>(slots + shown - 1)) {
      --shown;
    }
  }
  // "0.1" with 9.9 is " .1": the only digit before the point is left out when there is a fraction.
  bool hide_zero = first_zero_ < 0 && digits == "0" && fraction_slots_ > 0 && !overflow;
  bool zero_alone = hide_zero && fill_ && shown == 0;

  std::string out;
  bool sign_written = minus_;
  bool digit_written = false;
  size_t slot = 0;
  const size_t all_slots = slots + static_cast<size_t>(fraction_slots_);
  auto write_sign = [&] {
    if (sign_written) return;
    sign_written = true;
    if (sign_ == SignPlace::kAfter) return;
    if (sign_ == SignPlace::kBefore) {
      out += negative ? '-' : '+';
    } else if (brackets_) {
      if (negative || !fill_) out += negative ? '<' : ' ';
    } else if (negative) {
      out += '-';
    } else if (!fill_) {
      out += ' ';
    }
  };
  auto close = [&] {
    if (sign_ == SignPlace::kAfter) out += negative ? '-' : '+';
    if (brackets_ && (negative || !fill_)) out += negative ? '>' : ' ';
  };
  auto number_item = [&](bool point) {
    if (point) {
      // Without digits behind it there is no point, but for what did not fit.
      if (fraction_slots_ == 0 && !overflow) return;
      write_sign();
      out += '.';
      digit_written = false;
      return;
    }
    digit_written = false;
    if (slot < slots) {
      bool blank = slot < blanks && (first_zero_ < 0 || static_cast<int>(slot) < first_zero_);
      if (blank) {
        if (!fill_) out += ' ';
      } else if (slot >= blanks && hide_zero && !zero_alone) {
        if (!fill_) out += ' ';
      } else {
        write_sign();
        out += slot < blanks ? '0' : digits[slot - blanks];
        digit_written = true;
      }
    } else {
      size_t index = slot - slots;
      write_sign();
      if (index < shown) {
        out += fraction[index];
        digit_written = true;
      }
    }
    if (++slot == all_slots) close();
  };

  for (const Item& item : items_) {
    switch (item.kind) {
      case Kind::kNine:
      case Kind::kZero:
        if (!roman_) number_item(false);
        break;
      case Kind::kPoint:
        if (!roman_) number_item(true);
        break;
      case Kind::kComma:
      case Kind::kGroup:
        if (digit_written) {
          out += ',';
        } else if (!fill_) {
          out += ' ';
        }
        break;
      case Kind::kCurrency:
        out += ' ';
        break;
      case Kind::kMinus:
        if (negative) {
          out += '-';
        } else if (!fill_) {
          out += ' ';
        }
        break;
      case Kind::kPlus:
        if (!negative) {
          out += '+';
        } else if (!fill_) {
          out += ' ';
        }
        break;
      case Kind::kPlusMinus:
        out += negative ? '-' : '+';
        break;
      case Kind::kRoman:
        out += roman;
        break;
      case Kind::kRomanLower:
        for (char c : roman) out += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
        break;
      case Kind::kOrdinal:
      case Kind::kOrdinalLower:
        if (!roman_ && !negative && !point_ && !overflow) {
          for (char c : OrdinalSuffix(digits))
            out += static_cast<char>(item.kind == Kind::kOrdinal ? c - 32 : c);
        }
        break;
      case Kind::kText:
        out += item.text;
        break;
      case Kind::kSign:
      case Kind::kBrackets:
      case Kind::kShift:
      case Kind::kExponent:
        break;
    }
  }
  return out;
}

std::string NumberPicture::Parse(std::string_view text) const {
  if (exponent_) ThrowSql("0A000", "\"EEEE\" not supported for input");
  if (roman_) ThrowSql("0A000", "\"RN\" not supported for input");
  std::string integer, fraction;
  bool negative = false;
  bool sign_seen = false;
  bool behind_point = false;
  size_t at = 0;
  auto sign = [&] {
    if (sign_seen || at >= text.size()) return;
    char c = text[at];
    if (c == '-' || c == '+' || (c == '<' && brackets_)) {
      negative = c != '+';
      sign_seen = true;
      ++at;
    }
  };
  auto spaces = [&] {
    while (at < text.size() && text[at] == ' ') ++at;
  };
  for (const Item& item : items_) {
    if (at >= text.size()) break;
    switch (item.kind) {
      case Kind::kNine:
      case Kind::kZero:
        spaces();
        sign();
        spaces();
        if (at < text.size() && text[at] >= '0' && text[at] <= '9') {
          (behind_point ? fraction : integer) += text[at++];
        } else if (at < text.size() && text[at] == '.' && point_ && !behind_point) {
          // The number has fewer digits than the template: its point comes earlier.
        }
        break;
      case Kind::kPoint:
        sign();
        if (at < text.size() && text[at] == '.') {
          ++at;
          behind_point = true;
        }
        break;
      case Kind::kComma:
      case Kind::kGroup:
        if (text[at] == ',') ++at;
        break;
      case Kind::kCurrency:
        if (!(text[at] >= '0' && text[at] <= '9') && text[at] != '-' && text[at] != '+' &&
            text[at] != '.')
          ++at;
        break;
      case Kind::kSign:
      case Kind::kMinus:
      case Kind::kPlus:
      case Kind::kPlusMinus:
        sign();
        break;
      case Kind::kOrdinal:
      case Kind::kOrdinalLower:
        at += 2;
        break;
      case Kind::kText:
        at += item.text.size();
        break;
      default:
        break;
    }
  }
  // A sign behind the number, where the template has it at the end or does not say.
  sign();
  if (integer.empty() && fraction.empty())
    ThrowSql("22P02", "invalid input syntax for type numeric: \"" + std::string(text) + "\"");
  if (shift_ > 0) {
    size_t places = static_cast<size_t>(shift_);
    if (integer.size() < places) integer.insert(0, places - integer.size(), '0');
    fraction = integer.substr(integer.size() - places);
    integer.erase(integer.size() - places);
  }
  if (integer.empty()) integer = "0";
  return (negative ? "-" : "") + integer + (fraction.empty() ? "" : "." + fraction);
}

}  // namespace skein::engine
