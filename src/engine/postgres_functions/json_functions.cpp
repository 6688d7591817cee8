// PostgreSQL's functions and operators over json. jsonb is the same type here: what is made by the
// functions of jsonb has jsonb's order and spaces.

#include <algorithm>
#include <charconv>
#include <functional>

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/common/types/vector.hpp"
#include "duckdb/function/function_binder.hpp"
#include "duckdb/planner/expression/bound_cast_expression.hpp"

#include "engine/postgres_functions/json_tree.h"
#include "engine/postgres_functions/json_values.h"
#include "engine/postgres_functions/names.h"
#include "engine/postgres_functions/operand_types.h"
#include "engine/postgres_functions/registrar.h"

namespace skein::engine {
namespace {

using duckdb::DataChunk;
using duckdb::ExpressionState;
using duckdb::LogicalType;
using duckdb::Value;
using duckdb::Vector;
using Kind = JsonTree::Kind;
using Arguments = std::vector<Value>;

Value Json(const JsonTree& tree, JsonStyle style = JsonStyle::kJsonb) {
  Value value(WriteJson(tree, style));
  value.Reinterpret(LogicalType::JSON());
  return value;
}

const std::string& Text(const Value& value) { return duckdb::StringValue::Get(value); }
JsonTree Tree(const Value& value) { return ParseJson(Text(value)); }

/// Runs `row` for each row; with NULL for an argument only where `sees_nulls`.
duckdb::ScalarFunction Function(duckdb::vector<LogicalType> types, LogicalType result,
                                std::function<Value(const Arguments&)> row, bool sees_nulls = false,
                                LogicalType varargs = LogicalType(duckdb::LogicalTypeId::INVALID)) {
  auto run = [row = std::move(row), sees_nulls](DataChunk& chunk, ExpressionState&, Vector& out) {
    for (duckdb::idx_t i = 0; i < chunk.size(); ++i) {
      Arguments arguments;
      bool null = false;
      for (auto& column : chunk.data) {
        arguments.push_back(column.GetValue(i));
        null = null || arguments.back().IsNull();
      }
      out.SetValue(i, null && !sees_nulls ? Value(out.GetType()) : row(arguments));
    }
    if (chunk.AllConstant()) out.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
  };
  duckdb::ScalarFunction function =
      SeesNulls(Fallible(std::move(types), std::move(result), std::move(run)));
  function.varargs = std::move(varargs);
  return function;
}

std::vector<std::string> Texts(const Value& list) {
  std::vector<std::string> texts;
  for (const Value& one : duckdb::ListValue::GetChildren(list))
    texts.push_back(one.IsNull() ? "" : Text(one));
  return texts;
}

std::optional<int64_t> Number(const std::string& text) {
  int64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

JsonTree BuildObject(const Arguments& arguments) {
  if (arguments.size() % 2 != 0) {
    ThrowSql("22023", "argument list must have even number of elements",
             "The arguments of json_build_object() must consist of alternating keys and values.");
  }
  JsonTree tree;
  tree.kind = Kind::kObject;
  for (size_t i = 0; i < arguments.size(); i += 2) {
    if (arguments[i].IsNull())
      ThrowSql("22023", "argument " + std::to_string(i + 1) + " cannot be null",
               "Object keys should be text.");
    tree.members.emplace_back(arguments[i].ToString(), ToJsonTree(arguments[i + 1]));
  }
  return tree;
}

JsonTree BuildArray(const Arguments& arguments) {
  JsonTree tree;
  tree.kind = Kind::kArray;
  for (const Value& argument : arguments) tree.elements.push_back(ToJsonTree(argument));
  return tree;
}

/// json_agg() over what list() gathered.
Value ArrayOf(const Arguments& arguments, JsonStyle style) {
  if (arguments[0].IsNull()) return Value(LogicalType::JSON());
  return Json(ToJsonTree(arguments[0]), style);
}

Value ObjectOf(const Arguments& arguments, JsonStyle style) {
  if (arguments[0].IsNull()) return Value(LogicalType::JSON());
  JsonTree tree;
  tree.kind = Kind::kObject;
  const auto& keys = duckdb::ListValue::GetChildren(arguments[0]);
  const auto& values = duckdb::ListValue::GetChildren(arguments[1]);
  for (size_t i = 0; i < keys.size() && i < values.size(); ++i) {
    if (keys[i].IsNull()) ThrowSql("22004", "field name must not be null");
    tree.members.emplace_back(keys[i].ToString(), ToJsonTree(values[i]));
  }
  if (style != JsonStyle::kJson) return Json(tree, style);
  // PostgreSQL puts spaces at both ends of this one.
  std::string text = WriteJson(tree, style);
  Value value("{ " + text.substr(1, text.size() - 2) + " }");
  value.Reinterpret(LogicalType::JSON());
  return value;
}

std::string_view KindName(Kind kind) {
  switch (kind) {
    case Kind::kNull:
      return "null";
    case Kind::kBoolean:
      return "boolean";
    case Kind::kNumber:
      return "number";
    case Kind::kString:
      return "string";
    case Kind::kArray:
      return "array";
    case Kind::kObject:
      return "object";
  }
  return "";
}

Value AsText(const JsonTree& tree) {
  if (tree.kind == Kind::kNull) return Value(LogicalType::VARCHAR);
  return tree.kind == Kind::kString ? Value(tree.text)
                                    : Value(WriteJson(tree, JsonStyle::kCompact));
}

Value Elements(const Arguments& arguments, bool text) {
  JsonTree tree = Tree(arguments[0]);
  if (tree.kind != Kind::kArray) {
    ThrowSql("22023", tree.kind == Kind::kObject ? "cannot extract elements from an object"
                                                 : "cannot extract elements from a scalar");
  }
  duckdb::vector<Value> values;
  for (const JsonTree& element : tree.elements)
    values.push_back(text ? AsText(element) : Json(element, JsonStyle::kCompact));
  return Value::LIST(text ? LogicalType::VARCHAR : LogicalType::JSON(), std::move(values));
}

const JsonTree& RequireObject(const JsonTree& tree, const char* what) {
  if (tree.kind != Kind::kObject)
    ThrowSql("22023", std::string("cannot ") + what +
                          (tree.kind == Kind::kArray ? " an array" : " a scalar"));
  return tree;
}

LogicalType PairType(const LogicalType& value) {
  return LogicalType::STRUCT({{"key", LogicalType::VARCHAR}, {"value", value}});
}

Value Pairs(const Arguments& arguments, bool text) {
  JsonTree tree = Tree(arguments[0]);
  RequireObject(tree, "call json_each on");
  LogicalType type = PairType(text ? LogicalType::VARCHAR : LogicalType::JSON());
  duckdb::vector<Value> pairs;
  for (const auto& [name, value] : tree.members) {
    pairs.push_back(
        Value::STRUCT({{"key", Value(name)},
                       {"value", text ? AsText(value) : Json(value, JsonStyle::kCompact)}}));
  }
  return Value::LIST(type, std::move(pairs));
}

Value Keys(const Arguments& arguments, bool sorted) {
  JsonTree tree = Tree(arguments[0]);
  RequireObject(tree, "call json_object_keys on");
  if (sorted) Normalise(tree);
  duckdb::vector<Value> names;
  for (const auto& member : tree.members) names.emplace_back(member.first);
  return Value::LIST(LogicalType::VARCHAR, std::move(names));
}

/// Goes along a path of names and positions; nothing where it leads nowhere.
const JsonTree* Follow(const JsonTree* tree, const std::vector<std::string>& path) {
  for (const std::string& step : path) {
    if (tree->kind == Kind::kObject) {
      tree = tree->Find(step);
    } else if (tree->kind == Kind::kArray) {
      std::optional<int64_t> position = Number(step);
      std::optional<size_t> index = position ? tree->Index(*position) : std::nullopt;
      tree = index ? &tree->elements[*index] : nullptr;
    } else {
      return nullptr;
    }
    if (!tree) return nullptr;
  }
  return tree;
}

Value AtPath(const JsonTree& tree, const std::vector<std::string>& path, bool text,
             JsonStyle style) {
  const JsonTree* found = Follow(&tree, path);
  if (!found) return Value(text ? LogicalType::VARCHAR : LogicalType::JSON());
  if (!text) return Json(*found, style);
  bool nested = found->kind == Kind::kObject || found->kind == Kind::kArray;
  return nested ? Value(WriteJson(*found, style)) : AsText(*found);
}

Value ExtractPath(const Arguments& arguments, bool text) {
  std::vector<std::string> path;
  for (size_t i = 1; i < arguments.size(); ++i) path.push_back(Text(arguments[i]));
  JsonTree tree = Tree(arguments[0]);
  return AtPath(tree, path, text, JsonStyle::kCompact);
}

/// json #> text[], in which a NULL leads nowhere.
Value AtPathOf(const Arguments& arguments, bool text) {
  std::vector<std::string> path;
  for (const Value& step : duckdb::ListValue::GetChildren(arguments[1])) {
    if (step.IsNull()) return Value(text ? LogicalType::VARCHAR : LogicalType::JSON());
    path.push_back(Text(step));
  }
  return AtPath(Tree(arguments[0]), path, text, JsonStyle::kJsonb);
}

enum class PathAction { kSet, kSetExisting, kInsertBefore, kInsertAfter, kDelete };

int64_t RequirePosition(const std::string& step, size_t number) {
  std::optional<int64_t> position = Number(step);
  if (!position) {
    ThrowSql("22P02", "path element at position " + std::to_string(number + 1) +
                          " is not an integer: \"" + step + "\"");
  }
  return *position;
}

void ChangePath(JsonTree& tree, const std::vector<std::string>& path, size_t step,
                PathAction action, const JsonTree& value) {
  if (step >= path.size()) return;
  const bool last = step + 1 == path.size();
  if (tree.kind == Kind::kObject) {
    JsonTree* found = tree.Find(path[step]);
    if (!last) {
      if (found) ChangePath(*found, path, step + 1, action, value);
      return;
    }
    if (action == PathAction::kDelete) {
      std::erase_if(tree.members, [&](const auto& member) { return member.first == path[step]; });
    } else if (found) {
      if (action == PathAction::kInsertBefore || action == PathAction::kInsertAfter)
        ThrowSql("22023", "cannot replace existing key",
                 "Try using the function jsonb_set to replace key value.");
      *found = value;
    } else if (action != PathAction::kSetExisting) {
      tree.members.emplace_back(path[step], value);
    }
    return;
  }
  if (tree.kind != Kind::kArray) return;
  int64_t position = RequirePosition(path[step], step);
  std::optional<size_t> index = tree.Index(position);
  if (!last) {
    if (index) ChangePath(tree.elements[*index], path, step + 1, action, value);
    return;
  }
  auto& elements = tree.elements;
  auto at = [&](size_t offset) {
    return elements.begin() + static_cast<std::ptrdiff_t>(*index + offset);
  };
  if (!index) {
    bool adds = action == PathAction::kSet || action == PathAction::kInsertBefore ||
                action == PathAction::kInsertAfter;
    if (adds) elements.insert(position < 0 ? elements.begin() : elements.end(), value);
  } else if (action == PathAction::kDelete) {
    elements.erase(at(0));
  } else if (action == PathAction::kInsertBefore) {
    elements.insert(at(0), value);
  } else if (action == PathAction::kInsertAfter) {
    elements.insert(at(1), value);
  } else {
    elements[*index] = value;
  }
}

Value Change(const Arguments& arguments, PathAction action) {
  JsonTree tree = Tree(arguments[0]);
  if (tree.kind != Kind::kArray && tree.kind != Kind::kObject)
    ThrowSql("22023", "cannot set path in scalar");
  JsonTree value = arguments.size() > 2 ? Tree(arguments[2]) : JsonTree();
  ChangePath(tree, Texts(arguments[1]), 0, action, value);
  return Json(tree);
}

Value Concatenate(const Arguments& arguments) {
  JsonTree left = Tree(arguments[0]);
  JsonTree right = Tree(arguments[1]);
  if (left.kind == Kind::kObject && right.kind == Kind::kObject) {
    for (auto& member : right.members) left.members.push_back(std::move(member));
    return Json(left);
  }
  JsonTree all;
  all.kind = Kind::kArray;
  for (JsonTree* side : {&left, &right}) {
    if (side->kind == Kind::kArray) {
      for (JsonTree& element : side->elements) all.elements.push_back(std::move(element));
    } else {
      all.elements.push_back(std::move(*side));
    }
  }
  return Json(all);
}

Value DeleteNames(const Arguments& arguments) {
  JsonTree tree = Tree(arguments[0]);
  std::vector<std::string> names = arguments[1].type().id() == duckdb::LogicalTypeId::LIST
                                       ? Texts(arguments[1])
                                       : std::vector<std::string>{Text(arguments[1])};
  auto named = [&](const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (tree.kind != Kind::kArray && tree.kind != Kind::kObject)
    ThrowSql("22023", "cannot delete from scalar");
  std::erase_if(tree.members, [&](const auto& member) { return named(member.first); });
  std::erase_if(tree.elements,
                [&](const JsonTree& one) { return one.kind == Kind::kString && named(one.text); });
  return Json(tree);
}

Value DeletePosition(const Arguments& arguments) {
  JsonTree tree = Tree(arguments[0]);
  if (tree.kind == Kind::kObject)
    ThrowSql("22023", "cannot delete from object using integer index");
  if (tree.kind != Kind::kArray) ThrowSql("22023", "cannot delete from scalar");
  if (auto index = tree.Index(duckdb::BigIntValue::Get(arguments[1])))
    tree.elements.erase(tree.elements.begin() + static_cast<std::ptrdiff_t>(*index));
  return Json(tree);
}

bool Exists(const JsonTree& tree, const std::string& name) {
  if (tree.kind == Kind::kObject) return tree.Find(name) != nullptr;
  if (tree.kind == Kind::kString) return tree.text == name;
  return std::any_of(tree.elements.begin(), tree.elements.end(), [&](const JsonTree& one) {
    return one.kind == Kind::kString && one.text == name;
  });
}

Value ExistsAll(const Arguments& arguments, bool all) {
  JsonTree tree = Tree(arguments[0]);
  std::vector<std::string> names = Texts(arguments[1]);
  auto there = [&](const std::string& name) { return Exists(tree, name); };
  return Value::BOOLEAN(all ? std::all_of(names.begin(), names.end(), there)
                            : std::any_of(names.begin(), names.end(), there));
}

void StripNulls(JsonTree& tree) {
  std::erase_if(tree.members, [](const auto& member) { return member.second.kind == Kind::kNull; });
  for (auto& member : tree.members) StripNulls(member.second);
  for (JsonTree& element : tree.elements) StripNulls(element);
}

Value Strip(const Arguments& arguments, JsonStyle style) {
  JsonTree tree = Tree(arguments[0]);
  StripNulls(tree);
  return Json(tree, style);
}

Value Length(const Arguments& arguments) {
  JsonTree tree = Tree(arguments[0]);
  if (tree.kind != Kind::kArray) {
    ThrowSql("22023", tree.kind == Kind::kObject ? "cannot get array length of a non-array"
                                                 : "cannot get array length of a scalar");
  }
  return Value::INTEGER(static_cast<int32_t>(tree.elements.size()));
}

void RegisterBuilders(FunctionRegistrar& registrar) {
  const LogicalType json = LogicalType::JSON();
  const LogicalType any = LogicalType::ANY;
  for (auto style : {JsonStyle::kJson, JsonStyle::kJsonb}) {
    std::string prefix = style == JsonStyle::kJson ? "json" : "jsonb";
    registrar.AddScalar(
        prefix + "_build_object",
        {Function(
            {}, json, [style](const Arguments& a) { return Json(BuildObject(a), style); }, true,
            any)});
    registrar.AddScalar(
        prefix + "_build_array",
        {Function(
            {}, json, [style](const Arguments& a) { return Json(BuildArray(a), style); }, true,
            any)});
    // What json_agg(x ORDER BY y) becomes: DuckDB's list() with all that may stand in an aggregate.
    registrar.AddPgScalar(prefix + "_array_of",
                          {Function(
                              {LogicalType::LIST(any)}, json,
                              [style](const Arguments& a) { return ArrayOf(a, style); }, true)});
    registrar.AddPgScalar(prefix + "_object_of",
                          {Function(
                              {LogicalType::LIST(any), LogicalType::LIST(any)}, json,
                              [style](const Arguments& a) { return ObjectOf(a, style); }, true)});
  }
  registrar.AddScalar(
      "to_jsonb",
      {Function({any}, json, [](const Arguments& a) { return Json(ToJsonTree(a[0])); })});
}

void RegisterReaders(FunctionRegistrar& registrar) {
  const LogicalType json = LogicalType::JSON();
  const LogicalType text = LogicalType::VARCHAR;
  for (bool binary : {false, true}) {
    std::string prefix = binary ? "jsonb" : "json";
    auto style = binary ? JsonStyle::kJsonb : JsonStyle::kCompact;
    registrar.AddScalar(prefix + "_typeof", {Function({json}, text, [](const Arguments& a) {
                          return Value(std::string(KindName(Tree(a[0]).kind)));
                        })});
    registrar.AddScalar(
        prefix + "_strip_nulls",
        {Function({json}, json, [style](const Arguments& a) { return Strip(a, style); })});
    registrar.AddPgScalar(prefix + "_keys_of",
                          {Function({json}, LogicalType::LIST(text),
                                    [binary](const Arguments& a) { return Keys(a, binary); })});
    registrar.AddPgScalar(
        prefix + "_extract_path",
        {Function(
            {json}, json, [](const Arguments& a) { return ExtractPath(a, false); }, false, text)});
    registrar.AddPgScalar(
        prefix + "_extract_path_text",
        {Function(
            {json}, text, [](const Arguments& a) { return ExtractPath(a, true); }, false, text)});
  }
  registrar.AddPgScalar("json_elements_of",
                        {Function({json}, LogicalType::LIST(json),
                                  [](const Arguments& a) { return Elements(a, false); })});
  registrar.AddPgScalar("json_texts_of",
                        {Function({json}, LogicalType::LIST(text),
                                  [](const Arguments& a) { return Elements(a, true); })});
  registrar.AddPgScalar("json_pairs_of",
                        {Function({json}, LogicalType::LIST(PairType(json)),
                                  [](const Arguments& a) { return Pairs(a, false); })});
  registrar.AddPgScalar("json_text_pairs_of",
                        {Function({json}, LogicalType::LIST(PairType(text)),
                                  [](const Arguments& a) { return Pairs(a, true); })});
  registrar.AddScalar("jsonb_array_length", {Function({json}, LogicalType::INTEGER, Length)});
  registrar.AddPgScalar("json_array_length", {Function({json}, LogicalType::INTEGER, Length)});
  registrar.AddScalar(
      "jsonb_pretty",
      {Function({json}, text, [](const Arguments& a) { return Value(PrettyJson(Tree(a[0]))); })});
}

/// || of json joins its values, of a list and something else it adds an element; of anything else
/// it is DuckDB's.
duckdb::unique_ptr<duckdb::Expression> BindConcatenate(duckdb::FunctionBindExpressionInput& input) {
  bool json =
      input.children[0]->return_type.IsJSONType() || input.children[1]->return_type.IsJSONType();
  auto is = [&](size_t i, duckdb::LogicalTypeId type) {
    return input.children[i]->return_type.id() == type;
  };
  // A constant of text is an array in PostgreSQL, in its notation: that is left to fail.
  auto element = [&](size_t i) {
    bool text = is(i, duckdb::LogicalTypeId::VARCHAR) &&
                input.children[i]->GetExpressionClass() == duckdb::ExpressionClass::BOUND_CONSTANT;
    return !text && !is(i, duckdb::LogicalTypeId::LIST) && !is(i, duckdb::LogicalTypeId::ARRAY) &&
           !is(i, duckdb::LogicalTypeId::SQLNULL) && !is(i, duckdb::LogicalTypeId::UNKNOWN);
  };
  duckdb::FunctionBinder binder(input.context);
  duckdb::ErrorData error;
  for (size_t i : {size_t{0}, size_t{1}}) {
    if (json || !is(1 - i, duckdb::LogicalTypeId::LIST) || !element(i)) continue;
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> only;
    only.push_back(std::move(input.children[i]));
    input.children[i] =
        binder.BindScalarFunction(DEFAULT_SCHEMA, "list_value", std::move(only), error);
    if (error.HasError()) error.Throw();
  }
  // With an array that is NULL the other one is the result.
  bool lists = is(0, duckdb::LogicalTypeId::LIST) && is(1, duckdb::LogicalTypeId::LIST);
  auto bound = binder.BindScalarFunction(DEFAULT_SCHEMA,
                                         json    ? "jsonb_concat"
                                         : lists ? "list_concat"
                                                 : "||",
                                         std::move(input.children), error, !json && !lists);
  if (error.HasError()) error.Throw();
  return bound;
}

/// - of json takes keys away; of anything else it is the operator, and a constant of text beside a
/// time is one, too.
duckdb::unique_ptr<duckdb::Expression> BindSubtract(duckdb::FunctionBindExpressionInput& input) {
  bool json = input.children[0]->return_type.IsJSONType();
  for (size_t i : {size_t{0}, size_t{1}}) {
    const LogicalType other = input.children[1 - i]->return_type;
    bool text =
        input.children[i]->GetExpressionClass() == duckdb::ExpressionClass::BOUND_CONSTANT &&
        input.children[i]->return_type.InternalType() == duckdb::PhysicalType::VARCHAR;
    if (text && (other.IsTemporal() || other.id() == duckdb::LogicalTypeId::TIME))
      input.children[i] = duckdb::BoundCastExpression::AddCastToType(
          input.context, std::move(input.children[i]), other);
    if (text)
      ReadLiteralOperand(input.context, input.children[i], *input.children[1 - i], "-", i == 0);
  }
  duckdb::FunctionBinder binder(input.context);
  duckdb::ErrorData error;
  auto bound =
      binder.BindScalarFunction(json ? DEFAULT_SCHEMA : kPgCatalog, json ? "jsonb_delete" : "-",
                                std::move(input.children), error, !json);
  if (error.HasError()) error.Throw();
  return bound;
}

void RegisterOperators(FunctionRegistrar& registrar) {
  const LogicalType json = LogicalType::JSON();
  const LogicalType text = LogicalType::VARCHAR;
  const LogicalType texts = LogicalType::LIST(text);
  const LogicalType truth = LogicalType::BOOLEAN;
  auto contains = [](const Arguments& a) {
    return Value::BOOLEAN(JsonContains(Tree(a[0]), Tree(a[1])));
  };
  auto contained = [](const Arguments& a) {
    return Value::BOOLEAN(JsonContains(Tree(a[1]), Tree(a[0])));
  };
  registrar.AddPgScalar("@>", {Function({json, json}, truth, contains)});
  registrar.AddPgScalar("<@", {Function({json, json}, truth, contained)});
  registrar.AddScalar("jsonb_contains", {Function({json, json}, truth, contains)});
  registrar.AddScalar("jsonb_contained", {Function({json, json}, truth, contained)});
  auto concatenate =
      SeesNulls(Fallible({LogicalType::ANY, LogicalType::ANY}, LogicalType::ANY, nullptr));
  concatenate.SetBindExpressionCallback(BindConcatenate);
  registrar.AddPgScalar("concatenate", {concatenate});
  auto subtract =
      SeesNulls(Fallible({LogicalType::ANY, LogicalType::ANY}, LogicalType::ANY, nullptr));
  subtract.SetBindExpressionCallback(BindSubtract);
  registrar.AddPgScalar("subtract", {subtract});
  registrar.AddScalar("jsonb_concat", {Function({json, json}, json, Concatenate)});
  registrar.AddScalar(
      "jsonb_delete",
      {Function({json, text}, json, DeleteNames), Function({json, texts}, json, DeleteNames),
       Function({json, LogicalType::BIGINT}, json, DeletePosition)});
  // #> and #>>
  registrar.AddPgScalar(
      "json_at_path",
      {Function({json, texts}, json, [](const Arguments& a) { return AtPathOf(a, false); })});
  registrar.AddPgScalar(
      "json_text_at_path",
      {Function({json, texts}, text, [](const Arguments& a) { return AtPathOf(a, true); })});
  registrar.AddScalar("jsonb_delete_path", {Function({json, texts}, json, [](const Arguments& a) {
                        return Change(a, PathAction::kDelete);
                      })});
  registrar.AddScalar("jsonb_exists", {Function({json, text}, truth, [](const Arguments& a) {
                        return Value::BOOLEAN(Exists(Tree(a[0]), Text(a[1])));
                      })});
  registrar.AddScalar(
      "jsonb_exists_any",
      {Function({json, texts}, truth, [](const Arguments& a) { return ExistsAll(a, false); })});
  registrar.AddScalar(
      "jsonb_exists_all",
      {Function({json, texts}, truth, [](const Arguments& a) { return ExistsAll(a, true); })});
  auto set = [](const Arguments& a) {
    bool create = a.size() < 4 || duckdb::BooleanValue::Get(a[3]);
    return Change(a, create ? PathAction::kSet : PathAction::kSetExisting);
  };
  auto insert = [](const Arguments& a) {
    bool after = a.size() > 3 && duckdb::BooleanValue::Get(a[3]);
    return Change(a, after ? PathAction::kInsertAfter : PathAction::kInsertBefore);
  };
  registrar.AddScalar("jsonb_set", {Function({json, texts, json}, json, set),
                                    Function({json, texts, json, truth}, json, set)});
  registrar.AddScalar("jsonb_insert", {Function({json, texts, json}, json, insert),
                                       Function({json, texts, json, truth}, json, insert)});
}

}  // namespace

void RegisterJson(FunctionRegistrar& registrar) {
  RegisterBuilders(registrar);
  RegisterReaders(registrar);
  RegisterOperators(registrar);
  registrar.AddType("jsonb", LogicalType::JSON());
}

}  // namespace skein::engine
