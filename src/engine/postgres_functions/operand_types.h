#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "duckdb/common/types.hpp"
#include "duckdb/parser/sql_statement.hpp"

#include "engine/postgres_functions/expressions.h"

namespace duckdb {
class ClientContext;
class Expression;
}  // namespace duckdb

namespace skein::engine {

/// The parameters without a type that are operands, in a copy of the statement where a function
/// that tells their types (RegisterOperandTypes) stands for each such operator. What PostgreSQL
/// takes them for follows from the other operand: `a - $1` of an integer is one, of a date a date,
/// `interval * $1` takes a double, `x = ANY ($1)` an array of x's type. The binder by itself knows
/// comparisons only; and there `price > $1` would round 1.005 to the column's scale.
struct OpenOperands {
  duckdb::unique_ptr<duckdb::SQLStatement> marked;
  /// Numbers of parameters, from 1.
  std::vector<size_t> of_operators;
  std::vector<size_t> of_comparisons;
};

/// `types` has the types of $1, $2, ... as far as they were declared; INVALID and missing are not.
OpenOperands FindOpenOperands(const duckdb::SQLStatement& statement,
                              const std::vector<duckdb::LogicalType>& types);

/// Binds the marked copy, and puts into `types` what it says of these operands; of those that are
/// compared, of numerics only. What cannot be bound yet stays without a type.
void InferOperandTypes(duckdb::ClientContext& context, OpenOperands open,
                       std::vector<duckdb::LogicalType>& types);

/// A constant of text beside an arithmetic operator is read as PostgreSQL reads it: `n + '2'` of an
/// integer is a sum of integers. MarkLiteralOperand makes a call of what the binder asks this, of a
/// call of such an operator; everything else it leaves.
void MarkLiteralOperand(Expression& expression);
/// Changes `operand` when it is such a constant and `other` says its type; `left` when it stands
/// before it. Throws 22P02.
void ReadLiteralOperand(duckdb::ClientContext& context,
                        duckdb::unique_ptr<duckdb::Expression>& operand,
                        const duckdb::Expression& other, const std::string& op, bool left);

/// A number that is compared with, or added to, one of `type`: any digits behind the point where
/// that has room for them, else `type`.
duckdb::LogicalType NumberBeside(const duckdb::LogicalType& type);

}  // namespace skein::engine
