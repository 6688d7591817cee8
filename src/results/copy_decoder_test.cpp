// What is expected here is what PostgreSQL 15 makes of the same data: values, errors, contexts.

#include "results/copy_decoder.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/scalar.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skein::results {
namespace {

using testing::ElementsAre;

std::vector<CopyTarget> Targets(const std::vector<std::pair<std::string, std::string>>& columns) {
  std::vector<CopyTarget> targets;
  for (const auto& [name, type] : columns) targets.push_back({name, *ParseDuckDbType(type), false});
  return targets;
}

struct Outcome {
  Status status;
  std::vector<std::string> rows;  ///< values with | between them
  std::vector<int64_t> lines;
};

// Fed in pieces of `piece` bytes.
Outcome Read(CopyDecoder::Options options, CopyLayout::Request request, std::string_view data,
             size_t piece) {
  Outcome outcome;
  auto layout = CopyLayout::Make(CopyDirection::kFrom, std::move(request));
  if (!layout.ok()) return {layout.status(), {}, {}};
  options.layout = *layout;
  options.table = "t";
  auto decoder = CopyDecoder::Make(std::move(options));
  if (!decoder.ok()) return {decoder.status(), {}, {}};
  for (size_t at = 0; at < data.size() && outcome.status.ok(); at += piece)
    outcome.status = (*decoder)->Feed(data.substr(at, piece));
  if (outcome.status.ok()) outcome.status = (*decoder)->Finish();
  if (!outcome.status.ok()) return outcome;
  auto rows = (*decoder)->Take();
  if (!rows.ok()) return {rows.status(), {}, {}};
  for (int64_t row = 0; row < rows->batch->num_rows(); ++row) {
    if (!rows->skipped.empty() && rows->skipped[static_cast<size_t>(row)]) continue;
    std::string text;
    for (int i = 0; i < rows->batch->num_columns(); ++i) {
      auto value = *rows->batch->column(i)->GetScalar(row);
      text += (i > 0 ? "|" : "") + (value->is_valid ? value->ToString() : std::string("NULL"));
    }
    outcome.rows.push_back(text);
  }
  outcome.lines = rows->lines;
  return outcome;
}

Outcome Read(const std::vector<std::pair<std::string, std::string>>& columns,
             CopyLayout::Request request, std::string_view data) {
  Outcome whole = Read({.columns = Targets(columns)}, request, data, data.size() + 1);
  // However it is cut, it is the same data.
  for (size_t piece : {1, 2, 3, 7}) {
    Outcome cut = Read({.columns = Targets(columns)}, request, data, piece);
    EXPECT_EQ(cut.rows, whole.rows) << "in pieces of " << piece;
    EXPECT_EQ(cut.lines, whole.lines) << "in pieces of " << piece;
    EXPECT_EQ(cut.status.ToString(), whole.status.ToString()) << "in pieces of " << piece;
    EXPECT_EQ(cut.status.context(), whole.status.context()) << "in pieces of " << piece;
  }
  return whole;
}

const std::vector<std::pair<std::string, std::string>> kTwo = {{"a", "INTEGER"}, {"b", "VARCHAR"}};

TEST(CopyTextDecoder, ReadsEscapes) {
  Outcome outcome =
      Read(kTwo, {}, "1\ta\\tb\\nc\\\\d\\x41\\x4\\101\\0601\\q\n\\N\t\\N\n2\t\n3\tx\\\ny\n");
  EXPECT_TRUE(outcome.status.ok()) << outcome.status.ToString();
  EXPECT_THAT(outcome.rows, ElementsAre("1|a\tb\nc\\dA\4A01q", "NULL|NULL", "2|", "3|x\ny"));
  EXPECT_THAT(outcome.lines, ElementsAre(1, 2, 3, 4));
}

TEST(CopyTextDecoder, LinesEndInOneWay) {
  EXPECT_THAT(Read(kTwo, {}, "1\ta\r\n2\tb\r\n").rows, ElementsAre("1|a", "2|b"));
  EXPECT_THAT(Read(kTwo, {}, "1\ta\r2\tb").rows, ElementsAre("1|a", "2|b"));
  Outcome outcome = Read(kTwo, {}, "1\ta\n2\tb\r\n");
  EXPECT_EQ(outcome.status.sqlstate(), "22P04");
  EXPECT_EQ(outcome.status.message(), "literal carriage return found in data");
  EXPECT_EQ(outcome.status.hint(), "Use \"\\r\" to represent carriage return.");
  EXPECT_EQ(outcome.status.context(), "COPY t, line 2");
  EXPECT_EQ(Read(kTwo, {}, "1\ta\r\n2\tb\n").status.message(), "literal newline found in data");
}

TEST(CopyTextDecoder, EndsAtItsMark) {
  EXPECT_THAT(Read(kTwo, {}, "1\ta\n\\.\nwhatever\n").rows, ElementsAre("1|a"));
  EXPECT_EQ(Read(kTwo, {}, "1\ta\n\\.x\n").status.message(), "end-of-copy marker corrupt");
  EXPECT_EQ(Read(kTwo, {}, "1\ta\n\\.\r").status.message(),
            "end-of-copy marker does not match previous newline style");
}

TEST(CopyTextDecoder, SaysWhereItIsWrong) {
  Outcome outcome = Read(kTwo, {}, "1\ta\n2\n");
  EXPECT_EQ(outcome.status.ToString(), "22P04: missing data for column \"b\"");
  EXPECT_EQ(outcome.status.context(), "COPY t, line 2: \"2\"");
  outcome = Read(kTwo, {}, "1\ta\tb\n");
  EXPECT_EQ(outcome.status.ToString(), "22P04: extra data after last expected column");
  EXPECT_EQ(outcome.status.context(), "COPY t, line 1: \"1\ta\tb\"");
  outcome = Read(kTwo, {}, "1\ta\nx1\tb\n");
  EXPECT_EQ(outcome.status.ToString(), "22P02: invalid input syntax for type integer: \"x1\"");
  EXPECT_EQ(outcome.status.context(), "COPY t, line 2, column a: \"x1\"");
  outcome = Read(kTwo, {}, "99999999999\ta\n");
  EXPECT_EQ(outcome.status.ToString(),
            "22003: value \"99999999999\" is out of range for type integer");
  outcome = Read(kTwo, {}, "1\ta\n1\t\xff\n");
  EXPECT_EQ(outcome.status.ToString(), "22021: invalid byte sequence for encoding \"UTF8\": 0xff");
  EXPECT_EQ(outcome.status.context(), "COPY t, line 2");
  EXPECT_EQ(Read(kTwo, {}, "1\t\\000\n").status.sqlstate(), "22021");
  EXPECT_EQ(Read(kTwo, {}, "1\t\\xe4\n").status.sqlstate(), "22021");
  EXPECT_THAT(Read(kTwo, {}, "1\t\\xc3\\244\n").rows, ElementsAre("1|ä"));
}

TEST(CopyTextDecoder, TakesAnEmptyLineForAnEmptyValue) {
  EXPECT_THAT(Read({{"a", "VARCHAR"}}, {}, "\nx\n\n").rows, ElementsAre("", "x", ""));
  EXPECT_THAT(Read({{"a", "VARCHAR"}}, {}, "").rows, ElementsAre());
}

const CopyLayout::Request kCsv = {.format = CopyFormat::kCsv};

TEST(CopyCsvDecoder, ReadsQuotes) {
  Outcome outcome = Read(kTwo, kCsv,
                         "1,plain\n2,\"a,b\"\n3,\"say \"\"x\"\"\"\n4,\"two\nlines\"\n5,\n6,\"\"\n"
                         "7,a\"b,c\"d\n8,\\.\n");
  EXPECT_TRUE(outcome.status.ok()) << outcome.status.ToString();
  EXPECT_THAT(outcome.rows, ElementsAre("1|plain", "2|a,b", "3|say \"x\"", "4|two\nlines", "5|NULL",
                                        "6|", "7|ab,cd", "8|\\."));
  // The newline within a value counts as a line.
  EXPECT_THAT(outcome.lines, ElementsAre(1, 2, 3, 5, 6, 7, 8, 9));
}

TEST(CopyCsvDecoder, ItsOwnSigns) {
  EXPECT_THAT(
      Read(kTwo, {.format = CopyFormat::kCsv, .delimiter = ";", .quote = "'", .escape = "\\"},
           "1;'it\\'s; \\\\ \\x'\n2;'\\''\n")
          .rows,
      ElementsAre("1|it's; \\ \\x", "2|'"));
}

TEST(CopyCsvDecoder, SaysWhereItIsWrong) {
  Outcome outcome = Read(kTwo, kCsv, "1,a\n2,\"b\n3,c\n");
  EXPECT_EQ(outcome.status.ToString(), "22P04: unterminated CSV quoted field");
  EXPECT_EQ(outcome.status.context(), "COPY t, line 4: \"2,\"b\n3,c\n\"");
  outcome = Read(kTwo, kCsv, "1,a\n2,b\r\n");
  EXPECT_EQ(outcome.status.message(), "unquoted carriage return found in data");
  EXPECT_EQ(outcome.status.hint(), "Use quoted CSV field to represent carriage return.");
}

TEST(CopyCsvDecoder, Header) {
  CopyLayout::Request skip = {.format = CopyFormat::kCsv, .header = CopyHeader::kWrite};
  EXPECT_THAT(Read(kTwo, skip, "anything\n1,a\n").rows, ElementsAre("1|a"));
  CopyLayout::Request match = {.format = CopyFormat::kCsv, .header = CopyHeader::kMatch};
  EXPECT_THAT(Read(kTwo, match, "a,b\n1,a\n").rows, ElementsAre("1|a"));
  Outcome outcome = Read(kTwo, match, "a,c\n1,a\n");
  EXPECT_EQ(outcome.status.message(),
            "column name mismatch in header line field 2: got \"c\", expected \"b\"");
  EXPECT_EQ(outcome.status.context(), "COPY t, line 1: \"a,c\"");
  EXPECT_EQ(Read(kTwo, match, "a\n").status.message(),
            "wrong number of fields in header line: got 1, expected 2");
}

TEST(CopyCsvDecoder, ForcedNulls) {
  CopyLayout::Request request = {.format = CopyFormat::kCsv,
                                 .null_text = "nil",
                                 .force_not_null = {false, {"a"}},
                                 .force_null = {false, {"b"}}};
  EXPECT_THAT(Read({{"a", "VARCHAR"}, {"b", "VARCHAR"}}, request, "nil,\"nil\"\n").rows,
              ElementsAre("nil|NULL"));
}

TEST(CopyDecoder, MarksDefaults) {
  CopyLayout::Request request = {.default_text = "\\D"};
  auto targets = Targets(kTwo);
  targets[0].has_default = true;
  Outcome outcome = Read({.columns = targets}, request, "\\D\tx\n2\ty\n", 100);
  EXPECT_THAT(outcome.rows, ElementsAre("NULL|x|true|false", "2|y|false|false"));
  outcome = Read({.columns = targets}, request, "1\t\\D\n", 100);
  EXPECT_EQ(outcome.status.ToString(), "22P04: unexpected default marker in COPY data");
  EXPECT_EQ(outcome.status.detail(), "Column \"b\" has no default value.");
}

TEST(CopyDecoder, LeavesWrongRowsOutWhenTold) {
  Outcome outcome =
      Read({.columns = Targets(kTwo), .skip_wrong_rows = true}, {}, "1\ta\nx\tb\n3\tc\n", 100);
  EXPECT_THAT(outcome.rows, ElementsAre("1|a", "3|c"));
}

std::string Header() { return std::string("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", 19); }

TEST(CopyBinaryDecoder, ReadsRows) {
  CopyLayout::Request binary = {.format = CopyFormat::kBinary};
  std::string row("\0\2\0\0\0\4\0\0\0\7\0\0\0\1x", 15);
  std::string null_row("\0\2\xff\xff\xff\xff\xff\xff\xff\xff", 10);
  EXPECT_THAT(Read(kTwo, binary, Header() + row + null_row + "\xff\xff").rows,
              ElementsAre("7|x", "NULL|NULL"));
  // The trailer may be missing.
  EXPECT_THAT(Read(kTwo, binary, Header() + row).rows, ElementsAre("7|x"));
  std::string extended = std::string("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\3abc", 22);
  EXPECT_THAT(Read(kTwo, binary, extended + row).rows, ElementsAre("7|x"));
}

TEST(CopyBinaryDecoder, SaysWhatIsWrong) {
  CopyLayout::Request binary = {.format = CopyFormat::kBinary};
  auto message = [&](const std::string& data) { return Read(kTwo, binary, data).status.message(); };
  std::string row("\0\2\0\0\0\4\0\0\0\7\0\0\0\1x", 15);
  EXPECT_EQ(message("1,2\n"), "COPY file signature not recognized");
  EXPECT_EQ(message(""), "COPY file signature not recognized");
  EXPECT_EQ(message(std::string("PGCOPY\n\xff\r\n\0\0\1\0\0\0\0\0\0", 19)),
            "invalid COPY file header (WITH OIDS)");
  EXPECT_EQ(message(std::string("PGCOPY\n\xff\r\n\0\0\2\0\0\0\0\0\0", 19)),
            "unrecognized critical flags in COPY file header");
  EXPECT_EQ(message(Header() + std::string("\0\1\0\0\0\4\0\0\0\7", 10)),
            "row field count is 1, expected 2");
  EXPECT_EQ(message(Header() + std::string("\0\2\0\0\0\4\0\0", 8)), "unexpected EOF in COPY data");
  EXPECT_EQ(message(Header() + std::string("\0\2\xff\xff\xff\xfe", 6)), "invalid field size");
  EXPECT_EQ(message(Header() + row + "\xff\xffx"), "received copy data after EOF marker");
  Outcome outcome =
      Read(kTwo, binary, Header() + row + std::string("\0\2\0\0\0\5\0\0\0\0\0\0\0\0\1x", 16));
  EXPECT_EQ(outcome.status.ToString(), "22P03: incorrect binary data format");
  EXPECT_EQ(outcome.status.context(), "COPY t, line 2, column a");
}

TEST(CopyColumn, ReadsEachType) {
  auto one = [](const std::string& type, const std::string& text) {
    Outcome outcome = Read({{"c", type}}, {}, text + "\n");
    return outcome.status.ok() ? outcome.rows.at(0) : outcome.status.ToString();
  };
  EXPECT_EQ(one("BOOLEAN", "yes"), "true");
  EXPECT_EQ(one("TINYINT", "-128"), "-128");
  EXPECT_EQ(one("UBIGINT", "18446744073709551615"), "18446744073709551615");
  EXPECT_EQ(one("DECIMAL(5,2)", "123.455"), "123.46");
  EXPECT_EQ(one("DECIMAL(5,2)", "1234"), "22003: numeric field overflow");
  EXPECT_EQ(one("DOUBLE", " Infinity "), "inf");
  EXPECT_EQ(one("DATE", "2024-02-29"), "2024-02-29");
  EXPECT_EQ(one("TIMESTAMP", "2024-02-29 12:00:00.5"), "2024-02-29 12:00:00.500000");
  EXPECT_EQ(one("TIMESTAMP WITH TIME ZONE", "2024-02-29 12:00:00+02"),
            "2024-02-29 10:00:00.000000Z");
  EXPECT_EQ(one("BLOB", "\\\\x00ff"), std::string("\0\xff", 2));
  EXPECT_EQ(one("INTEGER[]", "{1,NULL,3}"), "list<item: int32>[1, null, 3]");
  EXPECT_EQ(one("INTEGER[][]", "{{1},{2}}"),
            "list<item: list<item: int32>>[list<item: int32>[1], list<item: int32>[2]]");
  EXPECT_EQ(one("INTEGER[]", "{{1},{2}}"), "2202E: the array has 2 dimensions, the column takes 1");
  EXPECT_EQ(one("INTEGER[]", "{NULL}"), "list<item: int32>[null]");
  EXPECT_EQ(one("UUID", "{A0EEBC999C0B4EF8BB6D6BB9BD380A11}"),
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
}

}  // namespace
}  // namespace skein::results
