#pragma once

#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "duckdb/common/named_parameter_map.hpp"
#include "duckdb/common/types/column/column_data_collection.hpp"
#include "duckdb/planner/binder.hpp"
#include "duckdb/planner/bound_result_modifier.hpp"
#include "duckdb/planner/expression.hpp"
#include "duckdb/planner/logical_operator.hpp"
#include "duckdb/planner/operator/logical_get.hpp"

#include "distributed/fragment/fragment_plan.h"
#include "distributed/planner/property.h"
#include "distributed/planner/table_write.h"
#include "distributed/planner/task_copy.h"
#include "distributed/stage_graph.h"

namespace skein::distributed {

struct CutOptions {
  /// Tasks of a stage that is split.
  uint32_t tasks = 2;
  /// The larger side of a join stays in place when the other is estimated at no more; 0: never.
  uint64_t broadcast_bytes = uint64_t{10} << 20;
  /// Tables of no more bytes are read whole by every task; never above broadcast_bytes.
  uint64_t replicate_bytes = uint64_t{1} << 20;
  /// A file is split into ranges of a multiple of so many rows.
  uint64_t split_rows = 122880;
  /// Tasks may take rows of a split that others are reading.
  bool divisible = false;
  /// An ORDER BY of more rows is sorted by ranges of its keys, where its order is the result's; 0:
  /// never.
  uint64_t range_rows = 500'000;
  /// Windows of so many rows in order are made by ranges of their keys, too.
  bool range_windows = true;
  /// Why CSV files are not to be read in ranges of bytes; empty: they may be, and tasks may find
  /// that it is impossible.
  std::string text_whole;
};

/// Why a query is not cut. Not an error: the query runs whole.
class NotCut : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A stage whose plan is not serialized yet.
struct CutStage {
  uint32_t id = 0;
  Plan plan;
  bool split = false;
  OutputKind output = OutputKind::kAll;
  std::string output_name;
  uint64_t estimated_rows = 0;
  std::vector<std::string> decisions;
  /// Its output is read more than once, task by task: its tasks are as many as planned.
  bool kept = false;
  /// Stages that have to be finished before this one is decided, besides its inputs.
  std::set<uint32_t> after;
  uint32_t bloom_bits = 0;  ///< as in TaskSpec
  std::vector<uint32_t> range_columns;
  uint32_t sample_keys = 0;  ///< as in TaskSpec
  /// As in TaskSpec; tasks that read it are told from each other by the partition they read.
  bool ties_together = false;
};

/// A join with equal keys of two stages by hash. Which way it is made is left open until the first
/// of them is finished: when that is small, the second becomes part of the stage that joins, and
/// the first is read by all its tasks.
struct CutJoin {
  std::string name;
  uint32_t first = 0;
  uint32_t second = 0;
  /// The table indexes of the scans that read them.
  duckdb::idx_t first_scan = 0;
  duckdb::idx_t second_scan = 0;
  bool first_is_right = false;
  /// The first side may be in every task.
  bool may_broadcast = false;
  bool planned_broadcast = false;
  /// It is made as planned: how its rows lie then is relied on, or `second` does not wait.
  bool settled = false;
  /// The keys of the second side that the first has not got are of no use.
  bool may_filter = false;
  /// By key: NULL is a key as any other.
  std::vector<bool> null_is_key;
};

/// Where an exchange scan reads, by the number it carries while the plan is being cut.
struct CutExchange {
  uint32_t stage = 0;
  ReadMode mode = ReadMode::kAll;
  uint32_t part = 0;
  bool sliced = false;  ///< as in Stage::Input
};

/// A scan that is split, by the table index of its LogicalGet.
struct CutScan {
  std::vector<Split> splits;
  uint64_t rows = 0;
  uint64_t bytes = 0;
  bool ranges = false;
  /// Of one CSV file in ranges of bytes: how to read one; else empty.
  duckdb::named_parameter_map_t text_options;
};

/// Walks a plan bottom-up, decides for each operator how its rows lie (Property), and cuts the tree
/// where they must lie otherwise. Rules are one file for each group of operators (rule_*.cpp).
///
/// One use: Cut, then take the members. Throws NotCut, or DuckDB's exceptions.
class Cutter {
 public:
  Cutter(duckdb::ClientContext& context, duckdb::Binder& binder, CutOptions options)
      : context_(context), binder_(binder), options_(options) {}

