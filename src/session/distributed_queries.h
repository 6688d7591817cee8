#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/cancellation.h"
#include "common/status.h"
#include "engine/connection.h"

namespace skein::session {

/// Runs a query over several engines when that is worth it; the session asks for each read-only
/// query and each COPY of the server's. Thread-safe.
class DistributedQueries {
 public:
  virtual ~DistributedQueries() = default;

  /// Nothing: the query is not cut, run it on the session's own engine. An error of a query that
  /// was cut is the query's.
  virtual Result<std::optional<engine::Outcome>> TryExecute(
      engine::Connection& connection, engine::Prepared& prepared,
      const std::vector<engine::BoundValue>& parameters, std::shared_ptr<CancelToken> cancel) = 0;

  struct ExplainOptions {
    bool analyze = false;  ///< runs the query, too; its rows are counted
    bool json = false;
  };
  /// How a query would be cut, whether or not the session's settings would have it cut, or why it
  /// cannot be.
  virtual Result<std::string> Explain(engine::Connection& connection, engine::Prepared& prepared,
                                      const std::vector<engine::BoundValue>& parameters,
                                      ExplainOptions options,
                                      std::shared_ptr<CancelToken> cancel) = 0;
};

}  // namespace skein::session
