// Text: quoting, encodings, splitting.

#include <string>
#include <unordered_set>
#include <vector>

#include "duckdb/common/types/vector.hpp"
#include "duckdb/common/vector_operations/binary_executor.hpp"
#include "duckdb/common/vector_operations/ternary_executor.hpp"
#include "duckdb/common/vector_operations/unary_executor.hpp"
#include "duckdb/parser/keyword_helper.hpp"
#include "duckdb/parser/parser.hpp"

#include "engine/postgres_functions/quoting.h"
#include "engine/postgres_functions/registrar.h"

namespace skein::engine {
namespace {

using duckdb::DataChunk;
using duckdb::ExpressionState;
using duckdb::LogicalType;
using duckdb::string_t;
using duckdb::StringVector;
using duckdb::Value;
using duckdb::Vector;

template <class Op>
duckdb::scalar_function_t Unary(Op op) {
  return [op](DataChunk& arguments, ExpressionState&, Vector& result) {
    duckdb::UnaryExecutor::Execute<string_t, string_t>(
        arguments.data[0], result, arguments.size(),
        [&](string_t text) { return StringVector::AddString(result, op(text.GetString())); });
  };
}

std::string_view View(const string_t& text) { return {text.GetData(), text.GetSize()}; }

constexpr char kHexDigits[] = "0123456789abcdef";
constexpr char kBase64Digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string EncodeHex(std::string_view bytes) {
  std::string out;
  for (unsigned char byte : bytes) {
    out += kHexDigits[byte >> 4];
    out += kHexDigits[byte & 15];
  }
  return out;
}

/// PostgreSQL breaks the lines after 76 characters.
std::string EncodeBase64(std::string_view bytes) {
  std::string out;
  size_t line = 0;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    size_t length = std::min<size_t>(3, bytes.size() - i);
    for (size_t k = 0; k < 3; ++k)
      group = group << 8 | (k < length ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    if (line == 76) {
      out += '\n';
      line = 0;
    }
    for (size_t k = 0; k < 4; ++k)
      out += k <= length ? kBase64Digits[group >> (18 - 6 * k) & 63] : '=';
    line += 4;
  }
  return out;
}

std::string EncodeEscape(std::string_view bytes) {
  std::string out;
  for (unsigned char byte : bytes) {
    if (byte == '\\') {
      out += "\\\\";
    } else if (byte == 0 || byte >= 0x80) {
      out += '\\';
      for (int shift : {6, 3, 0}) out += static_cast<char>('0' + (byte >> shift & 7));
    } else {
      out += static_cast<char>(byte);
    }
  }
  return out;
}

std::string Encode(std::string_view bytes, std::string_view format) {
  if (format == "hex") return EncodeHex(bytes);
  if (format == "base64") return EncodeBase64(bytes);
  if (format == "escape") return EncodeEscape(bytes);
  ThrowSql("22023", "unrecognized encoding: \"" + std::string(format) + "\"",
           "Encodings are hex, base64 and escape.");
}

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::string DecodeHex(std::string_view text) {
  std::string out;
  int high = -1;
  for (char c : text) {
    if (IsSpace(c) && high < 0) continue;
    int digit = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                       : -1;
    if (digit < 0) ThrowSql("22023", std::string("invalid hexadecimal digit: \"") + c + "\"");
    if (high < 0) {
      high = digit;
    } else {
      out += static_cast<char>(high << 4 | digit);
      high = -1;
    }
  }
  if (high >= 0) ThrowSql("22023", "invalid hexadecimal data: odd number of digits");
  return out;
}

std::string DecodeBase64(std::string_view text) {
  std::string out;
  uint32_t group = 0;
  int count = 0;
  int padding = 0;
  for (char c : text) {
    if (IsSpace(c)) continue;
    const char* digits = kBase64Digits;
    const char* found = c == '=' ? nullptr : std::char_traits<char>::find(digits, 64, c);
    if (c == '=') {
      ++padding;
    } else if (!found || padding > 0) {
      ThrowSql("22023",
               std::string("invalid symbol \"") + c + "\" found while decoding base64 sequence");
    }
    group = group << 6 | (found ? static_cast<uint32_t>(found - digits) : 0U);
    if (++count == 4) {
      for (int k = 0; k < 3 - padding; ++k) out += static_cast<char>(group >> (16 - 8 * k) & 255);
      group = 0;
      count = 0;
    }
  }
  if (count != 0 || padding > 2) {
    ThrowSql("22023", "invalid base64 end sequence",
             "Input data is missing padding, is truncated, or is otherwise corrupted.");
  }
  return out;
}

std::string DecodeEscape(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
    } else if (i + 1 < text.size() && text[i + 1] == '\\') {
      out += '\\';
      ++i;
    } else if (i + 3 < text.size() && text[i + 1] >= '0' && text[i + 1] <= '3' &&
               text[i + 2] >= '0' && text[i + 2] <= '7' && text[i + 3] >= '0' &&
               text[i + 3] <= '7') {
      out += static_cast<char>((text[i + 1] - '0') << 6 | (text[i + 2] - '0') << 3 |
                               (text[i + 3] - '0'));
      i += 3;
    } else {
      ThrowSql("22P02", "invalid input syntax for type bytea");
    }
  }
  return out;
}

