#include "results/pg_type.h"

#include <gtest/gtest.h>

namespace skein::results {
namespace {

TEST(PgType, OfDuckDbTypes) {
  const std::pair<const char*, PgType> kExpected[] = {
      {"BOOLEAN", {16, 1, -1}},
      {"TINYINT", {21, 2, -1}},
      {"USMALLINT", {23, 4, -1}},
      {"UINTEGER", {20, 8, -1}},
      {"UBIGINT", {1700, -1, -1}},
      {"HUGEINT", {1700, -1, -1}},
      {"DECIMAL(18,3)", {1700, -1, ((18 << 16) | 3) + 4}},
      {"DECIMAL(18,3)[]", {1231, -1, ((18 << 16) | 3) + 4}},
      {"VARCHAR", {25, -1, -1}},
      {"ENUM('a')", {25, -1, -1}},
      {"\"NULL\"", {25, -1, -1}},
      {"GEOMETRY", {25, -1, -1}},
      {"JSON", {114, -1, -1}},
      {"STRUCT(a INTEGER)", {114, -1, -1}},
      {"STRUCT(a INTEGER)[]", {199, -1, -1}},
      {"MAP(VARCHAR, INTEGER)", {114, -1, -1}},
      {"UUID", {2950, 16, -1}},
      {"INTERVAL", {1186, 16, -1}},
      {"TIME WITH TIME ZONE", {1266, 12, -1}},
      {"TIMESTAMP WITH TIME ZONE", {1184, 8, -1}},
      {"TIMESTAMP_NS", {1114, 8, -1}},
      {"BIT", {1562, -1, -1}},
      {"BLOB", {17, -1, -1}},
      {"INTEGER[]", {1007, -1, -1}},
      {"INTEGER[3][]", {1007, -1, -1}},
      {"VARCHAR[]", {1009, -1, -1}},
  };
  for (const auto& [name, pg] : kExpected) {
    auto type = PgTypeNamed(name);
    ASSERT_TRUE(type.ok()) << name;
    EXPECT_EQ(type->oid, pg.oid) << name;
    EXPECT_EQ(type->typlen, pg.typlen) << name;
    EXPECT_EQ(type->typmod, pg.typmod) << name;
  }
}

TEST(PgType, OfDeclaredParameters) {
  EXPECT_EQ(*DuckDbTypeForOid(0), "");
  EXPECT_EQ(*DuckDbTypeForOid(pg_oid::kUnknown), "");
  EXPECT_EQ(*DuckDbTypeForOid(pg_oid::kBpchar), "VARCHAR");
  EXPECT_EQ(*DuckDbTypeForOid(pg_oid::kJsonb), "JSON");
  EXPECT_EQ(*DuckDbTypeForOid(1015), "VARCHAR[]");
  EXPECT_EQ(*DuckDbTypeForOid(1185), "TIMESTAMP WITH TIME ZONE[]");
  EXPECT_EQ(DuckDbTypeForOid(600).status().sqlstate(), "42704");
}

}  // namespace
}  // namespace skein::results
