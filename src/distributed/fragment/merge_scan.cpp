#include "distributed/fragment/merge_scan.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "duckdb/common/exception.hpp"
#include "duckdb/common/serializer/deserializer.hpp"
#include "duckdb/common/serializer/serializer.hpp"
#include "duckdb/common/vector_operations/vector_operations.hpp"
#include "duckdb/storage/statistics/node_statistics.hpp"

#include "distributed/fragment/block_format.h"
#include "distributed/fragment/sort_keys.h"
#include "distributed/fragment/task_context.h"

namespace skein::distributed {
namespace {

using duckdb::ClientContext;
using duckdb::DataChunk;
using duckdb::FunctionData;
using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::optional_ptr;
using duckdb::TableFunction;
using duckdb::unique_ptr;
using duckdb::vector;

/// One sorted input, at one of its rows.
class Source {
 public:
  explicit Source(std::unique_ptr<BlockReader> reader) : reader_(std::move(reader)) {}

  /// Goes to the next row; false at the end.
  bool Advance(ClientContext& context) {
    if (++row_ < chunk_.size()) return true;
    if (!NextChunk(context)) return false;
    row_ = 0;
    keys_.Set(chunk_.data.back(), chunk_.size());
    return true;
  }

  /// Goes to the next rows; false at the end.
  bool NextChunk(ClientContext& context) {
    while (true) {
      if (block_ && block_->Next(context, &chunk_)) {
        if (chunk_.size() == 0) continue;
        return true;
      }
      Block block;
      auto more = reader_->Next(&block);
      if (!more.ok()) ThrowStatus(more.status());
      if (!*more) return false;
      block_.emplace(std::move(block));
    }
  }

  std::string_view key() const { return keys_[row_]; }
  idx_t row() const { return row_; }
  /// Rows of this chunk from the current one on whose keys are at most `limit`; at most `most`.
  idx_t Run(std::string_view limit, idx_t most) const {
    idx_t count = 1;
    while (count < most && row_ + count < chunk_.size() && keys_[row_ + count] <= limit) ++count;
    return count;
  }
  idx_t left() const { return chunk_.size() - row_; }
  void Skip(idx_t rows) { row_ += rows; }
  DataChunk& chunk() { return chunk_; }

 private:
  std::unique_ptr<BlockReader> reader_;
  std::optional<BlockParser> block_;
  DataChunk chunk_;
  SortKeys keys_;
  /// Before the first row.
  idx_t row_ = duckdb::DConstants::INVALID_INDEX;
};

struct GlobalState : public duckdb::GlobalTableFunctionState {
  std::vector<std::unique_ptr<Source>> sources;
  /// Those with rows left, the one with the least key in front.
  std::vector<size_t> heap;
  vector<duckdb::column_t> columns;
  bool begun = false;
  /// Where they are not merged: the one that is read.
  size_t current = 0;