std::string Decode(std::string_view text, std::string_view format) {
  if (format == "hex") return DecodeHex(text);
  if (format == "base64") return DecodeBase64(text);
  if (format == "escape") return DecodeEscape(text);
  ThrowSql("22023", "unrecognized encoding: \"" + std::string(format) + "\"",
           "Encodings are hex, base64 and escape.");
}

template <class Op>
duckdb::scalar_function_t Binary(Op op) {
  return [op](DataChunk& arguments, ExpressionState&, Vector& result) {
    duckdb::BinaryExecutor::Execute<string_t, string_t, string_t>(
        arguments.data[0], arguments.data[1], result, arguments.size(),
        [&](const string_t& a, const string_t& b) {
          return StringVector::AddStringOrBlob(result, op(View(a), View(b)));
        });
  };
}

template <class T, class Unsigned>
void ToHex(DataChunk& arguments, ExpressionState&, Vector& result) {
  duckdb::UnaryExecutor::Execute<T, string_t>(
      arguments.data[0], result, arguments.size(), [&](T value) {
        auto bits = static_cast<Unsigned>(value);
        std::string digits;
        do {
          digits.insert(digits.begin(), kHexDigits[bits & 15]);
          bits >>= 4;
        } while (bits != 0);
        return StringVector::AddString(result, digits);
      });
}

void RaiseNegativeLength(DataChunk& arguments, ExpressionState&, Vector& result) {
  duckdb::UnaryExecutor::Execute<int64_t, int64_t>(
      arguments.data[0], result, arguments.size(),
      [](int64_t) -> int64_t { ThrowSql("22011", "negative substring length not allowed"); });
}

void OctetLength(DataChunk& arguments, ExpressionState&, Vector& result) {
  duckdb::UnaryExecutor::Execute<string_t, int32_t>(
      arguments.data[0], result, arguments.size(),
      [](string_t text) { return static_cast<int32_t>(text.GetSize()); });
}

void Chr(DataChunk& arguments, ExpressionState&, Vector& result) {
  duckdb::UnaryExecutor::Execute<int32_t, string_t>(
      arguments.data[0], result, arguments.size(), [&](int32_t code) {
        if (code < 0) ThrowSql("54000", "character number must be positive");
        if (code == 0) ThrowSql("54000", "null character not permitted");
        if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) {
          ThrowSql("54000", "requested character not valid for encoding: " + std::to_string(code));
        }
        std::string out;
        if (code < 0x80) {
          out += static_cast<char>(code);
        } else {
          int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
          constexpr int kLead[] = {0, 0xC0, 0xE0, 0xF0};
          out += static_cast<char>(kLead[more] | code >> (6 * more));
          while (more-- > 0) out += static_cast<char>(0x80 | (code >> (6 * more) & 0x3F));
        }
        return StringVector::AddString(result, out);
      });
}

std::string_view Part(std::string_view text, std::string_view delimiter, int64_t position) {
  if (delimiter.empty()) return position == 1 || position == -1 ? text : std::string_view();
  std::vector<std::string_view> parts;
  size_t from = 0;
  for (size_t at; (at = text.find(delimiter, from)) != text.npos; from = at + delimiter.size()) {
    parts.push_back(text.substr(from, at - from));
    if (position > 0 && parts.size() == static_cast<size_t>(position)) return parts.back();
  }
  parts.push_back(text.substr(from));
  auto count = static_cast<int64_t>(parts.size());
  int64_t index = position > 0 ? position - 1 : count + position;
  return index >= 0 && index < count ? parts[static_cast<size_t>(index)] : std::string_view();
}

void SplitPart(DataChunk& arguments, ExpressionState&, Vector& result) {
  duckdb::TernaryExecutor::Execute<string_t, string_t, int32_t, string_t>(
      arguments.data[0], arguments.data[1], arguments.data[2], result, arguments.size(),
      [&](const string_t& text, const string_t& delimiter, int32_t position) {
        if (position == 0) ThrowSql("22023", "field position must not be zero");
        std::string_view part = Part(View(text), View(delimiter), position);
        return StringVector::AddString(result, part.data(), part.size());
      });
}

