#include "engine/result_shape.h"

#include "duckdb/common/arrow/arrow_type_extension.hpp"
#include "duckdb/common/type_visitor.hpp"
#include "duckdb/main/client_context.hpp"
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>

#include "results/field_type.h"
#include "results/pg_type.h"

namespace skein::engine {
namespace {

std::shared_ptr<arrow::Schema> WithOrigins(const std::shared_ptr<arrow::Schema>& schema,
                                           const duckdb::vector<duckdb::LogicalType>& types,
                                           const std::vector<ColumnOrigin>& origins) {
  if (origins.empty()) return schema;
  arrow::FieldVector fields = schema->fields();
  for (size_t i = 0; i < fields.size() && i < origins.size(); ++i) {
    const ColumnOrigin& origin = origins[i];
    if (origin.relation == 0 && origin.declared_oid == 0) continue;
    auto metadata = fields[i]->metadata()->Copy();
    if (origin.relation != 0) {
      metadata->Append(results::kOriginMetadataKey,
                       std::to_string(origin.relation) + " " + std::to_string(origin.column));
    }
    // A function that is called as one of jsonb's may be somebody's own.
    const bool other = origin.declared_oid == results::pg_oid::kJsonb && !types[i].IsJSONType();
    if (origin.declared_oid != 0 && !other) {
      metadata->Append(results::kDeclaredMetadataKey, std::to_string(origin.declared_oid) + " " +
                                                          std::to_string(origin.declared_typmod));
    }
    fields[i] = fields[i]->WithMetadata(std::move(metadata));
  }
  return arrow::schema(std::move(fields));
}

}  // namespace

std::shared_ptr<const ArrowShape> MakeArrowShape(duckdb::ClientContext& context,
                                                 const duckdb::vector<duckdb::LogicalType>& types,
                                                 const duckdb::vector<std::string>& names,
                                                 const std::vector<ColumnOrigin>& origins,
                                                 Unions unions) {
  auto shape = std::make_shared<ArrowShape>();
  shape->types = types;
  for (const duckdb::LogicalType& type : types) {
    shape->transport.push_back(TransportType(type, unions));
    shape->casts = shape->casts || shape->transport.back() != type;
  }
  shape->schema = WithOrigins(MakeArrowSchema(context, types, names, unions), types, origins);
  shape->properties = context.GetClientProperties();
  for (const duckdb::LogicalType& type : types) {
    if (duckdb::TypeVisitor::Contains(type, duckdb::LogicalTypeId::TIMESTAMP_TZ))
      shape->time_zone = shape->properties.time_zone;
  }
  shape->extensions = duckdb::ArrowTypeExtensionData::GetExtensionTypes(context, shape->transport);
  return shape;
}

}  // namespace skein::engine