  idx_t MaxThreads() const override { return 1; }
  bool After(size_t a, size_t b) const { return sources[a]->key() > sources[b]->key(); }
  void Push(size_t source) {
    heap.push_back(source);
    std::push_heap(heap.begin(), heap.end(), [this](size_t a, size_t b) { return After(a, b); });
  }
  size_t Pop() {
    std::pop_heap(heap.begin(), heap.end(), [this](size_t a, size_t b) { return After(a, b); });
    size_t least = heap.back();
    heap.pop_back();
    return least;
  }
};

unique_ptr<FunctionData> Bind(ClientContext& context, duckdb::TableFunctionBindInput&,
                              vector<LogicalType>&, vector<std::string>&) {
  (void)TaskContext::Of(context);
  throw duckdb::BinderException("an exchange is read within a plan only");
}

unique_ptr<duckdb::GlobalTableFunctionState> Init(ClientContext& context,
                                                  duckdb::TableFunctionInitInput& input) {
  auto& data = input.bind_data->Cast<MergeScanData>();
  auto state = duckdb::make_uniq<GlobalState>();
  state->columns = input.column_ids;
  for (uint32_t i = 0; i < data.inputs; ++i) {
    auto reader = TaskContext::Of(context).inputs->Open(data.first_input + i);
    if (!reader.ok()) ThrowStatus(reader.status());
    state->sources.push_back(std::make_unique<Source>(*std::move(reader)));
  }
  return state;
}

/// One input after the other.
void ScanInTurn(ClientContext& context, GlobalState& state, DataChunk& out) {
  for (; state.current < state.sources.size(); ++state.current) {
    Source& source = *state.sources[state.current];
    if (!source.NextChunk(context)) {
      state.sources[state.current].reset();
      continue;
    }
    for (idx_t i = 0; i < state.columns.size(); ++i) {
      if (state.columns[i] < source.chunk().ColumnCount())
        out.data[i].Reference(source.chunk().data[state.columns[i]]);
    }
    out.SetCardinality(source.chunk().size());
    return;
  }
}

void Scan(ClientContext& context, duckdb::TableFunctionInput& input, DataChunk& out) {
  auto& state = input.global_state->Cast<GlobalState>();
  if (!input.bind_data->Cast<MergeScanData>().merge) return ScanInTurn(context, state, out);
  if (!state.begun) {
    state.begun = true;
    for (size_t i = 0; i < state.sources.size(); ++i) {
      if (state.sources[i]->Advance(context)) state.Push(i);
    }
  }
  idx_t count = 0;
  while (count < STANDARD_VECTOR_SIZE && !state.heap.empty()) {
    const size_t least = state.Pop();
    Source& source = *state.sources[least];
    const idx_t most = std::min<idx_t>(STANDARD_VECTOR_SIZE - count, source.left());
    // What comes before the next source's row is copied at once.
    const idx_t run =
        state.heap.empty() ? most : source.Run(state.sources[state.heap.front()]->key(), most);
    for (idx_t i = 0; i < state.columns.size(); ++i) {
      // What is not a column is only counted (COLUMN_IDENTIFIER_EMPTY).
      if (state.columns[i] + 1 >= source.chunk().ColumnCount()) continue;
      duckdb::VectorOperations::Copy(source.chunk().data[state.columns[i]], out.data[i],
                                     source.row() + run, source.row(), count);
    }
    count += run;
    source.Skip(run - 1);
    if (source.Advance(context)) state.Push(least);
  }
  out.SetCardinality(count);
}

void Serialize(duckdb::Serializer& serializer, const optional_ptr<FunctionData> bind_data,
               const TableFunction&) {
  auto& data = bind_data->Cast<MergeScanData>();
  serializer.WriteProperty(100, "first_input", data.first_input);
  serializer.WriteProperty(101, "inputs", data.inputs);
  serializer.WriteProperty(102, "rows", data.rows);
  serializer.WriteProperty(103, "types", data.types);
  serializer.WriteProperty(104, "merge", data.merge);
}

unique_ptr<FunctionData> Deserialize(duckdb::Deserializer& deserializer, TableFunction&) {
  auto data = duckdb::make_uniq<MergeScanData>();
  data->first_input = deserializer.ReadProperty<uint32_t>(100, "first_input");
  data->inputs = deserializer.ReadProperty<uint32_t>(101, "inputs");
  data->rows = deserializer.ReadProperty<uint64_t>(102, "rows");
  data->types = deserializer.ReadProperty<vector<LogicalType>>(103, "types");
  data->merge = deserializer.ReadProperty<bool>(104, "merge");
  auto& spec = *TaskContext::Of(deserializer.Get<ClientContext&>()).spec;
  if (data->first_input > spec.inputs.size() ||
      data->inputs > spec.inputs.size() - data->first_input)
    throw duckdb::SerializationException("the plan reads an exchange that the task does not have");
  data->rows = 0;
  for (uint32_t i = 0; i < data->inputs; ++i) data->rows += spec.inputs[data->first_input + i].rows;
  return data;
}

unique_ptr<duckdb::NodeStatistics> Cardinality(ClientContext&, const FunctionData* bind_data) {
  return duckdb::make_uniq<duckdb::NodeStatistics>(bind_data->Cast<MergeScanData>().rows);
}

}  // namespace

unique_ptr<FunctionData> MergeScanData::Copy() const {
  auto copy = duckdb::make_uniq<MergeScanData>();
  copy->first_input = first_input;
  copy->inputs = inputs;
  copy->merge = merge;
  copy->rows = rows;
  copy->types = types;
  return copy;
}

bool MergeScanData::Equals(const FunctionData& other) const {
  return first_input == other.Cast<MergeScanData>().first_input;
}

TableFunction MergeScanFunction() {
  TableFunction function(kMergeScanName, {}, Scan, Bind, Init);
  function.projection_pushdown = true;
  function.serialize = Serialize;
  function.deserialize = Deserialize;
  function.cardinality = Cardinality;
  function.order_preservation_type = duckdb::OrderPreservationType::FIXED_ORDER;
  return function;
}

unique_ptr<duckdb::LogicalGet> MakeMergeScan(idx_t table_index, uint32_t first_input,
                                             uint32_t inputs, bool merge, uint64_t rows,
                                             const vector<LogicalType>& types) {
  auto data = duckdb::make_uniq<MergeScanData>();
  data->first_input = first_input;
  data->inputs = inputs;
  data->merge = merge;
  data->rows = rows;
  data->types = types;
  vector<std::string> names;
  for (idx_t i = 0; i < types.size(); ++i) names.push_back("c" + std::to_string(i));
  auto get = duckdb::make_uniq<duckdb::LogicalGet>(table_index, MergeScanFunction(),
                                                   std::move(data), types, names);
  for (idx_t i = 0; i < types.size(); ++i) get->AddColumnId(i);
  get->ResolveOperatorTypes();
  return get;
}

}  // namespace skein::distributed
