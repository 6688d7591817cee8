#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "duckdb/common/types/vector.hpp"

namespace skein::distributed {

/// The sort keys (create_sort_key) of a chunk's rows as bytes, which compare as the rows do.
class SortKeys {
 public:
  /// `keys` has to outlive what is asked of this. Throws when it is no column of sort keys.
  void Set(duckdb::Vector& keys, duckdb::idx_t count);
  std::string_view operator[](duckdb::idx_t row) const {
    if (!numbers_.empty()) return {reinterpret_cast<const char*>(&numbers_[row]), sizeof(uint64_t)};
    const auto& key = duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(
        format_)[format_.sel->get_index(row)];
    return {key.GetData(), key.GetSize()};
  }

 private:
  duckdb::UnifiedVectorFormat format_;
  /// Keys of up to eight bytes are whole numbers; here they have their highest byte first.
  std::vector<uint64_t> numbers_;
};

/// Some keys of rows of which each has the same chance: what ranges are cut by.
///
/// Lifecycle: one for each thread; Combine puts together what several have drawn; Finish once.
class KeySampler {
 public:
  /// Of a longer key, its beginning: it bounds a range as well.
  static constexpr size_t kLongestKey = 128;

  explicit KeySampler(uint32_t most);
  void Add(const SortKeys& keys, duckdb::idx_t count);
  void Combine(KeySampler&& other);
  std::vector<std::string> Finish() &&;

 private:
  struct Drawn {
    uint64_t lot;
    std::string key;
    bool operator<(const Drawn& other) const { return lot < other.lot; }
  };
  void Keep(Drawn drawn);

  const uint32_t most_;
  uint64_t state_;
  /// Those with the least lots; a heap with the greatest of them in front.
  std::vector<Drawn> drawn_;
};

/// Which ranges a row with a key may be in, when `bounds` rise: from what is at most the first
/// bound to what is at least the last. Several, where bounds are equal to the key.
struct RangeSpan {
  uint32_t first = 0;
  uint32_t last = 0;
};
RangeSpan RangesOf(std::string_view key, const std::vector<std::string>& bounds);

}  // namespace skein::distributed
