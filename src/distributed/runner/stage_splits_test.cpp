#include "distributed/runner/stage_splits.h"

#include <set>
#include <string>
#include <thread>

#include <gtest/gtest.h>

namespace skein::distributed {
namespace {

Split Rows(const std::string& path, uint64_t first, uint64_t bytes) {
  Split split;
  split.path = path;
  split.first_row = first;
  split.bytes = bytes;
  return split;
}

/// One scan, by task.
Stage StageOf(std::vector<std::vector<Split>> by_task) {
  Stage stage;
  stage.tasks = static_cast<uint32_t>(by_task.size());
  for (auto& splits : by_task) stage.scans.push_back({std::move(splits)});
  return stage;
}

TEST(StageSplits, GivesATaskItsOwnAndThenTheLastOfWhoHasMost) {
  StageSplits splits(StageOf({{Rows("a", 0, 5)},
                              {Rows("b", 0, 5), Rows("b", 10, 5), Rows("b", 20, 5)},
                              {Rows("c", 0, 9), Rows("c", 10, 5)}}));
  ASSERT_TRUE(splits.Shares(0));
  TakenSplit split;
  ASSERT_TRUE(splits.Take(0, 0, &split));
  EXPECT_EQ(split.split.path, "a");
  ASSERT_TRUE(splits.Take(0, 0, &split));
  EXPECT_EQ(split.split.path, "b");
  EXPECT_EQ(split.split.first_row, 20u);
  ASSERT_TRUE(splits.Take(0, 1, &split));
  EXPECT_EQ(split.split.first_row, 0u);
  ASSERT_TRUE(splits.Take(0, 0, &split));
  EXPECT_EQ(split.split.path, "c");
  EXPECT_EQ(split.split.first_row, 10u);
}

TEST(StageSplits, LeavesOneToATaskThatHasNotBegun) {
  StageSplits splits(StageOf({{}, {Rows("b", 0, 5), Rows("b", 10, 5)}}));
  TakenSplit split;
  ASSERT_TRUE(splits.Take(0, 0, &split));
  EXPECT_EQ(split.split.first_row, 10u);
  EXPECT_FALSE(splits.Take(0, 0, &split));
  ASSERT_TRUE(splits.Take(0, 1, &split));
  EXPECT_EQ(split.split.first_row, 0u);
  EXPECT_FALSE(splits.Take(0, 1, &split));
}

TEST(StageSplits, AreNotSharedWhenEveryTaskReadsAll) {
  StageSplits splits(StageOf({{Rows("a", 0, 5)}, {Rows("a", 0, 5)}}));
  EXPECT_FALSE(splits.Shares(0));
  EXPECT_FALSE(StageSplits(StageOf({{Rows("a", 0, 5)}})).Shares(0));
  EXPECT_FALSE(StageSplits(Stage()).Shares(0));
}

TEST(StageSplits, ComeAgainWhenTheyAreGivenBack) {
  StageSplits splits(StageOf({{Rows("a", 0, 5)}, {Rows("b", 0, 5)}}));
  TakenSplit a;
  TakenSplit split;
  ASSERT_TRUE(splits.Take(0, 0, &a));
  ASSERT_TRUE(splits.Take(0, 1, &split));
  EXPECT_FALSE(splits.Take(0, 0, &split));
  splits.GiveBack(0, 0, {a});
  ASSERT_TRUE(splits.Take(0, 1, &split));
  EXPECT_EQ(split.split.path, "a");
}

TEST(StageSplits, WhatIsReadIsDividedWhenAllHaveBegun) {
  Split long_one = Rows("a", 0, 10);
  long_one.rows = 1'000'000;
  StageSplits splits(StageOf({{long_one}, {Rows("b", 0, 5)}}));
  TakenSplit a;
  TakenSplit other;
  ASSERT_TRUE(splits.Take(0, 0, &a));
  a.rows->Open();
  EXPECT_FALSE(splits.Take(0, 0, &other)) << "the other task has not begun";
  ASSERT_TRUE(splits.Take(0, 1, &other));
  EXPECT_EQ(other.split.path, "b");
  EXPECT_FALSE(splits.Take(0, 1, &other)) << "task 0 reads no more, and b is not open";
  splits.GiveBack(0, 0, {a});
  ASSERT_TRUE(splits.Take(0, 0, &a));
  a.rows->Open();
  ASSERT_TRUE(splits.Take(0, 1, &other));
  EXPECT_EQ(other.split.path, "a");
  EXPECT_GT(other.split.first_row, 0u);
  EXPECT_EQ(other.split.end_row, Split::kToTheEnd);
  splits.GiveBack(0, 0, {a});
  ASSERT_TRUE(splits.Take(0, 0, &a));
  EXPECT_EQ(a.split.first_row, 0u);
  EXPECT_EQ(a.split.end_row, other.split.first_row) << "what it gave away stays away";
}

TEST(StageSplits, EachGoesToOneOfManyThreads) {
  std::vector<std::vector<Split>> by_task(4);
  for (uint64_t i = 0; i < 1000; ++i) by_task[i % 2].push_back(Rows("a", i, 1 + i % 7));
  StageSplits splits(StageOf(std::move(by_task)));
  std::vector<std::set<uint64_t>> taken(4);
  std::vector<std::thread> threads;
  for (size_t task = 0; task < taken.size(); ++task) {
    threads.emplace_back([&, task] {
      TakenSplit split;
      while (splits.Take(0, task, &split)) taken[task].insert(split.split.first_row);
    });
  }
  for (auto& thread : threads) thread.join();
  std::set<uint64_t> all;
  size_t count = 0;
  for (const auto& of : taken) {
    all.insert(of.begin(), of.end());
    count += of.size();
  }
  EXPECT_EQ(all.size(), 1000u);
  EXPECT_EQ(count, 1000u);
}

}  // namespace
}  // namespace skein::distributed
