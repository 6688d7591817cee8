#include "engine/table_writer.h"

#include <filesystem>

#include <arrow/api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "engine/engine.h"

namespace skein::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class TableWriterTest : public testing::Test {
 protected:
  void SetUp() override {
    Options options;
    options.temp_dir =
        (std::filesystem::temp_directory_path() / ("skein-writer-" + std::to_string(getpid())))
            .string();
    options.threads = 2;
    auto opened = Engine::Open(options);
    ASSERT_TRUE(opened.ok()) << opened.status().ToString();
    engine_ = *opened;
    connection_ = *engine_->Connect();
  }

  void Run(const std::string& sql) {
    Status status = connection_->Run(sql);
    ASSERT_TRUE(status.ok()) << sql << ": " << status.ToString();
  }

  /// The one column of a query as text.
  std::vector<std::string> Ask(const std::string& sql) {
    auto statements = connection_->Parse(sql);
    auto prepared =
        connection_->Prepare(std::move(statements->at(0)), {}, std::make_shared<CancelToken>());
    EXPECT_TRUE(prepared.ok()) << prepared.status().ToString();
    auto outcome = connection_->Execute(**prepared, {}, std::make_shared<CancelToken>());
    EXPECT_TRUE(outcome.ok()) << outcome.status().ToString();
    std::vector<std::string> values;
    while (auto batch = *outcome->rows->Next()) {
      for (int64_t i = 0; i < batch->num_rows(); ++i) {
        auto value = *batch->column(0)->GetScalar(i);
        values.push_back(value->is_valid ? value->ToString() : "NULL");
      }
    }
    return values;
  }

  /// COPY FROM as the session does it, in text.
  Result<int64_t> Copy(WriteTarget target, const std::string& data,
                       results::CopyLayout::Request request = {}, bool skip = false) {
    SKEIN_ASSIGN_OR_RETURN(auto writer,
                           connection_->WriteTable(target, std::make_shared<CancelToken>()));
    SKEIN_ASSIGN_OR_RETURN(
        auto layout, results::CopyLayout::Make(results::CopyDirection::kFrom, std::move(request)));
    SKEIN_ASSIGN_OR_RETURN(auto decoder, results::CopyDecoder::Make({.table = writer->table(),
                                                                     .columns = writer->columns(),
                                                                     .layout = layout,
                                                                     .skip_wrong_rows = skip}));
    SKEIN_RETURN_IF_ERROR(decoder->Feed(data));
    SKEIN_RETURN_IF_ERROR(decoder->Finish());
    SKEIN_ASSIGN_OR_RETURN(auto rows, decoder->Take());
    SKEIN_RETURN_IF_ERROR(writer->Append(rows, skip));
    auto inserted = writer->Finish();
    skipped_ = writer->skipped();
    return inserted;
  }

  std::shared_ptr<Engine> engine_;
  std::unique_ptr<Connection> connection_;
  int64_t skipped_ = 0;
};

