#include "common/utf8.h"

#include <cstdint>
#include <string>

#include <gtest/gtest.h>

namespace skein {
namespace {

// The definition, written the slow way: decode each sequence, then look at the number.
bool Reference(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    auto lead = static_cast<unsigned char>(text[i]);
    size_t length = lead < 0x80         ? 1
                    : (lead >> 5) == 6  ? 2
                    : (lead >> 4) == 14 ? 3
                    : (lead >> 3) == 30 ? 4
                                        : 0;
    if (length == 0 || text.size() - i < length) return false;
    uint32_t code = length == 1 ? lead : lead & (0x7fu >> length);
    for (size_t k = 1; k < length; ++k) {
      auto next = static_cast<unsigned char>(text[i + k]);
      if ((next >> 6) != 2) return false;
      code = code << 6 | (next & 0x3f);
    }
    constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < kSmallest[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
      return false;
    i += length;
  }
  return true;
}

TEST(Utf8, AcceptsTextOfEveryLength) {
  EXPECT_TRUE(IsValidUtf8(""));
  EXPECT_TRUE(IsValidUtf8(std::string("\0", 1)));
  for (size_t n = 0; n < 40; ++n) {
    EXPECT_TRUE(IsValidUtf8(std::string(n, 'a'))) << n;
    EXPECT_TRUE(IsValidUtf8(std::string(n, 'a') + "é€𝄞" + std::string(n, 'b'))) << n;
    EXPECT_EQ(FindInvalidUtf8(std::string(n, 'a') + "\xff" + std::string(n, 'b')), n);
  }
}

TEST(Utf8, RefusesEveryMalformedForm) {
  for (const char* bad :
       {"\x80", "\xbf", "\xc0\xaf", "\xc1\xbf", "\xc3", "\xc3(", "\xe0\x9f\xbf", "\xed\xa0\x80",
        "\xe2\x82", "\xe2\x28\xa1", "\xe2\x82\x28", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
        "\xf0\x9f\x92", "\xf0\x28\x8c\xbc", "\xf5\x80\x80\x80", "\xfe", "\xff"}) {
    EXPECT_EQ(FindInvalidUtf8(bad), 0u) << bad;
    EXPECT_EQ(FindInvalidUtf8("sélect 12345678 " + std::string(bad)), 17u) << bad;
  }
}

TEST(Utf8, AgreesWithTheDefinitionOnAllShortInputs) {
  // Every two bytes, and every two bytes after each lead byte that has a special rule.
  for (const char* prefix :
       {"", "\xe0", "\xe1", "\xed", "\xef", "\xf0", "\xf1", "\xf4", "\xf0\x90", "\xf4\x8f"}) {
    for (int a = 0; a < 256; ++a) {
      for (int b = 0; b < 256; ++b) {
        std::string text = std::string(prefix) + static_cast<char>(a) + static_cast<char>(b);
        ASSERT_EQ(IsValidUtf8(text), Reference(text)) << prefix << a << " " << b;
      }
    }
  }
}

TEST(Utf8, CountsCharacters) {
  EXPECT_EQ(CountUtf8Characters(""), 0u);
  EXPECT_EQ(CountUtf8Characters("aé€𝄞"), 4u);
}

}  // namespace
}  // namespace skein
