#pragma once

#include <cstdint>

#include "distributed/worker.h"

namespace skein::distributed {

/// A worker that may take more memory for as long as this lives: what its neighbours, who rest,
/// would have had. `usual` of 0: it has no limit of its own, and this does nothing.
class MemoryLoan {
 public:
  MemoryLoan(Worker& worker, uint64_t more, uint64_t usual) : worker_(worker), usual_(usual) {
    if (usual_ > 0) (void)worker_.SetMemoryLimit(more);
  }
  ~MemoryLoan() {
    if (usual_ > 0) (void)worker_.SetMemoryLimit(usual_);
  }
  MemoryLoan(const MemoryLoan&) = delete;
  MemoryLoan& operator=(const MemoryLoan&) = delete;

 private:
  Worker& worker_;
  const uint64_t usual_;
};

}  // namespace skein::distributed
