#include "frontends/flightsql/parameters.h"

#include <array>
#include <charconv>
#include <set>
#include <utility>

#include <arrow/record_batch.h>
#include <arrow/scalar.h>
#include <arrow/type.h>

#include "frontends/flightsql/error_mapping.h"

namespace skein::frontends::flightsql {
namespace {

std::shared_ptr<arrow::DataType> ArrowTypeFor(const std::string& name) {
  const std::array<std::pair<std::string_view, std::shared_ptr<arrow::DataType>>, 18> kTypes = {{
      {"BOOLEAN", arrow::boolean()},
      {"TINYINT", arrow::int8()},
      {"SMALLINT", arrow::int16()},
      {"INTEGER", arrow::int32()},
      {"BIGINT", arrow::int64()},
      {"UTINYINT", arrow::uint8()},
      {"USMALLINT", arrow::uint16()},
      {"UINTEGER", arrow::uint32()},
      {"UBIGINT", arrow::uint64()},
      {"HUGEINT", arrow::decimal128(38, 0)},
      {"FLOAT", arrow::float32()},
      {"DOUBLE", arrow::float64()},
      {"BLOB", arrow::binary()},
      {"DATE", arrow::date32()},
      {"TIME", arrow::time64(arrow::TimeUnit::MICRO)},
      {"TIMESTAMP", arrow::timestamp(arrow::TimeUnit::MICRO)},
      {"TIMESTAMP_NS", arrow::timestamp(arrow::TimeUnit::NANO)},
      {"TIMESTAMP WITH TIME ZONE", arrow::timestamp(arrow::TimeUnit::MICRO, "UTC")},
  }};
  for (const auto& [duckdb, type] : kTypes) {
    if (name == duckdb) return type;
  }
  if (name.starts_with("DECIMAL(")) {
    int precision = 0;
    int scale = 0;
    const char* end = name.data() + name.size();
    auto first = std::from_chars(name.data() + 8, end, precision);
    if (first.ec == std::errc() && first.ptr < end && *first.ptr == ',') {
      auto second = std::from_chars(first.ptr + 1, end, scale);
      if (second.ec == std::errc() && precision > 0 && precision <= 38)
        return arrow::decimal128(precision, scale);
    }
  }
  return arrow::utf8();
}

/// The DuckDB type a bound value has by itself; empty for text and whatever the statement had
/// better decide.
std::string DuckdbTypeFor(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::BOOL:
      return "BOOLEAN";
    case arrow::Type::INT8:
      return "TINYINT";
    case arrow::Type::INT16:
      return "SMALLINT";
    case arrow::Type::INT32:
      return "INTEGER";
    case arrow::Type::INT64:
      return "BIGINT";
    case arrow::Type::UINT8:
      return "UTINYINT";
    case arrow::Type::UINT16:
      return "USMALLINT";
    case arrow::Type::UINT32:
      return "UINTEGER";
    case arrow::Type::UINT64:
      return "UBIGINT";
    case arrow::Type::FLOAT:
      return "FLOAT";
    case arrow::Type::DOUBLE:
      return "DOUBLE";
    case arrow::Type::BINARY:
    case arrow::Type::LARGE_BINARY:
    case arrow::Type::FIXED_SIZE_BINARY:
      return "BLOB";
    case arrow::Type::DATE32:
    case arrow::Type::DATE64:
      return "DATE";
    case arrow::Type::TIME32:
    case arrow::Type::TIME64:
      return "TIME";
    case arrow::Type::TIMESTAMP:
      return static_cast<const arrow::TimestampType&>(type).timezone().empty()
                 ? "TIMESTAMP"
                 : "TIMESTAMP WITH TIME ZONE";
    case arrow::Type::DECIMAL128: {
      const auto& decimal = static_cast<const arrow::DecimalType&>(type);
      return "DECIMAL(" + std::to_string(decimal.precision()) + "," +
             std::to_string(decimal.scale()) + ")";
    }
    default:
      return {};
  }
}

}  // namespace

std::shared_ptr<arrow::Schema> ParameterSchema(const session::Prepared& prepared) {
  arrow::FieldVector fields;
  for (const std::string& type : prepared.parameter_types()) {
    fields.push_back(arrow::field("$" + std::to_string(fields.size() + 1), ArrowTypeFor(type)));
  }
  return arrow::schema(std::move(fields));
}

Status CheckNoParameters(const session::Prepared& prepared) {
  if (prepared.parameter_types().empty()) return Status::OK();
  return Status(StatusCode::kInvalidArgument, "42P02",
                "the statement has parameters that were not given")
      .WithHint("Prepare the statement and bind its parameters.");
}

Result<ParameterRow> RowOf(const arrow::RecordBatch& batch, int64_t row) {
  ParameterRow values;
  for (const auto& column : batch.columns()) {
    auto scalar = column->GetScalar(row);
    if (!scalar.ok()) return FromArrow(scalar.status());
    std::shared_ptr<arrow::Scalar> value = *std::move(scalar);
    if (value->type->id() == arrow::Type::DENSE_UNION ||
        value->type->id() == arrow::Type::SPARSE_UNION) {
      // Some clients send values of any type so.
      value = static_cast<const arrow::UnionScalar&>(*value).child_value();
    }
    values.push_back(engine::BoundValue{std::move(value), {}});
  }
  return values;
}

std::vector<std::string> BetterTypes(const session::Prepared& prepared, const arrow::Schema& bound,
                                     bool* loses_digits) {
  static const std::set<std::string, std::less<>> kWhole = {"TINYINT",  "SMALLINT", "INTEGER",
                                                            "BIGINT",   "UTINYINT", "USMALLINT",
                                                            "UINTEGER", "UBIGINT",  "HUGEINT"};
  const auto& expected = prepared.parameter_types();
  std::vector<std::string> types(expected.size());
  bool any = false;
  *loses_digits = false;
  for (size_t i = 0; i < expected.size() && i < static_cast<size_t>(bound.num_fields()); ++i) {
    const arrow::DataType& type = *bound.field(static_cast<int>(i))->type();
    bool fraction = arrow::is_floating(type.id()) || arrow::is_decimal(type.id());
    bool text = expected[i] == "VARCHAR";
    if (!text && !(fraction && kWhole.contains(expected[i]))) continue;
    types[i] = DuckdbTypeFor(type);
    any = any || !types[i].empty();
    *loses_digits = *loses_digits || (!text && !types[i].empty());
  }
  if (!any) types.clear();
  return types;
}

}  // namespace skein::frontends::flightsql
