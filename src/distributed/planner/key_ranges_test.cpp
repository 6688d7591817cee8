#include "distributed/planner/key_ranges.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "distributed/fragment/sort_keys.h"

namespace skein::distributed {
namespace {

StageReport Report(std::vector<std::pair<uint64_t, std::vector<std::string>>> tasks) {
  StageReport report;
  for (auto& [rows, sample] : tasks) {
    TaskReport task;
    task.rows = rows;
    task.key_sample = std::move(sample);
    report.tasks.push_back(std::move(task));
  }
  return report;
}

std::vector<std::string> Letters(char first, char last) {
  std::vector<std::string> keys;
  for (char letter = first; letter <= last; ++letter) keys.emplace_back(1, letter);
  return keys;
}

TEST(CutRanges, EvenKeysMakeEvenRanges) {
  const auto bounds = CutRanges(Report({{400, Letters('a', 'h')}}), 4);
  EXPECT_EQ(bounds, (std::vector<std::string>{"c", "e", "g"}));
  EXPECT_TRUE(CutRanges(Report({{400, Letters('a', 'h')}}), 1).empty());
}

TEST(CutRanges, ASampleCountsForTheRowsOfItsTask) {
  // Nine of ten rows are from 'm' on.
  const auto bounds =
      CutRanges(Report({{100, Letters('a', 'j')}, {900, Letters('m', 'v')}, {0, {}}}), 2);
  ASSERT_EQ(bounds.size(), 1U);
  EXPECT_GT(bounds[0], "m");
}

TEST(CutRanges, AKeyThatFillsSeveralIsSeveralBounds) {
  const auto bounds = CutRanges(Report({{1000, std::vector<std::string>(50, "x")}}), 4);
  EXPECT_EQ(bounds, (std::vector<std::string>{"x", "x", "x"}));
  const RangeSpan span = RangesOf("x", bounds);
  EXPECT_EQ(span.first, 0U);
  EXPECT_EQ(span.last, 3U);
  EXPECT_EQ(RangesOf("w", bounds).last, 0U);
  EXPECT_EQ(RangesOf("xa", bounds).first, 3U);
}

TEST(CutRanges, NoRowsHaveNoBounds) {
  EXPECT_TRUE(CutRanges(Report({}), 4).empty());
  EXPECT_TRUE(CutRanges(Report({{0, {}}}), 4).empty());
}

/// Whatever the bounds: what is in a range is at most what is in the next.
TEST(RangesOf, RangesAreInOrder) {
  const std::vector<std::string> bounds{"b", "d", "d", std::string("d\0", 2), "\xff"};
  const std::vector<std::string> keys{"",  "a",    "b",       "c", "d", std::string("d\0", 2),
                                      "e", "\xff", "\xff\xff"};
  for (const std::string& less : keys) {
    for (const std::string& more : keys) {
      if (less >= more) continue;
      EXPECT_LE(RangesOf(less, bounds).last, RangesOf(more, bounds).first);
    }
  }
}

TEST(SortKeys, ShortKeysAreNumbersAndCompareAsTheyDo) {
  duckdb::Vector numbers(duckdb::LogicalType::BIGINT);
  const std::vector<int64_t> values{0, 1, 255, 256, int64_t{1} << 40, (int64_t{1} << 40) + 1};
  for (size_t i = 0; i < values.size(); ++i)
    duckdb::FlatVector::GetData<int64_t>(numbers)[i] = values[i];
  SortKeys keys;
  keys.Set(numbers, values.size());
  for (size_t i = 1; i < values.size(); ++i) EXPECT_LT(keys[i - 1], keys[i]);

  KeySampler few(3);
  KeySampler none(3);
  few.Add(keys, values.size());
  few.Combine(std::move(none));
  const auto drawn = std::move(few).Finish();
  ASSERT_EQ(drawn.size(), 3U);
  for (const std::string& key : drawn) {
    bool known = false;
    for (size_t i = 0; i < values.size(); ++i) known = known || keys[i] == key;
    EXPECT_TRUE(known);
  }
}

}  // namespace
}  // namespace skein::distributed
