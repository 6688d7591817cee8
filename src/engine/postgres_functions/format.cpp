// format(), PostgreSQL's sprintf.

#include <cstdlib>
#include <optional>
#include <string>

#include "duckdb/common/types/vector.hpp"

#include "engine/postgres_functions/quoting.h"
#include "engine/postgres_functions/registrar.h"

namespace skein::engine {
namespace {

using duckdb::DataChunk;
using duckdb::LogicalType;
using duckdb::Value;

constexpr int kLargestWidth = 1 << 20;

/// One row's arguments, as text.
class Arguments {
 public:
  Arguments(DataChunk& chunk, duckdb::idx_t row) : chunk_(chunk), row_(row) {}

  std::optional<std::string> Get(size_t number) const {
    if (number >= chunk_.ColumnCount()) ThrowSql("22023", "too few arguments for format()");
    Value value = chunk_.data[number].GetValue(row_);
    if (value.IsNull()) return std::nullopt;
    // PostgreSQL's text of a boolean is one letter.
    if (value.type().id() == duckdb::LogicalTypeId::BOOLEAN)
      return duckdb::BooleanValue::Get(value) ? "t" : "f";
    return value.ToString();
  }

 private:
  DataChunk& chunk_;
  duckdb::idx_t row_;
};

size_t CharacterCount(const std::string& text) {
  size_t count = 0;
  for (unsigned char c : text) count += (c & 0xC0) != 0x80;
  return count;
}

void Pad(std::string& out, const std::string& text, int width, bool left) {
  size_t wanted = static_cast<size_t>(std::abs(width));
  size_t length = CharacterCount(text);
  std::string fill(wanted > length ? wanted - length : 0, ' ');
  out += left || width < 0 ? text + fill : fill + text;
}

/// Reads digits at `at`; nothing when there are none.
std::optional<int> Number(std::string_view format, size_t& at) {
  size_t begin = at;
  int64_t value = 0;
  while (at < format.size() && format[at] >= '0' && format[at] <= '9') {
    value = value * 10 + (format[at++] - '0');
    if (value > kLargestWidth) ThrowSql("22003", "number is out of range");
  }
  if (at == begin) return std::nullopt;
  return static_cast<int>(value);
}

std::string Format(std::string_view format, const Arguments& arguments) {
  std::string out;
  size_t next = 1;
  auto end = [&](size_t at) {
    if (at >= format.size())
      ThrowSql("22023", "unterminated format() type specifier", "For a single \"%\" use \"%%\".");
  };
  for (size_t i = 0; i < format.size();) {
    if (format[i] != '%') {
      out += format[i++];
      continue;
    }
    end(++i);
    if (format[i] == '%') {
      out += '%';
      ++i;
      continue;
    }
    std::optional<size_t> position;
    bool left = false;
    int width = 0;
    size_t mark = i;
    if (auto number = Number(format, i); number && i < format.size() && format[i] == '$') {
      if (*number == 0)
        ThrowSql("22023", "format specifies argument 0, but arguments are numbered from 1");
      position = static_cast<size_t>(*number);
      ++i;
    } else {
      i = mark;
    }
    while (i < format.size() && format[i] == '-') {
      left = true;
      ++i;
    }
    end(i);
    if (format[i] == '*') {
      ++i;
      size_t from = next;
      mark = i;
      if (auto number = Number(format, i); number && i < format.size() && format[i] == '$') {
        from = static_cast<size_t>(*number);
        ++i;
      } else {
        i = mark;
        ++next;
      }
      width = std::atoi(arguments.Get(from).value_or("0").c_str());
      if (std::abs(width) > kLargestWidth) ThrowSql("22003", "number is out of range");
    } else {
      width = Number(format, i).value_or(0);
    }
    end(i);
    char kind = format[i++];
    if (kind != 's' && kind != 'I' && kind != 'L') {
      ThrowSql("22023", std::string("unrecognized format() type specifier \"") + kind + "\"",
               "For a single \"%\" use \"%%\".");
    }
    if (position) next = *position;
    std::optional<std::string> value = arguments.Get(next++);
    if (kind == 'I' && !value)
      ThrowSql("22004", "null values cannot be formatted as an SQL identifier");
    std::string text = value.value_or("");
    if (kind == 'I') text = QuoteIdentifier(text);
    if (kind == 'L') text = value ? QuoteLiteral(text) : "NULL";
    Pad(out, text, width, left);
  }
  return out;
}

void RunFormat(DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
  for (duckdb::idx_t i = 0; i < chunk.size(); ++i) {
    Value format = chunk.data[0].GetValue(i);
    result.SetValue(i, format.IsNull()
                           ? Value(LogicalType::VARCHAR)
                           : Value(Format(duckdb::StringValue::Get(format), Arguments(chunk, i))));
  }
  if (chunk.AllConstant()) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
}

}  // namespace

void RegisterFormat(FunctionRegistrar& registrar) {
  duckdb::ScalarFunction format =
      SeesNulls(Fallible({LogicalType::VARCHAR}, LogicalType::VARCHAR, RunFormat));
  format.varargs = LogicalType::ANY;
  registrar.AddPgScalar("format", {format});
}

}  // namespace skein::engine
