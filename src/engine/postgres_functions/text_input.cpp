#include "engine/postgres_functions/text_input.h"

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "duckdb/common/exception.hpp"
#include "duckdb/common/operator/cast_operators.hpp"
#include "duckdb/common/types/vector.hpp"
#include "duckdb/function/cast/cast_function_set.hpp"
#include "duckdb/function/cast/default_casts.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/config.hpp"
#include "duckdb/main/database.hpp"
#include "duckdb/optimizer/optimizer_extension.hpp"
#include "duckdb/planner/expression/bound_cast_expression.hpp"
#include "duckdb/planner/logical_operator_visitor.hpp"
#include <fmt/format.h>

#include "engine/postgres_functions/literals.h"
#include "engine/session_dialect.h"
#include "results/pg_input.h"
#include "results/time_text.h"

namespace skein::engine {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Vector;

Status Read(std::string_view text, Vector& result, duckdb::string_t* value) {
  std::string bytes;
  SKEIN_RETURN_IF_ERROR(results::ParsePgBytea(text, &bytes));
  *value = duckdb::StringVector::AddStringOrBlob(result, bytes);
  return Status::OK();
}
Status Read(std::string_view text, Vector&, duckdb::date_t* value) {
  return results::ParsePgDate(text, &value->days);
}
Status Read(std::string_view text, Vector&, duckdb::dtime_t* value) {
  return results::ParsePgTime(text, &value->micros);
}
Status Read(std::string_view text, Vector&, duckdb::timestamp_t* value) {
  return results::ParsePgTimestamp(text, &value->value);
}
Status Read(std::string_view text, Vector&, duckdb::interval_t* value) {
  results::PgInterval interval;
  SKEIN_RETURN_IF_ERROR(results::ParsePgInterval(text, &interval));
  *value = {interval.months, interval.days, interval.micros};
  return Status::OK();
}

/// Infinity that no one wrote, and zero of a number that is none.
template <typename T>
Status ReadFloating(std::string_view text, const char* type, T* value) {
  if (!duckdb::TryCast::Operation<duckdb::string_t, T>(
          duckdb::string_t(text.data(), static_cast<uint32_t>(text.size())), *value, false)) {
    return Status(StatusCode::kInvalidArgument, "22P02",
                  fmt::format("invalid input syntax for type {}: \"{}\"", type, text));
  }
  if (LosesNumber(text, *value)) {
    return Status(StatusCode::kInvalidArgument, "22003",
                  fmt::format("\"{}\" is out of range for type {}", text, type));
  }
  return Status::OK();
}
Status Read(std::string_view text, Vector&, double* value) {
  return ReadFloating(text, "double precision", value);
}
Status Read(std::string_view text, Vector&, float* value) {
  return ReadFloating(text, "real", value);
}

[[noreturn]] void Throw(const Status& status, const duckdb::CastParameters& parameters) {
  std::unordered_map<std::string, std::string> extra{{"sqlstate", status.sqlstate()}};
  if (parameters.query_location.IsValid())
    extra["position"] = std::to_string(parameters.query_location.GetIndex());
  throw duckdb::Exception(extra, duckdb::ExceptionType::INVALID_INPUT, status.message());
}

/// `read(text, &value)` for each that is not NULL.
template <typename T, typename Reader>
bool ReadAll(Vector& source, Vector& result, duckdb::idx_t count,
             duckdb::CastParameters& parameters, Reader read) {
  const bool constant = source.GetVectorType() == duckdb::VectorType::CONSTANT_VECTOR;
  if (constant) count = 1;
  duckdb::UnifiedVectorFormat texts;
  source.ToUnifiedFormat(count, texts);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* values = duckdb::FlatVector::GetData<T>(result);
  auto& validity = duckdb::FlatVector::Validity(result);
  bool all = true;
  for (duckdb::idx_t row = 0; row < count; ++row) {
    const auto at = texts.sel->get_index(row);
    if (!texts.validity.RowIsValid(at)) {
      validity.SetInvalid(row);
      continue;
    }
    const auto& text = duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(texts)[at];
    Status status = read(std::string_view(text.GetData(), text.GetSize()), &values[row]);
    if (status.ok()) continue;
    // Only TRY_CAST has a place for the error.
    if (!parameters.error_message) Throw(status, parameters);
    if (parameters.error_message->empty()) *parameters.error_message = status.message();
    validity.SetInvalid(row);
    all = false;
  }
  if (constant) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
  return all;
}

template <typename T>
bool FromText(Vector& source, Vector& result, duckdb::idx_t count,
              duckdb::CastParameters& parameters) {
  return ReadAll<T>(source, result, count, parameters,
                    [&](std::string_view text, T* value) { return Read(text, result, value); });
}

struct ZoneData : duckdb::BoundCastData {
  explicit ZoneData(results::TimeZone known) : zone(std::move(known)) {}
  results::TimeZone zone;
  duckdb::unique_ptr<duckdb::BoundCastData> Copy() const override {
    return duckdb::make_uniq<ZoneData>(zone);
  }
};

bool InstantFromText(Vector& source, Vector& result, duckdb::idx_t count,
                     duckdb::CastParameters& parameters) {
  const auto& zone = parameters.cast_data->Cast<ZoneData>().zone;
  return ReadAll<int64_t>(source, result, count, parameters,
                          [&](std::string_view text, int64_t* value) {
                            return results::ParsePgTimestampTz(text, zone, value);
                          });
}

/// ICU's cast of text to a timestamp with time zone, which wants seconds before an offset, cannot
/// be registered anew: it is replaced where it stands in a plan.
class InstantReader : public duckdb::LogicalOperatorVisitor {
 public:
  explicit InstantReader(duckdb::ClientContext& context) : context_(context) {}

