// What is expected here is what PostgreSQL 15 sends for the same rows.

#include "results/copy_encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "results/test_batch.h"

namespace skein::results {
namespace {

using testing::ElementsAre;

// The payloads of CopyData messages.
std::vector<std::string> Payloads(const std::string& messages) {
  std::vector<std::string> payloads;
  for (size_t at = 0; at < messages.size();) {
    EXPECT_EQ(messages[at], 'd');
    size_t length = 0;
    for (size_t i = 1; i <= 4; ++i)
      length = length << 8 | static_cast<unsigned char>(messages.at(at + i));
    payloads.push_back(messages.substr(at + 5, length - 4));
    at += 1 + length;
  }
  return payloads;
}

Result<std::vector<std::string>> Copy(const std::vector<TestColumn>& columns,
                                      CopyLayout::Request request) {
  auto batch = TestBatch(columns);
  SKEIN_ASSIGN_OR_RETURN(CopyLayout layout,
                         CopyLayout::Make(CopyDirection::kTo, std::move(request)));
  SKEIN_ASSIGN_OR_RETURN(auto encoder, CopyEncoder::Make(*batch->schema(), layout, {}));
  std::string out;
  encoder->Begin(&out);
  int64_t at = 0;
  while (at < batch->num_rows()) {
    int64_t rows = 0;
    SKEIN_RETURN_IF_ERROR(encoder->Append(*batch, at, 1, &out, &rows));
    EXPECT_EQ(rows, 1);
    at += rows;
  }
  encoder->End(&out);
  return Payloads(out);
}

std::vector<std::string> Lines(const std::vector<TestColumn>& columns,
                               CopyLayout::Request request = {}) {
  auto lines = Copy(columns, std::move(request));
  EXPECT_TRUE(lines.ok()) << lines.status().ToString();
  return lines.ok() ? *lines : std::vector<std::string>();
}

TEST(CopyEncoder, TextEscapesWhatWouldBeMisread) {
  EXPECT_THAT(
      Lines({{"a", "VARCHAR", Strings({"a\tb\nc\\d\r\b\f\v", "", "\\N", "x"}, {1, 1, 1, 0})},
             {"b", "INTEGER", Int32s({1, -2, 3, 4})}}),
      ElementsAre("a\\tb\\nc\\\\d\\r\\b\\f\\v\t1\n", "\t-2\n", "\\\\N\t3\n", "\\N\t4\n"));
}

TEST(CopyEncoder, TextEscapesItsDelimiterWhereverItIs) {
  EXPECT_THAT(Lines({{"a", "VARCHAR", Strings({"a-b"})}, {"b", "INTEGER", Int32s({-2})}},
                    {.header = CopyHeader::kWrite, .delimiter = "-", .null_text = "NIL"}),
              ElementsAre("a-b\n", "a\\-b-\\-2\n"));
}

TEST(CopyEncoder, CsvQuotesWhatWouldBeMisread) {
  EXPECT_THAT(Lines({{"a,b", "VARCHAR",
                      Strings({"plain", "a,b", "say \"x\"", "two\nlines", "", "\\.", "x"},
                              {1, 1, 1, 1, 1, 1, 0})},
                     {"n", "INTEGER", Int32s({1, 2, 3, 4, 5, 6, 7})}},
                    {.format = CopyFormat::kCsv, .header = CopyHeader::kWrite}),
              ElementsAre("\"a,b\",n\n", "plain,1\n", "\"a,b\",2\n", "\"say \"\"x\"\"\",3\n",
                          "\"two\nlines\",4\n", "\"\",5\n", "\\.,6\n", ",7\n"));
  EXPECT_THAT(Lines({{"a", "VARCHAR", Strings({"\\.", ""})}}, {.format = CopyFormat::kCsv}),
              ElementsAre("\"\\.\"\n", "\"\"\n"));
}

TEST(CopyEncoder, CsvWithItsOwnSigns) {
  EXPECT_THAT(Lines({{"a", "VARCHAR", Strings({"it's \\ so", "0", "x"}, {1, 1, 0})},
                     {"n", "INTEGER", Int32s({0, 1, 2})}},
                    {.format = CopyFormat::kCsv,
                     .delimiter = ";",
                     .null_text = "0",
                     .quote = "'",
                     .escape = "\\",
                     .force_quote = {false, {"a"}}}),
              ElementsAre("'it\\'s \\\\ so';'0'\n", "'0';1\n", "0;2\n"));
}

TEST(CopyEncoder, BinaryHasItsHeaderInFrontOfTheFirstRow) {
  std::string header("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", 19);
  EXPECT_THAT(
      Lines({{"a", "INTEGER", Int32s({7, 0}, {true, false})}, {"b", "VARCHAR", Strings({"x", ""})}},
            {.format = CopyFormat::kBinary}),
      ElementsAre(header + std::string("\0\2\0\0\0\4\0\0\0\7\0\0\0\1x", 15),
                  std::string("\0\2\xff\xff\xff\xff\0\0\0\0", 10), "\xff\xff"));
  EXPECT_THAT(Lines({{"a", "INTEGER", Int32s({})}}, {.format = CopyFormat::kBinary}),
              ElementsAre(header + "\xff\xff"));
}

TEST(CopyEncoder, RefusesAForcedColumnThatIsNotThere) {
  auto lines = Copy({{"a", "INTEGER", Int32s({1})}},
                    {.format = CopyFormat::kCsv, .force_quote = {false, {"b"}}});
  EXPECT_EQ(lines.status().sqlstate(), "42P10");
}

}  // namespace
}  // namespace skein::results
