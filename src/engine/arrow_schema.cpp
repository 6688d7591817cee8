#include "engine/arrow_schema.h"

#include "duckdb/common/arrow/arrow_converter.hpp"
#include "duckdb/common/exception.hpp"
#include "duckdb/common/string_util.hpp"
#include "duckdb/main/client_context.hpp"
#include <arrow/c/bridge.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>

#include "engine/postgres_catalog/enum_oids.h"
#include "engine/statement.h"
#include "results/field_type.h"

namespace skein::engine {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;

/// Puts DuckDB's types, and PostgreSQL's numbers of enums, into the fields made for them.
class Annotator {
 public:
  explicit Annotator(duckdb::ClientContext& context) : context_(context) {}

  std::shared_ptr<arrow::Field> Annotate(const std::shared_ptr<arrow::Field>& field,
                                         const LogicalType& type) const;

 private:
  std::shared_ptr<arrow::DataType> AnnotateChildren(
      const std::shared_ptr<arrow::DataType>& arrow_type, const LogicalType& type) const;

  duckdb::ClientContext& context_;
};

/// The children of an Arrow type annotated with the DuckDB types they come from.
std::shared_ptr<arrow::DataType> Annotator::AnnotateChildren(
    const std::shared_ptr<arrow::DataType>& arrow_type, const LogicalType& type) const {
  switch (type.id()) {
    case LogicalTypeId::LIST:
      if (arrow_type->id() == arrow::Type::LIST) {
        return arrow::list(Annotate(arrow_type->field(0), duckdb::ListType::GetChildType(type)));
      }
      return arrow_type;
    case LogicalTypeId::ARRAY:
      if (arrow_type->id() == arrow::Type::FIXED_SIZE_LIST) {
        return arrow::fixed_size_list(
            Annotate(arrow_type->field(0), duckdb::ArrayType::GetChildType(type)),
            static_cast<int32_t>(duckdb::ArrayType::GetSize(type)));
      }
      return arrow_type;
    case LogicalTypeId::STRUCT: {
      const auto& children = duckdb::StructType::GetChildTypes(type);
      if (arrow_type->id() != arrow::Type::STRUCT ||
          static_cast<size_t>(arrow_type->num_fields()) != children.size()) {
        return arrow_type;
      }
      arrow::FieldVector fields;
      for (size_t i = 0; i < children.size(); ++i) {
        fields.push_back(Annotate(arrow_type->field(static_cast<int>(i)), children[i].second));
      }
      return arrow::struct_(fields);
    }
    case LogicalTypeId::MAP: {
      if (arrow_type->id() != arrow::Type::MAP) return arrow_type;
      const auto& map = static_cast<const arrow::MapType&>(*arrow_type);
      return std::make_shared<arrow::MapType>(
          Annotate(map.key_field(), duckdb::MapType::KeyType(type)),
          Annotate(map.item_field(), duckdb::MapType::ValueType(type)), map.keys_sorted());
    }
    case LogicalTypeId::UNION: {
      if (arrow_type->id() != arrow::Type::SPARSE_UNION) return arrow_type;
      arrow::FieldVector fields;
      for (int i = 0; i < arrow_type->num_fields(); ++i) {
        fields.push_back(Annotate(arrow_type->field(i),
                                  duckdb::UnionType::GetMemberType(type, static_cast<size_t>(i))));
      }
      return arrow::sparse_union(
          fields, static_cast<const arrow::SparseUnionType&>(*arrow_type).type_codes());
    }
    default:
      return arrow_type;
  }
}

std::shared_ptr<arrow::Field> Annotator::Annotate(const std::shared_ptr<arrow::Field>& field,
                                                  const LogicalType& type) const {
  std::vector<std::string> keys = {results::kTypeMetadataKey};
  std::vector<std::string> values = {type.ToString()};
  if (type.id() == LogicalTypeId::ENUM) {
    if (auto oids = postgres_catalog::EnumOidsOf(context_, type)) {
      keys.emplace_back(results::kEnumOidsMetadataKey);
      values.push_back(std::to_string(oids->own) + " " + std::to_string(oids->array));
    }
  }
  return field->WithType(AnnotateChildren(field->type(), type))
      ->WithMetadata(arrow::key_value_metadata(std::move(keys), std::move(values)));
}

}  // namespace

