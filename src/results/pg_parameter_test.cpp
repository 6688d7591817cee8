#include "results/pg_parameter.h"

#include <random>

#include <arrow/array.h>
#include <arrow/scalar.h>
#include <arrow/type.h>
#include <gtest/gtest.h>

#include "results/pg_type.h"

namespace skein::results {
namespace {

using namespace std::string_literals;

std::string FromHex(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

// "value : type", or the SQLSTATE.
std::string Show(const Result<Parameter>& parameter) {
  if (!parameter.ok()) return parameter.status().sqlstate();
  EXPECT_TRUE(parameter->value->Validate().ok());
  return parameter->value->ToString() + " : " + parameter->type;
}
std::string Text(uint32_t oid, std::string_view text) {
  return Show(DecodePgParameter(oid, 0, text));
}
std::string Binary(uint32_t oid, std::string_view hex) {
  return Show(DecodePgParameter(oid, 1, FromHex(hex)));
}
std::string List(const Result<Parameter>& parameter) {
  if (!parameter.ok()) return parameter.status().sqlstate();
  std::string text = static_cast<const arrow::ListScalar&>(*parameter->value).value->ToString();
  std::erase_if(text, [](char c) { return c == ' ' || c == '\n'; });
  return text + " : " + parameter->type;
}

TEST(PgParameter, NullKeepsItsType) {
  auto null = DecodePgParameter(pg_oid::kInt4, 1, std::nullopt);
  ASSERT_TRUE(null.ok());
  EXPECT_FALSE(null->value->is_valid);
  EXPECT_EQ(null->type, "INTEGER");
}

TEST(PgParameter, Text) {
  EXPECT_EQ(Text(0, "anything"), "anything : ");
  EXPECT_EQ(Text(pg_oid::kVarchar, "x"), "x : VARCHAR");
  EXPECT_EQ(Text(pg_oid::kInt4, " -42 "), "-42 : INTEGER");
  EXPECT_EQ(Text(pg_oid::kInt4, "1.5"), "22P02");
  EXPECT_EQ(Text(pg_oid::kInt4, ""), "22P02");
  EXPECT_EQ(Text(pg_oid::kInt2, "40000"), "22003");
  EXPECT_EQ(Text(pg_oid::kFloat8, "-1e3"), "-1000 : DOUBLE");
  EXPECT_EQ(Text(pg_oid::kBool, "of"), "false : BOOLEAN");
  EXPECT_EQ(Text(pg_oid::kBool, "o"), "22P02");
  EXPECT_EQ(Text(pg_oid::kBool, ""), "22P02");
  EXPECT_EQ(Text(pg_oid::kDate, "2/29/2024"), "2024-02-29 : DATE");
  EXPECT_EQ(Text(pg_oid::kDate, "2023-02-29"), "22008");
  EXPECT_EQ(Text(pg_oid::kTimestamp, "2024-02-29 10:00"), "2024-02-29 10:00:00.000000 : TIMESTAMP");
  EXPECT_EQ(Text(pg_oid::kTimestampTz, "0044-03-15 10:00:00 bc"),
            "0044-03-15 (BC) 10:00:00 : TIMESTAMP WITH TIME ZONE");
  EXPECT_EQ(Text(pg_oid::kInterval, "P1Y2DT3H"),
            "12 months 2 days 10800000000 microseconds : INTERVAL");
  EXPECT_EQ(Text(pg_oid::kText, "\xff"), "22021");
  EXPECT_EQ(Text(pg_oid::kText, "a\0b"s), "22021");
  EXPECT_EQ(Text(600, "(1,2)"), "42704");
}

TEST(PgParameter, Bytea) {
  auto bytes = [](std::string_view text) {
    auto parameter = DecodePgParameter(pg_oid::kBytea, 0, text);
    if (!parameter.ok()) return parameter.status().sqlstate();
    return static_cast<const arrow::BinaryScalar&>(*parameter->value).value->ToString();
  };
  EXPECT_EQ(bytes("\\x00fF 41"), "\0\xff"s + "A");
  EXPECT_EQ(bytes("a\\\\b\\101"), "a\\bA");
  EXPECT_EQ(bytes("\\x0"), "22023");
  EXPECT_EQ(bytes("\\400"), "22P02");
  EXPECT_EQ(bytes("\\"), "22P02");
}

TEST(PgParameter, NumericsKeepEveryDigit) {
  EXPECT_EQ(Text(pg_oid::kNumeric, "123.450"), "123.450 : DECIMAL(6,3)");
  EXPECT_EQ(Text(pg_oid::kNumeric, "-.05"), "-0.05 : DECIMAL(2,2)");
  EXPECT_EQ(Text(pg_oid::kNumeric, "1.5e3"), "1500 : DECIMAL(4,0)");
  EXPECT_EQ(Text(pg_oid::kNumeric, "15e-3"), "0.015 : DECIMAL(3,3)");
  EXPECT_EQ(Text(pg_oid::kNumeric, "0"), "0 : DECIMAL(1,0)");
  EXPECT_EQ(Text(pg_oid::kNumeric, "1." + std::string(50, '0')),
            "1." + std::string(37, '0') + " : DECIMAL(38,37)");
  EXPECT_EQ(Text(pg_oid::kNumeric, std::string(39, '9')), "22003");
  EXPECT_EQ(Text(pg_oid::kNumeric, "1e999999999999"), "22003");
  EXPECT_EQ(Text(pg_oid::kNumeric, "NaN"), "22003");
  EXPECT_EQ(Text(pg_oid::kNumeric, "-Infinity"), "22003");
  EXPECT_EQ(Text(pg_oid::kNumeric, "1x"), "22P02");
  EXPECT_EQ(Text(pg_oid::kNumeric, "."), "22P02");
  EXPECT_EQ(Binary(pg_oid::kNumeric, "0003000100000003000109291a7c"), "12345.678 : DECIMAL(8,3)");
  EXPECT_EQ(Binary(pg_oid::kNumeric, "0001ffff400000030032"), "-0.005 : DECIMAL(3,3)");
  EXPECT_EQ(Binary(pg_oid::kNumeric, "0000000000000000"), "0 : DECIMAL(1,0)");
  EXPECT_EQ(Binary(pg_oid::kNumeric, "00000000c0000000"), "22003");
  EXPECT_EQ(Binary(pg_oid::kNumeric, "00017fff000000000001"), "22003");
  EXPECT_EQ(Binary(pg_oid::kNumeric, "0001000000000000ffff"), "22P03");
  EXPECT_EQ(Binary(pg_oid::kNumeric, "0002000000000000"), "22P03");
}

TEST(PgParameter, Binary) {
  EXPECT_EQ(Binary(pg_oid::kInt2, "ffff"), "-1 : SMALLINT");
  EXPECT_EQ(Binary(pg_oid::kInt4, "ffff"), "22P03");
  EXPECT_EQ(Binary(pg_oid::kInt8, "0000000000000007"), "7 : BIGINT");
  EXPECT_EQ(Binary(pg_oid::kOid, "ffffffff"), "4294967295 : BIGINT");
  EXPECT_EQ(Binary(pg_oid::kFloat8, "3ff8000000000000"), "1.5 : DOUBLE");
  EXPECT_EQ(Binary(pg_oid::kDate, "00000000"), "2000-01-01 : DATE");
  EXPECT_EQ(Binary(pg_oid::kDate, "7ffffffe"), "22008");
  EXPECT_EQ(Binary(pg_oid::kTimestamp, "0000000000000000"),
            "2000-01-01 00:00:00.000000 : TIMESTAMP");
  EXPECT_EQ(Binary(pg_oid::kTimestamp, "7ffffffffffffffe"), "22008");
  EXPECT_EQ(Binary(pg_oid::kTime, "000000000016e360"), "00:00:01.500000 : TIME");
  EXPECT_EQ(Binary(pg_oid::kTimeTz, "000000000016e36000004d58"),
            "00:00:01.5-05:30 : TIME WITH TIME ZONE");
  EXPECT_EQ(Binary(pg_oid::kTimeTz, "000000000016e36080000000"), "22008");
  EXPECT_EQ(Binary(pg_oid::kInterval, "000000036c97ca88fffffffd0000000e"),
            "14 months -3 days 14706789000 microseconds : INTERVAL");
  EXPECT_EQ(Binary(pg_oid::kUuid, "00112233445566778899aabbccddeeff"),
            "00112233-4455-6677-8899-aabbccddeeff : UUID");
  EXPECT_EQ(Binary(pg_oid::kVarbit, "00000009aa80"), "101010101 : BIT");
  EXPECT_EQ(Binary(pg_oid::kVarbit, "7fffffffaa80"), "22P03");
  EXPECT_EQ(Binary(pg_oid::kJsonb, "017b7d"), "{} : JSON");
  EXPECT_EQ(Binary(pg_oid::kJsonb, "027b7d"), "22P03");
  EXPECT_EQ(Binary(pg_oid::kText, "ff"), "22021");
  EXPECT_EQ(Binary(0, "00"), "42P18");
  EXPECT_EQ(Show(DecodePgParameter(pg_oid::kText, 2, "x")), "22023");
}

TEST(PgParameter, TextArrays) {
  auto list = [](uint32_t oid, std::string_view text) {
    return List(DecodePgParameter(oid, 0, text));
  };
  EXPECT_EQ(list(1007, "{1, NULL ,3}"), "[1,null,3] : INTEGER[]");
  EXPECT_EQ(list(1007, "[0:1]={1,2}"), "[1,2] : INTEGER[]");
  EXPECT_EQ(list(1009, R"({a,"b \"c","NULL",\NULL})"), R"(["a","b"c","NULL","NULL"] : VARCHAR[])");
  EXPECT_EQ(list(1007, "{{1,2},{3,4}}"), "[[1,2],[3,4]] : INTEGER[][]");
  EXPECT_EQ(list(1007, "{}"), "[] : INTEGER[]");
  EXPECT_EQ(list(1231, "{1.5,NULL,100}"), R"(["1.5",null,"100"] : DECIMAL(4,1)[])");
  for (const char* text : {"", "{", "{1", "{1,}", "{,}", "{{1},{2,3}}", "{{1},2}", "{1,{2}}",
                           "{1}x", "{\"1}", "[1={1}"}) {
    EXPECT_EQ(list(1007, text), "22P02") << text;
  }
  EXPECT_EQ(list(1007, std::string(100'000, '{')), "54000");
}

TEST(PgParameter, BinaryArrays) {
  auto list = [](std::string_view hex) { return List(DecodePgParameter(1007, 1, FromHex(hex))); };
  EXPECT_EQ(list("000000010000000100000017"
                 "0000000200000001"
                 "0000000400000001"
                 "ffffffff"),
            "[1,null] : INTEGER[]");
  EXPECT_EQ(list("000000000000000000000017"), "[] : INTEGER[]");
  EXPECT_EQ(list("000000010000000000000019"
                 "0000000000000001"),
            "22P03");
  EXPECT_EQ(list("000000010000000000000017"
                 "7fffffff00000001"),
            "22P03");
  EXPECT_EQ(list("000000020000000000000017"
                 "7fffffff00000001"
                 "7fffffff00000001"),
            "22P03");
  EXPECT_EQ(list("000000010000000000000017"
                 "0000000100000001"
                 "00000004000000"),
            "22P03");
}

TEST(PgParameter, SurvivesAnyBytes) {
  std::mt19937 random(3);
  constexpr std::string_view kPieces[] = {"{",    "}", ",", "\"", "\\", "1",
                                          "NULL", "-", ".", "e",  "x",  " "};
  for (uint32_t oid : {16u, 17u, 20u, 25u, 700u, 1082u, 1114u, 1186u, 1266u, 1562u, 1700u, 2950u,
                       3802u, 1001u, 1007u, 1231u, 1563u}) {
    for (int i = 0; i < 3000; ++i) {
      std::string bytes;
      std::string text;
      for (size_t n = random() % 40; n > 0; --n)
        bytes.push_back(static_cast<char>(random() % 3 ? 0 : random() % 20));
      for (size_t n = random() % 10; n > 0; --n) text += kPieces[random() % std::size(kPieces)];
      (void)DecodePgParameter(oid, 1, bytes).ok();
      (void)DecodePgParameter(oid, 0, text).ok();
    }
  }
}

}  // namespace
}  // namespace skein::results
