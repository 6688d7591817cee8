#pragma once

#include "results/column_view.h"

namespace skein::results {

/// Chooses, for a column and all that is nested in it, the functions that write values as
/// PostgreSQL prints them. Lists become arrays (`{1,NULL,"a b"}`), structs and maps JSON.
void ChoosePgTextWriters(ColumnPlan* plan);

}  // namespace skein::results
