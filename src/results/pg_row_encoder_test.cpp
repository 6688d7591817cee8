// What is expected here was compared with PostgreSQL 15: the text is what its output functions
// print, the bytes are what its send functions return.

#include "results/pg_row_encoder.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "results/test_batch.h"

namespace skein::results {
namespace {

using testing::ElementsAre;

uint32_t ReadLength(const std::string& bytes, size_t at) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes.at(at + i));
  return value;
}

std::string Hex(std::string_view bytes) {
  std::string hex;
  for (char c : bytes) {
    for (int shift : {4, 0}) hex += "0123456789abcdef"[static_cast<unsigned char>(c) >> shift & 15];
  }
  return hex;
}

// The values of all rows one after another; "NULL" for NULL.
std::vector<std::string> Values(const std::string& messages) {
  std::vector<std::string> values;
  for (size_t at = 0; at < messages.size();) {
    EXPECT_EQ(messages[at], 'D');
    size_t end = at + 1 + ReadLength(messages, at + 1);
    for (at += 7; at < end;) {
      auto length = static_cast<int32_t>(ReadLength(messages, at));
      at += 4;
      values.push_back(length < 0 ? "NULL" : messages.substr(at, static_cast<size_t>(length)));
      if (length > 0) at += static_cast<size_t>(length);
    }
    EXPECT_EQ(at, end);
  }
  return values;
}

Result<std::vector<std::string>> Encode(const std::vector<TestColumn>& columns, int16_t format,
                                        const PgEncodeOptions& options = {}) {
  auto batch = TestBatch(columns);
  SKEIN_ASSIGN_OR_RETURN(auto encoder, PgRowEncoder::Make(*batch->schema(), {format}, options));
  std::string out;
  int64_t rows = 0;
  SKEIN_RETURN_IF_ERROR(encoder->Append(*batch, 0, batch->num_rows(), 1 << 20, &out, &rows));
  EXPECT_EQ(rows, batch->num_rows());
  return Values(out);
}

std::vector<std::string> Text(const std::string& type, const std::shared_ptr<arrow::Array>& array,
                              const PgEncodeOptions& options = {}) {
  auto values = Encode({{"c", type, array}}, 0, options);
  EXPECT_TRUE(values.ok()) << values.status().ToString();
  return values.ok() ? *values : std::vector<std::string>();
}

std::vector<std::string> Binary(const std::string& type,
                                const std::shared_ptr<arrow::Array>& array) {
  auto values = Encode({{"c", type, array}}, 1);
  EXPECT_TRUE(values.ok()) << values.status().ToString();
  if (!values.ok()) return {};
  for (std::string& value : *values) value = Hex(value);
  return *values;
}

constexpr int64_t kInfinite = std::numeric_limits<int64_t>::max();

TEST(PgRowEncoder, AWholeMessage) {
  auto batch = TestBatch(
      {{"a", "INTEGER", Int32s({7, 0}, {true, false})}, {"b", "VARCHAR", Strings({"x", ""})}});
  auto encoder = PgRowEncoder::Make(*batch->schema(), {1, 0}, {});
  std::string out = "kept";
  int64_t rows = 0;
  ASSERT_TRUE((*encoder)->Append(*batch, 0, 10, 1 << 20, &out, &rows).ok());
  EXPECT_EQ(rows, 2);
  EXPECT_EQ(Hex(out), Hex("kept") +
                          "44"
                          "00000013"
                          "0002"
                          "00000004"
                          "00000007"
                          "00000001"
                          "78"
                          "44"
                          "0000000e"
                          "0002"
                          "ffffffff"
                          "00000000");
}

TEST(PgRowEncoder, StopsAtRowsAndBytes) {
  auto batch = TestBatch({{"a", "INTEGER", Int32s({1, 2, 3, 4})}});
  auto encoder = PgRowEncoder::Make(*batch->schema(), {}, {});
  std::string out;
  int64_t rows = 0;
  ASSERT_TRUE((*encoder)->Append(*batch, 1, 2, 1 << 20, &out, &rows).ok());
  EXPECT_EQ(rows, 2);
  EXPECT_THAT(Values(out), ElementsAre("2", "3"));
  ASSERT_TRUE((*encoder)->Append(*batch, 0, 4, 1, &out, &rows).ok());
  EXPECT_EQ(rows, 1);
  ASSERT_TRUE((*encoder)->Append(*batch, 0, 4, 13, &out, &rows).ok());
  EXPECT_EQ(rows, 2);
}

