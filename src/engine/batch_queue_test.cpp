#include "engine/batch_queue.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include <arrow/array/array_primitive.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <gtest/gtest.h>

namespace skein::engine {
namespace {

/// A batch of one value, which takes at least `bytes`.
std::shared_ptr<arrow::RecordBatch> Batch(int64_t value, size_t bytes = 8) {
  arrow::Int64Builder builder;
  for (size_t i = 0; i < std::max<size_t>(bytes / 8, 1); ++i)
    EXPECT_TRUE(builder.Append(value).ok());
  auto array = *builder.Finish();
  auto schema = arrow::schema({arrow::field("v", arrow::int64())});
  return arrow::RecordBatch::Make(schema, array->length(), {array});
}

int64_t Value(const std::shared_ptr<arrow::RecordBatch>& batch) {
  return static_cast<const arrow::Int64Array&>(*batch->column(0)).Value(0);
}

BatchQueue::Wake Counting(int& count) {
  return [&count] { ++count; };
}

TEST(BatchQueue, GivesPiecesInTheirTurn) {
  BatchQueue queue(1 << 20);
  EXPECT_TRUE(queue.untouched());
  queue.Push(2, Batch(20));
  EXPECT_EQ(queue.Pop(), nullptr);
  queue.Push(1, Batch(10));
  queue.Push(0, Batch(0));
  EXPECT_EQ(Value(queue.Pop()), 0);
  EXPECT_EQ(queue.Pop(), nullptr);
  queue.Advance(2);
  queue.Push(2, Batch(21));
  for (int64_t expected : {10, 20, 21}) EXPECT_EQ(Value(queue.Pop()), expected);
  queue.Push(7, Batch(70));
  queue.Finish();
  EXPECT_EQ(Value(queue.Pop()), 70);
  EXPECT_EQ(queue.Pop(), nullptr);
}

TEST(BatchQueue, MakesWritersWaitUntilTheReaderHasTakenEnough) {
  BatchQueue queue(1000);
  int woken = 0;
  EXPECT_TRUE(queue.Admit(0, Counting(woken)));
  queue.Push(0, Batch(1, 600));
  EXPECT_TRUE(queue.Admit(0, Counting(woken)));
  queue.Push(0, Batch(2, 600));
  EXPECT_FALSE(queue.Admit(0, Counting(woken)));
  queue.Pop();
  EXPECT_EQ(woken, 0) << "more than half is still there";
  queue.Pop();
  EXPECT_EQ(woken, 1);
  EXPECT_TRUE(queue.Admit(0, Counting(woken)));
}

TEST(BatchQueue, WhoIsAheadOfItsTurnWaitsForTheTurnAndHoldsNobodyUp) {
  BatchQueue queue(1000);
  int woken = 0;
  queue.Push(5, Batch(5, 2000));
  EXPECT_FALSE(queue.Admit(6, Counting(woken)));
  EXPECT_TRUE(queue.Admit(0, Counting(woken))) << "the one whose turn it is";
  queue.Pop();
  EXPECT_EQ(woken, 0) << "the reader's hunger does not help who is ahead";
  queue.Advance(5);
  EXPECT_EQ(woken, 1);
}

TEST(BatchQueue, HoldsAllRowsOfManyWriters) {
  constexpr int kWriters = 4;
  constexpr int kBatches = 500;
  BatchQueue queue(4096);
  std::vector<std::thread> writers;
  std::atomic<int> left{kWriters};
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      for (int i = 0; i < kBatches; ++i) {
        std::mutex mu;
        std::condition_variable woken;
        bool awake = true;
        auto wake = [&] {
          std::lock_guard lock(mu);
          awake = true;
          woken.notify_one();
        };
        while (true) {
          awake = false;
          if (queue.Admit(0, wake)) break;
          std::unique_lock lock(mu);
          woken.wait(lock, [&] { return awake; });
        }
        queue.Push(0, Batch(writer * kBatches + i, 512));
      }
      if (left.fetch_sub(1) == 1) queue.Finish();
    });
  }
  std::vector<int64_t> last(kWriters, -1);
  int seen = 0;
  while (seen < kWriters * kBatches) {
    auto batch = queue.Pop();
    if (!batch) {
      queue.Wait(std::chrono::seconds(1));
      continue;
    }
    int64_t value = Value(batch);
    int64_t& before = last[static_cast<size_t>(value / kBatches)];
    EXPECT_GT(value, before) << "one writer's batches stay in order";
    before = value;
    ++seen;
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(queue.Pop(), nullptr);
}

}  // namespace
}  // namespace skein::engine
