#pragma once

#include <memory>

#include "duckdb/main/client_config.hpp"

#include "engine/arrow_batch_builder.h"
#include "engine/batch_queue.h"

namespace skein::engine {

/// The last operator of a query whose rows go to a client: each of the engine's threads turns its
/// rows into Arrow batches and pushes them into `queue`, and waits (without holding a thread) when
/// the reader is slow. Takes the place of DuckDB's own result collectors, which make one thread
/// convert everything and do not count the bytes of long strings.
///
/// A pipeline that runs on the reader's own thread stops after each batch, so that the reader gets
/// it and others may carry on with the work.
duckdb::get_result_collector_t ArrowCollector(std::shared_ptr<const ArrowShape> shape,
                                              std::shared_ptr<BatchQueue> queue);

}  // namespace skein::engine
