#include "sql/copy_statement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/session_statement.h"

namespace skein::sql {
namespace {

using testing::ElementsAre;

CopyStatement Copy(std::string_view text) {
  auto found = Recognise(text);
  EXPECT_TRUE(found.ok()) << text << ": " << found.status().ToString();
  if (!found.ok() || !*found) {
    ADD_FAILURE() << text << " is not recognised";
    return {};
  }
  return std::get<CopyStatement>(**found);
}

std::string CopyError(std::string_view text) {
  auto found = Recognise(text);
  EXPECT_FALSE(found.ok()) << text;
  return found.status().sqlstate();
}

TEST(CopyStatement, TablesAndColumns) {
  auto copy = Copy("COPY s.\"T a\" (i, \"J\") FROM STDIN");
  EXPECT_EQ(copy.direction, CopyStatement::Direction::kFromStdin);
  EXPECT_THAT(copy.table, ElementsAre("s", "T a"));
  EXPECT_THAT(copy.columns, ElementsAre("i", "J"));
  EXPECT_THAT(Copy("copy db.s.t to stdout").table, ElementsAre("db", "s", "t"));
  EXPECT_THAT(Copy("COPY binary TO STDOUT").table, ElementsAre("binary"));
  EXPECT_EQ(Copy("COPY BINARY t TO STDOUT").options.format, CopyOptions::Format::kBinary);
}

TEST(CopyStatement, Queries) {
  std::string text = "COPY ( SELECT ')' AS \"a)\", (1) /* ) */ FROM t ) TO STDOUT";
  auto copy = Copy(text);
  EXPECT_EQ(copy.query, "SELECT ')' AS \"a)\", (1) /* ) */ FROM t");
  EXPECT_EQ(text.substr(copy.query_offset, copy.query.size()), copy.query);
  EXPECT_TRUE(copy.table.empty());
}

TEST(CopyStatement, TheListOfOptions) {
  auto options = Copy(
                     "COPY t TO STDOUT WITH (FORMAT csv, HEADER, DELIMITER ';', NULL '\\N', "
                     "QUOTE '''', ESCAPE E'\\\\', FORCE_QUOTE (a, \"B\"), ENCODING 'utf8')")
                     .options;
  EXPECT_EQ(options.format, CopyOptions::Format::kCsv);
  EXPECT_EQ(options.header, CopyOptions::Header::kOn);
  EXPECT_EQ(options.delimiter, ";");
  EXPECT_EQ(options.null, "\\N");
  EXPECT_EQ(options.quote, "'");
  EXPECT_EQ(options.escape, "\\");
  EXPECT_THAT(options.force_quote.names, ElementsAre("a", "B"));
  EXPECT_EQ(options.encoding, "utf8");
  options = Copy(
                "COPY t FROM STDIN (FORMAT 'csv', HEADER match, FORCE_NOT_NULL *, FORCE_NULL (a), "
                "DEFAULT '\\D', ON_ERROR ignore, REJECT_LIMIT 5, FREEZE false)")
                .options;
  EXPECT_EQ(options.header, CopyOptions::Header::kMatch);
  EXPECT_TRUE(options.force_not_null.all);
  EXPECT_THAT(options.force_null.names, ElementsAre("a"));
  EXPECT_EQ(options.default_value, "\\D");
  EXPECT_TRUE(options.ignore_errors);
  EXPECT_EQ(options.reject_limit, 5);
  EXPECT_EQ(Copy("COPY t TO STDOUT (HEADER off)").options.header, CopyOptions::Header::kOff);
}

TEST(CopyStatement, TheOldSyntax) {
  auto options = Copy(
                     "COPY t FROM STDIN WITH CSV HEADER DELIMITER AS ',' NULL '' QUOTE AS '\"' "
                     "ESCAPE '\"' FORCE NOT NULL a, b FORCE NULL c")
                     .options;
  EXPECT_EQ(options.format, CopyOptions::Format::kCsv);
  EXPECT_EQ(options.header, CopyOptions::Header::kOn);
  EXPECT_EQ(options.delimiter, ",");
  EXPECT_EQ(options.null, "");
  EXPECT_THAT(options.force_not_null.names, ElementsAre("a", "b"));
  EXPECT_THAT(options.force_null.names, ElementsAre("c"));
  EXPECT_EQ(Copy("COPY t TO STDOUT USING DELIMITERS '|'").options.delimiter, "|");
  EXPECT_EQ(Copy("COPY t TO STDOUT BINARY").options.format, CopyOptions::Format::kBinary);
  EXPECT_EQ(Copy("COPY (SELECT 1) TO STDOUT CSV FORCE QUOTE *").options.force_quote.all, true);
}

TEST(CopyStatement, AConditionOfCopyFrom) {
  auto copy = Copy("COPY t FROM STDIN (FORMAT csv) WHERE a > 1 AND b = 'x;y'");
  EXPECT_EQ(copy.where, "a > 1 AND b = 'x;y'");
}

TEST(CopyStatement, FilesAreDuckDbs) {
  for (const char* text : {"COPY t TO 'file.csv'", "COPY t FROM 's3://b/k' (FORMAT parquet)",
                           "COPY (SELECT 1) TO 'stdout'", "COPY t FROM '/dev/stdin'",
                           "COPY FROM DATABASE a TO b", "COPY (SELECT 'x' FROM stdin) TO 'file'"}) {
    auto found = Recognise(text);
    ASSERT_TRUE(found.ok()) << text;
    EXPECT_FALSE(found->has_value()) << text;
  }
}

TEST(CopyStatement, Mistakes) {
  EXPECT_EQ(CopyError("COPY t TO STDOUT (FORMAT)"), "42601");
  EXPECT_EQ(CopyError("COPY t TO STDOUT (FORMAT yaml)"), "22023");
  EXPECT_EQ(CopyError("COPY t TO STDOUT (NONSENSE 1)"), "42601");
  EXPECT_EQ(CopyError("COPY t TO STDOUT (FORMAT csv, FORMAT csv)"), "42601");
  EXPECT_EQ(CopyError("COPY t TO STDOUT (HEADER maybe)"), "42601");
  EXPECT_EQ(CopyError("COPY (SELECT 1) FROM STDIN"), "42601");
  EXPECT_EQ(CopyError("COPY t TO STDOUT WITH NONSENSE"), "42601");
  EXPECT_EQ(CopyError("COPY t TO STDOUT WHERE a"), "42601");
  EXPECT_EQ(CopyError("COPY () TO STDOUT"), "42601");
  EXPECT_EQ(CopyError("COPY a.b.c.d TO STDOUT"), "42601");
}

}  // namespace
}  // namespace skein::sql
