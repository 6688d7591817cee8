#include "frontends/http/error_mapping.h"

#include <gtest/gtest.h>

namespace skein::frontends::http {
namespace {

TEST(ErrorMappingTest, EveryKindHasItsCode) {
  auto code = [](const Status& status) { return FromStatus(status).status; };
  EXPECT_EQ(code(errors::Syntax("x")), 400);
  EXPECT_EQ(code(errors::InvalidParameter("x")), 400);
  EXPECT_EQ(code(errors::NotSupported("x")), 400);
  EXPECT_EQ(code(errors::Unauthenticated("x")), 401);
  EXPECT_EQ(code(errors::PermissionDenied("x")), 403);
  EXPECT_EQ(code(errors::TimedOut("x")), 408);
  EXPECT_EQ(code(errors::Cancelled("x")), 499);
  EXPECT_EQ(code(errors::Internal("x")), 500);
  EXPECT_EQ(code(errors::IoError("x")), 500);
  EXPECT_EQ(code(errors::ShuttingDown("x")), 503);
  EXPECT_EQ(code(Status(StatusCode::kResourceExhausted, "53200", "x").WithOrigin(Origin::kServer)),
            503);
  EXPECT_EQ(code(Status(StatusCode::kNotFound, "42883", "x")), 400);
}

TEST(ErrorMappingTest, TextsThatClientsCompare) {
  EXPECT_EQ(FromStatus(errors::Syntax("near \"x\"")).body,
            R"({"detail":"Invalid SQL syntax: near \"x\""})");
  EXPECT_EQ(
      FromStatus(Status(StatusCode::kNotFound, "42P01", "no").WithSubject("t")).body,
      R"x({"detail":"No data files found for table 't' with supported extensions (.parquet, .csv, .json)"})x");
  EXPECT_EQ(FromStatus(errors::Internal("x")).body,
            R"({"detail":"An internal error occurred: x"})");
  EXPECT_EQ(FromStatus(Status(StatusCode::kInvalidArgument, "42703", "no").WithHint("do")).body,
            R"({"detail":"no\ndo"})");
  EXPECT_EQ(DetailError(400, "\xff").body, "{\"detail\":\"\xEF\xBF\xBD\"}");
}

}  // namespace
}  // namespace skein::frontends::http