  void Cut(Plan plan);

  Plan root;
  std::vector<CutStage> stages;
  std::vector<CutExchange> exchanges;
  std::vector<CutJoin> joins;
  std::map<duckdb::idx_t, CutScan> scans;
  /// Scans of table formats that every task, or the only one, makes whole.
  std::map<duckdb::idx_t, CutScan> whole_scans;
  std::vector<std::string> decisions;  ///< of the final plan
  /// How a scan is read, by the table index of its LogicalGet: said of the stage it lies in.
  std::map<duckdb::idx_t, std::string> scan_decisions;
  std::vector<std::string> not_split;  ///< why scans are not
  /// Of a COPY that tasks write; then the final plan's rows are what each wrote.
  duckdb::unique_ptr<TaskCopy> task_copy;
  /// Of an INSERT whose files tasks write.
  duckdb::unique_ptr<TableWrite> table_write;

 private:
  using Operator = duckdb::unique_ptr<duckdb::LogicalOperator>;
  using Keys = duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>;
  enum class Exchange { kGather, kBroadcast, kHash, kToOne, kKeep, kMerge, kInTurn };
  struct KeptStage {
    uint32_t stage;
    bool split;
    std::vector<size_t> key_positions;  ///< of a hashed stage: its keys among its columns
    uint64_t rows;
    std::vector<uint32_t> open_joins;
    bool filtered;
  };

  Property Visit(Operator& op);
  /// Below a recursive CTE: nothing is split, the subtree runs whole in one task.
  void VisitWhole(Operator& op);

  // The rules.
  Property VisitGet(Operator& op);
  Property VisitTextFile(duckdb::LogicalGet& get);
  Property VisitFormatScan(Operator& op);
  /// Makes of a scan the scan and the rows that are not in its files.
  void AddInlinedRows(Operator& op, duckdb::unique_ptr<duckdb::ColumnDataCollection> inlined);
  Property VisitInPlace(Operator& op);
  Property VisitProjection(Operator& op);
  Property VisitComparisonJoin(Operator& op);
  Property VisitLooseJoin(Operator& op);
  Property VisitDelimJoin(Operator& op);
  Property VisitAggregate(Operator& op);
  Property VisitDistinct(Operator& op);
  Property VisitOrder(Operator& op);
  Property VisitLimit(Operator& op);
  /// Whether it is sorted by ranges: its order is the query's, and it is large.
  bool SortsByRange(duckdb::LogicalOperator& op);
  /// What create_sort_key takes to compare as `orders` do; `names`, if not null: as a person reads
  /// them.
  static Keys OrderKeys(const duckdb::vector<duckdb::BoundOrderByNode>& orders, std::string* names);
  /// Makes two stages of `child`: one that makes the rows and draws some keys, one that sends each
  /// row to the task of the range that its key is in.
  Property CutByRange(Operator& child, Keys order, const std::string& name);
  Property VisitWindow(Operator& op);
  /// Makes of windows one operator for each of `links`, numbers of them, and a projection that has
  /// their columns as they were; gives these operators, the lowest first.
  std::vector<Operator*> ChainWindows(Operator& op,
                                      const std::vector<std::vector<duckdb::idx_t>>& links);
  /// Brings the rows below windows, all of which have the keys of one of them, to where they are
  /// made. `why_not`: why all are in one task, of windows without keys.
  Property PlaceWindow(Operator& op, Property child, const std::string& why_not);
  /// Of windows without keys, `windows` of `op`: those that are made of rows in several tasks
  /// together; none and the reason why, if any of them cannot be.
  std::vector<std::vector<duckdb::idx_t>> WholeWindows(const duckdb::LogicalOperator& op,
                                                       const std::vector<duckdb::idx_t>& windows,
                                                       std::string* why_not);
  Property PlaceWholeWindow(Operator& op, Property child);
  /// One value of all rows, as an aggregate of them.
  Property PlaceTotals(Operator& op, Property child);
  Property PlaceRunning(Operator& op, Property child);
  Property VisitSetOperation(Operator& op);
  Property VisitMaterializedCte(Operator& op);
  Property VisitCteRef(Operator& op);
  Property VisitRecursiveCte(Operator& op);
  Property VisitCopy(Operator& op);
  Property VisitInsert(Operator& op);

