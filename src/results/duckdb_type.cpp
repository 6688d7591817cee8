#include "results/duckdb_type.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace skein::results {
namespace {

struct NamedKind {
  std::string_view name;
  TypeKind kind;
};

constexpr auto kNames = std::to_array<NamedKind>({
    {"NULL", TypeKind::kNull},
    {"BOOLEAN", TypeKind::kBoolean},
    {"BOOL", TypeKind::kBoolean},
    {"TINYINT", TypeKind::kTinyInt},
    {"INT1", TypeKind::kTinyInt},
    {"SMALLINT", TypeKind::kSmallInt},
    {"INT2", TypeKind::kSmallInt},
    {"INTEGER", TypeKind::kInteger},
    {"INT", TypeKind::kInteger},
    {"INT4", TypeKind::kInteger},
    {"BIGINT", TypeKind::kBigInt},
    {"INT8", TypeKind::kBigInt},
    {"HUGEINT", TypeKind::kHugeInt},
    {"UTINYINT", TypeKind::kUTinyInt},
    {"USMALLINT", TypeKind::kUSmallInt},
    {"UINTEGER", TypeKind::kUInteger},
    {"UBIGINT", TypeKind::kUBigInt},
    {"UHUGEINT", TypeKind::kUHugeInt},
    {"BIGNUM", TypeKind::kBigNum},
    {"VARINT", TypeKind::kBigNum},
    {"FLOAT", TypeKind::kFloat},
    {"REAL", TypeKind::kFloat},
    {"FLOAT4", TypeKind::kFloat},
    {"DOUBLE", TypeKind::kDouble},
    {"FLOAT8", TypeKind::kDouble},
    {"DECIMAL", TypeKind::kDecimal},
    {"NUMERIC", TypeKind::kDecimal},
    {"VARCHAR", TypeKind::kVarchar},
    {"TEXT", TypeKind::kVarchar},
    {"STRING", TypeKind::kVarchar},
    {"CHAR", TypeKind::kVarchar},
    {"JSON", TypeKind::kJson},
    {"BLOB", TypeKind::kBlob},
    {"BYTEA", TypeKind::kBlob},
    {"BIT", TypeKind::kBit},
    {"UUID", TypeKind::kUuid},
    {"DATE", TypeKind::kDate},
    {"TIME", TypeKind::kTime},
    {"TIME_NS", TypeKind::kTimeNs},
    {"TIMETZ", TypeKind::kTimeTz},
    {"TIMESTAMP", TypeKind::kTimestamp},
    {"DATETIME", TypeKind::kTimestamp},
    {"TIMESTAMP_S", TypeKind::kTimestampS},
    {"TIMESTAMP_MS", TypeKind::kTimestampMs},
    {"TIMESTAMP_NS", TypeKind::kTimestampNs},
    {"TIMESTAMPTZ", TypeKind::kTimestampTz},
    {"INTERVAL", TypeKind::kInterval},
    {"VARIANT", TypeKind::kVariant},
});

/// Aliases that the engine's pg_catalog gives its columns.
struct CatalogAlias {
  std::string_view name;
  TypeKind kind;
  uint32_t pg_oid;
};
constexpr auto kCatalogAliases = std::to_array<CatalogAlias>({{"oid", TypeKind::kBigInt, 26},
                                                              {"xid", TypeKind::kUInteger, 28},
                                                              {"cid", TypeKind::kUInteger, 29},
                                                              {"name", TypeKind::kVarchar, 19},
                                                              {"char", TypeKind::kVarchar, 18},
                                                              {"int2vector", TypeKind::kList, 22},
                                                              {"oidvector", TypeKind::kList, 30}});

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool IsWord(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$' || static_cast<unsigned char>(c) >= 0x80;
}
char Upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }
bool EqualsIgnoringCase(std::string_view a, std::string_view upper) {
  return a.size() == upper.size() && std::equal(a.begin(), a.end(), upper.begin(),
                                                [](char x, char y) { return Upper(x) == y; });
}

