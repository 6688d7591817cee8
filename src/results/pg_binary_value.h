#pragma once

#include "results/column_view.h"

namespace skein::results {

/// Chooses, for a column and all that is nested in it, the functions that write values as
/// PostgreSQL's send functions do. What is json or text for PostgreSQL is its text there too.
void ChoosePgBinaryWriters(ColumnPlan* plan);

}  // namespace skein::results
