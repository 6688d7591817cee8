#include "engine/postgres_catalog/relation_defs.h"

#include <charconv>

namespace skein::engine::postgres_catalog {

std::vector<std::string_view> SplitFields(std::string_view line, char separator) {
  std::vector<std::string_view> fields;
  size_t start = 0;
  while (true) {
    size_t end = line.find(separator, start);
    if (end == std::string_view::npos) break;
    fields.push_back(line.substr(start, end - start));
    start = end + 1;
  }
  if (separator != '\n' || start < line.size()) fields.push_back(line.substr(start));
  return fields;
}

const std::vector<RelationDef>& RelationDefs() {
  static const auto* all = [] {
    auto* definitions = new std::vector<RelationDef>();
    for (std::string_view line : SplitFields(StaticData("relations"), '\n')) {
      auto fields = SplitFields(line, '\t');
      if (fields.size() != 5) continue;
      RelationDef definition;
      definition.schema = fields[0];
      definition.name = fields[1];
      std::from_chars(fields[2].data(), fields[2].data() + fields[2].size(), definition.oid);
      definition.kind = fields[3][0];
      for (std::string_view column : SplitFields(fields[4], ',')) {
        size_t colon = column.find(':');
        definition.columns.push_back({column.substr(0, colon), column.substr(colon + 1)});
      }
      definitions->push_back(std::move(definition));
    }
    return definitions;
  }();
  return *all;
}

const RelationDef* FindRelationDef(std::string_view schema, std::string_view name) {
  for (const RelationDef& definition : RelationDefs()) {
    if (definition.schema == schema && definition.name == name) return &definition;
  }
  return nullptr;
}

}  // namespace skein::engine::postgres_catalog
