#include "engine/postgres_functions/json_tree.h"

#include <algorithm>
#include <cstdlib>

#include <nlohmann/json.hpp>

#include "engine/postgres_functions/sql_error.h"

namespace skein::engine {
namespace {

constexpr size_t kDeepest = 1000;

/// Builds the tree from what nlohmann's parser tells, which hands over how a number was written.
class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Builder(JsonTree* root) : root_(root) {}

  bool null() override { return Add(JsonTree()); }
  bool boolean(bool value) override {
    JsonTree tree;
    tree.kind = JsonTree::Kind::kBoolean;
    tree.boolean = value;
    return Add(std::move(tree));
  }
  bool number_integer(number_integer_t value) override {
    return Add(JsonTree::Number(std::to_string(value)));
  }
  bool number_unsigned(number_unsigned_t value) override {
    return Add(JsonTree::Number(std::to_string(value)));
  }
  bool number_float(number_float_t, const string_t& written) override {
    return Add(JsonTree::Number(written));
  }
  bool string(string_t& value) override { return Add(JsonTree::String(std::move(value))); }
  bool binary(binary_t&) override { return false; }
  bool start_object(size_t) override { return Open(JsonTree::Kind::kObject); }
  bool end_object() override { return Close(); }
  bool start_array(size_t) override { return Open(JsonTree::Kind::kArray); }
  bool end_array() override { return Close(); }
  bool key(string_t& name) override {
    key_ = std::move(name);
    return true;
  }
  bool parse_error(size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

 private:
  JsonTree* Place(JsonTree tree) {
    if (open_.empty()) {
      *root_ = std::move(tree);
      return root_;
    }
    JsonTree& parent = *open_.back();
    if (parent.kind == JsonTree::Kind::kArray) {
      parent.elements.push_back(std::move(tree));
      return &parent.elements.back();
    }
    parent.members.emplace_back(std::move(key_), std::move(tree));
    return &parent.members.back().second;
  }
  bool Add(JsonTree tree) {
    Place(std::move(tree));
    return true;
  }
  bool Open(JsonTree::Kind kind) {
    if (open_.size() >= kDeepest) ThrowSql("54001", "the JSON value is nested too deeply");
    JsonTree tree;
    tree.kind = kind;
    open_.push_back(Place(std::move(tree)));
    return true;
  }
  bool Close() {
    open_.pop_back();
    return true;
  }

  JsonTree* root_;
  std::vector<JsonTree*> open_;
  std::string key_;
};

void WriteString(std::string_view text, std::string& out) {
  constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  for (char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += "\\u00";
          out += kHex[c >> 4 & 15];
          out += kHex[c & 15];
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

/// `indent` below 0: on one line.
void Write(const JsonTree& tree, JsonStyle style, int indent, std::string& out) {
  const bool pretty = indent >= 0;
  const int inner = pretty ? indent + 1 : -1;
  auto line = [&](int depth) {
    if (!pretty) return;
    out += '\n';
    out.append(static_cast<size_t>(depth) * 4, ' ');
  };
  auto separate = [&](bool first) {
    if (!first) out += pretty || style == JsonStyle::kCompact ? "," : ", ";
    line(inner);
  };
  switch (tree.kind) {
    case JsonTree::Kind::kNull:
      out += "null";
      break;
    case JsonTree::Kind::kBoolean:
      out += tree.boolean ? "true" : "false";
      break;
    case JsonTree::Kind::kNumber:
      out += tree.text;
      break;
    case JsonTree::Kind::kString:
      WriteString(tree.text, out);
      break;
    case JsonTree::Kind::kArray: {
      out += '[';
      bool first = true;
      for (const JsonTree& element : tree.elements) {
        separate(first);
        first = false;
        Write(element, style, inner, out);
      }
      line(indent);
      out += ']';
      break;
    }
    case JsonTree::Kind::kObject: {
      out += '{';
      bool first = true;
      for (const auto& [name, value] : tree.members) {
        separate(first);
        first = false;
        WriteString(name, out);
        out += style == JsonStyle::kCompact ? ":" : style == JsonStyle::kJson ? " : " : ": ";
        Write(value, style, inner, out);
      }
      line(indent);
      out += '}';
      break;
    }
  }
}

}  // namespace

JsonTree JsonTree::String(std::string text) {
  JsonTree tree;
  tree.kind = Kind::kString;
  tree.text = std::move(text);
  return tree;
}

JsonTree JsonTree::Number(std::string digits) {
  JsonTree tree;
  tree.kind = Kind::kNumber;
  tree.text = std::move(digits);
  return tree;
}

JsonTree* JsonTree::Find(std::string_view key) {
  // Of several members of one name the last counts.
  for (auto member = members.rbegin(); member != members.rend(); ++member) {
    if (member->first == key) return &member->second;
  }
  return nullptr;
}

std::optional<size_t> JsonTree::Index(int64_t position) const {
  auto count = static_cast<int64_t>(elements.size());
  if (position < 0) position += count;
  if (position < 0 || position >= count) return std::nullopt;
  return static_cast<size_t>(position);
}

bool JsonTree::operator==(const JsonTree& other) const {
  if (kind != other.kind) return false;
  switch (kind) {
    case Kind::kNull:
      return true;
    case Kind::kBoolean:
      return boolean == other.boolean;
    case Kind::kNumber:
      return text == other.text ||
             std::strtold(text.c_str(), nullptr) == std::strtold(other.text.c_str(), nullptr);
    case Kind::kString:
      return text == other.text;
    case Kind::kArray:
      return elements == other.elements;
    case Kind::kObject:
      if (members.size() != other.members.size()) return false;
      return std::all_of(members.begin(), members.end(), [&](const auto& member) {
        const JsonTree* there = other.Find(member.first);
        return there && *there == member.second;
      });
  }
  return false;
}

JsonTree ParseJson(std::string_view text) {
  JsonTree root;
  Builder builder(&root);
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) {
    ThrowSql("22P02", "invalid input syntax for type json");
  }
  return root;
}

void Normalise(JsonTree& tree) {
  for (JsonTree& element : tree.elements) Normalise(element);
  auto& members = tree.members;
  for (auto& member : members) Normalise(member.second);
  std::stable_sort(members.begin(), members.end(), [](const auto& a, const auto& b) {
    return a.first.size() != b.first.size() ? a.first.size() < b.first.size() : a.first < b.first;
  });
  auto kept = members.begin();
  for (auto member = members.begin(); member != members.end(); ++member) {
    bool last = member + 1 == members.end() || (member + 1)->first != member->first;
    if (!last) continue;
    if (kept != member) *kept = std::move(*member);
    ++kept;
  }
  members.erase(kept, members.end());
}

std::string WriteJson(const JsonTree& tree, JsonStyle style) {
  std::string out;
  if (style == JsonStyle::kJsonb) {
    JsonTree normal = tree;
    Normalise(normal);
    Write(normal, style, -1, out);
  } else {
    Write(tree, style, -1, out);
  }
  return out;
}

std::string PrettyJson(const JsonTree& tree) {
  JsonTree normal = tree;
  Normalise(normal);
  std::string out;
  Write(normal, JsonStyle::kJsonb, 0, out);
  return out;
}

bool JsonContains(const JsonTree& whole, const JsonTree& part) {
  using Kind = JsonTree::Kind;
  bool scalar = part.kind != Kind::kArray && part.kind != Kind::kObject;
  if (whole.kind == Kind::kArray && scalar) {
    // An array contains a single value, though no array is one.
    return std::find(whole.elements.begin(), whole.elements.end(), part) != whole.elements.end();
  }
  if (whole.kind == Kind::kObject && part.kind == Kind::kObject) {
    return std::all_of(part.members.begin(), part.members.end(), [&](const auto& member) {
      const JsonTree* there = whole.Find(member.first);
      return there && JsonContains(*there, member.second);
    });
  }
  if (whole.kind == Kind::kArray && part.kind == Kind::kArray) {
    return std::all_of(part.elements.begin(), part.elements.end(), [&](const JsonTree& wanted) {
      return std::any_of(whole.elements.begin(), whole.elements.end(), [&](const JsonTree& there) {
        bool nested = wanted.kind == Kind::kArray || wanted.kind == Kind::kObject;
        return nested ? there.kind == wanted.kind && JsonContains(there, wanted) : there == wanted;
      });
    });
  }
  return whole == part;
}

}  // namespace skein::engine
