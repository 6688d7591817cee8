#include "results/duckdb_type.h"

#include <random>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skein::results {
namespace {

using testing::ElementsAre;

DuckDbType Parse(std::string_view text) {
  auto type = ParseDuckDbType(text);
  EXPECT_TRUE(type.ok()) << text << ": " << type.status().ToString();
  return type.ok() ? *type : DuckDbType();
}

TEST(DuckDbType, SimpleNames) {
  EXPECT_EQ(Parse("INTEGER").kind, TypeKind::kInteger);
  EXPECT_EQ(Parse("varchar").kind, TypeKind::kVarchar);
  EXPECT_EQ(Parse("TIMESTAMP WITH TIME ZONE").kind, TypeKind::kTimestampTz);
  EXPECT_EQ(Parse("TIME WITH TIME ZONE").kind, TypeKind::kTimeTz);
  EXPECT_EQ(Parse("TIMESTAMP_NS").kind, TypeKind::kTimestampNs);
  EXPECT_EQ(Parse("\"NULL\"").kind, TypeKind::kNull);
  EXPECT_EQ(Parse("GEOMETRY('EPSG:4326 (x)')").kind, TypeKind::kOther);
  EXPECT_EQ(Parse("\"integer\"").kind, TypeKind::kOther);
}

TEST(DuckDbType, DecimalHasWidthAndScale) {
  DuckDbType type = Parse("DECIMAL(38, 10)");
  EXPECT_EQ(type.kind, TypeKind::kDecimal);
  EXPECT_EQ(type.precision, 38);
  EXPECT_EQ(type.scale, 10);
  EXPECT_FALSE(ParseDuckDbType("DECIMAL(39,1)").ok());
  EXPECT_FALSE(ParseDuckDbType("DECIMAL(3,4)").ok());
}

TEST(DuckDbType, ListsAndArraysNestFromTheLeft) {
  DuckDbType type = Parse("INTEGER[3][]");
  ASSERT_EQ(type.kind, TypeKind::kList);
  EXPECT_EQ(type.children[0].kind, TypeKind::kArray);
  EXPECT_EQ(type.children[0].array_size, 3);
  EXPECT_EQ(type.children[0].children[0].kind, TypeKind::kInteger);
}

TEST(DuckDbType, StructNamesMayBeQuotedOrLookLikeTypes) {
  DuckDbType type =
      Parse(R"~(STRUCT(a INTEGER, "b, ""c)" VARCHAR[], "time" TIME WITH TIME ZONE, date DATE))~");
  ASSERT_EQ(type.kind, TypeKind::kStruct);
  EXPECT_THAT(type.names, ElementsAre("a", "b, \"c)", "time", "date"));
  EXPECT_EQ(type.children[1].kind, TypeKind::kList);
  EXPECT_EQ(type.children[2].kind, TypeKind::kTimeTz);
  EXPECT_EQ(type.children[3].kind, TypeKind::kDate);
}

TEST(DuckDbType, UnnamedStruct) {
  DuckDbType type = Parse("STRUCT(INTEGER, STRUCT(VARCHAR, TIMESTAMP WITH TIME ZONE))");
  EXPECT_THAT(type.names, ElementsAre("", ""));
  EXPECT_EQ(type.children[1].children[1].kind, TypeKind::kTimestampTz);
}

TEST(DuckDbType, MapUnionAndEnum) {
  DuckDbType map = Parse("MAP(VARCHAR, STRUCT(a INTEGER)[])[]");
  EXPECT_EQ(map.children[0].kind, TypeKind::kMap);
  EXPECT_EQ(map.children[0].children[1].kind, TypeKind::kList);
  EXPECT_THAT(Parse("UNION(num INTEGER, str VARCHAR)").names, ElementsAre("num", "str"));
  EXPECT_EQ(Parse("ENUM('a', 'it''s, (b)', ']')[]").children[0].kind, TypeKind::kEnum);
}

TEST(DuckDbType, RefusesWhatIsNoType) {
  for (const char* text :
       {"", "(", "STRUCT(", "STRUCT(a", "STRUCT(a INTEGER", "ENUM('a", "MAP(VARCHAR)", "INTEGER[",
        "INTEGER[-1]", "INTEGER[99999999999999999999]", "INTEGER]", "\"a", "VARCHAR(3", "a b c"}) {
    EXPECT_EQ(ParseDuckDbType(text).status().sqlstate(), "42601") << text;
  }
}

TEST(DuckDbType, DepthIsBounded) {
  std::string brackets = "INTEGER";
  for (int i = 0; i < 100'000; ++i) brackets += "[]";
  EXPECT_FALSE(ParseDuckDbType(brackets).ok());
  std::string structs;
  for (int i = 0; i < 100'000; ++i) structs += "STRUCT(a ";
  EXPECT_FALSE(ParseDuckDbType(structs).ok());
  std::string maps;
  for (int i = 0; i < 100'000; ++i) maps += "MAP(";
  EXPECT_FALSE(ParseDuckDbType(maps).ok());
}

TEST(DuckDbType, SurvivesAnyBytes) {
  constexpr std::string_view kPieces[] = {"STRUCT(",
                                          "a ",
                                          "INTEGER",
                                          "[",
                                          "]",
                                          "(",
                                          ")",
                                          ",",
                                          "\"",
                                          "'",
                                          "MAP(",
                                          "3",
                                          "ENUM(",
                                          " WITH TIME ZONE",
                                          "TIME",
                                          "\xFF",
                                          std::string_view("\0", 1)};
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (size_t n = random() % 20; n > 0; --n) text += kPieces[random() % std::size(kPieces)];
    (void)ParseDuckDbType(text).ok();
  }
}

}  // namespace
}  // namespace skein::results
