#include "engine/postgres_functions/literals.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "duckdb/common/types/date.hpp"
#include "duckdb/common/types/interval.hpp"
#include "duckdb/common/types/timestamp.hpp"
#include "duckdb/common/types/value.hpp"
#include "duckdb/parser/expression/constant_expression.hpp"
#include "duckdb/parser/expression/function_expression.hpp"

#include "engine/postgres_catalog/array_literal.h"
#include "engine/postgres_functions/expressions.h"
#include "engine/postgres_functions/json_tree.h"
#include "engine/postgres_functions/sql_error.h"
#include "results/pg_input.h"

namespace skein::engine {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  ThrowSql("22023", std::string("invalid hexadecimal digit: \"") + c + "\"");
}

std::string Bytes(std::string_view text) {
  std::string bytes;
  if (text.rfind("\\x", 0) == 0) {
    int high = -1;
    for (char c : text.substr(2)) {
      if (c == ' ' || c == '\n' || c == '\t' || c == '\r') continue;
      int digit = HexDigit(c);
      if (high >= 0) bytes += static_cast<char>(high << 4 | digit);
      high = high >= 0 ? -1 : digit;
    }
    if (high >= 0) ThrowSql("22023", "invalid hexadecimal data: odd number of digits");
    return bytes;
  }
  for (size_t i = 0; i < text.size(); ++i) {
    auto octal = [&](size_t k, char largest) {
      return i + k < text.size() && text[i + k] >= '0' && text[i + k] <= largest;
    };
    if (text[i] != '\\') {
      bytes += text[i];
    } else if (i + 1 < text.size() && text[i + 1] == '\\') {
      bytes += '\\';
      ++i;
    } else if (octal(1, '3') && octal(2, '7') && octal(3, '7')) {
      bytes += static_cast<char>((text[i + 1] - '0') << 6 | (text[i + 2] - '0') << 3 |
                                 (text[i + 3] - '0'));
      i += 3;
    } else {
      ThrowSql("22P02", "invalid input syntax for type bytea");
    }
  }
  return bytes;
}

std::string Trimmed(const std::string& text) {
  size_t begin = text.find_first_not_of(" \t\n\v\f\r");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\n\v\f\r") - begin + 1);
}

/// DuckDB reads '1.5' and '0x1F' as integers, too.
void CheckInteger(const std::string& text, const std::string& type) {
  std::string digits = Trimmed(text);
  if (!digits.empty() && (digits[0] == '-' || digits[0] == '+')) digits.erase(0, 1);
  if (digits.empty() || digits.find_first_not_of("0123456789") != digits.npos)
    ThrowSql("22P02", "invalid input syntax for type " + type + ": \"" + text + "\"");
}

/// true, false, yes, no, on, off, 1, 0, and beginnings of them that are clear.
Expression Boolean(const std::string& text) {
  std::string word = Trimmed(text);
  auto begins = [&](std::string_view whole, size_t least) {
    return word.size() >= least && word.size() <= whole.size() &&
           strncasecmp(word.data(), whole.data(), word.size()) == 0;
  };
  bool yes = begins("true", 1) || begins("yes", 1) || begins("on", 2) || word == "1";
  bool no = begins("false", 1) || begins("no", 1) || begins("off", 2) || word == "0";
  if (!yes && !no) ThrowSql("22P02", "invalid input syntax for type boolean: \"" + text + "\"");
  return duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value::BOOLEAN(yes));
}

Expression DaysFromToday(int days) {
  Expression today =
      duckdb::make_uniq<duckdb::FunctionExpression>("today", duckdb::vector<Expression>());
  if (days == 0) return today;
  duckdb::vector<Expression> terms;
  terms.push_back(std::move(today));
  terms.push_back(duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value::INTEGER(days)));
  return duckdb::make_uniq<duckdb::FunctionExpression>("+", std::move(terms));
}

/// A date as PostgreSQL reads it: in other notations than ISO 8601 as well, with a time or a zone
/// behind it that is passed over.
Expression Date(const std::string& text) {
  std::string date = Trimmed(text);
  if (strcasecmp(date.c_str(), "today") == 0) return DaysFromToday(0);
  if (strcasecmp(date.c_str(), "tomorrow") == 0) return DaysFromToday(1);
  if (strcasecmp(date.c_str(), "yesterday") == 0) return DaysFromToday(-1);
  int32_t days = 0;
  // What is no date gets the engine's error, and with its position.
  if (!results::ParsePgDate(date, &days).ok()) return nullptr;
  return duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value::DATE(duckdb::date_t(days)));
}