  Property Join(Operator& op, Property left, Property right);
  Property OpenJoin(Operator& op, CutJoin join, Keys first_keys, Keys second_keys, Property first,
                    Property second);
  /// Stages below the scan of a stage that a filter of the join's keys could reach wait for it.
  void WaitForFilter(const CutJoin& join);
  bool DependsOn(uint32_t stage, uint32_t other, std::set<uint32_t>* seen) const;
  /// The joins that make `property` what it is are made as planned.
  void RelyOn(const Property& property);
  Property TwoPhaseAggregate(Operator& op, Property child);
  Property DistinctAggregate(Operator& op, const duckdb::Expression& distinct, Property child);
  void SplitAggregate(Operator& op, const duckdb::Expression* distinct);
  /// What holds above a projection when `property` does below.
  static Property ThroughProjection(duckdb::LogicalOperator& op, const Property& property);

  /// Makes `child` a stage and leaves an exchange scan in its place.
  Property CutOff(Operator& child, Property property, Exchange exchange, Keys keys = {});
  /// The stages that a plan reads.
  std::set<uint32_t> InputsOf(duckdb::LogicalOperator& plan) const;
  /// As CutOff; for data that is read more than once: gives the stage.
  KeptStage Keep(Operator& child, Property property);
  Operator ReadKept(const KeptStage& kept, duckdb::idx_t table_index,
                    const duckdb::vector<duckdb::LogicalType>& types);
  Property PropertyOfKept(const KeptStage& kept, duckdb::idx_t table_index) const;
  /// kGather if it is split, or kInTurn to keep an order; else as it is.
  Property Gather(Operator& child, Property property);

  duckdb::idx_t NewIndex() { return binder_.GenerateTableIndex(); }
  duckdb::unique_ptr<duckdb::Expression> Scalar(
      const std::string& name, duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> arguments);
  void Rebind(const duckdb::vector<duckdb::ColumnBinding>& from,
              const duckdb::vector<duckdb::ColumnBinding>& to, duckdb::LogicalOperator& stop);
  uint64_t EstimateRows(duckdb::LogicalOperator& op);
  double EstimateBytes(duckdb::LogicalOperator& op);
  void Say(std::string decision) { decisions.push_back(std::move(decision)); }
  void SayOfScan(const duckdb::LogicalGet& get, std::string decision) {
    scan_decisions[get.table_index] = std::move(decision);
  }

  duckdb::ClientContext& context_;
  duckdb::Binder& binder_;
  const CutOptions options_;
  /// The ORDER BY that gives the order of the query's rows.
  const duckdb::LogicalOperator* final_order_ = nullptr;
  std::map<duckdb::idx_t, KeptStage> ctes_;
  /// By table index: scans of what was kept, which may be met again while the plan is walked.
  std::map<duckdb::idx_t, Property> kept_scans_;
};

/// "orders/0.parquet and 3 more files": what a scan reads, as a person tells it from others.
std::string ScanName(const duckdb::LogicalGet& get);

/// Whether tasks that read so many rows may take them from one another while they do.
bool MayDivide(const CutOptions& options, uint64_t rows);

/// "l_orderkey, l_partkey": expressions as a person reads them.
std::string NamesOf(const duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& expressions);

}  // namespace skein::distributed
