#include "distributed/fragment/exchange_sink.h"

#include <algorithm>
#include <mutex>
#include <optional>

#include "duckdb/common/types/column/column_data_collection.hpp"
#include "duckdb/main/materialized_query_result.hpp"
#include "duckdb/main/prepared_statement_data.hpp"
#include "duckdb/storage/buffer_manager.hpp"

#include "distributed/fragment/block_format.h"
#include "distributed/fragment/key_filter.h"
#include "distributed/fragment/sort_keys.h"

namespace skein::distributed {
namespace {

using duckdb::ClientContext;
using duckdb::DataChunk;
using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::unique_ptr;
using duckdb::vector;

struct GlobalState : public duckdb::GlobalSinkState {
  std::mutex mu;
  TaskReport report;                   // guarded by mu
  std::unique_ptr<KeyGatherer> keys;   // Combine under mu
  std::unique_ptr<KeySampler> sample;  // guarded by mu
  duckdb::shared_ptr<ClientContext> context;
};

/// What the engine's temporary files hold now.
uint64_t Spilled(ClientContext& context) {
  return duckdb::BufferManager::GetBufferManager(context).GetUsedSwap();
}

struct Partition {
  explicit Partition(bool as_bytes) : block(as_bytes) {}

  unique_ptr<DataChunk> rows;  // null until there are some
  duckdb::SelectionVector selected{STANDARD_VECTOR_SIZE};
  idx_t selected_count = 0;
  BlockBuilder block;
  uint64_t rows_sent = 0;
  uint64_t bytes_sent = 0;
  uint64_t spilled_bytes = 0;
};

struct LocalState : public duckdb::LocalSinkState {
  std::vector<std::unique_ptr<Partition>> partitions;
  KeyGatherer::Ranges ranges;
  SortKeys sort_keys;
  std::unique_ptr<KeySampler> sample;
};

class ExchangeSink : public duckdb::PhysicalResultCollector {
 public:
  ExchangeSink(duckdb::PhysicalPlan& plan, duckdb::PreparedStatementData& data,
               const TaskSpec& spec, TaskOutputs* outputs)
      : PhysicalResultCollector(plan, data),
        hash_(spec.output == OutputKind::kHash),
        range_(spec.output == OutputKind::kRange),
        sorted_(spec.output == OutputKind::kSorted),
        partitions_(spec.partitions),
        bloom_bits_(spec.bloom_bits),
        range_columns_(spec.range_columns),
        sample_keys_(spec.sample_keys),
        range_bounds_(spec.range_bounds),
        ties_together_(spec.ties_together),
        outputs_(outputs),
        row_types_(data.types) {
    if (hash_ || range_) row_types_.pop_back();
    for (idx_t i = 0; i < row_types_.size(); ++i) {
      if (IsSteady(row_types_[i])) steady_columns_.push_back(i);
    }
    for (uint32_t column : range_columns_) {
      if (column >= row_types_.size())
        throw duckdb::SerializationException("a key is not among the columns");
    }
  }

  duckdb::SinkResultType Sink(duckdb::ExecutionContext& context, DataChunk& chunk,
                              duckdb::OperatorSinkInput& input) const override {
    auto& local = input.local_state.Cast<LocalState>();
    if (range_) {
      local.sort_keys.Set(chunk.data.back(), chunk.size());
      DivideByRange(context.client, chunk, local);
      return duckdb::SinkResultType::NEED_MORE_INPUT;
    }
    if (!hash_) {
      if (local.sample) {
        local.sort_keys.Set(chunk.data.back(), chunk.size());
        local.sample->Add(local.sort_keys, chunk.size());
      }
      Partition& only = *local.partitions[0];
      Gather(context.client, only, 0, chunk, nullptr, chunk.size());
      return duckdb::SinkResultType::NEED_MORE_INPUT;
    }
    duckdb::UnifiedVectorFormat format;
    chunk.data.back().ToUnifiedFormat(chunk.size(), format);
    const auto* hashes = duckdb::UnifiedVectorFormat::GetData<duckdb::hash_t>(format);
    if (auto& keys = input.global_state.Cast<GlobalState>().keys) {
      keys->AddHashes(hashes, *format.sel, chunk.size());
      keys->AddRanges(chunk, &local.ranges);
    }
    DataChunk rows;
    TakeRows(chunk, rows);
    Divide(context.client, rows, local,
           [&](idx_t row) { return PartitionOf(hashes[format.sel->get_index(row)], partitions_); });
    return duckdb::SinkResultType::NEED_MORE_INPUT;
  }

