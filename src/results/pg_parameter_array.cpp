#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include <arrow/array/array_nested.h>
#include <arrow/array/builder_base.h>
#include <arrow/buffer.h>
#include <arrow/builder.h>
#include <arrow/scalar.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include "results/duckdb_type.h"
#include "results/pg_parameter_value.h"
#include "results/pg_type.h"

namespace skein::results {
namespace {

constexpr size_t kMaxDimensions = 6;  // PostgreSQL's MAXDIM

// The elements in order, without a value for NULL, and how many there are at each level.
struct Box {
  std::vector<std::optional<Parameter>> elements;
  std::vector<int64_t> sizes;
};

Status FromArrow(const arrow::Status& status) {
  return errors::Internal("an array parameter could not be built: " + status.ToString());
}

// One type for all elements: of decimals the one that holds them all.
Result<std::string> CommonType(uint32_t element_oid, const Box& box) {
  SKEIN_ASSIGN_OR_RETURN(std::string type, DuckDbTypeForOid(element_oid));
  if (element_oid != pg_oid::kNumeric) return type;
  constexpr int32_t kMaxDigits = 38;
  int32_t whole = 0;
  int32_t scale = 0;
  bool any = false;
  for (const auto& element : box.elements) {
    if (!element) continue;
    SKEIN_ASSIGN_OR_RETURN(DuckDbType decimal, ParseDuckDbType(element->type));
    whole = std::max(whole, decimal.precision - decimal.scale);
    scale = std::max(scale, decimal.scale);
    any = true;
  }
  if (whole + scale > kMaxDigits) {
    return Status(
        StatusCode::kInvalidArgument, "22003",
        fmt::format("the numbers of an array parameter need more than {} digits", kMaxDigits));
  }
  return any ? fmt::format("DECIMAL({},{})", std::max(whole + scale, 1), scale) : type;
}

Result<Parameter> Build(uint32_t element_oid, const Box& box) {
  SKEIN_ASSIGN_OR_RETURN(std::string type, CommonType(element_oid, box));
  std::shared_ptr<arrow::DataType> storage = arrow::utf8();
  for (const auto& element : box.elements) {
    if (element) storage = element->value->type;
  }
  std::unique_ptr<arrow::ArrayBuilder> builder;
  arrow::Status status = arrow::MakeBuilder(arrow::default_memory_pool(), storage, &builder);
  for (size_t i = 0; status.ok() && i < box.elements.size(); ++i) {
    const auto& element = box.elements[i];
    status = element ? builder->AppendScalar(*element->value) : builder->AppendNull();
  }
  std::shared_ptr<arrow::Array> values;
  if (status.ok()) status = builder->Finish(&values);
  if (!status.ok()) return FromArrow(status);
  // The innermost lists first: as many offsets as there are lists at that level.
  for (size_t level = box.sizes.size(); level-- > 1;) {
    type += "[]";
    int64_t size = box.sizes[level];
    arrow::Int32Builder offsets;
    for (int64_t at = 0; status.ok() && at <= values->length(); at += size) {
      status = offsets.Append(static_cast<int32_t>(at));
    }
    std::shared_ptr<arrow::Array> bounds;
    if (status.ok()) status = offsets.Finish(&bounds);
    if (!status.ok()) return FromArrow(status);
    auto lists = arrow::ListArray::FromArrays(*bounds, *values);
    if (!lists.ok()) return FromArrow(lists.status());
    values = *lists;
  }
  return Parameter{std::make_shared<arrow::ListScalar>(std::move(values)), type + "[]"};
}

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Reads `{{1,NULL},{"a\"b",c}}`. Every list at one level must have the same length.
class TextArray {
 public:
  TextArray(uint32_t element_oid, std::string_view type, std::string_view text)
      : element_oid_(element_oid), type_(type), text_(text) {}

  Result<Box> Read() {
    SKEIN_RETURN_IF_ERROR(SkipBounds());
    SKEIN_RETURN_IF_ERROR(List(0));
    SkipSpace();
    if (at_ != text_.size()) return Malformed();
    if (box_.elements.empty()) box_.sizes.assign(1, 0);
    return std::move(box_);
  }

