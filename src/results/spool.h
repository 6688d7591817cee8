#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "common/status.h"
#include "results/batch_stream.h"

namespace skein::results {

inline constexpr int64_t kSpoolMemory = int64_t{16} << 20;

/// Reads `stream` to its end and keeps what it gave: the first kSpoolMemory bytes in memory, the
/// rest in a file of `directory` (BatchStore). The answer is a stream of the same batches. An error
/// of the source comes at the place where it happened; what is more than `max_bytes` ends the
/// source, and is an error (53400) at that place.
Result<std::unique_ptr<BatchStream>> Spool(std::unique_ptr<BatchStream> stream,
                                           const std::string& directory, int64_t max_bytes);

}  // namespace skein::results