  duckdb::SinkCombineResultType Combine(duckdb::ExecutionContext& context,
                                        duckdb::OperatorSinkCombineInput& input) const override {
    auto& local = input.local_state.Cast<LocalState>();
    auto& global = input.global_state.Cast<GlobalState>();
    for (uint32_t i = 0; i < partitions_; ++i) {
      Partition& partition = *local.partitions[i];
      AddRows(context.client, partition, i);
      if (!partition.block.empty()) Send(context.client, partition, i);
    }
    std::lock_guard lock(global.mu);
    if (global.keys) global.keys->Combine(local.ranges);
    if (global.sample) global.sample->Combine(std::move(*local.sample));
    for (uint32_t i = 0; i < partitions_; ++i) {
      global.report.partition_rows[i] += local.partitions[i]->rows_sent;
      global.report.rows += local.partitions[i]->rows_sent;
      global.report.bytes += local.partitions[i]->bytes_sent;
      global.report.spilled_bytes =
          std::max(global.report.spilled_bytes, local.partitions[i]->spilled_bytes);
    }
    return duckdb::SinkCombineResultType::FINISHED;
  }

  unique_ptr<duckdb::GlobalSinkState> GetGlobalSinkState(ClientContext& context) const override {
    auto state = duckdb::make_uniq<GlobalState>();
    state->context = context.shared_from_this();
    state->report.partition_rows.resize(partitions_);
    if (hash_ && bloom_bits_ > 0)
      state->keys = std::make_unique<KeyGatherer>(bloom_bits_, range_columns_, row_types_);
    if (Samples()) state->sample = std::make_unique<KeySampler>(sample_keys_);
    return state;
  }

  unique_ptr<duckdb::LocalSinkState> GetLocalSinkState(duckdb::ExecutionContext&) const override {
    auto state = duckdb::make_uniq<LocalState>();
    for (uint32_t i = 0; i < partitions_; ++i) {
      state->partitions.push_back(std::make_unique<Partition>(!outputs_->takes_rows()));
    }
    if (Samples()) state->sample = std::make_unique<KeySampler>(sample_keys_);
    return state;
  }

  unique_ptr<duckdb::QueryResult> GetResult(duckdb::GlobalSinkState& sink) const override {
    auto& global = sink.Cast<GlobalState>();
    if (global.keys) global.report.keys = global.keys->Finish();
    if (global.sample) global.report.key_sample = std::move(*global.sample).Finish();
    TaskContext::Of(*global.context).report = std::move(global.report);
    auto none = duckdb::make_uniq<duckdb::ColumnDataCollection>(
        duckdb::Allocator::DefaultAllocator(), vector<LogicalType>{LogicalType::BOOLEAN});
    return duckdb::make_uniq<duckdb::MaterializedQueryResult>(
        statement_type, properties, vector<std::string>{"done"}, std::move(none),
        global.context->GetClientProperties());
  }

  bool ParallelSink() const override { return !sorted_; }
  bool SinkOrderDependent() const override { return sorted_; }

 private:
  /// Of a hash that is mixed once more: who reads this chooses slots in its hash tables by bits of
  /// the same hash. Were some of them equal in all rows of a partition, its rows would crowd into
  /// a part of the slots.
  static uint32_t PartitionOf(duckdb::hash_t hash, uint32_t partitions) {
    hash ^= hash >> 32;
    hash *= 0x9E3779B97F4A7C15;
    return static_cast<uint32_t>(((hash >> 32) * partitions) >> 32);
  }

  /// Columns whose values are the same when a task is run again: sums of fractions may differ.
  static bool IsSteady(const LogicalType& type) {
    return !type.IsNested() && type.InternalType() != duckdb::PhysicalType::FLOAT &&
           type.InternalType() != duckdb::PhysicalType::DOUBLE;
  }
  bool Samples() const { return sample_keys_ > 0 && !hash_ && !range_ && !sorted_; }

