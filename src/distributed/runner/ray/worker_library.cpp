#include "distributed/runner/ray/worker_library.h"

#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "distributed/runner/memory_loan.h"
#include "distributed/runner/ray/messages.h"
#include "distributed/worker.h"

using namespace skein;
using namespace skein::distributed;

struct SkeinResult {
  std::string answer;
  std::vector<std::vector<Block>> partitions;
};

struct SkeinWorker {
  std::unique_ptr<Worker> worker;
  uint64_t memory = 0;  // in bytes; 0: no limit of its own
  std::mutex mu;
  std::map<std::string, std::shared_ptr<CancelToken>> running;  // guarded by mu
  std::deque<std::string> cancelled_early;                      // guarded by mu
};

namespace {

/// A cancel can overtake the task that it is meant for; more names than this are never under way.
constexpr size_t kCancelledEarly = 1024;

class GivenBlocks : public BlockReader {
 public:
  explicit GivenBlocks(const std::vector<Block>* blocks) : blocks_(blocks) {}
  Result<bool> Next(Block* block) override {
    size_t index = next_.fetch_add(1);
    if (index >= blocks_->size()) return false;
    *block = (*blocks_)[index];
    return true;
  }
  size_t size() const override { return blocks_->size(); }

 private:
  const std::vector<Block>* blocks_;
  std::atomic<size_t> next_{0};
};

class GivenInputs : public TaskInputs {
 public:
  explicit GivenInputs(std::vector<std::vector<Block>> inputs) : inputs_(std::move(inputs)) {}
  Result<std::unique_ptr<BlockReader>> Open(uint32_t input) override {
    if (input >= inputs_.size()) return errors::Internal("the task has no such input");
    return std::unique_ptr<BlockReader>(std::make_unique<GivenBlocks>(&inputs_[input]));
  }

 private:
  const std::vector<std::vector<Block>> inputs_;
};

class KeptOutputs : public TaskOutputs {
 public:
  explicit KeptOutputs(std::vector<std::vector<Block>>* partitions) : partitions_(partitions) {}
  Status Append(uint32_t partition, Block block) override {
    std::lock_guard lock(mu_);
    partitions_->at(partition).push_back(std::move(block));
    return Status::OK();
  }

 private:
  std::mutex mu_;
  std::vector<std::vector<Block>>* partitions_;  // guarded by mu_
};

SkeinResult* Answer(ray::TaskAnswer answer, std::vector<std::vector<Block>> partitions) {
  for (const auto& blocks : partitions)
    answer.add_partition_blocks(static_cast<uint32_t>(blocks.size()));
  auto result = std::make_unique<SkeinResult>();
  result->answer = answer.SerializeAsString();
  result->partitions = std::move(partitions);
  return result.release();
}

SkeinResult* Failure(const Status& status) {
  ray::TaskAnswer answer;
  *answer.mutable_error() = ray::ToMessage(status);
  return Answer(std::move(answer), {});
}

Status Cancelled() { return errors::Cancelled("canceling statement due to user request"); }

}  // namespace

const char* skein_build_identity(void) {
  static const std::string identity = Worker::BuildIdentity();
  return identity.c_str();
}

SkeinWorker* skein_open(const char* options, size_t options_size, SkeinResult** result) {
  *result = nullptr;
  ray::EngineOptions message;
  if (!message.ParseFromArray(options, static_cast<int>(options_size))) {
    *result = Failure(errors::ProtocolViolation("the bytes are no engine options"));
    return nullptr;
  }
  auto worker = Worker::Open(ray::FromMessage(message));
  if (!worker.ok()) {
    *result = Failure(worker.status());
    return nullptr;
  }
  auto opened = std::make_unique<SkeinWorker>();
  opened->worker = *std::move(worker);
  opened->memory = message.memory_limit_bytes();
  return opened.release();
}

void skein_close(SkeinWorker* worker) { delete worker; }

SkeinResult* skein_run(SkeinWorker* worker, const char* attempt, const char* task, size_t task_size,
                       const uint64_t* input_rows, const uint64_t* input_blocks, size_t inputs,
                       const uint64_t* block_addresses, const uint64_t* block_sizes,
                       uint64_t shares) {
  auto spec = DecodeTask({task, task_size});
  if (!spec.ok()) return Failure(spec.status());
  if (spec->inputs.size() != inputs)
    return Failure(errors::ProtocolViolation("the task has another number of inputs than given"));
  std::vector<std::vector<Block>> given(inputs);
  // The caller keeps the bytes.
  const std::shared_ptr<const void> owner(&given, [](const void*) {});
  for (size_t i = 0, next = 0; i < inputs; ++i) {
    spec->inputs[i].rows = input_rows[i];
    for (uint64_t n = 0; n < input_blocks[i]; ++n, ++next) {
      given[i].push_back(
          {owner, reinterpret_cast<const char*>(block_addresses[next]), block_sizes[next], 0});
    }
  }
  auto cancel = std::make_shared<CancelToken>();
  {
    std::lock_guard lock(worker->mu);
    for (const std::string& early : worker->cancelled_early) {
      if (early == attempt) return Failure(Cancelled());
    }
    worker->running[attempt] = cancel;
  }
  std::vector<std::vector<Block>> partitions(spec->partitions);
  GivenInputs task_inputs(std::move(given));
  KeptOutputs task_outputs(&partitions);
  std::optional<MemoryLoan> more;
  if (shares > 1) more.emplace(*worker->worker, worker->memory * shares, worker->memory);
  auto report = worker->worker->RunTask(*spec, task_inputs, task_outputs, cancel);
  {
    std::lock_guard lock(worker->mu);
    worker->running.erase(attempt);
  }
  if (!report.ok()) return Failure(report.status());
  ray::TaskAnswer answer;
  *answer.mutable_report() = ray::ToMessage(*report);
  return Answer(std::move(answer), std::move(partitions));
}

void skein_cancel(SkeinWorker* worker, const char* attempt) {
  std::shared_ptr<CancelToken> cancel;
  {
    std::lock_guard lock(worker->mu);
    auto found = worker->running.find(attempt);
    if (found != worker->running.end()) {
      cancel = found->second;
    } else {
      worker->cancelled_early.emplace_back(attempt);
      if (worker->cancelled_early.size() > kCancelledEarly) worker->cancelled_early.pop_front();
    }
  }
  if (cancel) cancel->Cancel(Cancelled());
}

const char* skein_answer(const SkeinResult* result, size_t* size) {
  *size = result->answer.size();
  return result->answer.data();
}

void skein_blocks(const SkeinResult* result, uint64_t* addresses, uint64_t* sizes) {
  for (const auto& blocks : result->partitions) {
    for (const Block& block : blocks) {
      *addresses++ = reinterpret_cast<uint64_t>(block.data);
      *sizes++ = block.size;
    }
  }
}

void skein_free(SkeinResult* result) { delete result; }
