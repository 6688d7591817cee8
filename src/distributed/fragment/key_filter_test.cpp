#include "distributed/fragment/key_filter.h"

#include <numeric>

#include "duckdb/common/types/hash.hpp"
#include "duckdb/common/types/selection_vector.hpp"
#include <gtest/gtest.h>

namespace skein::distributed {
namespace {

/// A filter of 2^bits bits with the keys [0, keys).
std::string Gathered(uint32_t bits, int64_t keys) {
  KeyGatherer gatherer(bits, {}, {});
  const duckdb::SelectionVector all(nullptr);
  for (int64_t key = 0; key < keys; ++key) {
    const duckdb::hash_t hash = duckdb::Hash(key);
    gatherer.AddHashes(&hash, all, 1);
  }
  return gatherer.Finish().bloom;
}

size_t Passing(const std::string& bloom, int64_t first, int64_t end) {
  size_t passing = 0;
  for (int64_t key = first; key < end; ++key) passing += BloomMayContain(bloom, duckdb::Hash(key));
  return passing;
}

TEST(UsefulBloom, BecomesAsSmallAsItsKeysAllow) {
  for (const int64_t keys : {1, 100, 5'000}) {
    const std::string gathered = Gathered(22, keys);
    ASSERT_EQ(gathered.size(), size_t{1} << 19);
    const std::string useful = UsefulBloom(gathered);
    EXPECT_LE(useful.size(), static_cast<size_t>(std::max<int64_t>(8, keys * 8))) << keys;
    EXPECT_EQ(Passing(useful, 0, keys), static_cast<size_t>(keys));
    EXPECT_LT(Passing(useful, keys, keys + 100'000), 500u) << keys;
  }
}

TEST(UsefulBloom, StaysWhatItIsWhenItIsFull) {
  const std::string gathered = Gathered(16, 5'000);
  EXPECT_EQ(UsefulBloom(gathered), gathered);
  EXPECT_EQ(UsefulBloom(Gathered(10, 5'000)), "") << "it lets nearly everything pass";
  EXPECT_EQ(UsefulBloom(""), "");
}

TEST(UsefulBloom, OfNoKeysLetsNothingPass) {
  EXPECT_EQ(Passing(UsefulBloom(Gathered(16, 0)), 0, 1'000), 0u);
}

}  // namespace
}  // namespace skein::distributed
