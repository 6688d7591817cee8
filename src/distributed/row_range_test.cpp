#include "distributed/row_range.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <limits>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace skein::distributed {
namespace {

constexpr uint64_t kToTheEnd = std::numeric_limits<int64_t>::max();

TEST(RowRange, HandsOnNothingThatIsNotOpen) {
  RowRange rows(0, 1'000'000, 1'000'000);
  EXPECT_EQ(rows.left(), 0u);
  EXPECT_FALSE(rows.HandOnBack());
  rows.Open();
  EXPECT_EQ(rows.left(), 1'000'000u);
  EXPECT_TRUE(rows.HandOnBack());
  EXPECT_LT(rows.Close().end, 1'000'000u);
  EXPECT_FALSE(rows.HandOnBack());
}

TEST(RowRange, HandsOnWholeRowGroupsWhileThereAreSome) {
  RowRange rows(0, kToTheEnd, 1000 * 1000);
  rows.Open();
  ASSERT_TRUE(rows.BeginGroup(0, 100'000));
  rows.Claim(2048);
  auto back = rows.HandOnBack();
  ASSERT_TRUE(back);
  EXPECT_EQ(back->bounds.first, 500'000u);
  EXPECT_EQ(back->bounds.end, kToTheEnd);
  EXPECT_EQ(back->rows, 500'000u);
  ASSERT_TRUE(rows.BeginGroup(300'000, 400'000));
  rows.Claim(302'048);
  ASSERT_TRUE(back = rows.HandOnBack());
  EXPECT_EQ(back->bounds.first, 400'000u);
  EXPECT_EQ(back->bounds.end, 500'000u);
  EXPECT_FALSE(rows.HandOnBack()) << "the one that is read is small";
  EXPECT_FALSE(rows.BeginGroup(400'000, 500'000));
}

TEST(RowRange, DividesALargeRowGroup) {
  RowRange rows(0, kToTheEnd, 1000 * 1000);
  rows.Open();
  ASSERT_TRUE(rows.BeginGroup(0, 1000 * 1000));
  rows.Claim(204'800);
  const auto back = rows.HandOnBack();
  ASSERT_TRUE(back);
  EXPECT_GT(back->bounds.first, 204'800u);
  EXPECT_EQ(back->bounds.first % 2048, 0u);
  EXPECT_NEAR(static_cast<double>(back->bounds.first), 602'400, 2048);
  EXPECT_EQ(rows.Claim(1000 * 1000).end, back->bounds.first);
}

TEST(RowRange, KeepsWhatIsClaimedAndWhatIsTooLittle) {
  RowRange rows(100, kToTheEnd, 2 * RowRange::kLeast);
  rows.Open();
  ASSERT_TRUE(rows.BeginGroup(0, 10'000'000));
  EXPECT_EQ(rows.Claim(101).first, 100u);
  EXPECT_FALSE(rows.HandOnBack());
  EXPECT_EQ(rows.Claim(9'000'000).end, kToTheEnd) << "more rows than were estimated";
  EXPECT_EQ(rows.left(), 0u);
}

/// Each reader goes through row groups of `group` rows, as far as its bounds allow, and then takes
/// the back of another's, until nobody has one.
TEST(RowRange, EachRowIsOneReadersWhoeverTakesIt) {
  constexpr uint64_t kRows = 3'000'000;
  for (const uint64_t group : {5'000u, 100'000u, 2'999'999u, 4'000'000u}) {
    std::vector<std::atomic<uint8_t>> seen(kRows);
    std::mutex mu;
    std::deque<std::shared_ptr<RowRange>> all{std::make_shared<RowRange>(0, kToTheEnd, kRows)};
    all.front()->Open();
    auto read = [&](RowRange& rows) {
      for (uint64_t first = 0; first < kRows; first += group) {
        const uint64_t end = std::min(first + group, kRows);
        if (!rows.BeginGroup(first, end)) continue;
        for (uint64_t at = first; at < end; at += 2048) {
          const uint64_t to = std::min(at + 2048, end);
          const auto bounds = rows.Claim(to);
          for (uint64_t row = at; row < to; ++row)
            if (row >= bounds.first && row < bounds.end) ++seen[row];
        }
      }
    };
    std::vector<std::thread> readers;
    for (int i = 0; i < 4; ++i) {
      readers.emplace_back([&, i] {
        if (i == 0) read(*all.front());
        while (true) {
          std::shared_ptr<RowRange> taken;
          {
            std::lock_guard lock(mu);
            for (auto& other : all) {
              if (auto back = other->HandOnBack()) {
                taken =
                    std::make_shared<RowRange>(back->bounds.first, back->bounds.end, back->rows);
                taken->Open();
                break;
              }
            }
            if (!taken) return;
            all.push_back(taken);
          }
          read(*taken);
        }
      });
    }
    for (auto& reader : readers) reader.join();
    EXPECT_GT(all.size(), 1u);
    EXPECT_EQ(std::count(seen.begin(), seen.end(), 1), static_cast<int64_t>(kRows)) << group;
  }
}

}  // namespace
}  // namespace skein::distributed
