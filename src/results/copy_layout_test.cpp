#include "results/copy_layout.h"

#include <gtest/gtest.h>

namespace skein::results {
namespace {

using Request = CopyLayout::Request;

Status Refused(CopyDirection direction, Request request) {
  return CopyLayout::Make(direction, std::move(request)).status();
}

TEST(CopyLayout, HasTheDefaultsOfItsFormat) {
  auto text = CopyLayout::Make(CopyDirection::kTo, {});
  ASSERT_TRUE(text.ok());
  EXPECT_EQ(text->delimiter, '\t');
  EXPECT_EQ(text->null_text, "\\N");
  auto csv = CopyLayout::Make(CopyDirection::kTo, {.format = CopyFormat::kCsv, .quote = "'"});
  ASSERT_TRUE(csv.ok());
  EXPECT_EQ(csv->delimiter, ',');
  EXPECT_EQ(csv->null_text, "");
  EXPECT_EQ(csv->quote, '\'');
  EXPECT_EQ(csv->escape, '\'');
}

// Messages and codes are those of PostgreSQL 15 and 16.
TEST(CopyLayout, RefusesWhatDoesNotGoTogether) {
  struct Case {
    CopyDirection direction;
    Request request;
    const char* sqlstate;
    const char* message;
  };
  constexpr auto kTo = CopyDirection::kTo;
  constexpr auto kFrom = CopyDirection::kFrom;
  const Case cases[] = {
      {kTo, {.delimiter = "::"}, "0A000", "COPY delimiter must be a single one-byte character"},
      {kTo, {.delimiter = "ü"}, "0A000", "COPY delimiter must be a single one-byte character"},
      {kTo, {.delimiter = "\n"}, "22023", "COPY delimiter cannot be newline or carriage return"},
      {kTo, {.delimiter = "a"}, "22023", "COPY delimiter cannot be \"a\""},
      {kTo, {.delimiter = "\\"}, "22023", "COPY delimiter cannot be \"\\\""},
      {kTo,
       {.null_text = "a\rb"},
       "22023",
       "COPY null representation cannot use newline or carriage return"},
      {kTo,
       {.delimiter = ",", .null_text = "a,b"},
       "0A000",
       "COPY delimiter must not appear in the NULL specification"},
      {kTo,
       {.format = CopyFormat::kCsv, .null_text = "\""},
       "0A000",
       "CSV quote character must not appear in the NULL specification"},
      {kTo,
       {.format = CopyFormat::kCsv, .delimiter = "\""},
       "22023",
       "COPY delimiter and quote must be different"},
      {kTo, {.quote = "'"}, "0A000", "COPY quote available only in CSV mode"},
      {kTo,
       {.format = CopyFormat::kCsv, .quote = ""},
       "0A000",
       "COPY quote must be a single one-byte character"},
      {kTo, {.escape = "'"}, "0A000", "COPY escape available only in CSV mode"},
      {kTo,
       {.format = CopyFormat::kBinary, .delimiter = ","},
       "42601",
       "cannot specify DELIMITER in BINARY mode"},
      {kTo,
       {.format = CopyFormat::kBinary, .null_text = ""},
       "42601",
       "cannot specify NULL in BINARY mode"},
      {kTo,
       {.format = CopyFormat::kBinary, .header = CopyHeader::kWrite},
       "0A000",
       "cannot specify HEADER in BINARY mode"},
      {kTo, {.header = CopyHeader::kMatch}, "0A000", "cannot use \"match\" with HEADER in COPY TO"},
      {kTo, {.force_quote = {true, {}}}, "0A000", "COPY force quote available only in CSV mode"},
      {kFrom,
       {.format = CopyFormat::kCsv, .force_quote = {true, {}}},
       "0A000",
       "COPY force quote only available using COPY TO"},
      {kTo,
       {.format = CopyFormat::kCsv, .force_null = {false, {"a"}}},
       "0A000",
       "COPY force null only available using COPY FROM"},
      {kFrom,
       {.format = CopyFormat::kCsv, .default_text = ""},
       "0A000",
       "NULL specification and DEFAULT specification cannot be the same"},
      {kTo, {.default_text = "\\D"}, "0A000", "COPY DEFAULT only available using COPY FROM"},
      {kFrom, {.encoding = "LATIN1"}, "0A000", "COPY in the encoding \"LATIN1\" is not supported"},
  };
  for (const Case& one : cases) {
    Status status = Refused(one.direction, one.request);
    EXPECT_EQ(status.sqlstate(), one.sqlstate) << one.message;
    EXPECT_EQ(status.message(), one.message);
  }
  EXPECT_TRUE(Refused(kFrom, {.encoding = "utf-8"}).ok());
}

TEST(CopyLayout, MarksColumnsByTheirNames) {
  auto marks = MarkColumns({"a", "B"}, {false, {"b"}}, "FORCE_QUOTE");
  ASSERT_TRUE(marks.ok());
  EXPECT_EQ(*marks, (std::vector<bool>{false, true}));
  Status status = MarkColumns({"a"}, {false, {"c"}}, "FORCE_QUOTE").status();
  EXPECT_EQ(status.sqlstate(), "42P10");
  EXPECT_EQ(status.message(), "FORCE_QUOTE column \"c\" not referenced by COPY");
}

}  // namespace
}  // namespace skein::results
