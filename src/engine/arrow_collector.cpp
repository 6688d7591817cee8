#include "engine/arrow_collector.h"

#include "duckdb/common/types/column/column_data_collection.hpp"
#include "duckdb/execution/operator/helper/physical_result_collector.hpp"
#include "duckdb/execution/physical_plan_generator.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/materialized_query_result.hpp"
#include "duckdb/main/prepared_statement_data.hpp"

namespace skein::engine {
namespace {

using duckdb::idx_t;

/// How rows reach the collector.
enum class Order {
  kAny,          ///< in parallel, in any order
  kOneThread,    ///< ordered, from one pipeline
  kBatchIndexes  ///< ordered by the source's batch indexes, in parallel
};

struct LocalState : public duckdb::LocalSinkState {
  explicit LocalState(std::shared_ptr<const ArrowShape> shape) : builder(std::move(shape)) {}
  ArrowBatchBuilder builder;
  idx_t position = 0;
  bool pushed = false;
};

class Collector : public duckdb::PhysicalResultCollector {
 public:
  Collector(duckdb::PhysicalPlan& plan, duckdb::PreparedStatementData& data, Order order,
            std::shared_ptr<const ArrowShape> shape, std::shared_ptr<BatchQueue> queue)
      : PhysicalResultCollector(plan, data),
        order_(order),
        shape_(std::move(shape)),
        queue_(std::move(queue)) {}

  duckdb::SinkResultType Sink(duckdb::ExecutionContext& context, duckdb::DataChunk& chunk,
                              duckdb::OperatorSinkInput& input) const override {
    auto& local = input.local_state.Cast<LocalState>();
    Follow(local);
    BatchQueue::Wake wake = [state = input.interrupt_state] { state.Callback(); };
    if (local.pushed && queue_->read_here()) {
      local.pushed = false;
      queue_->Park(std::move(wake));
      return duckdb::SinkResultType::BLOCKED;
    }
    if (!queue_->Admit(local.position, std::move(wake))) return duckdb::SinkResultType::BLOCKED;
    local.builder.Append(context.client, chunk, Pusher(local));
    // The first rows should not wait for more to come.
    if (queue_->untouched()) local.builder.Flush(Pusher(local));
    return duckdb::SinkResultType::NEED_MORE_INPUT;
  }

  duckdb::SinkNextBatchType NextBatch(duckdb::ExecutionContext&,
                                      duckdb::OperatorSinkNextBatchInput& input) const override {
    auto& local = input.local_state.Cast<LocalState>();
    local.builder.Flush(Pusher(local));
    Follow(local);
    return duckdb::SinkNextBatchType::READY;
  }

  duckdb::SinkCombineResultType Combine(duckdb::ExecutionContext&,
                                        duckdb::OperatorSinkCombineInput& input) const override {
    auto& local = input.local_state.Cast<LocalState>();
    local.builder.Flush(Pusher(local));
    if (order_ == Order::kBatchIndexes && local.partition_info.min_batch_index.IsValid())
      queue_->Advance(local.partition_info.min_batch_index.GetIndex());
    return duckdb::SinkCombineResultType::FINISHED;
  }

  duckdb::SinkFinalizeType Finalize(duckdb::Pipeline&, duckdb::Event&, duckdb::ClientContext&,
                                    duckdb::OperatorSinkFinalizeInput&) const override {
    queue_->Finish();
    return duckdb::SinkFinalizeType::READY;
  }

  duckdb::unique_ptr<duckdb::LocalSinkState> GetLocalSinkState(
      duckdb::ExecutionContext&) const override {
    return duckdb::make_uniq<LocalState>(shape_);
  }

  /// The rows went to the queue; DuckDB still wants a result to close the query with.
  duckdb::unique_ptr<duckdb::QueryResult> GetResult(duckdb::GlobalSinkState&) const override {
    return duckdb::make_uniq<duckdb::MaterializedQueryResult>(
        statement_type, properties, names,
        duckdb::make_uniq<duckdb::ColumnDataCollection>(duckdb::Allocator::DefaultAllocator(),
                                                        types),
        shape_->properties);
  }

  duckdb::OperatorPartitionInfo RequiredPartitionInfo() const override {
    return order_ == Order::kBatchIndexes ? duckdb::OperatorPartitionInfo::BatchIndex()
                                          : duckdb::OperatorPartitionInfo::NoPartitionInfo();
  }
  bool ParallelSink() const override { return order_ != Order::kOneThread; }
  bool SinkOrderDependent() const override { return order_ != Order::kAny; }

 private:
  /// Takes over the position that the pipeline works at now.
  void Follow(LocalState& local) const {
    if (order_ != Order::kBatchIndexes) return;
    local.position = local.partition_info.batch_index.GetIndex();
    queue_->Advance(local.partition_info.min_batch_index.GetIndex());
  }

  ArrowBatchBuilder::Emit Pusher(LocalState& local) const {
    return [this, &local](std::shared_ptr<arrow::RecordBatch> batch) {
      queue_->Push(local.position, std::move(batch));
      local.pushed = true;
    };
  }

  const Order order_;
  const std::shared_ptr<const ArrowShape> shape_;
  const std::shared_ptr<BatchQueue> queue_;
};

}  // namespace

duckdb::get_result_collector_t ArrowCollector(std::shared_ptr<const ArrowShape> shape,
                                              std::shared_ptr<BatchQueue> queue) {
  return [shape = std::move(shape), queue = std::move(queue)](
             duckdb::ClientContext& context,
             duckdb::PreparedStatementData& data) -> duckdb::unique_ptr<duckdb::PhysicalOperator> {
    auto& root = data.physical_plan->Root();
    Order order = Order::kBatchIndexes;
    if (!duckdb::PhysicalPlanGenerator::PreserveInsertionOrder(context, root)) {
      order = Order::kAny;
    } else if (!duckdb::PhysicalPlanGenerator::UseBatchIndex(context, root)) {
      order = Order::kOneThread;
    }
    return duckdb::make_uniq<Collector>(*data.physical_plan, data, order, shape, queue);
  };
}

}  // namespace skein::engine
