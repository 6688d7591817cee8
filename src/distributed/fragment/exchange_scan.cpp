#include "distributed/fragment/exchange_scan.h"

#include <algorithm>
#include <optional>

#include "duckdb/common/exception.hpp"
#include "duckdb/common/serializer/deserializer.hpp"
#include "duckdb/common/serializer/serializer.hpp"
#include "duckdb/storage/statistics/node_statistics.hpp"

#include "distributed/fragment/block_format.h"
#include "distributed/fragment/task_context.h"

namespace skein::distributed {
namespace {

using duckdb::ClientContext;
using duckdb::DataChunk;
using duckdb::FunctionData;
using duckdb::LogicalType;
using duckdb::optional_ptr;
using duckdb::TableFunction;
using duckdb::unique_ptr;
using duckdb::vector;

struct GlobalState : public duckdb::GlobalTableFunctionState {
  std::unique_ptr<BlockReader> reader;
  vector<duckdb::column_t> columns;
  duckdb::idx_t MaxThreads() const override { return std::max<duckdb::idx_t>(1, reader->size()); }
};

struct LocalState : public duckdb::LocalTableFunctionState {
  std::optional<BlockParser> block;
  DataChunk chunk;
};

unique_ptr<FunctionData> Bind(ClientContext& context, duckdb::TableFunctionBindInput&,
                              vector<LogicalType>&, vector<std::string>&) {
  (void)TaskContext::Of(context);
  throw duckdb::BinderException("an exchange is read within a plan only");
}

unique_ptr<duckdb::GlobalTableFunctionState> InitGlobal(ClientContext& context,
                                                        duckdb::TableFunctionInitInput& input) {
  auto state = duckdb::make_uniq<GlobalState>();
  auto reader =
      TaskContext::Of(context).inputs->Open(input.bind_data->Cast<ExchangeScanData>().input);
  if (!reader.ok()) ThrowStatus(reader.status());
  state->reader = *std::move(reader);
  state->columns = input.column_ids;
  return state;
}

unique_ptr<duckdb::LocalTableFunctionState> InitLocal(duckdb::ExecutionContext&,
                                                      duckdb::TableFunctionInitInput&,
                                                      duckdb::GlobalTableFunctionState*) {
  return duckdb::make_uniq<LocalState>();
}

void Scan(ClientContext& context, duckdb::TableFunctionInput& input, DataChunk& out) {
  auto& global = input.global_state->Cast<GlobalState>();
  auto& local = input.local_state->Cast<LocalState>();
  while (true) {
    if (!local.block) {
      Block block;
      auto more = global.reader->Next(&block);
      if (!more.ok()) ThrowStatus(more.status());
      if (!*more) return;
      local.block.emplace(std::move(block));
    }
    if (local.block->Next(context, &local.chunk)) break;
    local.block.reset();
  }
  for (duckdb::idx_t i = 0; i < global.columns.size(); ++i) {
    // What is not a column is only counted (COLUMN_IDENTIFIER_EMPTY).
    if (global.columns[i] < local.chunk.ColumnCount()) {
      out.data[i].Reference(local.chunk.data[global.columns[i]]);
    }
  }
  out.SetCardinality(local.chunk.size());
}

void Serialize(duckdb::Serializer& serializer, const optional_ptr<FunctionData> bind_data,
               const TableFunction&) {
  auto& data = bind_data->Cast<ExchangeScanData>();
  serializer.WriteProperty(100, "input", data.input);
  serializer.WriteProperty(101, "rows", data.rows);
  serializer.WriteProperty(102, "types", data.types);
  serializer.WriteProperty(103, "filtered", data.filtered);
}

unique_ptr<FunctionData> Deserialize(duckdb::Deserializer& deserializer, TableFunction&) {
  auto data = duckdb::make_uniq<ExchangeScanData>();
  data->input = deserializer.ReadProperty<uint32_t>(100, "input");
  data->rows = deserializer.ReadProperty<uint64_t>(101, "rows");
  data->types = deserializer.ReadProperty<vector<LogicalType>>(102, "types");
  data->filtered = deserializer.ReadProperty<bool>(103, "filtered");
  auto& spec = *TaskContext::Of(deserializer.Get<ClientContext&>()).spec;
  if (data->input >= spec.inputs.size())
    throw duckdb::SerializationException("the plan reads an exchange that the task does not have");
  data->rows = spec.inputs[data->input].rows;
  return data;
}

unique_ptr<duckdb::NodeStatistics> Cardinality(ClientContext&, const FunctionData* bind_data) {
  return duckdb::make_uniq<duckdb::NodeStatistics>(bind_data->Cast<ExchangeScanData>().rows);
}

}  // namespace

unique_ptr<FunctionData> ExchangeScanData::Copy() const {
  auto copy = duckdb::make_uniq<ExchangeScanData>();
  copy->input = input;
  copy->rows = rows;
  copy->types = types;
  copy->filtered = filtered;
  return copy;
}

bool ExchangeScanData::Equals(const FunctionData& other) const {
  return input == other.Cast<ExchangeScanData>().input;
}

TableFunction ExchangeScanFunction() {
  TableFunction function(kExchangeScanName, {}, Scan, Bind, InitGlobal, InitLocal);
  function.projection_pushdown = true;
  function.serialize = Serialize;
  function.deserialize = Deserialize;
  function.cardinality = Cardinality;
  function.order_preservation_type = duckdb::OrderPreservationType::NO_ORDER;
  return function;
}

unique_ptr<duckdb::LogicalGet> MakeExchangeScan(duckdb::idx_t table_index, uint32_t input,
                                                uint64_t rows, const vector<LogicalType>& types,
                                                bool filtered) {
  auto data = duckdb::make_uniq<ExchangeScanData>();
  data->input = input;
  data->rows = rows;
  data->types = types;
  data->filtered = filtered;
  vector<std::string> names;
  for (duckdb::idx_t i = 0; i < types.size(); ++i) names.push_back("c" + std::to_string(i));
  auto get = duckdb::make_uniq<duckdb::LogicalGet>(table_index, ExchangeScanFunction(),
                                                   std::move(data), types, names);
  for (duckdb::idx_t i = 0; i < types.size(); ++i) get->AddColumnId(i);
  get->ResolveOperatorTypes();
  return get;
}

bool LeavesOutRows(const duckdb::LogicalOperator& op) {
  switch (op.type) {
    case duckdb::LogicalOperatorType::LOGICAL_FILTER:
    case duckdb::LogicalOperatorType::LOGICAL_LIMIT:
    case duckdb::LogicalOperatorType::LOGICAL_TOP_N:
      return true;
    case duckdb::LogicalOperatorType::LOGICAL_GET: {
      const auto& get = op.Cast<duckdb::LogicalGet>();
      return !get.table_filters.filters.empty() ||
             (get.function.name == kExchangeScanName &&
              get.bind_data->Cast<ExchangeScanData>().filtered);
    }
    default:
      return std::any_of(op.children.begin(), op.children.end(),
                         [](const auto& child) { return LeavesOutRows(*child); });
  }
}

}  // namespace skein::distributed
