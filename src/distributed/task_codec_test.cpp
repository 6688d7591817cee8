#include <gtest/gtest.h>

#include "distributed/task.h"

namespace skein::distributed {
namespace {

TaskSpec Sample() {
  TaskSpec task;
  task.query_id = "q1";
  task.stage = 3;
  task.task = 1;
  task.tasks = 4;
  task.plan = std::make_shared<const std::string>(std::string("pl\0an", 5));
  task.scans = {{{"a b.parquet", 0, Split::kToTheEnd, 10, "p"}, {"g[1].parquet", 5, 9, 1, ""}}, {}};
  task.inputs = {
      {2, ReadMode::kOwn, 0, 77}, {0, ReadMode::kPartition, 0, 0}, {1, ReadMode::kTask, 5, 3}};
  task.output = OutputKind::kHash;
  task.partitions = 4;
  task.bloom_bits = 13;
  task.range_columns = {2, 0};
  task.range_bounds = {std::string("a\0b", 3), "b", "b"};
  task.ties_together = true;
  task.sample_keys = 512;
  task.session = std::make_shared<const std::string>("secret");
  return task;
}

TEST(TaskCodec, WhatIsDecodedIsWhatWasEncoded) {
  auto decoded = DecodeTask(EncodeTask(Sample()));
  ASSERT_TRUE(decoded.ok()) << decoded.status().ToString();
  EXPECT_EQ(EncodeTask(*decoded), EncodeTask(Sample()));
  EXPECT_EQ(*decoded->plan, std::string("pl\0an", 5));
  ASSERT_EQ(decoded->scans.size(), 2u);
  EXPECT_EQ(decoded->scans[0][0].end_row, Split::kToTheEnd);
  EXPECT_EQ(decoded->scans[0][1].path, "g[1].parquet");
  EXPECT_EQ(decoded->inputs[0].mode, ReadMode::kOwn);
  EXPECT_EQ(decoded->inputs[0].rows, 77u);
  EXPECT_EQ(decoded->inputs[2].mode, ReadMode::kTask);
  EXPECT_EQ(decoded->inputs[2].part, 5u);
  EXPECT_EQ(decoded->bloom_bits, 13u);
  EXPECT_EQ(decoded->range_columns, (std::vector<uint32_t>{2, 0}));
  EXPECT_EQ(decoded->range_bounds, Sample().range_bounds);
  EXPECT_TRUE(decoded->ties_together);
  EXPECT_EQ(decoded->sample_keys, 512u);
  EXPECT_EQ(*decoded->session, "secret");
}

TEST(TaskCodec, RefusesWhatIsNoTask) {
  EXPECT_FALSE(DecodeTask("no task").ok());
  EXPECT_FALSE(DecodeTask("").ok());
  auto refused = [](auto change) {
    TaskSpec task = Sample();
    change(task);
    auto decoded = DecodeTask(EncodeTask(task));
    EXPECT_EQ(decoded.status().sqlstate(), "08P01");
  };
  refused([](TaskSpec& task) { task.task = 4; });
  refused([](TaskSpec& task) { task.tasks = 1u << 30; });
  refused([](TaskSpec& task) { task.partitions = 0; });
  refused([](TaskSpec& task) { task.partitions = 1u << 30; });
  refused([](TaskSpec& task) { task.output = OutputKind::kAll; });
  refused([](TaskSpec& task) { task.output = OutputKind::kSorted; });
  refused([](TaskSpec& task) { task.output = static_cast<OutputKind>(7); });
  refused([](TaskSpec& task) { task.range_bounds.emplace_back("c"); });
  refused([](TaskSpec& task) { task.range_bounds = {"b", "a"}; });
  refused([](TaskSpec& task) { task.sample_keys = 1u << 30; });
  refused([](TaskSpec& task) { task.inputs[0].mode = static_cast<ReadMode>(9); });
  refused([](TaskSpec& task) { task.scans[0][1].first_row = 10; });
  refused([](TaskSpec& task) { task.bloom_bits = 60; });
}

TEST(KeySummary, OfSeveralTasksKnowsTheKeysOfAll) {
  KeySummary all{std::string("\1\0", 2), {{true, 3, 9}, {}}};
  all.Add({std::string("\4\2", 2), {{true, -5, 4}, {true, 1, 2}}});
  all.Add({std::string("\0\0", 2), {{}, {}}});
  EXPECT_EQ(all.bloom, std::string("\5\2", 2));
  EXPECT_EQ(all.ranges[0].least, -5);
  EXPECT_EQ(all.ranges[0].greatest, 9);
  EXPECT_TRUE(all.ranges[1].known);
  // All of it, whatever its length.
  const std::string odd = "0123456789abcdefgh@";
  KeySummary longer{std::string(odd.size(), '\0'), {}};
  longer.Add({odd, {}});
  EXPECT_EQ(longer.bloom, odd);
  // What one task does not know is known of none.
  all.Add({});
  EXPECT_TRUE(all.bloom.empty() && all.ranges.empty());
}

}  // namespace
}  // namespace skein::distributed
