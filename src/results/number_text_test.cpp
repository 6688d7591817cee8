#include "results/number_text.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace skein::results {
namespace {

std::string Double(double value) {
  char text[kMaxFloatText];
  return {text, WriteDouble(text, value)};
}

// The digits alone, without zeros on either side, point and exponent.
std::string Digits(std::string text) {
  text.resize(std::min(text.find('e'), text.size()));
  std::erase_if(text, [](char c) { return c < '0' || c > '9'; });
  text.erase(0, text.find_first_not_of('0'));
  text.erase(text.find_last_not_of('0') + 1);
  return text;
}

void ExpectShortest(double value) {
  std::string text = Double(value);
  double back = 0;
  auto parsed = std::from_chars(text.data(), text.data() + text.size(), back);
  ASSERT_EQ(parsed.ptr, text.data() + text.size()) << text;
  ASSERT_EQ(std::bit_cast<uint64_t>(back), std::bit_cast<uint64_t>(value)) << text;
  char shortest[kMaxFloatText];
  std::string other(shortest, std::to_chars(shortest, shortest + sizeof(shortest), value,
                                            std::chars_format::scientific)
                                  .ptr);
  // From 2^54 on PostgreSQL's digits may be other ones.
  if (std::fabs(value) < 1e16) {
    ASSERT_EQ(Digits(text), Digits(other)) << text;
  }
}

TEST(NumberText, DoublesReadBackAndAreShortest) {
  std::mt19937_64 random(20);
  for (int i = 0; i < 200'000; ++i) {
    auto any = std::bit_cast<double>(random());
    if (std::isfinite(any)) ExpectShortest(any);
    ExpectShortest(static_cast<double>(random()) / 1e9);
    ExpectShortest(static_cast<double>(random() % 100'000'000) / 7);
    ExpectShortest(-static_cast<double>(random() % 10'000'000) / 100);
    ExpectShortest(static_cast<double>(random() >> (random() % 60)) / 1e21);
  }
  using Limits = std::numeric_limits<double>;
  for (double edge : {0.0, -0.0, 1.0, 1e15, 1e15 - 0.125, 999999999999999.9, 1e16, 0.1, 1e-4,
                      9.999999999999999e-5, Limits::min(), Limits::denorm_min(), Limits::max(),
                      1.0000000000000002, 123456.789012}) {
    ExpectShortest(edge);
  }
}

TEST(NumberText, LaysDoublesOutAsPostgresDoes) {
  EXPECT_EQ(Double(1.0 / 3), "0.3333333333333333");
  EXPECT_EQ(Double(100.0 / 3), "33.333333333333336");
  EXPECT_EQ(Double(-1e14 - 0.25), "-100000000000000.25");
  EXPECT_EQ(Double(1e14), "100000000000000");
  EXPECT_EQ(Double(1e15), "1e+15");
  EXPECT_EQ(Double(1234567890123456.5), "1.2345678901234565e+15");
  EXPECT_EQ(Double(0.0001), "0.0001");
  EXPECT_EQ(Double(0.00001234), "1.234e-05");
  EXPECT_EQ(Double(5e-324), "5e-324");
  EXPECT_EQ(Double(-0.0), "-0");
}

TEST(NumberText, WritesWholeNumbersToTheirBounds) {
  char text[kMaxIntegerText];
  EXPECT_EQ(std::string(text, WriteInteger(text, std::numeric_limits<int64_t>::min())),
            "-9223372036854775808");
  EXPECT_EQ(std::string(text, WriteInteger(text, std::numeric_limits<uint64_t>::max())),
            "18446744073709551615");
  EXPECT_EQ(std::string(text, WriteInteger(text, int8_t{-128})), "-128");
  EXPECT_EQ(std::string(text, WriteInteger(text, uint8_t{65})), "65");
}

}  // namespace
}  // namespace skein::results
