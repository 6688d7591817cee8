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
    auto value = List(1);
    SkipSpace();
    return at_ == text_.size() ? value : std::nullopt;
  }

 private:
  void SkipSpace() {
    while (at_ < text_.size() && duckdb::StringUtil::CharacterIsSpace(text_[at_])) ++at_;
  }
  bool Eat(char c) {
    SkipSpace();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  std::optional<Value> List(int depth) {
    if (depth > kMaxDimensions || !Eat('{')) return std::nullopt;
    duckdb::vector<Value> values;
    LogicalType element = LogicalType::VARCHAR;
    if (Eat('}')) return Value::LIST(element, std::move(values));
    do {
      SkipSpace();
      if (at_ == text_.size()) return std::nullopt;
      auto value = text_[at_] == '{' ? List(depth + 1) : Element();
      if (!value) return std::nullopt;
      if (value->type().id() == duckdb::LogicalTypeId::LIST) element = value->type();
      values.push_back(std::move(*value));
    } while (Eat(','));
    if (!Eat('}')) return std::nullopt;
    for (const Value& value : values) {
      if (value.type() != element && !value.IsNull()) return std::nullopt;
    }
    return Value::LIST(element, std::move(values));
  }

  std::optional<Value> Element() {
    std::string text;
    if (Eat('"')) {
      for (; at_ < text_.size() && text_[at_] != '"'; ++at_) {
        if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
        text += text_[at_];
      }
      if (!Eat('"')) return std::nullopt;
      return Value(text);
    }
    for (; at_ < text_.size() && text_[at_] != ',' && text_[at_] != '}'; ++at_) {
      if (text_[at_] == '{' || text_[at_] == '"') return std::nullopt;
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      text += text_[at_];
    }
    duckdb::StringUtil::RTrim(text);
    if (text.empty()) return std::nullopt;
    if (duckdb::StringUtil::CIEquals(text, "null")) return Value(LogicalType::VARCHAR);
    return Value(text);
  }

  const std::string& text_;
  size_t at_ = 0;
};

}  // namespace

std::optional<Value> ParseArrayLiteral(const std::string& text) { return Reader(text).Whole(); }

}  // namespace skein::engine::postgres_catalog
