#pragma once

#include <memory>
#include <string>

#include "common/status.h"
#include "results/batch_stream.h"

namespace skein::results {

/// Reads `stream` to its end and keeps what it gave: the first kSpoolMemory bytes in memory, the
/// rest in a file of `directory` (Arrow IPC, unlinked at once, so that it goes with the process
/// whatever happens). The answer is a stream of the same batches. An error of the source comes at
/// the place where it happened.
inline constexpr size_t kSpoolMemory = size_t{16} << 20;

Result<std::unique_ptr<BatchStream>> Spool(std::unique_ptr<BatchStream> stream,
                                           const std::string& directory);

}  // namespace skein::results
