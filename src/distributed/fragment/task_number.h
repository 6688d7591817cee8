#pragma once

#include "duckdb/function/scalar_function.hpp"

namespace skein::distributed {

inline constexpr const char* kTaskNumberName = "skein_task_number";

/// The number of the task that asks, of its stage: what rows of one task are told by from those of
/// another.
duckdb::ScalarFunction TaskNumberFunction();

}  // namespace skein::distributed
