#include "engine/postgres_functions/json_values.h"

#include "duckdb/common/types/value.hpp"

namespace skein::engine {

JsonTree ToJsonTree(const duckdb::Value& value) {
  using duckdb::LogicalTypeId;
  JsonTree tree;
  if (value.IsNull()) return tree;
  const duckdb::LogicalType& type = value.type();
  switch (type.id()) {
    case LogicalTypeId::BOOLEAN:
      tree.kind = JsonTree::Kind::kBoolean;
      tree.boolean = duckdb::BooleanValue::Get(value);
      return tree;
    case LogicalTypeId::FLOAT:
    case LogicalTypeId::DOUBLE: {
      std::string digits = value.ToString();
      // JSON has no infinities.
      if (digits.find_first_of("nN") != digits.npos) return JsonTree::String(std::move(digits));
      if (digits.size() > 2 && digits.compare(digits.size() - 2, 2, ".0") == 0)
        digits.resize(digits.size() - 2);
      return JsonTree::Number(std::move(digits));
    }
    case LogicalTypeId::TIMESTAMP:
    case LogicalTypeId::TIMESTAMP_SEC:
    case LogicalTypeId::TIMESTAMP_MS:
    case LogicalTypeId::TIMESTAMP_NS:
    case LogicalTypeId::TIMESTAMP_TZ: {
      std::string text = value.ToString();
      if (size_t space = text.find(' '); space != text.npos) text[space] = 'T';
      bool zoned = type.id() == LogicalTypeId::TIMESTAMP_TZ;
      if (zoned && text.size() > 3 &&
          (text[text.size() - 3] == '+' || text[text.size() - 3] == '-'))
        text += ":00";
      return JsonTree::String(std::move(text));
    }
    case LogicalTypeId::LIST:
    case LogicalTypeId::ARRAY: {
      tree.kind = JsonTree::Kind::kArray;
      const auto& children = type.id() == LogicalTypeId::LIST
                                 ? duckdb::ListValue::GetChildren(value)
                                 : duckdb::ArrayValue::GetChildren(value);
      for (const duckdb::Value& child : children) tree.elements.push_back(ToJsonTree(child));
      return tree;
    }
    case LogicalTypeId::STRUCT: {
      tree.kind = JsonTree::Kind::kObject;
      const auto& children = duckdb::StructValue::GetChildren(value);
      for (size_t i = 0; i < children.size(); ++i) {
        std::string name = duckdb::StructType::IsUnnamed(type)
                               ? "f" + std::to_string(i + 1)
                               : duckdb::StructType::GetChildName(type, i);
        tree.members.emplace_back(std::move(name), ToJsonTree(children[i]));
      }
      return tree;
    }
    case LogicalTypeId::VARCHAR:
      return type.IsJSONType() ? ParseJson(duckdb::StringValue::Get(value))
                               : JsonTree::String(duckdb::StringValue::Get(value));
    default:
      return type.IsNumeric() ? JsonTree::Number(value.ToString())
                              : JsonTree::String(value.ToString());
  }
}

}  // namespace skein::engine