Expression Constant(duckdb::Value value) {
  return duckdb::make_uniq<duckdb::ConstantExpression>(std::move(value));
}

/// A word for a time that is now; null for everything else.
Expression TimeInWord(const std::string& text) {
  const std::string word = duckdb::StringUtil::Lower(Trimmed(text));
  if (word == "today") return DaysFromToday(0);
  if (word == "tomorrow") return DaysFromToday(1);
  if (word == "yesterday") return DaysFromToday(-1);
  if (word != "now") return nullptr;
  return duckdb::make_uniq<duckdb::FunctionExpression>(word, duckdb::vector<Expression>());
}

/// What is no time is left to the engine.
Expression Timestamp(const std::string& text) {
  if (auto now = TimeInWord(text)) return now;
  int64_t micros = 0;
  if (!results::ParsePgTimestamp(text, &micros).ok()) return nullptr;
  return Constant(duckdb::Value::TIMESTAMP(duckdb::timestamp_t(micros)));
}

/// Two zones that never have one offset: what they read alike says its own.
const std::pair<results::TimeZone, results::TimeZone>* DistantZones() {
  static const auto zones = []() -> std::optional<std::pair<results::TimeZone, results::TimeZone>> {
    auto east = results::TimeZone::Load("Asia/Tokyo");
    auto west = results::TimeZone::Load("America/New_York");
    if (!east.ok() || !west.ok()) return std::nullopt;
    return std::pair(std::move(*east), std::move(*west));
  }();
  return zones ? &*zones : nullptr;
}

/// Without an offset the session's zone holds, which the engine's cast of a timestamp asks for
/// when it runs.
Expression TimestampTz(const std::string& text) {
  if (auto now = TimeInWord(text)) return now;
  const auto* zones = DistantZones();
  int64_t east = 0;
  int64_t west = 0;
  if (!zones || !results::ParsePgTimestampTz(text, zones->first, &east).ok() ||
      !results::ParsePgTimestampTz(text, zones->second, &west).ok()) {
    return nullptr;
  }
  if (east != west) return Timestamp(text);
  return Constant(duckdb::Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(east)));
}

/// In the form that the engine casts from.
Expression TimeTz(const std::string& text) {
  const auto* zones = DistantZones();
  std::string east;
  std::string west;
  if (!zones || !results::ParsePgTimeTz(text, zones->first, &east).ok() ||
      !results::ParsePgTimeTz(text, zones->second, &west).ok() || east != west) {
    return nullptr;
  }
  return Constant(duckdb::Value(east));
}

Expression Time(const std::string& text) {
  int64_t micros = 0;
  if (!results::ParsePgTime(text, &micros).ok()) return nullptr;
  return Constant(duckdb::Value::TIME(duckdb::dtime_t(micros)));
}

Expression Interval(const std::string& text) {
  results::PgInterval parsed;
  if (!results::ParsePgInterval(text, &parsed).ok()) return nullptr;
  duckdb::interval_t interval;
  interval.months = parsed.months;
  interval.days = parsed.days;
  interval.micros = parsed.micros;
  return Constant(duckdb::Value::INTERVAL(interval));
}

}  // namespace

Expression BitLiteral(const duckdb::ParsedExpression& constant, const std::string& sql) {
  const std::string* text = TextConstant(constant);
  auto location = constant.GetQueryLocation();
  if (!text || text->empty() || !location.IsValid() || location.GetIndex() + 1 >= sql.size())
    return nullptr;
  const char kind = duckdb::StringUtil::CharacterToLower(sql[location.GetIndex()]);
  if ((kind != 'b' && kind != 'x') || sql[location.GetIndex() + 1] != '\'') return nullptr;
  std::string bits;
  for (char digit : text->substr(1)) {
    const char lower = duckdb::StringUtil::CharacterToLower(digit);
    const bool decimal = lower >= '0' && lower <= '9';
    if (kind == 'b' ? lower != '0' && lower != '1' : !decimal && (lower < 'a' || lower > 'f')) {
      ThrowSql("22P02", "\"" + std::string(1, digit) + "\" is not a valid " +
                            (kind == 'b' ? "binary" : "hexadecimal") + " digit");
    }
    if (kind == 'b') {
      bits += lower;
      continue;
    }
    const int value = decimal ? lower - '0' : lower - 'a' + 10;
    for (int bit : {8, 4, 2, 1}) bits += (value & bit) != 0 ? '1' : '0';
  }
  if (bits.empty()) ThrowSql("0A000", "a bit string without bits is not supported");
  Expression literal = Constant(duckdb::Value::BIT(bits));
  literal->SetAlias(constant.GetAlias());
  return literal;
}

