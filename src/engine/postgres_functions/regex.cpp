// PostgreSQL's regular expressions and what is made with them.

#include <cctype>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "duckdb/common/types/vector.hpp"
#include "duckdb/common/vector_operations/unary_executor.hpp"
#include <re2/re2.h>

#include "engine/postgres_functions/regex_pattern.h"
#include "engine/postgres_functions/registrar.h"

namespace skein::engine {
namespace {

using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::string_t;
using duckdb::StringVector;
using duckdb::Value;
using duckdb::Vector;

re2::StringPiece Piece(const string_t& text) { return {text.GetData(), text.GetSize()}; }

/// A compiled pattern that is kept from row to row: patterns are nearly always constant.
class Compiled {
 public:
  const re2::RE2& Get(std::string_view pattern, std::string_view flags) {
    if (regex_ && pattern == pattern_ && flags == flags_) return *regex_;
    pattern_ = pattern;
    flags_ = flags;
    RegexFlags parsed = ParseRegexFlags(flags_);
    global_ = parsed.global;
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_case_sensitive(!parsed.ignore_case);
    options.set_literal(parsed.literal);
    // PostgreSQL takes the longest match, unless the pattern asks for the shortest.
    std::string translated = parsed.literal ? pattern_ : ToRe2(pattern_);
    options.set_longest_match(!parsed.literal && !HoldsLazyQuantifier(translated));
    std::string prefix;
    if (!parsed.literal) {
      if (parsed.dot_matches_newline) prefix += "(?s)";
      if (parsed.lines) prefix += "(?m)";
    }
    regex_ = std::make_unique<re2::RE2>(prefix + translated, options);
    if (!regex_->ok()) ThrowSql("2201B", "invalid regular expression: " + regex_->error());
    groups_ = static_cast<size_t>(regex_->NumberOfCapturingGroups());
    return *regex_;
  }
  bool global() const { return global_; }
  size_t groups() const { return groups_; }