 protected:
  duckdb::unique_ptr<duckdb::Expression> VisitReplace(
      duckdb::BoundCastExpression& cast, duckdb::unique_ptr<duckdb::Expression>*) override {
    VisitExpressionChildren(cast);
    if (cast.return_type.id() == LogicalTypeId::TIMESTAMP_TZ &&
        cast.child->return_type.id() == LogicalTypeId::VARCHAR && Zone()) {
      cast.bound_cast =
          duckdb::BoundCastInfo(InstantFromText, duckdb::make_uniq<ZoneData>(*Zone()));
    }
    return nullptr;
  }

 private:
  /// The session's.
  const results::TimeZone* Zone() {
    duckdb::Value name;
    if (!zone_ && context_.TryGetCurrentSetting("TimeZone", name)) {
      auto loaded = results::TimeZone::Load(name.ToString());
      if (loaded.ok()) zone_ = std::move(*loaded);
    }
    return zone_ ? &*zone_ : nullptr;
  }

  duckdb::ClientContext& context_;
  std::optional<results::TimeZone> zone_;
};

void ReadInstants(duckdb::OptimizerExtensionInput& input,
                  duckdb::unique_ptr<duckdb::LogicalOperator>& plan) {
  if (DialectOf(input.context) == Dialect::kPostgres)
    InstantReader(input.context).VisitOperator(*plan);
}

template <typename T>
duckdb::BoundCastInfo Bind(duckdb::BindCastInput& input, const LogicalType& source,
                           const LogicalType& target) {
  if (input.context && DialectOf(*input.context) == Dialect::kPostgres)
    return duckdb::BoundCastInfo(FromText<T>);
  return duckdb::DefaultCasts::GetDefaultCastFunction(input, source, target);
}

}  // namespace

void RegisterTextInput(duckdb::DatabaseInstance& db) {
  auto& casts = duckdb::CastFunctionSet::Get(db);
  const LogicalType text = LogicalType::VARCHAR;
  casts.RegisterCastFunction(text, LogicalType::BLOB, Bind<duckdb::string_t>);
  casts.RegisterCastFunction(text, LogicalType::DOUBLE, Bind<double>);
  casts.RegisterCastFunction(text, LogicalType::FLOAT, Bind<float>);
  casts.RegisterCastFunction(text, LogicalType::DATE, Bind<duckdb::date_t>);
  casts.RegisterCastFunction(text, LogicalType::TIME, Bind<duckdb::dtime_t>);
  casts.RegisterCastFunction(text, LogicalType::TIMESTAMP, Bind<duckdb::timestamp_t>);
  casts.RegisterCastFunction(text, LogicalType::INTERVAL, Bind<duckdb::interval_t>);
  duckdb::OptimizerExtension instants;
  instants.pre_optimize_function = ReadInstants;
  duckdb::OptimizerExtension::Register(duckdb::DBConfig::GetConfig(db), std::move(instants));
}

}  // namespace skein::engine