bool LosesNumber(std::string_view number, double value) {
  if (value != 0 && !std::isinf(value)) return false;
  const std::string_view digits = number.substr(0, number.find_first_of("eE"));
  // Without a digit it is the word, which begins with no e.
  return digits.find_first_of(value == 0 ? "123456789" : "0123456789") != digits.npos;
}

void CheckFloating(const duckdb::ParsedExpression& constant, const std::string& sql) {
  if (constant.GetExpressionClass() != duckdb::ExpressionClass::CONSTANT) return;
  const auto& value = constant.Cast<duckdb::ConstantExpression>().value;
  auto location = constant.GetQueryLocation();
  if (value.IsNull() || value.type().id() != duckdb::LogicalTypeId::DOUBLE || !location.IsValid() ||
      location.GetIndex() >= sql.size()) {
    return;
  }
  const std::string_view written = std::string_view(sql).substr(location.GetIndex());
  std::string_view number = written.substr(0, written.find_first_not_of("0123456789._"));
  const std::string_view rest = written.substr(number.size());
  if (rest.size() > 1 && (rest[0] == 'e' || rest[0] == 'E')) {
    size_t end = rest.find_first_not_of("0123456789_", rest[1] == '-' || rest[1] == '+' ? 2 : 1);
    number = written.substr(0, end == rest.npos ? written.size() : number.size() + end);
  }
  if (LosesNumber(number, duckdb::DoubleValue::Get(value))) {
    ThrowSql("22003", "\"" + std::string(number) + "\" is out of range for type double precision");
  }
}

std::optional<DecimalSize> FittingDecimal(const std::string& text) {
  constexpr size_t kDefaultWidth = 18;
  constexpr size_t kLargestWidth = 38;
  std::string number = Trimmed(text);
  if (!number.empty() && (number[0] == '-' || number[0] == '+')) number.erase(0, 1);
  size_t point = std::min(number.find('.'), number.size());
  std::string before = number.substr(0, point);
  std::string behind = point < number.size() ? number.substr(point + 1) : "";
  if (before.empty() && behind.empty()) return std::nullopt;
  if ((before + behind).find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  size_t width = std::max(before.size() + behind.size(), kDefaultWidth);
  if (width > kLargestWidth) return std::nullopt;
  return DecimalSize{static_cast<uint8_t>(width), static_cast<uint8_t>(behind.size())};
}

size_t ArrayDepth(const std::string& text) {
  size_t depth = 0;
  for (char c : text) {
    if (c != '{' && c != ' ' && !(c >= '\t' && c <= '\r')) break;
    depth += c == '{';
  }
  return depth;
}

Expression PostgresLiteral(const std::string& text, const std::string& type) {
  if (type == kArrayType) {
    size_t first = text.find_first_not_of(" \t\r\n");
    // DuckDB's own notation stays.
    if (first == text.npos || text[first] != '{') return nullptr;
    const char* why = nullptr;
    auto array = postgres_catalog::ParseArrayLiteral(text, &why);
    if (!array) ThrowSql("22P02", "malformed array literal: \"" + text + "\"", why);
    return duckdb::make_uniq<duckdb::ConstantExpression>(std::move(*array));
  }
  if (type == "blob" || type == "bytea") {
    return duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value::BLOB_RAW(Bytes(text)));
  }
  if (type == "integer" || type == "smallint" || type == "bigint") CheckInteger(text, type);
  if (type == "boolean") return Boolean(text);
  // DuckDB's parser takes commas behind the last element.
  if (type == "json") ParseJson(text);
  if (type == "jsonb")
    return Constant(duckdb::Value(WriteJson(ParseJson(text), JsonStyle::kJsonb)));
  if (type == "date") return Date(text);
  if (type == "timestamp" || type == "timestamp without time zone") return Timestamp(text);
  if (type == "timestamptz" || type == "timestamp with time zone") return TimestampTz(text);
  if (type == "time" || type == "time without time zone") return Time(text);
  if (type == "timetz" || type == "time with time zone") return TimeTz(text);
  if (type == "interval") return Interval(text);
  return nullptr;
}

}  // namespace skein::engine
