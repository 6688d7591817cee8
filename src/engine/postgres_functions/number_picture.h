#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skein::engine {

/// A template of to_char() and to_number() for numbers, such as 'FM9G999D00'. Pure: text to text.
class NumberPicture {
 public:
  /// Throws 42601 for a template that contradicts itself.
  explicit NumberPicture(std::string_view text);

  /// How many digits behind the point the number must be given with, and by how many places its
  /// point is moved before that (V).
  int fraction_digits() const { return exponent_ ? 0 : fraction_slots_; }
  int shift() const { return shift_; }
  bool roman() const { return roman_; }
  /// d.dde+xx: the number is given as printf's %e writes it.
  bool exponent() const { return exponent_; }
  int exponent_digits() const { return fraction_slots_; }

  /// `number`: an optional minus, digits, and a point with fraction_digits() digits when there are
  /// any.
  std::string Format(std::string_view number) const;

  /// The number in `text` as digits with sign and point. Throws 22P02 when there is none.
  std::string Parse(std::string_view text) const;
  /// Digits behind the point that Parse can give.
  int parsed_scale() const { return fraction_slots_ + shift_; }

 private:
  enum class Kind {
    kNine,
    kZero,
    kPoint,
    kGroup,
    kComma,
    kCurrency,
    kSign,
    kMinus,
    kPlus,
    kPlusMinus,
    kBrackets,
    kRoman,
    kRomanLower,
    kOrdinal,
    kOrdinalLower,
    kShift,
    kExponent,
    kText
  };
  struct Item {
    Kind kind;
    std::string text;
  };
  enum class SignPlace { kDefault, kBefore, kAfter };

  void Add(Kind kind, std::string text = {});

  std::vector<Item> items_;
  int integer_slots_ = 0;
  int fraction_slots_ = 0;
  int shift_ = 0;
  int first_zero_ = -1;  ///< the integer slot of the first 0
  int last_zero_ = -1;   ///< the slot of the last 0, counted over both sides of the point
  int slots_before_sign_ = -1;
  bool fill_ = false;      ///< FM
  bool shifting_ = false;  ///< behind V
  bool point_ = false;
  bool brackets_ = false, minus_ = false, plus_ = false, roman_ = false, exponent_ = false;
  SignPlace sign_ = SignPlace::kDefault;
};

/// 1 to 3999; nothing else.
std::optional<std::string> RomanNumeral(int number);
/// "st", "nd", "rd" or "th" for a number that ends in these digits.
std::string_view OrdinalSuffix(std::string_view digits);

}  // namespace skein::engine