TEST_F(TableWriterTest, FillsEveryType) {
  Run("CREATE TYPE mood AS ENUM ('sad', 'ok')");
  Run("CREATE TABLE t (b BOOLEAN, i1 TINYINT, u1 UTINYINT, i2 SMALLINT, u2 USMALLINT, i4 INTEGER, "
      "u4 UINTEGER, i8 BIGINT, u8 UBIGINT, i16 HUGEINT, u16 UHUGEINT, f4 FLOAT, f8 DOUBLE, "
      "d4 DECIMAL(4,1), d9 DECIMAL(9,2), d18 DECIMAL(18,3), d38 DECIMAL(38,4), s VARCHAR, j JSON, "
      "x BLOB, bits BIT, u UUID, d DATE, t TIME, tz TIMETZ, ts TIMESTAMP, s_s TIMESTAMP_S, "
      "ms TIMESTAMP_MS, ns TIMESTAMP_NS, tstz TIMESTAMPTZ, iv INTERVAL, m mood, l INTEGER[], "
      "ll VARCHAR[][], a INTEGER[3], st STRUCT(a INTEGER, b VARCHAR[]), mp MAP(VARCHAR, INTEGER))");
  auto copied = Copy(
      {{"t"}, {}, {}},
      "t\t-128\t255\t-32768\t65535\t-2147483648\t4294967295\t-9223372036854775808\t"
      "18446744073709551615\t-170141183460469231731687303715884105728\t"
      "340282366920938463463374607431768211455\t1.5\tNaN\t-999.9\t1.005\t2.0005\t3.00005\ttext\t"
      "{\"a\": [1]}\t\\\\x00ff\t0101\t00112233-4455-6677-8899-aabbccddeeff\t0044-03-15 BC\t"
      "24:00:00\t12:00:00+05:30\tinfinity\t2024-01-01 00:00:00\t2024-01-01 00:00:00.123\t"
      "2024-01-01 00:00:00.123456\t2024-01-01 00:00:00+01\t1 mon -1 days +00:00:01\tok\t{1,NULL}\t"
      "{{a,b},{c,NULL}}\t{1,2,3}\t{\"a\": 1, \"b\": [\"x\"]}\t{\"k\": 5}\n" +
          []() {
            std::string nulls = "\\N";
            for (int i = 1; i < 37; ++i) nulls += "\t\\N";
            return nulls + "\n";
          }());
  ASSERT_TRUE(copied.ok()) << copied.status().ToString() << copied.status().context();
  EXPECT_EQ(*copied, 2);
  EXPECT_THAT(
      Ask("SELECT unnest([b::VARCHAR, i1::VARCHAR, u1::VARCHAR, i2::VARCHAR, u2::VARCHAR, "
          "i4::VARCHAR, u4::VARCHAR, i8::VARCHAR, u8::VARCHAR, i16::VARCHAR, u16::VARCHAR, "
          "f4::VARCHAR, f8::VARCHAR, d4::VARCHAR, d9::VARCHAR, d18::VARCHAR, d38::VARCHAR, s, "
          "j::VARCHAR, x::VARCHAR, bits::VARCHAR, u::VARCHAR, d::VARCHAR, t::VARCHAR, tz::VARCHAR, "
          "ts::VARCHAR, s_s::VARCHAR, ms::VARCHAR, ns::VARCHAR, tstz::TIMESTAMPTZ::VARCHAR, "
          "iv::VARCHAR, m::VARCHAR, l::VARCHAR, ll::VARCHAR, a::VARCHAR, st::VARCHAR, mp::VARCHAR])"
          " FROM t WHERE b"),
      ElementsAre("true", "-128", "255", "-32768", "65535", "-2147483648", "4294967295",
                  "-9223372036854775808", "18446744073709551615",
                  "-170141183460469231731687303715884105728",
                  "340282366920938463463374607431768211455", "1.5", "nan", "-999.9", "1.01",
                  "2.001", "3.0001", "text", "{\"a\": [1]}", "\\x00\\xFF", "0101",
                  "00112233-4455-6677-8899-aabbccddeeff", "0044-03-15 (BC)", "24:00:00",
                  "12:00:00+05:30", "infinity", "2024-01-01 00:00:00", "2024-01-01 00:00:00.123",
                  "2024-01-01 00:00:00.123456", testing::_, "1 month -1 day 00:00:01", "ok",
                  "[1, NULL]", "[[a, b], [c, NULL]]", "[1, 2, 3]", "{'a': 1, 'b': [x]}", "{k=5}"));
  EXPECT_THAT(Ask("SELECT count(*)::INTEGER FROM t WHERE b IS NULL AND mp IS NULL AND l IS NULL"),
              ElementsAre("1"));
}

TEST_F(TableWriterTest, FillsWhatIsNotNamedWithDefaults) {
  Run("CREATE TABLE t (a INTEGER, b INTEGER DEFAULT 7, g INTEGER GENERATED ALWAYS AS (a + 1), "
      "\"C\" VARCHAR DEFAULT 'x')");
  EXPECT_EQ(*Copy({{"main", "t"}, {"c", "a"}, {}}, "one\t1\n"), 1);
  EXPECT_EQ(*Copy({{"t"}, {}, {}}, "2\tD\tD\n3\t4\tD\n", {.default_text = "D"}), 2);
  EXPECT_THAT(Ask("SELECT concat_ws(',', a, b, g, \"C\") FROM t ORDER BY a"),
              ElementsAre("1,7,2,one", "2,7,3,x", "3,4,4,x"));
  EXPECT_EQ(Copy({{"t"}, {"g"}, {}}, "").status().sqlstate(), "42P10");
  EXPECT_EQ(Copy({{"t"}, {"a", "A"}, {}}, "").status().sqlstate(), "42701");
  EXPECT_EQ(Copy({{"t"}, {"nope"}, {}}, "").status().ToString(),
            "42703: column \"nope\" of relation \"t\" does not exist");
}

TEST_F(TableWriterTest, RefusesWhatIsNoTable) {
  Run("CREATE VIEW v AS SELECT 1 AS i");
  EXPECT_EQ(Copy({{"v"}, {}, {}}, "").status().ToString(), "42809: cannot copy to view \"v\"");
  EXPECT_EQ(Copy({{"s", "t"}, {}, {}}, "").status().ToString(),
            "42P01: relation \"s.t\" does not exist");
  EXPECT_EQ(Copy({{"a", "s", "t"}, {}, {}}, "").status().sqlstate(), "42P01");
}

