#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <arrow/type_fwd.h>

#include "common/status.h"

namespace skein::frontends::flightsql {

/// The protocol's schema of GetSqlInfo: the number of each fact, and its value as a dense union.
std::shared_ptr<arrow::Schema> SqlInfoSchema();

/// The facts of these numbers (none: all there are); a number that is not known is left out.
Result<std::shared_ptr<arrow::Table>> MakeSqlInfo(const std::vector<uint32_t>& wanted);

}  // namespace skein::frontends::flightsql
