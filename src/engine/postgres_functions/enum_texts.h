#pragma once

#include <functional>

#include "engine/postgres_functions/expressions.h"

namespace duckdb {
class ClientContext;
}

namespace skein::engine {

/// A text constant beside an enum is one of its labels in PostgreSQL, in the order of the type;
/// DuckDB compares both as texts. Where `expression` compares a constant with a column or a cast,
/// by an operator, IN or BETWEEN, the constant is given to a function that the binder resolves by
/// the other's type. Nothing happens while `has_enums` says that there are none.
void CompareAsEnums(Expression& expression, const std::function<bool()>& has_enums);

/// Whether somebody made an enum in the current or the temporary database. Known for as long as
/// their catalogues stay as they are; false in a failed transaction. Used by the connection's
/// thread, while nothing runs on it.
bool HasEnums(duckdb::ClientContext& context);

}  // namespace skein::engine
