#include "common/status.h"

#include <gtest/gtest.h>

namespace skein {
namespace {

Result<int> Half(int n) {
  if (n % 2) return errors::InvalidParameter("odd: " + std::to_string(n));
  return n / 2;
}

Result<int> Quarter(int n) {
  SKEIN_ASSIGN_OR_RETURN(int half, Half(n));
  return Half(half);
}

TEST(Status, OkCarriesNothing) {
  Status status;
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(status.sqlstate(), "00000");
  EXPECT_EQ(status.ToString(), "OK");
}

TEST(Status, ACopyKeepsItsTextWhenTheOriginalGainsAHint) {
  Status first = errors::Syntax("unexpected end");
  Status copy = first;
  Status hinted = std::move(first).WithHint("close the quote");
  EXPECT_EQ(copy.hint(), "");
  EXPECT_EQ(hinted.hint(), "close the quote");
  EXPECT_EQ(hinted.sqlstate(), "42601");
}

TEST(Result, PassesTheErrorThrough) {
  EXPECT_EQ(*Quarter(12), 3);
  EXPECT_EQ(Quarter(6).status().message(), "odd: 3");
}

}  // namespace
}  // namespace skein
