#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "duckdb/common/types/data_chunk.hpp"
#include "duckdb/function/scalar_function.hpp"

#include "distributed/task.h"

namespace skein::distributed {

/// Gathers the KeySummary of the rows that a task repartitions. A bloom filter of 64-bit words,
/// four bits of one of them for each hash: what is in it is always found, what is not seldom.
///
/// Lifecycle: one for a task; a Ranges for each thread. AddHashes is thread-safe.
class KeyGatherer {
 public:
  /// The least and greatest keys that one thread has met.
  using Ranges = std::vector<KeySummary::Range>;

  /// `bloom_bits`: the filter has 2^bloom_bits bits. `types`: of all columns.
  KeyGatherer(uint32_t bloom_bits, std::vector<uint32_t> range_columns,
              const duckdb::vector<duckdb::LogicalType>& types);

  void AddHashes(const duckdb::hash_t* hashes, const duckdb::SelectionVector& selection,
                 duckdb::idx_t count);
  void AddRanges(duckdb::DataChunk& rows, Ranges* ranges) const;
  /// Not thread-safe, as all of one thread's rows at its end.
  void Combine(const Ranges& ranges);
  KeySummary Finish() const;

  /// Keys whose least and greatest are of use: they have an order that is that of whole numbers.
  static bool HasRange(const duckdb::LogicalType& type);

 private:
  const std::vector<uint32_t> range_columns_;
  const duckdb::vector<duckdb::LogicalType> types_;
  const uint64_t mask_;
  std::unique_ptr<std::atomic<uint64_t>[]> words_;
  Ranges ranges_;
};

/// A whole number of a Range as a value of a type that HasRange.
duckdb::Value ValueOfRange(int64_t number, const duckdb::LogicalType& type);

/// The filter as it is put to use: as small as it can be without letting much more pass, since it
/// is sent to every task and looked up for every row, and how many keys there are was only
/// estimated when it was begun. Empty when so much is in it that it lets nearly everything pass.
std::string UsefulBloom(std::string bloom);

/// Whether a key of this hash may be in a filter, which is not empty.
bool BloomMayContain(const std::string& bloom, duckdb::hash_t hash);

/// skein_may_contain(hash): whether a key of this hash may be among those of a filter, which is
/// bound to the function: as an argument DuckDB would copy it for each chunk of rows.
inline constexpr const char* kMayContainName = "skein_may_contain";
duckdb::ScalarFunction MayContainFunction();
/// What a call of it is bound to.
duckdb::unique_ptr<duckdb::FunctionData> BoundBloom(std::string bloom);

}  // namespace skein::distributed