/// NULL as the delimiter splits into characters, an empty one not at all; what equals the third
/// argument is NULL.
void StringToArray(DataChunk& arguments, ExpressionState&, Vector& result) {
  for (duckdb::idx_t i = 0; i < arguments.size(); ++i) {
    Value text = arguments.data[0].GetValue(i);
    if (text.IsNull()) {
      result.SetValue(i, Value(result.GetType()));
      continue;
    }
    std::string source = duckdb::StringValue::Get(text);
    Value delimiter = arguments.data[1].GetValue(i);
    Value null_text = arguments.ColumnCount() > 2 ? arguments.data[2].GetValue(i) : Value();
    duckdb::vector<Value> parts;
    auto add = [&](std::string part) {
      bool null = !null_text.IsNull() && part == duckdb::StringValue::Get(null_text);
      parts.push_back(null ? Value(LogicalType::VARCHAR) : Value(std::move(part)));
    };
    if (source.empty()) {
      // An empty text has no parts.
    } else if (delimiter.IsNull()) {
      for (size_t at = 0; at < source.size();) {
        size_t end = at + 1;
        while (end < source.size() && (static_cast<unsigned char>(source[end]) & 0xC0) == 0x80)
          ++end;
        add(source.substr(at, end - at));
        at = end;
      }
    } else if (const std::string& mark = duckdb::StringValue::Get(delimiter); mark.empty()) {
      add(source);
    } else {
      size_t from = 0;
      for (size_t at; (at = source.find(mark, from)) != source.npos; from = at + mark.size())
        add(source.substr(from, at - from));
      add(source.substr(from));
    }
    result.SetValue(i, Value::LIST(LogicalType::VARCHAR, std::move(parts)));
  }
  if (arguments.AllConstant()) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
}

}  // namespace

std::string QuoteIdentifier(const std::string& name) {
  bool plain = !name.empty() && !(name[0] >= '0' && name[0] <= '9');
  for (char c : name)
    plain = plain && ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_');
  if (plain && duckdb::Parser::IsKeyword(name) == duckdb::KeywordCategory::KEYWORD_NONE)
    return name;
  if (plain && duckdb::Parser::IsKeyword(name) == duckdb::KeywordCategory::KEYWORD_UNRESERVED)
    return name;
  std::string out = "\"";
  for (char c : name) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

std::string QuoteLiteral(const std::string& text) {
  bool escapes = text.find('\\') != text.npos;
  std::string out = escapes ? "E'" : "'";
  for (char c : text) {
    if (c == '\'' || c == '\\') out += c;
    out += c;
  }
  return out + "'";
}

void RegisterText(FunctionRegistrar& registrar) {
  const LogicalType text = LogicalType::VARCHAR;
  const LogicalType bytes = LogicalType::BLOB;
  registrar.AddScalar("quote_ident",
                      {duckdb::ScalarFunction({text}, text, Unary(QuoteIdentifier))});
  registrar.AddPgScalar("quote_text", {duckdb::ScalarFunction({text}, text, Unary(QuoteLiteral))});
  registrar.AddPgScalar("octet_length",
                        {duckdb::ScalarFunction({text}, LogicalType::INTEGER, OctetLength)});
  registrar.AddPgScalar(
      "raise_negative_length",
      {Fallible({LogicalType::BIGINT}, LogicalType::BIGINT, RaiseNegativeLength)});
  registrar.AddPgScalar("chr", {Fallible({LogicalType::INTEGER}, text, Chr)});
  registrar.AddPgScalar("split_part",
                        {Fallible({text, text, LogicalType::INTEGER}, text, SplitPart)});
  registrar.AddScalar("encode", {Fallible({bytes, text}, text, Binary(Encode))});
  registrar.AddScalar("decode", {Fallible({text, text}, bytes, Binary(Decode))});
  registrar.AddPgScalar(
      "to_hex", {duckdb::ScalarFunction({LogicalType::INTEGER}, text, ToHex<int32_t, uint32_t>),
                 duckdb::ScalarFunction({LogicalType::BIGINT}, text, ToHex<int64_t, uint64_t>)});
  const LogicalType texts = LogicalType::LIST(text);
  registrar.AddPgScalar(
      "string_to_array",
      {SeesNulls(duckdb::ScalarFunction({text, text}, texts, StringToArray)),
       SeesNulls(duckdb::ScalarFunction({text, text, text}, texts, StringToArray))});
}

}  // namespace skein::engine
