#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/cancellation.h"
#include "common/status.h"
#include "engine/connection.h"
#include "session/distributed_queries.h"

namespace skein::session {

/// What a DistributedQueries may be, too: it tells EXPLAIN that does not ask how a query is cut
/// whether it is. Thread-safe.
class DistributedExplain {
 public:
  virtual ~DistributedExplain() = default;

  struct Verdict {
    /// TryExecute would have the query cut.
    bool cut = false;
    /// With `analyze` of one that is cut: its stages, as from DistributedQueries::Explain; else how
    /// it would be cut, or why not, in a line.
    std::string text;
  };
  virtual Result<Verdict> ExplainAsRun(engine::Connection& connection, engine::Prepared& prepared,
                                       const std::vector<engine::BoundValue>& parameters,
                                       DistributedQueries::ExplainOptions options,
                                       std::shared_ptr<CancelToken> cancel) = 0;
};

}  // namespace skein::session