TEST(PgRowEncoder, RefusesWrongFormats) {
  auto schema = arrow::schema({arrow::field("a", arrow::int32())});
  EXPECT_EQ(PgRowEncoder::Make(*schema, {0, 0}, {}).status().sqlstate(), "08P01");
  EXPECT_EQ(PgRowEncoder::Make(*schema, {2}, {}).status().sqlstate(), "22023");
  EXPECT_EQ(PgRowEncoder::Make(*schema, {}, {.time_zone = "Nowhere/At_All"}).status().sqlstate(),
            "22023");
}

TEST(PgRowEncoder, Floats) {
  auto values = Doubles({0.1, -0.0, 1e20, 1e-5, 0.0001, 123456.789, 1e15, 1e14, NAN, INFINITY,
                         -INFINITY, 1e23, 8.96e24, 5e-324, 123456789012345680.0, 0.3 - 0.1});
  EXPECT_THAT(
      Text("DOUBLE", values),
      ElementsAre("0.1", "-0", "1e+20", "1e-05", "0.0001", "123456.789", "1e+15", "100000000000000",
                  "NaN", "Infinity", "-Infinity", "9.999999999999999e+22", "8.960000000000001e+24",
                  "5e-324", "1.2345678901234568e+17", "0.19999999999999998"));
  EXPECT_THAT(Text("DOUBLE", Doubles({0.1, 1.0 / 3, 1e20}), {.extra_float_digits = 0}),
              ElementsAre("0.1", "0.333333333333333", "1e+20"));
  auto floats = TestArray(arrow::FloatBuilder(),
                          std::vector<float>{0.1f, 1e6f, 123456.0f, 16777216.0f, 1e-5f});
  EXPECT_THAT(Text("FLOAT", floats),
              ElementsAre("0.1", "1e+06", "123456", "1.6777216e+07", "1e-05"));
  EXPECT_THAT(Binary("DOUBLE", Doubles({1.5})), ElementsAre("3ff8000000000000"));
}

TEST(PgRowEncoder, Numerics) {
  auto decimals =
      TestArray(arrow::Decimal128Builder(arrow::decimal128(38, 3)),
                std::vector<arrow::Decimal128>{arrow::Decimal128(-5), arrow::Decimal128(12345678),
                                               arrow::Decimal128(0), arrow::Decimal128(10000000)});
  EXPECT_THAT(Text("DECIMAL(38,3)", decimals),
              ElementsAre("-0.005", "12345.678", "0.000", "10000.000"));
  EXPECT_THAT(Binary("DECIMAL(38,3)", decimals),
              ElementsAre("0001ffff400000030032",
                          "000300010000000300010929"
                          "1a7c",
                          "0000000000000003", "00010001000000030001"));
  auto huge = TestArray(
      arrow::Decimal128Builder(arrow::decimal128(38, 0)),
      std::vector<arrow::Decimal128>{arrow::Decimal128(std::numeric_limits<int64_t>::min(), 0)});
  EXPECT_THAT(Text("HUGEINT", huge), ElementsAre("-170141183460469231731687303715884105728"));
  EXPECT_THAT(Binary("HUGEINT", huge),
              ElementsAre("000a00094000000000aa0583209a01d5090d0c601c871bf620da1660"));
  EXPECT_THAT(
      Text("UBIGINT", TestArray(arrow::UInt64Builder(), std::vector<uint64_t>{~uint64_t{0}})),
      ElementsAre("18446744073709551615"));
  EXPECT_THAT(Binary("UHUGEINT", Strings({"120000"})), ElementsAre("0001000100000000000c"));
}