TEST_F(TableWriterTest, SaysWhichRowIsWrong) {
  Run("CREATE TYPE mood AS ENUM ('sad', 'ok')");
  Run("CREATE TABLE t (a INTEGER, m mood, j JSON, h UHUGEINT)");
  Status status = Copy({{"t"}, {"a", "m"}, {}}, "1\tok\n2\tglad\n").status();
  EXPECT_EQ(status.ToString(), "22P02: invalid input value for enum: \"glad\"");
  EXPECT_EQ(status.context(), "COPY t, line 2, column m: \"glad\"");
  status = Copy({{"t"}, {"j"}, {}}, "{}\n{\n").status();
  EXPECT_EQ(status.ToString(), "22P02: invalid input syntax for type json");
  EXPECT_EQ(status.context(), "COPY t, line 2, column j: \"{\"");
  status = Copy({{"t"}, {"h"}, {}}, "1\n\\N\n-1\n").status();
  EXPECT_EQ(status.context(), "COPY t, line 3, column h: \"-1\"");
  EXPECT_EQ(*Copy({{"t"}, {"a", "m"}, {}}, "1\tok\n2\tglad\n3\tsad\nx\tok\n", {}, true), 2);
  EXPECT_EQ(skipped_, 2);
  EXPECT_THAT(Ask("SELECT a FROM t ORDER BY a"), ElementsAre("1", "3"));
}

TEST_F(TableWriterTest, TakesOnlyRowsThatMeetTheCondition) {
  Run("CREATE TABLE t (a INTEGER, b VARCHAR)");
  EXPECT_EQ(*Copy({{"t"}, {}, "a > 1 AND t.b <> 'z'"}, "1\tx\n2\ty\n3\tz\n"), 1);
  EXPECT_THAT(Ask("SELECT b FROM t"), ElementsAre("y"));
  EXPECT_EQ(Copy({{"t"}, {}, "nope > 1"}, "1\tx\n").status().sqlstate(), "42703");
}

TEST_F(TableWriterTest, KeepsConstraints) {
  Run("CREATE TABLE t (a INTEGER PRIMARY KEY, b VARCHAR NOT NULL)");
  EXPECT_EQ(Copy({{"t"}, {}, {}}, "1\tx\n1\ty\n").status().sqlstate(), "23505");
  EXPECT_EQ(Copy({{"t"}, {}, {}}, "1\t\\N\n").status().sqlstate(), "23502");
  EXPECT_EQ(*Copy({{"t"}, {}, {}}, "1\tx\n2\ty\n"), 2);
}

TEST_F(TableWriterTest, ManyRowsInOneTransaction) {
  Run("CREATE TABLE t (a INTEGER, s VARCHAR)");
  Run("BEGIN");
  auto writer = *connection_->WriteTable({{"t"}, {}, {}}, std::make_shared<CancelToken>());
  auto decoder = *results::CopyDecoder::Make({.table = "t", .columns = writer->columns()});
  constexpr int kRows = 600'000;
  for (int i = 0; i < kRows; ++i) {
    ASSERT_TRUE(
        decoder->Feed(std::to_string(i) + "\tvalue number " + std::to_string(i) + "\n").ok());
    if (decoder->rows() == 50'000) {
      auto rows = decoder->Take();
      ASSERT_TRUE(writer->Append(*rows, false).ok());
    }
  }
  EXPECT_EQ(*writer->Finish(), kRows);
  EXPECT_THAT(Ask("SELECT count(*)::VARCHAR || ' ' || count(DISTINCT s)::VARCHAR || ' ' || "
                  "bool_and(s = 'value number ' || a)::VARCHAR FROM t"),
              ElementsAre("600000 600000 true"));
  writer.reset();
  Run("ROLLBACK");
  EXPECT_THAT(Ask("SELECT count(*)::VARCHAR FROM t"), ElementsAre("0"));
}

TEST_F(TableWriterTest, StopsWhenCancelled) {
  Run("CREATE TABLE t (a INTEGER)");
  auto cancel = std::make_shared<CancelToken>();
  auto writer = *connection_->WriteTable({{"t"}, {}, {}}, cancel);
  auto decoder = *results::CopyDecoder::Make({.table = "t", .columns = writer->columns()});
  ASSERT_TRUE(decoder->Feed("1\n").ok());
  cancel->Cancel(errors::Cancelled("stop"));
  auto rows = decoder->Take();
  EXPECT_EQ(writer->Append(*rows, false).sqlstate(), "57014");
}

}  // namespace
}  // namespace skein::engine
