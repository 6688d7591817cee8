#pragma once

#include <functional>
#include <vector>

#include "duckdb/planner/expression.hpp"

#include "distributed/fragment/fragment_plan.h"
#include "distributed/task.h"

namespace skein::distributed {

/// The way that a filter of the keys by which a stage is repartitioned takes down its plan: as far
/// as the keys are columns of what is below and the rows that go would not have mattered above.
class FilterPath {
 public:
  /// The plan of the stage that an exchange scan reads (by the number it carries), when the filter
  /// may go on there; else null.
  using Enter = std::function<Plan*(uint32_t exchange)>;
  explicit FilterPath(Enter enter) : enter_(std::move(enter)) {}

  /// `stage`: the plan of a stage that is repartitioned by hash.
  void Follow(Plan& stage);

  /// Puts a filter where the way ended. `null_is_key`: by key. Gives what it looks at.
  std::string Put(duckdb::ClientContext& context, const KeySummary& keys,
                  const std::vector<bool>& null_is_key);

  /// Stages that were entered.
  size_t entered() const { return entered_; }
  bool at_scan() const;

 private:
  bool Step();
  /// False when a key is something else than columns of `from`; then nothing was replaced.
  bool Replace(const duckdb::vector<duckdb::ColumnBinding>& from,
               const duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& by);

  Enter enter_;
  Plan* place_ = nullptr;
  duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> keys_;
  size_t entered_ = 0;
};

}  // namespace skein::distributed
