#include "results/field_type.h"

#include <charconv>
#include <string>

#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>

namespace skein::results {
namespace {

bool IsText(arrow::Type::type id) {
  return id == arrow::Type::STRING || id == arrow::Type::LARGE_STRING ||
         id == arrow::Type::STRING_VIEW;
}
bool IsList(arrow::Type::type id) {
  return id == arrow::Type::LIST || id == arrow::Type::LARGE_LIST ||
         id == arrow::Type::FIXED_SIZE_LIST;
}

DuckDbType Simple(TypeKind kind) {
  DuckDbType type;
  type.kind = kind;
  return type;
}

Status NotCarried(const arrow::Field& field) {
  return errors::NotSupported("this Arrow type cannot be sent as a result: " +
                              field.type()->ToString() + " of column " + field.name());
}

// What the Arrow type alone says; nested types hold no children yet.
Result<DuckDbType> FromStorage(const arrow::Field& field) {
  const arrow::DataType& storage = *field.type();
  switch (storage.id()) {
    case arrow::Type::NA:
      return Simple(TypeKind::kNull);
    case arrow::Type::BOOL:
      return Simple(TypeKind::kBoolean);
    case arrow::Type::INT8:
      return Simple(TypeKind::kTinyInt);
    case arrow::Type::INT16:
      return Simple(TypeKind::kSmallInt);
    case arrow::Type::INT32:
      return Simple(TypeKind::kInteger);
    case arrow::Type::INT64:
      return Simple(TypeKind::kBigInt);
    case arrow::Type::UINT8:
      return Simple(TypeKind::kUTinyInt);
    case arrow::Type::UINT16:
      return Simple(TypeKind::kUSmallInt);
    case arrow::Type::UINT32:
      return Simple(TypeKind::kUInteger);
    case arrow::Type::UINT64:
      return Simple(TypeKind::kUBigInt);
    case arrow::Type::FLOAT:
      return Simple(TypeKind::kFloat);
    case arrow::Type::DOUBLE:
      return Simple(TypeKind::kDouble);
    case arrow::Type::DECIMAL32:
    case arrow::Type::DECIMAL64:
    case arrow::Type::DECIMAL128: {
      const auto& decimal = static_cast<const arrow::DecimalType&>(storage);
      if (decimal.scale() < 0 || decimal.scale() > decimal.precision()) return NotCarried(field);
      DuckDbType type = Simple(TypeKind::kDecimal);
      type.precision = decimal.precision();
      type.scale = decimal.scale();
      return type;
    }
    case arrow::Type::STRING:
    case arrow::Type::LARGE_STRING:
    case arrow::Type::STRING_VIEW:
      return Simple(TypeKind::kVarchar);
    case arrow::Type::BINARY:
    case arrow::Type::LARGE_BINARY:
    case arrow::Type::BINARY_VIEW:
      return Simple(TypeKind::kBlob);
    case arrow::Type::DATE32:
      return Simple(TypeKind::kDate);
    case arrow::Type::TIME32:
      return Simple(TypeKind::kTime);
    case arrow::Type::TIME64:
      return Simple(static_cast<const arrow::Time64Type&>(storage).unit() == arrow::TimeUnit::NANO
                        ? TypeKind::kTimeNs
                        : TypeKind::kTime);
    case arrow::Type::TIMESTAMP: {
      const auto& timestamp = static_cast<const arrow::TimestampType&>(storage);
      if (!timestamp.timezone().empty()) return Simple(TypeKind::kTimestampTz);
      switch (timestamp.unit()) {
        case arrow::TimeUnit::SECOND:
          return Simple(TypeKind::kTimestampS);
        case arrow::TimeUnit::MILLI:
          return Simple(TypeKind::kTimestampMs);
        case arrow::TimeUnit::MICRO:
          return Simple(TypeKind::kTimestamp);
        case arrow::TimeUnit::NANO:
          return Simple(TypeKind::kTimestampNs);
      }
      return NotCarried(field);
    }
    case arrow::Type::INTERVAL_MONTH_DAY_NANO:
      return Simple(TypeKind::kInterval);
    case arrow::Type::DICTIONARY: {
      const auto& dictionary = static_cast<const arrow::DictionaryType&>(storage);
      if (!IsText(dictionary.value_type()->id())) return NotCarried(field);
      return Simple(TypeKind::kEnum);
    }
    case arrow::Type::LIST:
    case arrow::Type::LARGE_LIST:
      return Simple(TypeKind::kList);
    case arrow::Type::FIXED_SIZE_LIST: {
      DuckDbType type = Simple(TypeKind::kArray);
      type.array_size = static_cast<const arrow::FixedSizeListType&>(storage).list_size();
      return type;
    }
    case arrow::Type::STRUCT:
      return Simple(TypeKind::kStruct);
    case arrow::Type::MAP:
      return Simple(TypeKind::kMap);
    default:
      return NotCarried(field);
  }
}

// Kinds that are stored in another kind's way: the rest is known from the storage already.
bool Refines(TypeKind named, TypeKind stored, const arrow::DataType& storage) {
  switch (named) {
    case TypeKind::kJson:
    case TypeKind::kUuid:
    case TypeKind::kUHugeInt:
    case TypeKind::kBigNum:
    case TypeKind::kTimeTz:
    case TypeKind::kBit:
    case TypeKind::kUnion:
    case TypeKind::kVariant:
    case TypeKind::kOther:
      return stored == TypeKind::kVarchar;
    case TypeKind::kHugeInt:
      return storage.id() == arrow::Type::DECIMAL128 &&
             static_cast<const arrow::DecimalType&>(storage).scale() == 0;
    default:
      return named == stored;
  }
}

}  // namespace

Result<DuckDbType> TypeOfField(const arrow::Field& field) {
  SKEIN_ASSIGN_OR_RETURN(DuckDbType type, FromStorage(field));
  if (field.metadata()) {
    if (auto text = field.metadata()->Get(kTypeMetadataKey); text.ok()) {
      SKEIN_ASSIGN_OR_RETURN(DuckDbType named, ParseDuckDbType(*text));
      if (Refines(named.kind, type.kind, *field.type())) {
        type.kind = named.kind;
        type.pg_oid = named.pg_oid;
      }
    }
    if (auto oids = field.metadata()->Get(kEnumOidsMetadataKey);
        oids.ok() && type.kind == TypeKind::kEnum) {
      const char* end = oids->data() + oids->size();
      auto first = std::from_chars(oids->data(), end, type.pg_oid);
      if (first.ptr < end) std::from_chars(first.ptr + 1, end, type.pg_array_oid);
    }
  }
  // A decimal's width, an array's size and the children come from the storage: that is what the
  // encoders read.
  if (IsList(field.type()->id())) {
    SKEIN_ASSIGN_OR_RETURN(DuckDbType element, TypeOfField(*field.type()->field(0)));
    type.children.push_back(std::move(element));
  } else if (field.type()->id() == arrow::Type::STRUCT) {
    for (const auto& member : field.type()->fields()) {
      SKEIN_ASSIGN_OR_RETURN(DuckDbType child, TypeOfField(*member));
      type.children.push_back(std::move(child));
      type.names.push_back(member->name());
    }
  } else if (field.type()->id() == arrow::Type::MAP) {
    const auto& map = static_cast<const arrow::MapType&>(*field.type());
    for (const auto& part : {map.key_field(), map.item_field()}) {
      SKEIN_ASSIGN_OR_RETURN(DuckDbType child, TypeOfField(*part));
      type.children.push_back(std::move(child));
    }
  }
  return type;
}

}  // namespace skein::results
