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
  refused([](TaskSpec& task) { task.inputs[0].mode = static_cast<ReadMode>(9); });
  refused([](TaskSpec& task) { task.scans[0][1].first_row = 10; });
}

}  // namespace
}  // namespace skein::distributed
