#pragma once

#include <string>
#include <vector>

#include "duckdb/main/client_context.hpp"
#include "duckdb/planner/operator/logical_get.hpp"

#include "distributed/task.h"

namespace skein::distributed {

/// One CSV or JSON file in ranges of bytes (fragment/text_range.h).
struct TextSplit {
  /// Why it is not split so; then nothing else holds.
  std::string why_not;
  std::vector<Split> splits;
  uint64_t bytes = 0;
  uint64_t rows = 0;
  /// Of read_csv for any of them: what was found out about the file, nothing is left to detect.
  /// Empty of a JSON file: tasks find out about it as the session's engine did, from its beginning.
  duckdb::named_parameter_map_t options;
};

/// Of a scan of one file, for which ReadsText holds. Looks at the file's beginning. Whether each
/// line is a record further below, too, is found out by the tasks: where one is not they fail, and
/// the query has to be planned again without this.
TextSplit SplitTextFile(duckdb::ClientContext& context, const duckdb::LogicalGet& get,
                        uint32_t tasks);

}  // namespace skein::distributed
