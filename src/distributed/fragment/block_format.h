#pragma once

#include "duckdb/common/serializer/memory_stream.hpp"
#include "duckdb/common/types/data_chunk.hpp"

#include "distributed/task.h"

namespace skein::distributed {

/// Gathers DuckDB's chunks into a block: a header (what it is, rows, length, checksum) and then,
/// for each chunk, its length and DuckDB's own serialization, which keeps every type exactly.
class BlockBuilder {
 public:
  /// Blocks are handed on from this size: large enough to make their handling cheap, small enough
  /// for one to be read by a thread while others are written.
  static constexpr size_t kFullBytes = size_t{256} << 10;

  void Add(const duckdb::DataChunk& chunk);
  bool empty() const { return rows_ == 0; }
  bool full() const { return stream_ && stream_->GetPosition() >= kFullBytes; }
  /// Leaves the builder empty.
  Block Finish();

 private:
  duckdb::unique_ptr<duckdb::MemoryStream> stream_;
  uint64_t rows_ = 0;
};

/// The chunks of a block, in order. Throws duckdb::IOException when the bytes are not what was
/// written.
class BlockParser {
 public:
  explicit BlockParser(Block block);
  /// False at the end. `chunk` is made anew.
  bool Next(duckdb::ClientContext& context, duckdb::DataChunk* chunk);

 private:
  Block block_;
  size_t offset_;
};

}  // namespace skein::distributed
