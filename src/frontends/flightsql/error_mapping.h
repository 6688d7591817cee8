#pragma once

#include <arrow/status.h>

#include "common/status.h"

namespace skein::frontends::flightsql {

/// The one place where our errors become Flight's: the code that fits best, and a message that ends
/// in
/// `[SQLSTATE 42P01]`, so that a client that only has the text can still tell errors apart.
arrow::Status ToArrow(const Status& status);

/// For a failure that Arrow itself reported (encoding, a parameter batch that cannot be read).
Status FromArrow(const arrow::Status& status);

/// Returns from a function that returns arrow::Status when `expr` (a skein::Status) is an error.
#define SKEIN_ARROW_RETURN(expr)                                                                 \
  do {                                                                                           \
    if (::skein::Status skein_status = (expr); !skein_status.ok()) return ToArrow(skein_status); \
  } while (false)

#define SKEIN_ARROW_ASSIGN_(tmp, lhs, expr)    \
  auto tmp = (expr);                           \
  if (!tmp.ok()) return ToArrow(tmp.status()); \
  lhs = *std::move(tmp)

/// Assigns the value of `expr` (a skein::Result) to `lhs`, or returns its error as an
/// arrow::Status.
#define SKEIN_ARROW_ASSIGN(lhs, expr) \
  SKEIN_ARROW_ASSIGN_(SKEIN_CONCAT(skein_arrow_, __COUNTER__), lhs, expr)

}  // namespace skein::frontends::flightsql
