#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "duckdb/common/types.hpp"
#include "duckdb/common/unique_ptr.hpp"
#include "duckdb/parser/parsed_expression.hpp"

namespace skein::engine {

/// What a text constant that is cast to `type` stands for, where PostgreSQL writes values of that
/// type in another way than DuckDB: '{1,2}' as an array, '\x00ff' as bytes. Nothing when both write
/// it alike. Throws 22P02 for an array that is none.
duckdb::unique_ptr<duckdb::ParsedExpression> PostgresLiteral(const std::string& text,
                                                             const std::string& type);

/// `b'101'` and `x'1F'`, which DuckDB's parser takes for the texts "b101" and "x1F": the bits that
/// the constant stands for, as it begins at `location` of `sql`. Nothing for every other constant.
/// Throws 22P02.
duckdb::unique_ptr<duckdb::ParsedExpression> BitLiteral(const duckdb::ParsedExpression& constant,
                                                        const std::string& sql);

/// Whether `value`, read of a number as it is written, is infinity or zero and the number is not.
bool LosesNumber(std::string_view number, double value);
/// Throws 22003 for a number constant of `sql` that a double precision loses.
void CheckFloating(const duckdb::ParsedExpression& constant, const std::string& sql);

/// The type that holds a number as it is written, with room before the point: DECIMAL(18,2) for
/// "-1.50". Nothing for what is no plain number, or one of more than 38 digits.
struct DecimalSize {
  uint8_t width;
  uint8_t scale;
};
std::optional<DecimalSize> FittingDecimal(const std::string& text);

/// How many dimensions '{{1,2},{3,4}}' has: PostgreSQL writes int[] for any number of them.
size_t ArrayDepth(const std::string& text);

/// Whether the name of a type (as DuckDB's parser has it, in lower case) is that of an array.
inline constexpr char kArrayType[] = "list";

}  // namespace skein::engine
