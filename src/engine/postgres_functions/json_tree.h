#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skein::engine {

/// A JSON value that keeps its numbers as they were written: PostgreSQL's are exact.
struct JsonTree {
  enum class Kind { kNull, kBoolean, kNumber, kString, kArray, kObject };

  Kind kind = Kind::kNull;
  bool boolean = false;
  std::string text;  ///< the number's digits, or the string
  std::vector<JsonTree> elements;
  std::vector<std::pair<std::string, JsonTree>> members;

  static JsonTree String(std::string text);
  static JsonTree Number(std::string digits);

  JsonTree* Find(std::string_view key);
  const JsonTree* Find(std::string_view key) const {
    return const_cast<JsonTree*>(this)->Find(key);
  }
  /// Counted from the end when below 0; nothing outside.
  std::optional<size_t> Index(int64_t position) const;

  bool operator==(const JsonTree& other) const;
};

/// Throws 22P02. Nesting is limited.
JsonTree ParseJson(std::string_view text);

enum class JsonStyle {
  kCompact,  ///< nothing between
  kJson,     ///< as json_build_object() and json_agg(): " : " and ", "
  kJsonb     ///< as jsonb: ": " and ", ", members by length and name, the last of one name
};
std::string WriteJson(const JsonTree& tree, JsonStyle style);
std::string PrettyJson(const JsonTree& tree);

/// Objects get jsonb's order, and of members of one name the last stays.
void Normalise(JsonTree& tree);

/// jsonb's @>: all of `part` is in `whole`.
bool JsonContains(const JsonTree& whole, const JsonTree& part);

}  // namespace skein::engine