 private:
  Status Malformed() const {
    constexpr size_t kShown = 100;
    return errors::InvalidText(
        fmt::format("malformed array literal: \"{}\"", text_.substr(0, kShown)));
  }
  void SkipSpace() {
    while (at_ < text_.size() && IsSpace(text_[at_])) ++at_;
  }
  bool Eat(char c) {
    SkipSpace();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  // `[1:3][0:1]=`: where the indexes start, which lists do not have.
  Status SkipBounds() {
    SkipSpace();
    if (at_ == text_.size() || text_[at_] != '[') return Status::OK();
    size_t equals = text_.find('=', at_);
    if (equals == std::string_view::npos || text_[equals - 1] != ']' ||
        text_.substr(at_, equals - at_).find_first_not_of("[]:+-0123456789 ") !=
            std::string_view::npos) {
      return Malformed();
    }
    at_ = equals + 1;
    return Status::OK();
  }

  // Recursion is bounded by kMaxDimensions.
  Status List(size_t level) {
    if (level == kMaxDimensions) {
      return Status(StatusCode::kInvalidArgument, "54000",
                    fmt::format("an array has more than {} dimensions", kMaxDimensions));
    }
    if (!Eat('{')) return Malformed();
    int64_t count = 0;
    if (!Eat('}')) {
      do {
        SkipSpace();
        if (at_ < text_.size() && text_[at_] == '{') {
          if (leaf_level_ && *leaf_level_ <= level) return Malformed();
          SKEIN_RETURN_IF_ERROR(List(level + 1));
        } else {
          if (leaf_level_ && *leaf_level_ != level) return Malformed();
          leaf_level_ = level;
          SKEIN_RETURN_IF_ERROR(Element());
        }
        ++count;
      } while (Eat(','));
      if (!Eat('}')) return Malformed();
    }
    if (box_.sizes.size() <= level) box_.sizes.resize(level + 1, kUnknown);
    if (box_.sizes[level] == kUnknown) box_.sizes[level] = count;
    return box_.sizes[level] == count ? Status::OK() : Malformed();
  }

  Status Element() {
    std::string value;
    if (Eat('"')) {
      for (;;) {
        if (at_ == text_.size()) return Malformed();
        char c = text_[at_++];
        if (c == '"') break;
        if (c == '\\') {
          if (at_ == text_.size()) return Malformed();
          c = text_[at_++];
        }
        value.push_back(c);
      }
      return Take(value);
    }
    bool escaped = false;
    size_t end_of_text = 0;  // spaces behind an element that has no quotes are not part of it
    while (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '}') {
      char c = text_[at_++];
      if (c == '{' || c == '"') return Malformed();
      if (c == '\\') {
        if (at_ == text_.size()) return Malformed();
        c = text_[at_++];
        escaped = true;
        value.push_back(c);
        end_of_text = value.size();
        continue;
      }
      value.push_back(c);
      if (!IsSpace(c)) end_of_text = value.size();
    }
    value.resize(end_of_text);
    if (value.empty()) return Malformed();
    if (!escaped && IsNullWord(value)) {
      box_.elements.emplace_back(std::nullopt);
      return Status::OK();
    }
    return Take(value);
  }

  static bool IsNullWord(std::string_view word) {
    constexpr std::string_view kNull = "null";
    return word.size() == kNull.size() &&
           std::equal(word.begin(), word.end(), kNull.begin(),
                      [](char a, char b) { return (a | 0x20) == b; });
  }

  Status Take(std::string_view value) {
    SKEIN_ASSIGN_OR_RETURN(Parameter element, DecodePgText(element_oid_, type_, value));
    box_.elements.emplace_back(std::move(element));
    return Status::OK();
  }

  static constexpr int64_t kUnknown = -1;
  uint32_t element_oid_;
  std::string_view type_;
  std::string_view text_;
  size_t at_ = 0;
  std::optional<size_t> leaf_level_;
  Box box_;
};

}  // namespace

Result<Parameter> DecodePgTextArray(uint32_t element_oid, std::string_view text) {
  SKEIN_ASSIGN_OR_RETURN(std::string type, DuckDbTypeForOid(element_oid));
  SKEIN_ASSIGN_OR_RETURN(Box box, TextArray(element_oid, type, text).Read());
  return Build(element_oid, box);
}

Result<Parameter> DecodePgBinaryArray(uint32_t element_oid, std::string_view bytes) {
  constexpr size_t kWord = sizeof(int32_t);
  SKEIN_ASSIGN_OR_RETURN(std::string type, DuckDbTypeForOid(element_oid));
  Status malformed = InvalidBinaryFor(type + "[]");
  auto word = [&](int64_t* value) {
    if (bytes.size() < kWord) return false;
    uint32_t bits = 0;
    for (size_t i = 0; i < kWord; ++i) bits = bits << 8 | static_cast<unsigned char>(bytes[i]);
    *value = static_cast<int32_t>(bits);
    bytes.remove_prefix(kWord);
    return true;
  };
  int64_t dimensions = 0;
  int64_t flags = 0;
  int64_t sent_oid = 0;
  if (!word(&dimensions) || !word(&flags) || !word(&sent_oid)) return malformed;
  if (dimensions < 0 || dimensions > static_cast<int64_t>(kMaxDimensions) ||
      (flags != 0 && flags != 1)) {
    return malformed;
  }
  // The labels of an enum come as text under the enum's own number.
  bool label = element_oid == pg_oid::kText && static_cast<uint32_t>(sent_oid) >= kFirstUserOid;
  if (static_cast<uint32_t>(sent_oid) != element_oid && !label) return malformed;
  Box box;
  int64_t count = dimensions > 0 ? 1 : 0;
  for (int64_t i = 0; i < dimensions; ++i) {
    int64_t size = 0;
    int64_t lower_bound = 0;
    if (!word(&size) || !word(&lower_bound) || size < 0) return malformed;
    // Every element has a length of its own, so that there cannot be more than a quarter of the
    // bytes.
    if (__builtin_mul_overflow(count, size, &count) ||
        count > static_cast<int64_t>(bytes.size() / kWord)) {
      return malformed;
    }
    box.sizes.push_back(size);
  }
  if (count == 0) box.sizes.assign(1, 0);
  for (int64_t i = 0; i < count; ++i) {
    int64_t length = 0;
    if (!word(&length) || length < -1 || length > static_cast<int64_t>(bytes.size()))
      return malformed;
    if (length == -1) {
      box.elements.emplace_back(std::nullopt);
      continue;
    }
    auto size = static_cast<size_t>(length);
    SKEIN_ASSIGN_OR_RETURN(Parameter element,
                           DecodePgBinary(element_oid, type, bytes.substr(0, size)));
    box.elements.emplace_back(std::move(element));
    bytes.remove_prefix(size);
  }
  if (!bytes.empty()) return malformed;
  return Build(element_oid, box);
}

}  // namespace skein::results
