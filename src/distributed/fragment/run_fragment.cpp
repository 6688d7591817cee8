#include "distributed/fragment/run_fragment.h"

#include <algorithm>

#include "duckdb/common/file_system.hpp"
#include "duckdb/main/client_config.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/config.hpp"
#include "duckdb/main/pending_query_result.hpp"
#include "duckdb/main/query_result.hpp"
#include "duckdb/planner/operator/logical_copy_to_file.hpp"
#include "duckdb/planner/operator/logical_get.hpp"

#include "common/random.h"
#include "distributed/fragment/exchange_scan.h"
#include "distributed/fragment/exchange_sink.h"
#include "distributed/fragment/merge_scan.h"
#include "distributed/fragment/parquet_leaf.h"
#include "distributed/fragment/task_context.h"
#include "engine/duckdb_error.h"
#include "engine/native.h"

namespace skein::distributed {
namespace {

/// Sets what makes the connection run a plan into an exchange, for as long as it lives.
class FragmentMode {
 public:
  explicit FragmentMode(duckdb::ClientContext& context)
      : config_(duckdb::ClientConfig::GetConfig(context)) {
    config_.get_result_collector = MakeExchangeSink;
  }
  ~FragmentMode() { config_.get_result_collector = nullptr; }
  FragmentMode(const FragmentMode&) = delete;
  FragmentMode& operator=(const FragmentMode&) = delete;

 private:
  duckdb::ClientConfig& config_;
};

/// A task may run twice, at the same time, too: each attempt of one whose files are renamed at the
/// end has a folder of its own.
void SetAttemptFolder(duckdb::LogicalOperator& plan) {
  if (plan.type != duckdb::LogicalOperatorType::LOGICAL_COPY_TO_FILE) return;
  std::string& path = plan.Cast<duckdb::LogicalCopyToFile>().file_path;
  if (path.substr(path.rfind('/') + 1).starts_with(kStagingPrefix)) path += "/" + NewId();
}

/// Files of a table format may be encrypted, and DuckDB cannot read those with a footer it kept.
bool ReadsPlainSplitsOnly(const duckdb::LogicalOperator& plan) {
  if (plan.type == duckdb::LogicalOperatorType::LOGICAL_GET) {
    const auto& function = plan.Cast<duckdb::LogicalGet>().function;
    const bool plain = function.name == kParquetLeafName
                           ? !function.function_info->Cast<ParquetLeaf>().of_format
                           : function.name == kExchangeScanName || function.name == kMergeScanName;
    if (!plain) return false;
  }
  return std::all_of(plan.children.begin(), plan.children.end(),
                     [](const auto& child) { return ReadsPlainSplitsOnly(*child); });
}

/// Lets DuckDB keep the footers of Parquet files for the tasks that read more of them, if all of
/// them are on this machine. It finds them by path and looks whether the file is the same; of a URL
/// that says too little: another session's may lead to another endpoint, with other credentials.
void KeepLocalFooters(duckdb::ClientContext& context, const duckdb::LogicalOperator& plan,
                      const TaskSpec& task) {
  for (const auto& splits : task.scans) {
    for (const Split& split : splits) {
      if (duckdb::FileSystem::IsRemoteFile(split.path)) return;
    }
  }
  if (!ReadsPlainSplitsOnly(plan)) return;
  duckdb::optional_ptr<const duckdb::ConfigurationOption> option;
  const auto index =
      duckdb::DBConfig::GetConfig(context).TryGetSettingIndex("parquet_metadata_cache", option);
  if (!index.IsValid()) return;
  duckdb::ClientConfig::GetConfig(context).user_settings.SetUserSetting(
      index.GetIndex(), duckdb::Value::BOOLEAN(true));
}

Result<TaskReport> RunInScope(engine::Engine& engine, duckdb::ClientContext& context, Plan plan,
                              TaskScope& scope, std::shared_ptr<CancelToken> cancel) {
  const auto started = Clock::now();
  FragmentMode mode(context);
  auto result = engine::RunToEnd(
      engine, context,
      [&] {
        return context.PendingQuery(duckdb::make_uniq<FragmentStatement>(std::move(plan)),
                                    duckdb::QueryParameters(false));
      },
      std::move(cancel));
  SKEIN_RETURN_IF_ERROR(result.status());
  TaskReport report = scope.report();
  report.seconds = std::chrono::duration<double>(Clock::now() - started).count();
  return report;
}

}  // namespace

Result<TaskReport> RunFragment(engine::Engine& engine, duckdb::ClientContext& context, Plan plan,
                               const TaskSpec& task, TaskInputs& inputs, TaskOutputs& outputs,
                               std::shared_ptr<CancelToken> cancel) {
  try {
    TaskScope scope(context, &task, &inputs, &outputs);
    return RunInScope(engine, context, std::move(plan), scope, cancel);
  } catch (...) {
    if (cancel->cancelled()) return cancel->status();
    return engine::FromCurrentException();
  }
}

Result<TaskReport> RunSerializedFragment(engine::Engine& engine, duckdb::ClientContext& context,
                                         const TaskSpec& task, TaskInputs& inputs,
                                         TaskOutputs& outputs,
                                         std::shared_ptr<CancelToken> cancel) {
  try {
    TaskScope scope(context, &task, &inputs, &outputs);
    Plan plan;
    {
      auto registration = cancel->OnCancel([&context] { context.Interrupt(); });
      context.RunFunctionInTransaction([&] {
        plan = DeserializePlan(context, *task.plan);
        SetAttemptFolder(*plan);
        KeepLocalFooters(context, *plan, task);
        plan = OptimizeFragment(context, std::move(plan));
      });
    }
    return RunInScope(engine, context, std::move(plan), scope, cancel);
  } catch (...) {
    if (cancel->cancelled()) return cancel->status();
    return engine::FromCurrentException();
  }
}

}  // namespace skein::distributed
