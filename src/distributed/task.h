#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/status.h"
#include "distributed/row_range.h"

namespace skein::distributed {

class BlockRows;

/// A run of bytes that `owner` keeps alive: one unit of an exchange. What is in it is between the
/// tasks (fragment/block_format.h): stores and networks carry it as it is.
struct Block {
  std::shared_ptr<const void> owner;
  const char* data = nullptr;
  size_t size = 0;
  uint64_t rows = 0;
  /// Instead of bytes, where TaskOutputs takes rows; `size` is then about what they take in memory.
  std::shared_ptr<const BlockRows> unwritten = nullptr;
};

/// The rows of a block whose reader is in the same process. They do not change any more.
class BlockRows {
 public:
  virtual ~BlockRows() = default;
  /// The same block as bytes.
  virtual Block Write() const = 0;
};

/// What one task reads of one file.
struct Split {
  static constexpr uint64_t kToTheEnd = std::numeric_limits<int64_t>::max();

  std::string path;
  /// Rows [first_row, end_row) of the file, counted from 0.
  uint64_t first_row = 0;
  uint64_t end_row = kToTheEnd;
  /// Estimated; decides who reads it.
  uint64_t bytes = 0;
  /// What the source knows of the file (size, ETag, ...), as the planner wrote it.
  std::string properties;
  /// How many of the rows the file has, estimated. Not sent to other processes: it is for those who
  /// share splits.
  uint64_t rows = kToTheEnd;
};

/// A split that a task reads, and shares with others of its process while it reads it.
struct TakenSplit {
  Split split;  ///< as it was when the task took it
  std::shared_ptr<RowRange> rows;
};

/// How a task's rows are handed on.
enum class OutputKind : uint8_t {
  kAll,     ///< one partition, 0
  kHash,    ///< by the hash in the plan's last column, which is not handed on
  kSorted,  ///< one partition, 0, its blocks in the order of the plan's rows
  kRange,   ///< by the sort key in the plan's last column, which is not handed on: in order
};

/// Which blocks of a finished stage a task reads.
enum class ReadMode : uint8_t {
  kPartition,  ///< partition `task` of all tasks (repartitioned data)
  kAll,        ///< partition 0 of all tasks (gathered, or broadcast to everybody)
  kOwn,        ///< partition 0 of the tasks t with t % tasks == task (data that stays as it is)
  kTask,       ///< partition 0 of task `part`, block after block (sorted data)
  kEvery,      ///< all partitions of all tasks (repartitioned data that everybody reads)
};

/// What of repartitioned data (kPartition) a task reads when that is not the partition of its own
/// number: several that are small, or a part of one that is large.
struct Share {
  uint32_t first_partition = 0;
  uint32_t end_partition = 0;
  /// Of inputs that are sliced: only what the tasks t wrote with t % slices == slice.
  uint32_t slice = 0;
  uint32_t slices = 1;
};

/// What is known of the keys that a stage's rows are repartitioned by: what a filter for the rows
/// that they are joined with is made of. Those of several tasks can be put together.
struct KeySummary {
  struct Range {
    bool known = false;  ///< false as well when there is no key at all that is not NULL
    int64_t least = 0;
    int64_t greatest = 0;
  };
  /// A bloom filter of the keys' hashes (fragment/key_filter.h); empty when it was not asked for.
  std::string bloom;
  /// Of the keys whose columns were asked for.
  std::vector<Range> ranges;

  /// `other`: asked for in the same way.
  void Add(const KeySummary& other);
};

/// One task: a piece of a plan, what it reads and how its rows are handed on. Running it has no
/// effect but its output and gives the same rows each time, so it can be run again, elsewhere.
struct TaskSpec {
  struct Input {
    uint32_t stage = 0;
    ReadMode mode = ReadMode::kAll;
    /// With kTask, the task.
    uint32_t part = 0;
    /// Rows in the whole stage's output that this task reads, as they were counted.
    uint64_t rows = 0;
  };

  std::string query_id;
  uint32_t stage = 0;
  uint32_t task = 0;
  uint32_t tasks = 1;
  /// DuckDB's logical plan, serialized. The same for all tasks of a stage.
  std::shared_ptr<const std::string> plan;
  /// By the number that the plan's scans carry; a scan without splits gives no rows.
  std::vector<std::vector<Split>> scans;
  /// By the number that the plan's exchange scans carry.
  std::vector<Input> inputs;
  OutputKind output = OutputKind::kAll;
  uint32_t partitions = 1;
  /// With kHash: gather a KeySummary with a bloom filter of 2^bloom_bits bits; 0: none.
  uint32_t bloom_bits = 0;
  /// The columns of keys whose range is gathered, too.
  std::vector<uint32_t> range_columns;
  /// With kAll: draw so many of the sort keys in the plan's last column; 0: it has none.
  uint32_t sample_keys = 0;
  /// With kRange: the keys between the partitions, which rise; fewer than partitions.
  std::vector<std::string> range_bounds;
  /// With kRange: rows of equal keys go to one partition, however many they are.
  bool ties_together = false;
  /// The session's settings and credentials (fragment/session_state.h). Never logged.
  std::shared_ptr<const std::string> session;
};

/// What a task did.
struct TaskReport {
  uint64_t rows = 0;
  uint64_t bytes = 0;
  std::vector<uint64_t> partition_rows;
  double seconds = 0;
  /// On a disk, because memory did not suffice: the most that the engine's temporary files were
  /// seen to hold while rows were handed on (those of tasks that ran beside it, too), and the rows
  /// themselves, where the exchange put them there.
  uint64_t spilled_bytes = 0;
  KeySummary keys;
  /// Sort keys of rows by chance, as they were asked for.
  std::vector<std::string> key_sample;
  /// How often it was begun.
  uint32_t attempts = 1;
};

/// The blocks of one input, in any order, each to one caller. Thread-safe.
class BlockReader {
 public:
  virtual ~BlockReader() = default;
  /// False at the end.
  virtual Result<bool> Next(Block* block) = 0;
  /// How many blocks there are; decides how many threads read.
  virtual size_t size() const = 0;
};

/// Where a task's inputs come from.
class TaskInputs {
 public:
  virtual ~TaskInputs() = default;
  /// `input`: an index into TaskSpec::inputs. May be called more than once, from any thread.
  virtual Result<std::unique_ptr<BlockReader>> Open(uint32_t input) = 0;

  /// Whether the stage's tasks share the splits of a scan; else TaskSpec::scans has the task's.
  virtual bool shares_splits(uint32_t scan) const {
    (void)scan;
    return false;
  }
  /// The split number `index`, from 0, of those that this task reads of a scan that is shared. It
  /// is the task's from the first time on that it is asked for, but for the rows that others take
  /// of it meanwhile (TakenSplit::rows); null: there are no more. Lives as long as this. From any
  /// thread.
  virtual const TakenSplit* TakeSplit(uint32_t scan, size_t index) {
    (void)scan;
    (void)index;
    return nullptr;
  }
};

/// Where a task's rows go. What was appended counts only when RunTask succeeds.
class TaskOutputs {
 public:
  virtual ~TaskOutputs() = default;
  /// Whether blocks may be handed on without being written to bytes.
  virtual bool takes_rows() const { return false; }
  /// Thread-safe. May block on a disk or a network.
  virtual Status Append(uint32_t partition, Block block) = 0;
};

/// The bytes that carry a task to another process. Plans are code to whoever runs them: only bytes
/// that are known to come from a coordinator of the same build may be decoded.
std::string EncodeTask(const TaskSpec& task);
Result<TaskSpec> DecodeTask(std::string_view bytes);

}  // namespace skein::distributed