 private:
  std::string pattern_, flags_;
  std::unique_ptr<re2::RE2> regex_;
  bool global_ = false;
  size_t groups_ = 0;
};

/// Calls `found(pieces)` for each match, or for the first; stops when it returns false.
template <class Found>
void ForEachMatch(const re2::RE2& regex, size_t groups, re2::StringPiece text, Found found) {
  std::vector<re2::StringPiece> pieces(groups + 1);
  size_t at = 0;
  while (at <= text.size() && regex.Match(text, at, text.size(), re2::RE2::UNANCHORED,
                                          pieces.data(), static_cast<int>(pieces.size()))) {
    if (!found(pieces)) return;
    size_t end = static_cast<size_t>(pieces[0].end() - text.begin());
    if (pieces[0].empty()) {
      // On by one character, not one byte.
      ++end;
      while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
    }
    at = end;
  }
}

/// What a match gives: its groups, or the whole when there are none. A group that took no part is
/// NULL.
duckdb::vector<Value> Groups(const std::vector<re2::StringPiece>& pieces) {
  duckdb::vector<Value> values;
  auto add = [&](const re2::StringPiece& piece) {
    values.push_back(piece.data() ? Value(std::string(piece.data(), piece.size()))
                                  : Value(LogicalType::VARCHAR));
  };
  if (pieces.size() == 1) add(pieces[0]);
  for (size_t i = 1; i < pieces.size(); ++i) add(pieces[i]);
  return values;
}

/// Runs `row(compiled, text) -> Value` over (text, pattern[, flags]).
template <class Row>
duckdb::scalar_function_t OverTexts(Row row) {
  return [row](duckdb::DataChunk& arguments, duckdb::ExpressionState&, Vector& result) {
    Compiled compiled;
    std::vector<duckdb::UnifiedVectorFormat> inputs(arguments.ColumnCount());
    bool constant = true;
    for (idx_t i = 0; i < arguments.ColumnCount(); ++i) {
      arguments.data[i].ToUnifiedFormat(arguments.size(), inputs[i]);
      constant =
          constant && arguments.data[i].GetVectorType() == duckdb::VectorType::CONSTANT_VECTOR;
    }
    idx_t count = constant ? 1 : arguments.size();
    for (idx_t i = 0; i < count; ++i) {
      std::array<string_t, 3> texts{};
      bool null = false;
      for (size_t column = 0; column < inputs.size(); ++column) {
        idx_t at = inputs[column].sel->get_index(i);
        null = null || !inputs[column].validity.RowIsValid(at);
        if (!null)
          texts[column] = duckdb::UnifiedVectorFormat::GetData<string_t>(inputs[column])[at];
      }
      if (null) {
        result.SetValue(i, Value(result.GetType()));
        continue;
      }
      std::string_view pattern(texts[1].GetData(), texts[1].GetSize());
      std::string_view flags;
      if (inputs.size() > 2) flags = {texts[2].GetData(), texts[2].GetSize()};
      compiled.Get(pattern, flags);
      result.SetValue(i, row(compiled, compiled.Get(pattern, flags), Piece(texts[0])));
    }
    if (constant) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
  };
}

Value FirstMatch(const Compiled& compiled, const re2::RE2& regex, re2::StringPiece text) {
  if (compiled.global()) {
    ThrowSql("22023", "regexp_match() does not support the \"global\" option",
             "Use the regexp_matches function instead.");
  }
  Value found(LogicalType::LIST(LogicalType::VARCHAR));
  ForEachMatch(regex, compiled.groups(), text, [&](const auto& pieces) {
    found = Value::LIST(LogicalType::VARCHAR, Groups(pieces));
    return false;
  });
  return found;
}

Value AllMatches(const Compiled& compiled, const re2::RE2& regex, re2::StringPiece text) {
  duckdb::vector<Value> rows;
  ForEachMatch(regex, compiled.groups(), text, [&](const auto& pieces) {
    rows.push_back(Value::LIST(LogicalType::VARCHAR, Groups(pieces)));
    return compiled.global();
  });
  return Value::LIST(LogicalType::LIST(LogicalType::VARCHAR), std::move(rows));
}

Value Split(const Compiled& compiled, const re2::RE2& regex, re2::StringPiece text) {
  if (compiled.global())
    ThrowSql("22023", "regexp_split_to_array() does not support the \"global\" option");
  duckdb::vector<Value> parts;
  const char* from = text.data();
  const char* end = text.data() + text.size();
  ForEachMatch(regex, 0, text, [&](const auto& pieces) {
    // An empty match at either end splits nothing off.
    if (pieces[0].empty() && (pieces[0].data() == end || pieces[0].data() == text.data()))
      return true;
    parts.emplace_back(std::string(from, static_cast<size_t>(pieces[0].data() - from)));
    from = pieces[0].data() + pieces[0].size();
    return true;
  });
  parts.emplace_back(std::string(from, static_cast<size_t>(end - from)));
  return Value::LIST(LogicalType::VARCHAR, std::move(parts));
}

Value Substring(const Compiled& compiled, const re2::RE2& regex, re2::StringPiece text) {
  Value found(LogicalType::VARCHAR);
  ForEachMatch(regex, compiled.groups(), text, [&](const auto& pieces) {
    found = Groups(pieces)[0];
    return false;
  });
  return found;
}

Value Count(const Compiled& compiled, const re2::RE2& regex, re2::StringPiece text) {
  int32_t count = 0;
  ForEachMatch(regex, compiled.groups(), text, [&](const auto&) { return ++count, true; });
  return Value::INTEGER(count);
}

/// Hands the pattern to DuckDB's functions, and says PostgreSQL's error where they would say their
/// own.
void PatternOf(duckdb::DataChunk& arguments, duckdb::ExpressionState&, Vector& result) {
  Compiled compiled;
  duckdb::UnaryExecutor::Execute<string_t, string_t>(
      arguments.data[0], result, arguments.size(), [&](const string_t& pattern) {
        compiled.Get({pattern.GetData(), pattern.GetSize()}, "");
        return StringVector::AddString(result, ToRe2(pattern.GetString()));
      });
}

void ReplacementOf(duckdb::DataChunk& arguments, duckdb::ExpressionState&, Vector& result) {
  duckdb::UnaryExecutor::Execute<string_t, string_t>(
      arguments.data[0], result, arguments.size(), [&](const string_t& text) {
        return StringVector::AddString(result, ReplacementToRe2(text.GetString()));
      });
}

void SimilarPatternOf(duckdb::DataChunk& arguments, duckdb::ExpressionState&, Vector& result) {
  duckdb::UnaryExecutor::Execute<string_t, string_t>(
      arguments.data[0], result, arguments.size(), [&](string_t pattern) {
        return StringVector::AddString(result, SimilarToRe2(pattern.GetString()));
      });
}

}  // namespace

void RegisterRegex(FunctionRegistrar& registrar) {
  const LogicalType text = LogicalType::VARCHAR;
  const LogicalType texts = LogicalType::LIST(text);
  registrar.AddPgScalar("regex_pattern", {Fallible({text}, text, PatternOf)});
  registrar.AddPgScalar("regex_replacement", {duckdb::ScalarFunction({text}, text, ReplacementOf)});
  registrar.AddPgScalar("similar_to_escape", {Fallible({text}, text, SimilarPatternOf)});
  registrar.AddScalar("regexp_match", {Fallible({text, text}, texts, OverTexts(FirstMatch)),
                                       Fallible({text, text, text}, texts, OverTexts(FirstMatch))});
  registrar.AddPgScalar(
      "regexp_matches_list",
      {Fallible({text, text}, LogicalType::LIST(texts), OverTexts(AllMatches)),
       Fallible({text, text, text}, LogicalType::LIST(texts), OverTexts(AllMatches))});
  // DuckDB has both under this name; its patterns are PostgreSQL's for what both know.
  registrar.AddPgScalar("regexp_split_to_array",
                        {Fallible({text, text}, texts, OverTexts(Split)),
                         Fallible({text, text, text}, texts, OverTexts(Split))});
  registrar.AddPgScalar("substring", {Fallible({text, text}, text, OverTexts(Substring))});
  registrar.AddScalar("regexp_substr", {Fallible({text, text}, text, OverTexts(Substring))});
  registrar.AddScalar("regexp_count",
                      {Fallible({text, text}, LogicalType::INTEGER, OverTexts(Count))});
}

}  // namespace skein::engine
