#pragma once

#include <vector>

#include "duckdb/common/serializer/memory_stream.hpp"
#include "duckdb/common/types/data_chunk.hpp"

#include "distributed/task.h"

namespace skein::distributed {

/// Gathers DuckDB's chunks into a block. Its bytes: a header (what it is, rows, length, checksum)
/// and then, for each chunk, its length and DuckDB's own serialization, which keeps every type
/// exactly. A block that stays in the process has the chunks themselves.
class BlockBuilder {
 public:
  /// Blocks are handed on from this size: large enough to make their handling cheap, small enough
  /// for one to be read by a thread while others are written.
  static constexpr size_t kFullBytes = size_t{256} << 10;

  /// `as_bytes`: to be read anywhere; else in this process.
  explicit BlockBuilder(bool as_bytes) : as_bytes_(as_bytes) {}

  /// Takes the rows, all of them flat: `chunk` is empty afterwards, or null.
  void Add(duckdb::unique_ptr<duckdb::DataChunk>& chunk);
  bool empty() const { return rows_ == 0; }
  bool full() const { return bytes_ >= kFullBytes; }
  /// Leaves the builder empty.
  Block Finish();

 private:
  friend class ChunkRows;
  void Write(const duckdb::DataChunk& chunk);

  const bool as_bytes_;
  duckdb::unique_ptr<duckdb::MemoryStream> stream_;
  std::vector<duckdb::unique_ptr<duckdb::DataChunk>> chunks_;
  uint64_t rows_ = 0;
  size_t bytes_ = 0;
};

/// The chunks of a block, in order. Throws duckdb::IOException when the bytes are not what was
/// written.
class BlockParser {
 public:
  explicit BlockParser(Block block);
  /// False at the end. `chunk` is made anew; it may share what it holds with other readers.
  bool Next(duckdb::ClientContext& context, duckdb::DataChunk* chunk);

 private:
  Block block_;
  size_t offset_;  ///< of bytes, or of chunks
};

}  // namespace skein::distributed
