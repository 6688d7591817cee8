#include <algorithm>
#include <cstring>
#include <limits>

#include "distributed/task.h"
#include "task.pb.h"

namespace skein::distributed {
namespace {

/// No cluster has more; it bounds what is allocated for partitions.
constexpr uint32_t kMaxPartitions = 65536;
constexpr uint32_t kMaxBloomBits = 26;
constexpr uint32_t kMaxSample = 65536;

Status Malformed(const std::string& what) {
  return errors::ProtocolViolation("the bytes are no task: " + what);
}

}  // namespace

void KeySummary::Add(const KeySummary& other) {
  if (bloom.size() != other.bloom.size()) {
    bloom.clear();
  } else {
    // By words: a filter may have a megabyte, and nothing of the query runs meanwhile.
    size_t i = 0;
    for (uint64_t word = 0, more = 0; i + sizeof(word) <= bloom.size(); i += sizeof(word)) {
      std::memcpy(&word, bloom.data() + i, sizeof(word));
      std::memcpy(&more, other.bloom.data() + i, sizeof(more));
      word |= more;
      std::memcpy(bloom.data() + i, &word, sizeof(word));
    }
    for (; i < bloom.size(); ++i) bloom[i] = static_cast<char>(bloom[i] | other.bloom[i]);
  }
  ranges.resize(std::min(ranges.size(), other.ranges.size()));
  for (size_t i = 0; i < ranges.size(); ++i) {
    const Range& more = other.ranges[i];
    if (!more.known) continue;
    if (!ranges[i].known) {
      ranges[i] = more;
    } else {
      ranges[i].least = std::min(ranges[i].least, more.least);
      ranges[i].greatest = std::max(ranges[i].greatest, more.greatest);
    }
  }
}

std::string EncodeTask(const TaskSpec& task) {
  messages::Task message;
  message.set_query_id(task.query_id);
  message.set_stage(task.stage);
  message.set_task(task.task);
  message.set_tasks(task.tasks);
  if (task.plan) message.set_plan(*task.plan);
  for (const auto& splits : task.scans) {
    auto* scan = message.add_scans();
    for (const Split& split : splits) {
      auto* added = scan->add_splits();
      added->set_path(split.path);
      added->set_first_row(split.first_row);
      added->set_end_row(split.end_row);
      added->set_bytes(split.bytes);
      added->set_properties(split.properties);
    }
  }
  for (const TaskSpec::Input& input : task.inputs) {
    auto* added = message.add_inputs();
    added->set_stage(input.stage);
    added->set_mode(static_cast<uint32_t>(input.mode));
    added->set_rows(input.rows);
    added->set_part(input.part);
  }
  message.set_output(static_cast<uint32_t>(task.output));
  message.set_partitions(task.partitions);
  message.set_bloom_bits(task.bloom_bits);
  for (uint32_t column : task.range_columns) message.add_range_columns(column);
  message.set_sample_keys(task.sample_keys);
  for (const std::string& bound : task.range_bounds) message.add_range_bounds(bound);
  message.set_ties_together(task.ties_together);
  if (task.session) message.set_session(*task.session);
  return message.SerializeAsString();
}

Result<TaskSpec> DecodeTask(std::string_view bytes) {
  messages::Task message;
  if (bytes.size() > static_cast<size_t>(std::numeric_limits<int>::max()) ||
      !message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Malformed("they cannot be parsed");
  }
  if (message.tasks() == 0 || message.task() >= message.tasks() || message.tasks() > kMaxPartitions)
    return Malformed("its number is not below the count of tasks");
  if (message.partitions() == 0 || message.partitions() > kMaxPartitions)
    return Malformed("the number of its partitions is not from 1 to 65536");
  if (message.output() > static_cast<uint32_t>(OutputKind::kRange))
    return Malformed("its output is of no known kind");
  const auto output = static_cast<OutputKind>(message.output());
  if (output != OutputKind::kHash && output != OutputKind::kRange && message.partitions() != 1)
    return Malformed("an output that is not divided has one partition");
  TaskSpec task;
  task.query_id = message.query_id();
  task.stage = message.stage();
  task.task = message.task();
  task.tasks = message.tasks();
  task.plan = std::make_shared<const std::string>(std::move(*message.mutable_plan()));
  for (const auto& scan : message.scans()) {
    auto& splits = task.scans.emplace_back();
    for (const auto& from : scan.splits()) {
      if (from.end_row() > Split::kToTheEnd || from.first_row() > from.end_row())
        return Malformed("a range of rows ends before it begins");
      splits.push_back(
          {from.path(), from.first_row(), from.end_row(), from.bytes(), from.properties()});
    }
  }
  for (const auto& from : message.inputs()) {
    if (from.mode() > static_cast<uint32_t>(ReadMode::kEvery))
      return Malformed("an input is read in no known way");
    task.inputs.push_back(
        {from.stage(), static_cast<ReadMode>(from.mode()), from.part(), from.rows()});
  }
  task.output = output;
  task.partitions = message.partitions();
  if (message.bloom_bits() > kMaxBloomBits)
    return Malformed("its bloom filter has more than 2^26 bits");
  task.bloom_bits = message.bloom_bits();
  task.range_columns.assign(message.range_columns().begin(), message.range_columns().end());
  if (message.sample_keys() > kMaxSample) return Malformed("it draws more than 65536 keys");
  task.sample_keys = message.sample_keys();
  task.range_bounds.assign(message.range_bounds().begin(), message.range_bounds().end());
  if (task.range_bounds.size() >= task.partitions)
    return Malformed("it has more ranges than partitions");
  if (!std::is_sorted(task.range_bounds.begin(), task.range_bounds.end()))
    return Malformed("the bounds of its ranges do not rise");
  task.ties_together = message.ties_together();
  task.session = std::make_shared<const std::string>(std::move(*message.mutable_session()));
  return task;
}

}  // namespace skein::distributed
