#include "distributed/fragment/block_format.h"

#include <cstring>

#include "duckdb/common/checksum.hpp"
#include "duckdb/common/exception.hpp"
#include "duckdb/common/serializer/binary_deserializer.hpp"
#include "duckdb/common/serializer/binary_serializer.hpp"
#include "duckdb/common/types/vector.hpp"

namespace skein::distributed {
namespace {

struct Header {
  uint64_t magic;
  uint64_t rows;
  uint64_t payload;   // bytes after the header
  uint64_t checksum;  // of the payload
};
constexpr uint64_t kMagic = 0x314B4C424E494B53;  // "SKINBLK1"

uint64_t ChecksumOf(const char* data, size_t size) {
  // DuckDB's parameter is not const, though it only reads.
  return duckdb::Checksum(reinterpret_cast<uint8_t*>(const_cast<char*>(data)), size);  // NOLINT
}

/// Chunks with fewer rows are copied to as much memory as they need.
constexpr duckdb::idx_t kFewRows = STANDARD_VECTOR_SIZE / 4;

/// What flat rows take in memory.
size_t SizeOf(const duckdb::DataChunk& chunk) {
  size_t size = 0;
  for (const auto& vector : chunk.data) {
    const auto type = vector.GetType().InternalType();
    if (type == duckdb::PhysicalType::VARCHAR) {
      const auto* texts = duckdb::FlatVector::GetData<duckdb::string_t>(vector);
      const auto& valid = duckdb::FlatVector::Validity(vector);
      size += chunk.size() * sizeof(duckdb::string_t);
      for (duckdb::idx_t row = 0; row < chunk.size(); ++row) {
        if (valid.RowIsValid(row) && !texts[row].IsInlined()) size += texts[row].GetSize();
      }
    } else if (duckdb::TypeIsConstantSize(type)) {
      size += chunk.size() * duckdb::GetTypeIdSize(type);
    } else {
      size += vector.GetAllocationSize(chunk.size());
    }
  }
  return size;
}

}  // namespace

class ChunkRows : public BlockRows {
 public:
  explicit ChunkRows(std::vector<duckdb::unique_ptr<duckdb::DataChunk>> chunks)
      : chunks_(std::move(chunks)) {}

  Block Write() const override {
    BlockBuilder builder(true);
    for (const auto& chunk : chunks_) builder.Write(*chunk);
    return builder.Finish();
  }

  size_t size() const { return chunks_.size(); }
  const duckdb::DataChunk& chunk(size_t index) const { return *chunks_[index]; }

 private:
  const std::vector<duckdb::unique_ptr<duckdb::DataChunk>> chunks_;
};

void BlockBuilder::Add(duckdb::unique_ptr<duckdb::DataChunk>& chunk) {
  if (as_bytes_) {
    Write(*chunk);
    chunk->Reset();
    return;
  }
  rows_ += chunk->size();
  bytes_ += SizeOf(*chunk);
  if (chunk->size() >= kFewRows) {
    chunks_.push_back(std::move(chunk));
    return;
  }
  auto small = duckdb::make_uniq<duckdb::DataChunk>();
  small->Initialize(duckdb::Allocator::DefaultAllocator(), chunk->GetTypes(), chunk->size());
  small->Append(*chunk);
  chunks_.push_back(std::move(small));
  chunk->Reset();
}

void BlockBuilder::Write(const duckdb::DataChunk& chunk) {
  if (!stream_) {
    stream_ = duckdb::make_uniq<duckdb::MemoryStream>();
    Header blank{};
    stream_->WriteData(reinterpret_cast<duckdb::const_data_ptr_t>(&blank), sizeof(blank));
  }
  const duckdb::idx_t start = stream_->GetPosition();
  uint64_t length = 0;
  stream_->WriteData(reinterpret_cast<duckdb::const_data_ptr_t>(&length), sizeof(length));
  duckdb::SerializationOptions options;
  options.serialization_compatibility = duckdb::SerializationCompatibility::Latest();
  duckdb::BinarySerializer serializer(*stream_, options);
  serializer.Begin();
  chunk.Serialize(serializer);
  serializer.End();
  length = stream_->GetPosition() - start - sizeof(length);
  std::memcpy(stream_->GetData() + start, &length, sizeof(length));
  rows_ += chunk.size();
  bytes_ = stream_->GetPosition();
}

Block BlockBuilder::Finish() {
  Block block;
  block.rows = rows_;
  if (as_bytes_) {
    char* data = reinterpret_cast<char*>(stream_->GetData());
    block.size = stream_->GetPosition();
    Header header{kMagic, rows_, block.size - sizeof(Header),
                  ChecksumOf(data + sizeof(Header), block.size - sizeof(Header))};
    std::memcpy(data, &header, sizeof(header));
    block.data = data;
    block.owner = std::shared_ptr<duckdb::MemoryStream>(stream_.release());
  } else {
    block.size = bytes_;
    block.unwritten = std::make_shared<ChunkRows>(std::move(chunks_));
    chunks_.clear();
  }
  rows_ = 0;
  bytes_ = 0;
  return block;
}

BlockParser::BlockParser(Block block) : block_(std::move(block)), offset_(sizeof(Header)) {
  if (block_.unwritten) {
    offset_ = 0;
    return;
  }
  Header header;
  bool whole = block_.size >= sizeof(header);
  if (whole) {
    std::memcpy(&header, block_.data, sizeof(header));
    whole = header.magic == kMagic && header.payload == block_.size - sizeof(header) &&
            header.checksum == ChecksumOf(block_.data + sizeof(header), header.payload);
  }
  if (!whole) throw duckdb::IOException("exchanged data was damaged on its way");
}

bool BlockParser::Next(duckdb::ClientContext& context, duckdb::DataChunk* chunk) {
  if (block_.unwritten) {
    const auto& rows = static_cast<const ChunkRows&>(*block_.unwritten);
    if (offset_ == rows.size()) return false;
    const duckdb::DataChunk& from = rows.chunk(offset_++);
    chunk->Destroy();
    chunk->InitializeEmpty(from.GetTypes());
    for (duckdb::idx_t i = 0; i < from.ColumnCount(); ++i) chunk->data[i].Reference(from.data[i]);
    chunk->SetCardinality(from.size());
    return true;
  }
  if (offset_ == block_.size) return false;
  uint64_t length = 0;
  if (block_.size - offset_ < sizeof(length))
    throw duckdb::IOException("exchanged data ends within a chunk");
  std::memcpy(&length, block_.data + offset_, sizeof(length));
  offset_ += sizeof(length);
  if (length > block_.size - offset_)
    throw duckdb::IOException("exchanged data ends within a chunk");
  auto* bytes = reinterpret_cast<duckdb::data_ptr_t>(const_cast<char*>(block_.data + offset_));
  duckdb::MemoryStream stream(bytes, length);
  duckdb::BinaryDeserializer deserializer(stream);
  deserializer.Set<duckdb::ClientContext&>(context);
  chunk->Destroy();
  deserializer.Begin();
  chunk->Deserialize(deserializer);
  deserializer.End();
  offset_ += length;
  return true;
}

}  // namespace skein::distributed
