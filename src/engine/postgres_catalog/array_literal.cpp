#include "engine/postgres_catalog/array_literal.h"

#include "duckdb/common/string_util.hpp"

namespace skein::engine::postgres_catalog {
namespace {

using duckdb::LogicalType;
using duckdb::Value;

constexpr int kMaxDimensions = 6;  // PostgreSQL's limit

class Reader {
 public:
  explicit Reader(const std::string& text) : text_(text) {}

  std::optional<Value> Whole() {
    SkipSpace();
    auto value = List(1);
    SkipSpace();
    if (value && at_ != text_.size()) return Wrong("Junk after closing right brace.");
    return value;
  }
  const char* why() const { return why_; }

 private:
  std::optional<Value> Wrong(const char* why) {
    if (!why_) why_ = why;
    return std::nullopt;
  }
  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  static bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
  void SkipSpace() {
    while (at_ < text_.size() && IsSpace(text_[at_])) ++at_;
  }

  std::optional<Value> List(int depth) {
    if (Peek() != '{') return Wrong("Array value must start with \"{\".");
    if (depth > kMaxDimensions)
      return Wrong("The number of array dimensions exceeds the maximum of 6.");
    ++at_;
    duckdb::vector<Value> values;
    LogicalType element = LogicalType::VARCHAR;
    SkipSpace();
    if (Peek() == '}') {
      ++at_;
      return Value::LIST(element, std::move(values));
    }
    while (true) {
      SkipSpace();
      auto value = Peek() == '{' ? List(depth + 1) : Element();
      if (!value) return std::nullopt;
      if (value->type().id() == duckdb::LogicalTypeId::LIST) element = value->type();
      values.push_back(std::move(*value));
      SkipSpace();
      char next = Peek();
      if (next != ',' && next != '}')
        return Wrong("Unexpected end of input, or no comma between elements.");
      ++at_;
      if (next == '}') break;
    }
    const bool nested = element.id() == duckdb::LogicalTypeId::LIST;
    for (const Value& value : values) {
      if (value.type() != element && !value.IsNull()) return Wrong("Unexpected array element.");
      if (nested && (value.IsNull() || duckdb::ListValue::GetChildren(value).size() !=
                                           duckdb::ListValue::GetChildren(values[0]).size())) {
        return Wrong("Multidimensional arrays must have sub-arrays with matching dimensions.");
      }
    }
    return Value::LIST(element, std::move(values));
  }

  std::optional<Value> Element() {
    std::string text;
    if (Peek() == '"') {
      for (++at_; Peek() != '"';) {
        if (Peek() == '\\') ++at_;
        if (at_ >= text_.size()) return Wrong("Unexpected end of input.");
        text += text_[at_++];
      }
      ++at_;
      return Value(std::move(text));
    }
    size_t kept = 0;  // spaces at the end are not part of it, but escaped ones
    bool escaped_any = false;
    while (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '}') {
      char c = text_[at_];
      if (c == '"' || c == '{') return Wrong("Unexpected array element.");
      bool escaped = c == '\\';
      if (escaped && ++at_ == text_.size()) return Wrong("Unexpected end of input.");
      escaped_any = escaped_any || escaped;
      text += text_[at_++];
      if (escaped || !IsSpace(c)) kept = text.size();
    }
    text.resize(kept);
    if (text.empty()) return Wrong("Unexpected \",\" or \"}\" character.");
    if (!escaped_any && duckdb::StringUtil::CIEquals(text, "null"))
      return Value(LogicalType::VARCHAR);
    return Value(std::move(text));
  }

  const std::string& text_;
  size_t at_ = 0;
  const char* why_ = nullptr;
};

}  // namespace

std::optional<Value> ParseArrayLiteral(const std::string& text, const char** why) {
  Reader reader(text);
  auto value = reader.Whole();
  if (why) *why = reader.why();
  return value;
}

}  // namespace skein::engine::postgres_catalog
