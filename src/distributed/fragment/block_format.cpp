#include "distributed/fragment/block_format.h"

#include <cstring>

#include "duckdb/common/checksum.hpp"
#include "duckdb/common/exception.hpp"
#include "duckdb/common/serializer/binary_deserializer.hpp"
#include "duckdb/common/serializer/binary_serializer.hpp"

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

}  // namespace

void BlockBuilder::Add(const duckdb::DataChunk& chunk) {
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
}

Block BlockBuilder::Finish() {
  char* data = reinterpret_cast<char*>(stream_->GetData());
  size_t size = stream_->GetPosition();
  Header header{kMagic, rows_, size - sizeof(Header),
                ChecksumOf(data + sizeof(Header), size - sizeof(Header))};
  std::memcpy(data, &header, sizeof(header));
  Block block{std::shared_ptr<duckdb::MemoryStream>(stream_.release()), data, size, rows_};
  rows_ = 0;
  return block;
}

BlockParser::BlockParser(Block block) : block_(std::move(block)), offset_(sizeof(Header)) {
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