  /// `rows` becomes `chunk` without its last column.
  void TakeRows(DataChunk& chunk, DataChunk& rows) const {
    rows.InitializeEmpty(row_types_);
    for (idx_t i = 0; i < row_types_.size(); ++i) rows.data[i].Reference(chunk.data[i]);
    rows.SetCardinality(chunk.size());
  }

  template <typename ToPartition>
  void Divide(ClientContext& context, DataChunk& rows, LocalState& local,
              ToPartition to_partition) const {
    for (auto& partition : local.partitions) partition->selected_count = 0;
    for (idx_t row = 0; row < rows.size(); ++row) {
      Partition& to = *local.partitions[to_partition(row)];
      to.selected.set_index(to.selected_count++, row);
    }
    for (uint32_t i = 0; i < partitions_; ++i) {
      Partition& to = *local.partitions[i];
      if (to.selected_count > 0) Gather(context, to, i, rows, &to.selected, to.selected_count);
    }
  }

  /// Rows of a key that fills several ranges are spread over them by what else they hold, so that a
  /// task that is run again sends each row where it went before.
  void DivideByRange(ClientContext& context, DataChunk& chunk, LocalState& local) const {
    DataChunk rows;
    TakeRows(chunk, rows);
    std::optional<duckdb::Vector> hashes;
    Divide(context, rows, local, [&](idx_t row) {
      const RangeSpan span = RangesOf(local.sort_keys[row], range_bounds_);
      if (span.first == span.last || ties_together_ || steady_columns_.empty()) return span.first;
      if (!hashes) {
        hashes.emplace(LogicalType::HASH);
        auto columns = steady_columns_;
        rows.Hash(columns, *hashes);
        hashes->Flatten(rows.size());
      }
      const auto hash = duckdb::FlatVector::GetData<duckdb::hash_t>(*hashes)[row];
      return span.first + PartitionOf(hash, span.last - span.first + 1);
    });
  }

  void Gather(ClientContext& context, Partition& partition, uint32_t index, DataChunk& rows,
              duckdb::SelectionVector* selected, idx_t count) const {
    for (idx_t done = 0; done < count;) {
      if (!partition.rows) {
        partition.rows = duckdb::make_uniq<DataChunk>();
        partition.rows->Initialize(duckdb::Allocator::DefaultAllocator(), row_types_);
      }
      // Full chunks: who reads them works by chunks.
      idx_t some = std::min<idx_t>(count - done, STANDARD_VECTOR_SIZE - partition.rows->size());
      if (some == count) {
        partition.rows->Append(rows, false, selected, some);
      } else {
        duckdb::SelectionVector part(STANDARD_VECTOR_SIZE);
        for (idx_t i = 0; i < some; ++i)
          part.set_index(i, selected ? selected->get_index(done + i) : done + i);
        partition.rows->Append(rows, false, &part, some);
      }
      done += some;
      if (partition.rows->size() == STANDARD_VECTOR_SIZE) AddRows(context, partition, index);
    }
  }

  void AddRows(ClientContext& context, Partition& partition, uint32_t index) const {
    if (!partition.rows || partition.rows->size() == 0) return;
    partition.rows_sent += partition.rows->size();
    partition.block.Add(partition.rows);
    if (partition.block.full()) Send(context, partition, index);
  }

  void Send(ClientContext& context, Partition& partition, uint32_t index) const {
    Block block = partition.block.Finish();
    partition.bytes_sent += block.size;
    partition.spilled_bytes = std::max(partition.spilled_bytes, Spilled(context));
    Status status = outputs_->Append(index, std::move(block));
    if (!status.ok()) ThrowStatus(status);
  }

  const bool hash_;
  const bool range_;
  const bool sorted_;
  const uint32_t partitions_;
  const uint32_t bloom_bits_;
  const std::vector<uint32_t> range_columns_;
  const uint32_t sample_keys_;
  const std::vector<std::string> range_bounds_;
  const bool ties_together_;
  TaskOutputs* outputs_;
  vector<LogicalType> row_types_;
  vector<idx_t> steady_columns_;
};

}  // namespace

unique_ptr<duckdb::PhysicalOperator> MakeExchangeSink(ClientContext& context,
                                                      duckdb::PreparedStatementData& data) {
  auto& task = TaskContext::Of(context);
  return duckdb::make_uniq<ExchangeSink>(*data.physical_plan, data, *task.spec, task.outputs);
}

}  // namespace skein::distributed
