#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace skein::frontends::flightsql {

/// How results are cut and kept.
struct ResultOptions {
  std::chrono::milliseconds ticket_timeout{std::chrono::minutes(10)};
  /// Endpoints of a large result, unless its client asks for another number.
  size_t endpoints = 4;
  /// A result that is expected to be larger gets another endpoint for each such piece.
  int64_t endpoint_bytes = int64_t{64} << 20;
  int64_t spool_memory = int64_t{64} << 20;
  int64_t spool_disk = int64_t{10} << 30;
};

}  // namespace skein::frontends::flightsql
