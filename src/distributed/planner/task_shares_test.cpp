#include "distributed/planner/task_shares.h"

#include <gtest/gtest.h>

namespace skein::distributed {
namespace {

std::vector<Share> Divide(std::vector<uint64_t> copied, std::vector<uint64_t> sliced,
                          ShareOptions options) {
  std::string why;
  auto shares = DivideShares({std::move(copied), std::move(sliced)}, options, &why);
  EXPECT_EQ(shares.empty(), why.empty());
  return shares;
}

/// Every partition is read, and of each all its slices.
void ExpectWhole(const std::vector<Share>& shares, uint32_t partitions) {
  std::vector<double> read(partitions);
  for (const Share& share : shares) {
    ASSERT_LT(share.slice, share.slices);
    for (uint32_t i = share.first_partition; i < share.end_partition; ++i)
      read[i] += 1.0 / share.slices;
  }
  for (double times : read) EXPECT_NEAR(times, 1, 1e-9);
}

TEST(DivideShares, LeavesEvenPartitions) {
  EXPECT_TRUE(
      Divide({1, 1, 1}, {100, 110, 90}, {.task_bytes = 50, .skew_bytes = 10, .slices = 3}).empty());
  EXPECT_TRUE(Divide({}, {}, {.task_bytes = 50, .skew_bytes = 10, .slices = 3}).empty());
}

TEST(DivideShares, PutsSmallOnesTogether) {
  auto shares = Divide({0, 0, 0, 0}, {10, 20, 0, 90}, {.task_bytes = 50});
  ASSERT_EQ(shares.size(), 2U);
  EXPECT_EQ(shares[0].end_partition, 3U);
  ExpectWhole(shares, 4);
  EXPECT_TRUE(Divide({0, 0, 0, 0}, {0, 0, 0, 0}, {.task_bytes = 0}).empty());
}

TEST(DivideShares, SlicesALargeOne) {
  auto shares = Divide({5, 5, 5}, {100, 1000, 100}, {.skew_bytes = 10, .slices = 4});
  ASSERT_EQ(shares.size(), 6U);
  ExpectWhole(shares, 3);
  EXPECT_TRUE(Divide({5, 5, 5}, {100, 1000, 100}, {.skew_bytes = 2000, .slices = 4}).empty());
  EXPECT_TRUE(Divide({5, 5, 5}, {100, 1000, 100}, {.skew_bytes = 10, .slices = 1}).empty());
  // All rows in one of two.
  ExpectWhole(Divide({0, 0}, {1000, 0}, {.skew_bytes = 10, .slices = 2}), 2);
}

}  // namespace
}  // namespace skein::distributed
