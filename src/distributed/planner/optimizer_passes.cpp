#include "distributed/planner/optimizer_passes.h"

#include "duckdb/common/exception.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/optimizer/build_probe_side_optimizer.hpp"
#include "duckdb/optimizer/column_lifetime_analyzer.hpp"
#include "duckdb/optimizer/common_aggregate_optimizer.hpp"
#include "duckdb/optimizer/common_subplan_optimizer.hpp"
#include "duckdb/optimizer/cse_optimizer.hpp"
#include "duckdb/optimizer/cte_filter_pusher.hpp"
#include "duckdb/optimizer/cte_inlining.hpp"
#include "duckdb/optimizer/deliminator.hpp"
#include "duckdb/optimizer/empty_result_pullup.hpp"
#include "duckdb/optimizer/expression_heuristics.hpp"
#include "duckdb/optimizer/filter_pullup.hpp"
#include "duckdb/optimizer/filter_pushdown.hpp"
#include "duckdb/optimizer/in_clause_rewriter.hpp"
#include "duckdb/optimizer/join_elimination.hpp"
#include "duckdb/optimizer/join_order/join_order_optimizer.hpp"
#include "duckdb/optimizer/limit_pushdown.hpp"
#include "duckdb/optimizer/optimizer.hpp"
#include "duckdb/optimizer/optimizer_extension.hpp"
#include "duckdb/optimizer/regex_range_filter.hpp"
#include "duckdb/optimizer/remove_duplicate_groups.hpp"
#include "duckdb/optimizer/remove_unused_columns.hpp"
#include "duckdb/optimizer/sum_rewriter.hpp"
#include "duckdb/optimizer/unnest_rewriter.hpp"
#include "duckdb/optimizer/window_self_join.hpp"
#include "duckdb/planner/binder.hpp"

namespace skein::distributed {

// The order is DuckDB's.
Plan OptimizeForCut(duckdb::ClientContext& context, duckdb::Binder& binder, Plan plan) {
  duckdb::Optimizer optimizer(binder, context);
  auto run = [&](auto&& pass) {
    if (context.IsInterrupted()) throw duckdb::InterruptException();
    pass();
  };
  auto rewrite = [&](auto&& pass) { run([&] { plan = pass.Optimize(std::move(plan)); }); };
  auto visit = [&](auto&& pass) { run([&] { pass.VisitOperator(*plan); }); };

  // Iceberg's puts a filter where rows are deleted by their values.
  for (auto& extension : duckdb::OptimizerExtension::Iterate(context)) {
    if (!extension.pre_optimize_function) continue;
    duckdb::OptimizerExtensionInput input{context, optimizer, extension.optimizer_info.get()};
    run([&] { extension.pre_optimize_function(input, plan); });
  }
  visit(optimizer.rewriter);
  rewrite(duckdb::CTEInlining(optimizer));
  run([&] { duckdb::SumRewriterOptimizer(optimizer).Optimize(plan); });
  run([&] { plan = duckdb::FilterPullup().Rewrite(std::move(plan)); });
  run([&] {
    duckdb::FilterPushdown pushdown(optimizer);
    duckdb::unordered_set<duckdb::idx_t> top;
    pushdown.CheckMarkToSemi(*plan, top);
    plan = pushdown.Rewrite(std::move(plan));
  });
  rewrite(duckdb::CTEFilterPusher(optimizer));
  run([&] { plan = duckdb::RegexRangeFilter().Rewrite(std::move(plan)); });
  run([&] { plan = duckdb::InClauseRewriter(context, optimizer).Rewrite(std::move(plan)); });
  rewrite(duckdb::Deliminator());
  rewrite(duckdb::CTEInlining(optimizer));
  rewrite(duckdb::EmptyResultPullup());
  rewrite(duckdb::WindowSelfJoinOptimizer(optimizer));
  rewrite(duckdb::JoinOrderOptimizer(context));
  rewrite(duckdb::JoinElimination());
  rewrite(duckdb::UnnestRewriter());
  visit(duckdb::RemoveUnusedColumns(optimizer));
  visit(duckdb::RemoveDuplicateGroups());
  visit(duckdb::CommonSubExpressionOptimizer(binder));
  visit(duckdb::ColumnLifetimeAnalyzer(optimizer, *plan, true));
  visit(duckdb::BuildProbeSideOptimizer(context, *plan));
  rewrite(duckdb::CommonSubplanOptimizer(optimizer));
  rewrite(duckdb::LimitPushdown());
  visit(duckdb::CommonAggregateOptimizer());
  visit(duckdb::ColumnLifetimeAnalyzer(optimizer, *plan, true));
  run([&] { plan = duckdb::ExpressionHeuristics(optimizer).Rewrite(std::move(plan)); });
  plan->ResolveOperatorTypes();
  return plan;
}

}  // namespace skein::distributed