// A recursive descent over the text. Methods return false when the text is not what they look for;
// the cursor is then anywhere, and whoever wants to try something else puts it back.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  bool ParseWhole(DuckDbType* type) {
    if (!Type(type, 0)) return false;
    SkipSpace();
    return at_ == text_.size();
  }

 private:
  struct Word {
    std::string text;
    bool quoted = false;
  };

  void SkipSpace() {
    while (at_ < text_.size() && IsSpace(text_[at_])) ++at_;
  }
  bool Eat(char c) {
    SkipSpace();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  char Peek() {
    SkipSpace();
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  // The text between two quotes, where a doubled quote stands for itself.
  bool Quoted(char quote, std::string* value) {
    if (!Eat(quote)) return false;
    while (at_ < text_.size()) {
      char c = text_[at_++];
      if (c == quote) {
        if (at_ == text_.size() || text_[at_] != quote) return true;
        ++at_;
      }
      if (value) value->push_back(c);
    }
    return false;
  }

  bool ReadWord(Word* word) {
    if (Peek() == '"') {
      word->quoted = true;
      return Quoted('"', &word->text);
    }
    size_t start = at_;
    while (at_ < text_.size() && IsWord(text_[at_])) ++at_;
    word->text = text_.substr(start, at_ - start);
    return at_ > start;
  }

  bool EatWord(std::string_view upper) {
    size_t start = at_;
    Word word;
    if (ReadWord(&word) && !word.quoted && EqualsIgnoringCase(word.text, upper)) return true;
    at_ = start;
    return false;
  }

  template <typename Int>
  bool Number(Int* value) {
    SkipSpace();
    auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), *value);
    if (error != std::errc() || *value < 0) return false;
    at_ = static_cast<size_t>(end - text_.data());
    return true;
  }

  bool Type(DuckDbType* type, int depth) {
    if (depth > kMaxTypeDepth || !BaseType(type, depth)) return false;
    for (int wrapped = 0; Eat('['); ++wrapped) {
      if (wrapped + depth > kMaxTypeDepth) return false;
      DuckDbType outer;
      outer.kind = TypeKind::kList;
      if (!Eat(']')) {
        outer.kind = TypeKind::kArray;
        if (!Number(&outer.array_size) || !Eat(']')) return false;
      }
      outer.children.push_back(std::move(*type));
      *type = std::move(outer);
    }
    return true;
  }

  bool BaseType(DuckDbType* type, int depth) {
    Word word;
    if (!ReadWord(&word)) return false;
    if (!word.quoted || word.text == "NULL") {
      if (EqualsIgnoringCase(word.text, "STRUCT") && Peek() == '(')
        return Members(TypeKind::kStruct, type, depth);
      if (EqualsIgnoringCase(word.text, "UNION") && Peek() == '(')
        return Members(TypeKind::kUnion, type, depth);
      if (EqualsIgnoringCase(word.text, "MAP") && Peek() == '(') return Map(type, depth);
      if (EqualsIgnoringCase(word.text, "ENUM") && Peek() == '(') return Labels(type);
      for (const NamedKind& named : kNames) {
        if (EqualsIgnoringCase(word.text, named.name)) type->kind = named.kind;
      }
    }
    if (type->kind == TypeKind::kOther ||
        (word.text == "char" && type->kind == TypeKind::kVarchar)) {
      // DuckDB's own CHAR is printed VARCHAR; the lower case is the alias.
      for (const CatalogAlias& alias : kCatalogAliases) {
        if (word.text != alias.name) continue;
        type->kind = alias.kind;
        type->pg_oid = alias.pg_oid;
        if (alias.kind == TypeKind::kList) {
          DuckDbType element;
          element.kind = alias.pg_oid == 22 ? TypeKind::kSmallInt : TypeKind::kBigInt;
          element.pg_oid = alias.pg_oid == 22 ? 0 : 26;
          type->children.push_back(std::move(element));
        }
      }
    }
    if (type->kind == TypeKind::kDecimal) return Decimal(type);
    if (type->kind == TypeKind::kTime || type->kind == TypeKind::kTimestamp) {
      size_t start = at_;
      if (EatWord("WITH") && EatWord("TIME") && EatWord("ZONE")) {
        type->kind = type->kind == TypeKind::kTime ? TypeKind::kTimeTz : TypeKind::kTimestampTz;
      } else {
        at_ = start;
      }
    }
    if (type->kind == TypeKind::kDouble) EatWord("PRECISION");
    return Peek() != '(' || SkipModifiers();
  }

  bool Decimal(DuckDbType* type) {
    type->precision = 18;
    type->scale = 3;
    if (!Eat('(')) return true;
    type->scale = 0;
    if (!Number(&type->precision)) return false;
    if (Eat(',') && !Number(&type->scale)) return false;
    return Eat(')') && type->precision >= 1 && type->precision <= 38 &&
           type->scale <= type->precision;
  }

  // `a INTEGER, "b c" VARCHAR`, or for an unnamed struct only types. A type alone is tried first; a
  // name followed by a type fails there at the second word, so that no text is read more than twice
  // per level.
  bool Members(TypeKind kind, DuckDbType* type, int depth) {
    type->kind = kind;
    if (!Eat('(')) return false;
    if (Eat(')')) return true;
    do {
      DuckDbType member;
      Word name;
      size_t start = at_;
      if (!Type(&member, depth + 1) || (Peek() != ',' && Peek() != ')')) {
        member = DuckDbType();
        at_ = start;
        if (!ReadWord(&name) || Peek() == '(' || !Type(&member, depth + 1)) return false;
      }
      type->children.push_back(std::move(member));
      type->names.push_back(std::move(name.text));
    } while (Eat(','));
    return Eat(')');
  }

  bool Map(DuckDbType* type, int depth) {
    type->kind = TypeKind::kMap;
    type->children.resize(2);
    return Eat('(') && Type(&type->children[0], depth + 1) && Eat(',') &&
           Type(&type->children[1], depth + 1) && Eat(')');
  }

  bool Labels(DuckDbType* type) {
    type->kind = TypeKind::kEnum;
    if (!Eat('(')) return false;
    if (Eat(')')) return true;
    do {
      if (!Quoted('\'', nullptr)) return false;
    } while (Eat(','));
    return Eat(')');
  }

  // The modifiers of a type that has none of its own here: `VARCHAR(10)`, `GEOMETRY('EPSG:4326')`.
  bool SkipModifiers() {
    for (int open = 0; at_ < text_.size();) {
      char c = text_[at_];
      if (c == '\'' || c == '"') {
        if (!Quoted(c, nullptr)) return false;
        continue;
      }
      ++at_;
      if (c == '(') ++open;
      if (c == ')' && --open == 0) return true;
    }
    return false;
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

Result<DuckDbType> ParseDuckDbType(std::string_view text) {
  DuckDbType type;
  if (!Parser(text).ParseWhole(&type)) {
    constexpr size_t kShown = 200;
    return errors::Syntax("not the name of a type: " + std::string(text.substr(0, kShown)));
  }
  return type;
}

}  // namespace skein::results
