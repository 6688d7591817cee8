#pragma once

#include "common/status.h"

namespace duckdb {
class ErrorData;
}

namespace skein::engine {

/// DuckDB's error as ours: SQLSTATE by class and subtype, the raw message without the "LINE 1:"
/// picture (the position says the same), hints split off.
Status FromDuckdb(const duckdb::ErrorData& error);

/// For catch blocks: rethrows and converts the exception being handled.
Status FromCurrentException();

}  // namespace skein::engine
