#pragma once

#include "duckdb/parser/expression/function_expression.hpp"

#include "engine/postgres_functions/expressions.h"
#include "engine/postgres_functions/names.h"

namespace skein::engine {

/// Functions that PostgreSQL means otherwise than by another name alone; `expression` is the call.

/// substring and substr: positions before the first character count for the length in PostgreSQL,
/// and from the end in DuckDB.
void RewriteSubstring(Expression& expression);
/// EXTRACT is a numeric with the fraction of the seconds, date_part() a double; DuckDB's part is a
/// whole number.
void RewriteDatePart(Expression& expression, bool extract);
/// Whether it says century or millennium, which begin in a year 1; DuckDB's do in a year 0.
bool BeginsWithOne(const duckdb::ParsedExpression& field);
/// generate_series('2024-01-01'::timestamp, '2024-02-01', '1 day'): what is text there is a time of
/// the first one's type and an interval.
void ReadSeriesOfTimes(duckdb::vector<Expression>& arguments);
/// `x = ANY ('{1,2}')` of a constant whose type is x's, which only the binder knows, is x IN ('1',
/// '2'), and `x > ANY` x > '1' OR x > '2': constants there are read as x's type. False for what is
/// something else.
bool ReadAnyOfArray(Expression& expression);
/// `(a, b) < (c, d)` is a < c OR a = c AND b < d: DuckDB compares structs, in which a NULL is
/// larger than everything. `expression` is a comparison.
void CompareRows(Expression& expression);
/// BETWEEN SYMMETRIC, whose limits may stand in either order; `text` is what the client sent. In
/// the tree it is a BETWEEN, or a NOT of one.
void WidenSymmetric(Expression& expression, const std::string& text);
/// `(a, b) IS NULL` asks of each value: DuckDB asks of the struct, which is never NULL.
void TestRowForNull(Expression& expression);
/// DISTINCT values are in their order in PostgreSQL's lists, which sorts to find them.
void OrderDistinct(duckdb::FunctionExpression& function);
/// Whether all arguments of a series are whole numbers in the text that fit integer. Throws when
/// its step, the third, is 0.
bool AreIntegers(const duckdb::vector<Expression>& arguments);
/// An aggregate that is list() of its arguments, given to a function: a macro takes no ORDER BY,
/// FILTER or DISTINCT; list() does.
void RewriteJsonAggregate(Expression& expression, const JsonAggregate& aggregate);
/// LIKE and its kin (`~~`), whose backslash escapes in PostgreSQL. False when `name` is none.
bool RewriteLike(const Expression& expression, const std::string& name);
/// Whether it is a text or an array of which the text says so: behind `-`, keys to take away from
/// json, or a constant of whatever type is subtracted.
bool MayBeKeys(const duckdb::ParsedExpression& expression);
/// generate_series() and regexp_matches() in a select list are rows.
void RewriteRowsInSelectList(Expression& expression, bool series);

}  // namespace skein::engine