TEST(PgRowEncoder, Dates) {
  auto dates = TestArray(arrow::Date32Builder(),
                         std::vector<int32_t>{0, 19723, -719163, 2932897, 2147483647, -2147483647});
  EXPECT_THAT(Text("DATE", dates), ElementsAre("1970-01-01", "2024-01-01", "0001-12-31 BC",
                                               "10000-01-01", "infinity", "-infinity"));
  EXPECT_THAT(Binary("DATE", dates),
              ElementsAre("ffffd533", "0000223e", "fff4dbf8", "002c95d4", "7fffffff", "80000000"));
  for (int32_t days : {-2'440'589, 2'145'042'906}) {
    auto array = TestArray(arrow::Date32Builder(), std::vector<int32_t>{days});
    EXPECT_EQ(Encode({{"c", "DATE", array}}, 0).status().sqlstate(), "22008");
    EXPECT_EQ(Encode({{"c", "DATE", array}}, 1).status().sqlstate(), "22008");
  }
}

TEST(PgRowEncoder, Timestamps) {
  EXPECT_THAT(
      Text("TIMESTAMP", Timestamps({1704067200000000, 1704067200120000, -1, kInfinite, -kInfinite},
                                   arrow::TimeUnit::MICRO)),
      ElementsAre("2024-01-01 00:00:00", "2024-01-01 00:00:00.12", "1969-12-31 23:59:59.999999",
                  "infinity", "-infinity"));
  EXPECT_THAT(Text("TIMESTAMP_NS", Timestamps({1704067200000000999, -1}, arrow::TimeUnit::NANO)),
              ElementsAre("2024-01-01 00:00:00", "1969-12-31 23:59:59.999999"));
  EXPECT_THAT(
      Binary("TIMESTAMP", Timestamps({946684800000000, 946684799999999, kInfinite, -kInfinite},
                                     arrow::TimeUnit::MICRO)),
      ElementsAre("0000000000000000", "ffffffffffffffff", "7fffffffffffffff", "8000000000000000"));
  EXPECT_EQ(
      Encode({{"c", "TIMESTAMP_S", Timestamps({int64_t{1} << 60}, arrow::TimeUnit::SECOND)}}, 0)
          .status()
          .sqlstate(),
      "22008");
}

TEST(PgRowEncoder, TimestampsInAZone) {
  auto values =
      Timestamps({1704067200000000, 1720000000500000, -3000000000000000, -63000000000000000},
                 arrow::TimeUnit::MICRO, "UTC");
  EXPECT_THAT(Text("TIMESTAMP WITH TIME ZONE", values, {.time_zone = "Europe/Berlin"}),
              ElementsAre("2024-01-01 01:00:00+01", "2024-07-03 11:46:40.5+02",
                          "1874-12-07 19:33:28+00:53:28", "0028-08-11 08:53:28+00:53:28 BC"));
  EXPECT_THAT(Text("TIMESTAMP WITH TIME ZONE", values, {.time_zone = "Asia/Kolkata"})[0],
              "2024-01-01 05:30:00+05:30");
}

TEST(PgRowEncoder, Intervals) {
  using Stored = arrow::MonthDayNanoIntervalType::MonthDayNanos;
  auto values = TestArray(
      arrow::MonthDayNanoIntervalBuilder(),
      std::vector<Stored>{
          {14, -3, 14'706'789'000'000}, {0, 0, 0}, {-1, 0, 1'000'000'000}, {0, 1, -500'000'000}});
  EXPECT_THAT(Text("INTERVAL", values),
              ElementsAre("1 year 2 mons -3 days +04:05:06.789", "00:00:00", "-1 mons +00:00:01",
                          "1 day -00:00:00.5"));
  EXPECT_EQ(Binary("INTERVAL", values)[0],
            "000000036c97ca88"
            "fffffffd"
            "0000000e");
}

TEST(PgRowEncoder, TextLikeTypes) {
  EXPECT_THAT(Binary("UUID", Strings({"00112233-4455-6677-8899-aabbccddeeff"})),
              ElementsAre("00112233445566778899aabbccddeeff"));
  EXPECT_THAT(Binary("BIT", Strings({"101010101"})), ElementsAre("00000009aa80"));
  EXPECT_THAT(Binary("TIME WITH TIME ZONE", Strings({"00:00:01.5-05:30"})),
              ElementsAre("000000000016e36000004d58"));
  auto blob =
      TestArray(arrow::BinaryBuilder(), std::vector<std::string>{std::string("\\\0a\xff", 4)});
  EXPECT_THAT(Text("BLOB", blob), ElementsAre("\\x5c0061ff"));
  EXPECT_THAT(Text("BLOB", blob, {.bytea_hex = false}), ElementsAre("\\\\\\000a\\377"));
  EXPECT_THAT(Text("BOOLEAN", TestArray(arrow::BooleanBuilder(), std::vector<bool>{true, false})),
              ElementsAre("t", "f"));
  EXPECT_EQ(Encode({{"c", "UUID", Strings({"no uuid"})}}, 1).status().sqlstate(), "XX000");
}

TEST(PgRowEncoder, EnumsAndNulls) {
  auto labels = arrow::DictionaryArray::FromArrays(
      arrow::dictionary(arrow::uint8(), arrow::utf8()),
      TestArray(arrow::UInt8Builder(), std::vector<uint8_t>{1, 0, 1}, {true, true, false}),
      Strings({"sad", "happy"}));
  EXPECT_THAT(Text("ENUM('sad', 'happy')", *labels), ElementsAre("happy", "sad", "NULL"));
  EXPECT_THAT(Text("\"NULL\"", std::make_shared<arrow::NullArray>(2)), ElementsAre("NULL", "NULL"));
}

TEST(PgRowEncoder, Arrays) {
  auto words = Strings({"a", "b c", "", "NULL", "x", "q\"\\", "{}", "ü"},
                       {true, true, true, true, false, true, true, true});
  auto lists = Lists({0, 5, 5, 8}, words, "VARCHAR");
  EXPECT_THAT(Text("VARCHAR[]", lists),
              ElementsAre(R"({a,"b c","","NULL",NULL})", "{}", R"({"q\"\\","{}",ü})"));
  EXPECT_THAT(Text("VARCHAR[]", lists->Slice(2)), ElementsAre(R"({"q\"\\","{}",ü})"));
  auto numbers = Lists({0, 2, 2}, Int32s({1, 0}, {true, false}), "INTEGER");
  EXPECT_THAT(Binary("INTEGER[]", numbers), ElementsAre("00000001"
                                                        "00000001"
                                                        "00000017"
                                                        "00000002"
                                                        "00000001"
                                                        "00000004"
                                                        "00000001"
                                                        "ffffffff",
                                                        "00000000"
                                                        "00000000"
                                                        "00000017"));
}

TEST(PgRowEncoder, NestedArrays) {
  auto inner = Lists({0, 2, 4, 5}, Int32s({1, 2, 3, 4, 5}), "INTEGER");
  auto outer = Lists({0, 2}, inner, "INTEGER[]");
  EXPECT_THAT(Text("INTEGER[][]", outer), ElementsAre("{{1,2},{3,4}}"));
  EXPECT_THAT(Binary("INTEGER[][]", outer), ElementsAre("00000002"
                                                        "00000000"
                                                        "00000017"
                                                        "00000002"
                                                        "00000001"
                                                        "00000002"
                                                        "00000001"
                                                        "00000004"
                                                        "00000001"
                                                        "00000004"
                                                        "00000002"
                                                        "00000004"
                                                        "00000003"
                                                        "00000004"
                                                        "00000004"));
  auto jagged = Lists({0, 3}, inner, "INTEGER[]");
  EXPECT_THAT(Text("INTEGER[][]", jagged), ElementsAre("{{1,2},{3,4},{5}}"));
  EXPECT_EQ(Encode({{"c", "INTEGER[][]", jagged}}, 1).status().sqlstate(), "0A000");
}

TEST(PgRowEncoder, StructsAreJson) {
  auto both = arrow::StructArray::Make({Int32s({1, 2}), Strings({"x", "a\"b"}, {false, true})},
                                       std::vector<std::string>{"a", "b \""});
  EXPECT_THAT(Text("STRUCT(a INTEGER, \"b \"\"\" VARCHAR)", *both),
              ElementsAre(R"({"a":1,"b \"":null})", R"({"a":2,"b \"":"a\"b"})"));
  EXPECT_THAT(Text("", (*both)->Slice(1)), ElementsAre(R"({"a":2,"b \"":"a\"b"})"));
  EXPECT_THAT(Text("STRUCT(a INTEGER)[]", Lists({0, 1}, *both, "")),
              ElementsAre(R"({"{\"a\":1,\"b \\\"\":null}"})"));
  EXPECT_THAT(Text("UNION(n INTEGER, s VARCHAR)", Strings({"it's"})), ElementsAre("\"it's\""));
}

TEST(PgRowEncoder, AnErrorKeepsTheRowsBeforeIt) {
  auto batch = TestBatch(
      {{"d", "DATE", TestArray(arrow::Date32Builder(), std::vector<int32_t>{0, -2'440'589})}});
  auto encoder = PgRowEncoder::Make(*batch->schema(), {}, {});
  std::string out;
  int64_t rows = 0;
  EXPECT_EQ((*encoder)->Append(*batch, 0, 2, 1 << 20, &out, &rows).sqlstate(), "22008");
  EXPECT_EQ(rows, 1);
  EXPECT_THAT(Values(out), ElementsAre("1970-01-01"));
}

TEST(PgRowEncoder, RefusesABatchOfAnotherSchema) {
  auto batch = TestBatch({{"a", "VARCHAR", Strings({"x"})}});
  auto encoder = PgRowEncoder::Make(*arrow::schema({arrow::field("a", arrow::int32())}), {}, {});
  std::string out;
  int64_t rows = 0;
  EXPECT_EQ((*encoder)->Append(*batch, 0, 1, 100, &out, &rows).sqlstate(), "XX000");
}

}  // namespace
}  // namespace skein::results
