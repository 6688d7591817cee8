#include "distributed/exchange/block_store.h"

#include <cstdlib>
#include <filesystem>
#include <set>
#include <thread>

#include <gtest/gtest.h>

namespace skein::distributed {
namespace {

Block BlockOf(const std::string& text, uint64_t rows) {
  auto bytes = std::make_shared<std::string>(text);
  return {bytes, bytes->data(), bytes->size(), rows};
}

std::multiset<std::string> ReadAll(BlockReader& reader) {
  std::multiset<std::string> texts;
  Block block;
  while (true) {
    auto more = reader.Next(&block);
    EXPECT_TRUE(more.ok()) << more.status().ToString();
    if (!more.ok() || !*more) return texts;
    texts.emplace(block.data, block.size);
  }
}

using Texts = std::multiset<std::string>;

TEST(BlockStore, EachModeReadsItsBlocks) {
  BlockStore store(1 << 20, "/nonexistent");
  for (uint32_t task = 0; task < 3; ++task) {
    auto output = store.OpenOutput(4, task, 2);
    for (uint32_t partition = 0; partition < 2; ++partition) {
      ASSERT_TRUE(output
                      ->Append(partition,
                               BlockOf(std::to_string(task) + std::to_string(partition), task + 1))
                      .ok());
    }
    output->Commit();
  }
  EXPECT_EQ(ReadAll(*store.OpenReader(4, ReadMode::kPartition, 1, 2)), (Texts{"01", "11", "21"}));
  EXPECT_EQ(ReadAll(*store.OpenReader(4, ReadMode::kAll, 1, 2)), (Texts{"00", "10", "20"}));
  EXPECT_EQ(ReadAll(*store.OpenReader(4, ReadMode::kOwn, 1, 2)), (Texts{"10"}));
  EXPECT_EQ(ReadAll(*store.OpenReader(4, ReadMode::kOwn, 0, 2)), (Texts{"00", "20"}));
  EXPECT_EQ(ReadAll(*store.OpenReader(4, ReadMode::kTask, 2, 2)), (Texts{"20"}));
  EXPECT_EQ(ReadAll(*store.OpenReader(4, ReadMode::kEvery, 1, 2)),
            (Texts{"00", "01", "10", "11", "20", "21"}));
  const Share both{0, 2, 1, 2};
  EXPECT_EQ(ReadAll(*store.OpenReader(4, ReadMode::kPartition, 0, 5, &both)), (Texts{"10", "11"}));
  const Share last{1, 2, 0, 2};
  EXPECT_EQ(ReadAll(*store.OpenReader(4, ReadMode::kPartition, 0, 5, &last)), (Texts{"01", "21"}));
  EXPECT_EQ(ReadAll(*store.OpenReader(4, ReadMode::kEvery, 0, 5, &last)).size(), 6u);
  EXPECT_EQ(store.CountRows(4, ReadMode::kAll, 0, 2), 6u);
  EXPECT_EQ(store.CountRows(4, ReadMode::kOwn, 0, 2), 4u);
  EXPECT_EQ(store.spilled_bytes(), 0u);
  store.Drop(4);
  EXPECT_EQ(ReadAll(*store.OpenReader(4, ReadMode::kAll, 0, 1)), Texts{});
}

TEST(BlockStore, WhatIsNotCommittedIsForgottenAndItsMemoryIsFreeAgain) {
  BlockStore store(10, "/nonexistent");
  {
    auto output = store.OpenOutput(0, 0, 1);
    ASSERT_TRUE(output->Append(0, BlockOf("0123456789", 1)).ok());
  }
  EXPECT_EQ(ReadAll(*store.OpenReader(0, ReadMode::kAll, 0, 1)), Texts{});
  // The second one has room again: the folder is not needed.
  auto output = store.OpenOutput(0, 0, 1);
  EXPECT_TRUE(output->Append(0, BlockOf("9876543210", 1)).ok());
  output->Commit();
  store.Drop(0);
  EXPECT_TRUE(store.OpenOutput(0, 0, 1)->Append(0, BlockOf("0123456789", 1)).ok());
}

TEST(BlockStore, BeyondItsMemoryBlocksGoToAFileAndComeBack) {
  BlockStore store(1000, std::filesystem::temp_directory_path().string());
  Texts expected;
  std::vector<std::unique_ptr<BlockStore::Output>> outputs;
  for (uint32_t task = 0; task < 4; ++task) outputs.push_back(store.OpenOutput(0, task, 1));
  std::vector<std::thread> threads;
  for (uint32_t task = 0; task < 4; ++task) {
    for (int i = 0; i < 100; ++i) {
      expected.insert(std::string(static_cast<size_t>(100 + i), static_cast<char>('a' + task)));
    }
    threads.emplace_back([&outputs, task] {
      for (int i = 0; i < 100; ++i) {
        std::string text(static_cast<size_t>(100 + i), static_cast<char>('a' + task));
        ASSERT_TRUE(outputs[task]->Append(0, BlockOf(text, 1)).ok());
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (auto& output : outputs) output->Commit();
  EXPECT_GT(store.spilled_bytes(), 40000u);
  EXPECT_EQ(ReadAll(*store.OpenReader(0, ReadMode::kAll, 0, 1)), expected);
}

class Rows : public BlockRows {
 public:
  explicit Rows(std::string text) : text_(std::move(text)) {}
  Block Write() const override { return BlockOf("written " + text_, 1); }

 private:
  const std::string text_;
};

TEST(BlockStore, RowsAreWrittenOnlyWhereTheyGoToTheFile) {
  BlockStore store(10, std::filesystem::temp_directory_path().string());
  auto output = store.OpenOutput(0, 0, 2);
  ASSERT_TRUE(output->takes_rows());
  auto here = std::make_shared<Rows>("here");
  ASSERT_TRUE(output->Append(0, {nullptr, nullptr, 10, 1, here}).ok());
  ASSERT_TRUE(output->Append(1, {nullptr, nullptr, 10, 1, std::make_shared<Rows>("there")}).ok());
  EXPECT_EQ(output->spilled_bytes(), std::string("written there").size());
  output->Commit();
  Block block;
  ASSERT_TRUE(*store.OpenReader(0, ReadMode::kPartition, 0, 2)->Next(&block));
  EXPECT_EQ(block.unwritten, here);
  EXPECT_EQ(block.size, 10u);
  ASSERT_TRUE(*store.OpenReader(0, ReadMode::kPartition, 1, 2)->Next(&block));
  EXPECT_EQ(block.unwritten, nullptr);
  EXPECT_EQ(std::string(block.data, block.size), "written there");
  EXPECT_EQ(block.rows, 1u);
  store.Drop(0);
  EXPECT_TRUE(store.OpenOutput(0, 0, 1)->Append(0, {nullptr, nullptr, 10, 1, here}).ok());
  EXPECT_EQ(store.spilled_bytes(), std::string("written there").size());
}

TEST(BlockStore, SaysWhereItCannotSpill) {
  BlockStore store(0, "/nonexistent");
  Status status = store.OpenOutput(0, 0, 1)->Append(0, BlockOf("x", 1));
  EXPECT_EQ(status.sqlstate(), "58030");
  EXPECT_NE(status.message().find("/nonexistent"), std::string::npos) << status.message();
}

}  // namespace
}  // namespace skein::distributed
