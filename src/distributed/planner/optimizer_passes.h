#pragma once

#include "distributed/fragment/fragment_plan.h"

namespace duckdb {
class Binder;
}

namespace skein::distributed {

/// DuckDB's optimizer without what does not survive a cut, pass by pass: which passes run is a
/// setting of the whole instance otherwise. Left out:
/// - late materialization (joins a scan with itself by file and row number: after a cut the two
///   scans read different files) and the row group pruner (offsets by all row groups);
/// - the elimination of windows that keep the first rows of each group: it asks for statistics, and
///   may join a scan with itself, too;
/// - top-n, filters from join sides, statistics and compressed materialization: what they find is
///   not serialized or is in the way of a cut, so every task does them again (OptimizeFragment);
/// - sampling pushdown: samples are not cut.
Plan OptimizeForCut(duckdb::ClientContext& context, duckdb::Binder& binder, Plan plan);

}  // namespace skein::distributed
