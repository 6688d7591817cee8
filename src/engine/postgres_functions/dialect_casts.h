#pragma once

#include <string>

#include "duckdb/parser/expression/cast_expression.hpp"

#include "engine/postgres_functions/expressions.h"

namespace skein::engine {

/// Casts as PostgreSQL reads them; `expression` is a cast.

/// A text constant under the cast becomes what PostgreSQL reads in it ('{1,2}', '\\x00ff').
void ReadLiteral(const Expression& expression);
/// numeric without precision holds what is written, 1.23456 and '0.00001': DuckDB's would be
/// DECIMAL(18,3) and round it.
void FitNumeric(duckdb::CastExpression& cast);
/// numeric without precision, in what the tree says of a column or of an array's elements: the
/// widest DECIMAL with kOpenScale digits behind the point.
void WidenNumeric(duckdb::LogicalType& type);
/// The same for a cast: a whole number and a decimal keep the digits they have.
void CastToNumeric(Expression& expression);
/// DuckDB's parser takes oid for bigint, and drivers choose by the number of a parameter's type how
/// they send it: what is written x::oid or x::oid[] in `text` is that.
void KeepOid(duckdb::CastExpression& cast, const std::string& text);
/// A cast of what may be an array to text: only the binder knows whether it is one.
void CastToText(Expression& expression);
/// A cast to varchar(n) cuts; DuckDB's lets the text be.
void CutText(Expression& expression);

}  // namespace skein::engine
