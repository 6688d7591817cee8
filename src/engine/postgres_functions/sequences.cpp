// nextval() as DuckDB has it, and what PostgreSQL's sessions remember of it.

#include "engine/postgres_functions/sequences.h"

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry/sequence_catalog_entry.hpp"
#include "duckdb/function/scalar/sequence_utils.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/planner/expression/bound_function_expression.hpp"

#include "engine/postgres_functions/registrar.h"

namespace skein::engine {
namespace {

constexpr const char* kNotYet = "55000";

/// The sequence that the call names; null when it names NULL.
duckdb::optional_ptr<duckdb::SequenceCatalogEntry> SequenceOf(duckdb::ExpressionState& state) {
  const auto& data = state.expr.Cast<duckdb::BoundFunctionExpression>().bind_info;
  if (!data) return nullptr;
  return &data->Cast<duckdb::NextvalBindData>().sequence;
}

duckdb::scalar_function_t Noting(duckdb::scalar_function_t next) {
  return [next = std::move(next)](duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                                  duckdb::Vector& result) {
    next(arguments, state, result);
    auto sequence = SequenceOf(state);
    if (!sequence || arguments.size() == 0) return;
    auto last = result.GetValue(arguments.size() - 1);
    if (!last.IsNull())
      SequenceValues::Of(state.GetContext()).Took(*sequence, last.GetValue<int64_t>());
  };
}

void ReturnNumber(duckdb::Vector& result, std::optional<int64_t> number) {
  result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
  if (number) {
    *duckdb::ConstantVector::GetData<int64_t>(result) = *number;
  } else {
    duckdb::ConstantVector::SetNull(result, true);
  }
}

void CurrentValue(duckdb::DataChunk&, duckdb::ExpressionState& state, duckdb::Vector& result) {
  auto sequence = SequenceOf(state);
  if (!sequence) return ReturnNumber(result, std::nullopt);
  auto value = SequenceValues::Of(state.GetContext()).Current(*sequence);
  if (!value) {
    ThrowSql(kNotYet,
             "currval of sequence \"" + sequence->name + "\" is not yet defined in this session",
             "Call nextval first.");
  }
  ReturnNumber(result, value);
}

void LastValue(duckdb::DataChunk&, duckdb::ExpressionState& state, duckdb::Vector& result) {
  auto value = SequenceValues::Of(state.GetContext()).Last();
  if (!value)
    ThrowSql(kNotYet, "lastval is not yet defined in this session", "Call nextval first.");
  ReturnNumber(result, value);
}

}  // namespace

SequenceValues& SequenceValues::Of(duckdb::ClientContext& context) {
  return *context.registered_state->GetOrCreate<SequenceValues>("skein_sequence_values");
}

SequenceValues::Key SequenceValues::KeyOf(const duckdb::SequenceCatalogEntry& sequence) {
  return {sequence.catalog.GetOid(), sequence.oid};
}

void SequenceValues::Took(const duckdb::SequenceCatalogEntry& sequence, int64_t value) {
  std::lock_guard lock(mu_);
  last_ = KeyOf(sequence);
  values_[*last_] = value;
}

void SequenceValues::Set(const duckdb::SequenceCatalogEntry& sequence, int64_t value) {
  std::lock_guard lock(mu_);
  values_[KeyOf(sequence)] = value;
}

std::optional<int64_t> SequenceValues::Current(const duckdb::SequenceCatalogEntry& sequence) const {
  std::lock_guard lock(mu_);
  auto found = values_.find(KeyOf(sequence));
  if (found == values_.end()) return std::nullopt;
  return found->second;
}

std::optional<int64_t> SequenceValues::Last() const {
  std::lock_guard lock(mu_);
  if (!last_) return std::nullopt;
  return values_.at(*last_);
}

void RegisterSequences(FunctionRegistrar& registrar) {
  using duckdb::LogicalType;
  registrar.Change("nextval", [](duckdb::ScalarFunction& function) {
    function.SetFunctionCallback(Noting(function.GetFunctionCallback()));
  });
  auto current = registrar.Existing("currval", {LogicalType::VARCHAR});
  current.SetFunctionCallback(CurrentValue);
  registrar.AddPgScalar("currval", {current});
  auto last = Fallible({}, LogicalType::BIGINT, LastValue);
  last.SetVolatile();
  registrar.AddScalar("lastval", {last});
}

}  // namespace skein::engine
