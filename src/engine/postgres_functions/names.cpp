#include "engine/postgres_functions/names.h"

#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace skein::engine {
namespace {

using Names = std::unordered_set<std::string_view>;

const Names& Functions() {
  static const Names names = {
      // Operators.
      "*", "/", "%", "-",
      // Numbers.
      "mod", "sum", "avg", "round", "^", "pow", "power", "exp", "asin", "acos",
      // Text.
      "format", "to_hex", "sha256", "string_to_array", "substring", "regexp_split_to_array",
      "regexp_replace", "lpad", "rpad", "split_part", "octet_length", "chr", "length",
      "char_length", "character_length", "position", "strpos", "bit_length",
      // Sequences.
      "currval",
      // Times.
      "date_trunc", "make_date",
      // Arrays.
      "array_length", "array_position", "array_to_string", "cardinality",
      // JSON.
      "json_array_length", "json_at_path", "json_text_at_path", "json_extract_path",
      "json_extract_path_text", "jsonb_extract_path", "jsonb_extract_path_text"};
  return names;
}

const Names& SetsOfValues() {
  static const Names names = {"generate_series",
                              "generate_subscripts",
                              "unnest",
                              "regexp_matches",
                              "regexp_split_to_table",
                              "string_to_table",
                              "json_array_elements",
                              "jsonb_array_elements",
                              "json_array_elements_text",
                              "jsonb_array_elements_text",
                              "json_object_keys",
                              "jsonb_object_keys"};
  return names;
}

}  // namespace

bool IsPgFunction(const std::string& name) { return Functions().contains(name); }

bool TakesPath(const std::string& name) {
  return name == "jsonb_set" || name == "jsonb_insert" || name == "jsonb_delete_path" ||
         name == "jsonb_exists_any" || name == "jsonb_exists_all" || name == "json_at_path" ||
         name == "json_text_at_path";
}

bool IsPgTableFunction(const std::string& name) {
  return name == "regexp_matches" || name == "json_each";
}

bool ReturnsSetOfValues(const std::string& name) { return SetsOfValues().contains(name); }

JsonAggregate JsonAggregateNamed(const std::string& name) {
  static const std::unordered_map<std::string_view, JsonAggregate> aggregates = {
      {"json_agg", {"json_array_of", 1}},
      {"jsonb_agg", {"jsonb_array_of", 1}},
      {"json_object_agg", {"json_object_of", 2}},
      {"jsonb_object_agg", {"jsonb_object_of", 2}}};
  auto found = aggregates.find(name);
  return found == aggregates.end() ? JsonAggregate{} : found->second;
}

const char* PgFunctionInstead(const std::string& name) {
  static const std::unordered_map<std::string_view, const char*> functions = {
      {"~*", "texticregexeq"},  {"||", "concatenate"},    {"@>", "contains_all"},
      {"<@", "contained_in"},   {"!~*", "texticregexne"}, {"pg_typeof", "type_name_of"},
      {"pg_sleep", "sleep_for"}};
  auto found = functions.find(name);
  return found == functions.end() ? nullptr : found->second;
}

}  // namespace skein::engine