LogicalType TransportType(const LogicalType& type, Unions unions) {
  // regclass and its kin travel as the names they are shown by.
  if (type.HasAlias() && type.id() == LogicalTypeId::UINTEGER &&
      duckdb::StringUtil::StartsWith(type.GetAlias(), "reg")) {
    return LogicalType::VARCHAR;
  }
  switch (type.id()) {
    case LogicalTypeId::LIST:
      return LogicalType::LIST(TransportType(duckdb::ListType::GetChildType(type), unions));
    case LogicalTypeId::ARRAY:
      return LogicalType::ARRAY(TransportType(duckdb::ArrayType::GetChildType(type), unions),
                                duckdb::ArrayType::GetSize(type));
    case LogicalTypeId::STRUCT: {
      duckdb::child_list_t<LogicalType> children;
      for (const auto& [name, child] : duckdb::StructType::GetChildTypes(type)) {
        children.emplace_back(name, TransportType(child, unions));
      }
      return LogicalType::STRUCT(std::move(children));
    }
    case LogicalTypeId::MAP:
      return LogicalType::MAP(TransportType(duckdb::MapType::KeyType(type), unions),
                              TransportType(duckdb::MapType::ValueType(type), unions));
    case LogicalTypeId::UNION: {
      if (unions == Unions::kText) return LogicalType::VARCHAR;
      duckdb::child_list_t<LogicalType> members;
      for (duckdb::idx_t i = 0; i < duckdb::UnionType::GetMemberCount(type); ++i) {
        members.emplace_back(duckdb::UnionType::GetMemberName(type, i),
                             TransportType(duckdb::UnionType::GetMemberType(type, i), unions));
      }
      return LogicalType::UNION(std::move(members));
    }
    case LogicalTypeId::BOOLEAN:
    case LogicalTypeId::TINYINT:
    case LogicalTypeId::SMALLINT:
    case LogicalTypeId::INTEGER:
    case LogicalTypeId::BIGINT:
    case LogicalTypeId::UTINYINT:
    case LogicalTypeId::USMALLINT:
    case LogicalTypeId::UINTEGER:
    case LogicalTypeId::UBIGINT:
    case LogicalTypeId::HUGEINT:
    case LogicalTypeId::FLOAT:
    case LogicalTypeId::DOUBLE:
    case LogicalTypeId::DECIMAL:
    case LogicalTypeId::VARCHAR:
    case LogicalTypeId::BLOB:
    case LogicalTypeId::UUID:
    case LogicalTypeId::DATE:
    case LogicalTypeId::TIME:
    case LogicalTypeId::TIMESTAMP:
    case LogicalTypeId::TIMESTAMP_SEC:
    case LogicalTypeId::TIMESTAMP_MS:
    case LogicalTypeId::TIMESTAMP_NS:
    case LogicalTypeId::TIMESTAMP_TZ:
    case LogicalTypeId::INTERVAL:
    case LogicalTypeId::ENUM:
    case LogicalTypeId::SQLNULL:
      return type;
    default:
      return LogicalType::VARCHAR;
  }
}

std::shared_ptr<arrow::Schema> MakeArrowSchema(duckdb::ClientContext& context,
                                               const duckdb::vector<LogicalType>& types,
                                               const duckdb::vector<std::string>& names,
                                               Unions unions) {
  duckdb::vector<LogicalType> transport;
  for (const LogicalType& type : types) transport.push_back(TransportType(type, unions));
  duckdb::ClientProperties properties = context.GetClientProperties();
  ArrowSchema exported;
  duckdb::ArrowConverter::ToArrowSchema(&exported, transport, names, properties);
  auto imported = arrow::ImportSchema(&exported);
  if (!imported.ok()) throw duckdb::InternalException(imported.status().message());
  arrow::FieldVector fields;
  for (size_t i = 0; i < types.size(); ++i) {
    fields.push_back(
        Annotator(context).Annotate((*imported)->field(static_cast<int>(i)), types[i]));
  }
  return arrow::schema(std::move(fields));
}

}  // namespace skein::engine
