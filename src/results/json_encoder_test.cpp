#include "results/json_encoder.h"

#include <cmath>

#include <gtest/gtest.h>

#include "results/test_batch.h"

namespace skein::results {
namespace {

std::string Encode(const std::vector<TestColumn>& columns, const JsonEncodeOptions& options = {}) {
  auto batch = TestBatch(columns);
  auto encoder = JsonEncoder::Make(*batch->schema(), options);
  if (!encoder.ok()) return encoder.status().ToString();
  std::string out;
  int64_t rows = 0;
  Status status = (*encoder)->Append(*batch, 0, batch->num_rows(), 1 << 20, &out, &rows);
  return status.ok() ? out : status.ToString();
}

TEST(JsonEncoder, NumbersAreBare) {
  auto huge = TestArray(arrow::Decimal128Builder(arrow::decimal128(38, 0)),
                        std::vector<arrow::Decimal128>{arrow::Decimal128(-12)});
  auto price = TestArray(arrow::Decimal128Builder(arrow::decimal128(9, 2)),
                         std::vector<arrow::Decimal128>{arrow::Decimal128(-5)});
  EXPECT_EQ(Encode({{"h", "HUGEINT", huge},
                    {"d", "DECIMAL(9,2)", price},
                    {"u", "UHUGEINT", Strings({"340282366920938463463374607431768211455"})},
                    {"n", "DOUBLE", Doubles({NAN})},
                    {"x", "DOUBLE", Doubles({0.5})}}),
            R"({"h":-12,"d":-0.05,"u":340282366920938463463374607431768211455,"n":null,"x":0.5})");
}

TEST(JsonEncoder, TimesAreIso) {
  auto days = TestArray(arrow::Date32Builder(), std::vector<int32_t>{19723});
  auto time = TestArray(
      arrow::Time64Builder(arrow::time64(arrow::TimeUnit::MICRO), arrow::default_memory_pool()),
      std::vector<int64_t>{45'296'000'000});
  EXPECT_EQ(
      Encode({{"d", "DATE", days},
              {"t", "TIME", time},
              {"ts", "TIMESTAMP", Timestamps({1704067200500000}, arrow::TimeUnit::MICRO)},
              {"tz", "TIMESTAMP WITH TIME ZONE",
               Timestamps({1704067200000000}, arrow::TimeUnit::MICRO, "UTC")}},
             {.time_zone = "Europe/Berlin"}),
      R"({"d":"2024-01-01","t":"12:34:56","ts":"2024-01-01T00:00:00.5","tz":"2024-01-01T01:00:00+01:00"})");
}

TEST(JsonEncoder, StringsAreEscapedAndRepaired) {
  EXPECT_EQ(Encode({{"s", "VARCHAR",
                     Strings({"a\"b\\c\n\x01 0123456789 plain",
                              "\xff"
                              "ü\xed\xa0\x80",
                              ""})}}),
            "{\"s\":\"a\\\"b\\\\c\\n\\u0001 0123456789 plain\"},"
            "{\"s\":\"\xEF\xBF\xBDü\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"},{\"s\":\"\"}");
  EXPECT_EQ(Encode({{"j", "JSON", Strings({"{\"a\": 1}", ""})}}), R"({"j":{"a": 1}},{"j":""})");
}

TEST(JsonEncoder, BlobsAreBase64) {
  auto blobs =
      TestArray(arrow::BinaryBuilder(), std::vector<std::string>{"", "a", "ab", "abc", "\xff\xfe"});
  EXPECT_EQ(Encode({{"b", "BLOB", blobs}}),
            R"({"b":""},{"b":"YQ=="},{"b":"YWI="},{"b":"YWJj"},{"b":"//4="})");
}

TEST(JsonEncoder, NestedValues) {
  auto map_type = arrow::map(arrow::utf8(), arrow::int32());
  auto map = arrow::MapArray::FromArrays(Int32s({0, 2}), Strings({"k", "l"}),
                                         Int32s({1, 0}, {true, false}));
  auto pairs = arrow::MapArray::FromArrays(Int32s({0, 1}), Int32s({5}), Strings({"v"}));
  EXPECT_EQ(Encode({{"l", "INTEGER[]", Lists({0, 2}, Int32s({1, 0}, {true, false}), "INTEGER")},
                    {"m", "MAP(VARCHAR, INTEGER)", *map},
                    {"p", "MAP(INTEGER, VARCHAR)", *pairs}}),
            R"({"l":[1,null],"m":{"k":1,"l":null},"p":[{"key":5,"value":"v"}]})");
  auto unnamed =
      arrow::StructArray::Make({Int32s({1}), Strings({"x"})}, std::vector<std::string>{"", ""});
  EXPECT_EQ(Encode({{"r", "STRUCT(INTEGER, VARCHAR)", *unnamed}}), R"({"r":[1,"x"]})");
}

TEST(JsonEncoder, IntervalsAsDuckDbPrintsThem) {
  auto values = TestArray(
      arrow::MonthDayNanoIntervalBuilder(),
      std::vector<arrow::MonthDayNanoIntervalType::MonthDayNanos>{{14, -1, -1'500'000'000}});
  EXPECT_EQ(Encode({{"i", "INTERVAL", values}}), R"({"i":"1 year 2 months -1 day -00:00:01.5"})");
}

TEST(JsonEncoder, EqualNamesGetNumbers) {
  auto one = Int32s({1});
  EXPECT_EQ(Encode({{"a", "", one}, {"a", "", one}, {"a_1", "", one}, {"a", "", one}}),
            R"({"a":1,"a_2":1,"a_1":1,"a_3":1})");
}

TEST(JsonEncoder, CommasBetweenBatchesToo) {
  auto batch = TestBatch({{"a", "", Int32s({1, 2, 3})}});
  auto encoder = JsonEncoder::Make(*batch->schema(), {});
  std::string out = "[";
  int64_t rows = 0;
  ASSERT_TRUE((*encoder)->Append(*batch, 0, 10, 1, &out, &rows).ok());
  EXPECT_EQ(rows, 1);
  ASSERT_TRUE((*encoder)->Append(*batch, 1, 10, 1000, &out, &rows).ok());
  EXPECT_EQ(out, R"([{"a":1},{"a":2},{"a":3})");
}

}  // namespace
}  // namespace skein::results
