#include "engine/single_row.h"

#include <utility>

#include "duckdb/execution/expression_executor.hpp"
#include "duckdb/execution/operator/projection/physical_projection.hpp"
#include "duckdb/execution/physical_plan_generator.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/prepared_statement_data.hpp"
#include <arrow/record_batch.h>

#include "results/one_batch.h"

namespace skein::engine {

bool IsSingleRow(const duckdb::PreparedStatementData& statement) {
  if (!statement.physical_plan || !statement.value_map.empty()) return false;
  const auto& root = statement.physical_plan->Root();
  if (root.type != duckdb::PhysicalOperatorType::PROJECTION || root.children.size() != 1 ||
      root.children[0].get().type != duckdb::PhysicalOperatorType::DUMMY_SCAN) {
    return false;
  }
  for (const auto& expression : root.Cast<duckdb::PhysicalProjection>().select_list) {
    if (!expression->IsConsistent() || expression->HasSubquery()) return false;
  }
  return true;
}

std::unique_ptr<results::BatchStream> EvaluateSingleRow(
    duckdb::ClientContext& context, duckdb::PreparedStatementData& statement,
    const std::shared_ptr<const ArrowShape>& shape) {
  std::shared_ptr<arrow::RecordBatch> row;
  context.RunFunctionInTransaction([&] {
    if (statement.RequireRebind(context, nullptr)) return;
    const auto& plan = statement.physical_plan->Root().Cast<duckdb::PhysicalProjection>();
    duckdb::ExpressionExecutor executor(context, plan.select_list);
    duckdb::DataChunk nothing;
    nothing.SetCardinality(1);
    duckdb::DataChunk chunk;
    chunk.Initialize(duckdb::Allocator::Get(context), plan.types);
    executor.Execute(nothing, chunk);
    ArrowBatchBuilder builder(shape);
    auto take = [&](std::shared_ptr<arrow::RecordBatch> batch) { row = std::move(batch); };
    builder.Append(context, chunk, take);
    builder.Flush(take);
  });
  if (!row) return nullptr;
  return std::make_unique<results::OneBatch>(shape->schema, std::move(row));
}

}  // namespace skein::engine
