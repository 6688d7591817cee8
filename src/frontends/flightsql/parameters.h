#pragma once

#include <memory>
#include <string>
#include <vector>

#include <arrow/type_fwd.h>

#include "common/status.h"
#include "frontends/flightsql/conversation.h"

namespace skein::frontends::flightsql {

/// What a client that binds rows may send to be kept for one statement.
inline constexpr size_t kMaxBoundRows = 1'000'000;

/// The parameters' schema: fields "$1", "$2", ... with the Arrow type a client should bind.
std::shared_ptr<arrow::Schema> ParameterSchema(const session::Prepared& prepared);

/// 42P02 when it has parameters, for who runs it without any.
Status CheckNoParameters(const session::Prepared& prepared);

/// Row `row` of a bound batch.
Result<ParameterRow> RowOf(const arrow::RecordBatch& batch, int64_t row);

/// The types to prepare `prepared` with again, now that the types of the bound values are known:
/// where the statement left it open it took text, and where it wanted a whole number a fraction
/// would be rounded. None: nothing to do. `loses_digits` says whether it was for the latter.
std::vector<std::string> BetterTypes(const session::Prepared& prepared, const arrow::Schema& bound,
                                     bool* loses_digits);

}  // namespace skein::frontends::flightsql
