// The columns of a relation, read when they are asked for.

#include "duckdb/catalog/catalog_entry/table_catalog_entry.hpp"
#include "duckdb/catalog/catalog_entry/view_catalog_entry.hpp"
#include "duckdb/common/exception.hpp"
#include "duckdb/common/file_system.hpp"
#include "duckdb/common/string_util.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/parser/constraints/not_null_constraint.hpp"
#include "duckdb/parser/constraints/unique_constraint.hpp"
#include "duckdb/parser/expression/cast_expression.hpp"
#include "duckdb/parser/expression/constant_expression.hpp"
#include "duckdb/parser/expression/function_expression.hpp"
#include "duckdb/parser/expression/star_expression.hpp"
#include "duckdb/parser/parsed_expression.hpp"
#include "duckdb/parser/qualified_name.hpp"
#include "duckdb/parser/query_node/select_node.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/parser/tableref/table_function_ref.hpp"
#include "duckdb/planner/binder.hpp"
#include "duckdb/storage/object_cache.hpp"

#include "engine/column_origins.h"
#include "engine/numbered_columns.h"
#include "engine/postgres_catalog/pg_types.h"
#include "engine/postgres_catalog/relation_defs.h"
#include "engine/postgres_catalog/snapshot.h"
#include "engine/postgres_catalog/snapshot_cache.h"
#include "engine/postgres_catalog/view_text.h"
#include "engine/postgres_functions/declared_text.h"

namespace skein::engine::postgres_catalog {
namespace {

std::string CommentText(const duckdb::Value& comment) {
  return comment.IsNull() ? std::string() : comment.ToString();
}

/// The text of a constant, under a cast or not; null for everything else.
const duckdb::Value* TextConstant(const duckdb::ParsedExpression& expression) {
  if (expression.GetExpressionClass() == duckdb::ExpressionClass::CAST)
    return TextConstant(*expression.Cast<duckdb::CastExpression>().child);
  if (expression.GetExpressionClass() != duckdb::ExpressionClass::CONSTANT) return nullptr;
  const auto& value = expression.Cast<duckdb::ConstantExpression>().value;
  bool text = !value.IsNull() && value.type().id() == duckdb::LogicalTypeId::VARCHAR;
  return text ? &value : nullptr;
}

/// PostgreSQL's notation of the array that a literal was read as.
std::string ArrayText(const duckdb::Value& list) {
  std::string text = "{";
  for (const auto& element : duckdb::ListValue::GetChildren(list)) {
    if (text.size() > 1) text += ",";
    bool nested = !element.IsNull() && element.type().id() == duckdb::LogicalTypeId::LIST;
    text += nested ? ArrayText(element) : element.ToString();
  }
  return text + "}";
}

/// The sequence that an expression is the next value of; null when it is none.
const duckdb::Value* NextValueOf(const duckdb::ParsedExpression& expression) {
  if (expression.GetExpressionClass() != duckdb::ExpressionClass::FUNCTION) return nullptr;
  const auto& call = expression.Cast<duckdb::FunctionExpression>();
  bool next =
      duckdb::StringUtil::CIEquals(call.function_name, "nextval") && call.children.size() == 1;
  return next ? TextConstant(*call.children[0]) : nullptr;
}

/// A default as PostgreSQL prints it, and clients take it apart: constants of text say what they
/// are of, functions that the standard writes without brackets have none.
std::string SqlText(const duckdb::ParsedExpression& expression, const std::string& type) {
  std::string text = expression.ToString();
  if (text == "CAST('t' AS BOOLEAN)" || text == "CAST(true AS BOOLEAN)") return "true";
  if (text == "CAST('f' AS BOOLEAN)" || text == "CAST(false AS BOOLEAN)") return "false";
  if (text == "current_timestamp" || text == "get_current_timestamp()") return "CURRENT_TIMESTAMP";
  if (text == "current_date") return "CURRENT_DATE";
  text = ExpressionText(expression);
  if (const auto* sequence = NextValueOf(expression))
    return "nextval(" + QuoteLiteral(sequence->ToString()) + "::regclass)";
  if (const auto* constant = TextConstant(expression); constant && !type.empty())
    return QuoteLiteral(constant->ToString()) + "::" + type;
  if (expression.GetExpressionClass() != duckdb::ExpressionClass::CONSTANT || type.empty())
    return text;
  const auto& value = expression.Cast<duckdb::ConstantExpression>().value;
  if (value.IsNull() || value.type().IsNumeric() ||
      value.type().id() == duckdb::LogicalTypeId::BOOLEAN) {
    return text;
  }
  bool list = value.type().id() == duckdb::LogicalTypeId::LIST;
  return QuoteLiteral(list ? ArrayText(value) : value.ToString()) + "::" + type;
}

std::vector<Column> OwnColumns(const RelationDef& definition) {
  std::vector<Column> columns;
  for (const auto& given : definition.columns) {
    Column column;
    column.name = given.name;
    column.type = ColumnType(given.type);
    column.number = static_cast<int16_t>(columns.size() + 1);
    columns.push_back(std::move(column));
  }
  return columns;
}

/// What makes `column` number itself, when that is a sequence of its own.
void TakeNumbering(const Snapshot& snapshot, const Relation& relation,
                   const duckdb::ParsedExpression& default_value, Column* column) {
  const auto* name = NextValueOf(default_value);
  if (!name) return;
  const Relation* sequence = snapshot.FindRelation(
      relation.namespace_oid, duckdb::QualifiedName::Parse(name->ToString()).name);
  if (!sequence || sequence->kind != 'S') return;
  Numbering numbering = NumberingBy(*sequence->entry);
  if (numbering == Numbering::kNone) return;
  column->sequence = sequence->oid;
  if (numbering == Numbering::kSerial) return;
  column->identity = numbering == Numbering::kIdentityAlways ? 'a' : 'd';
  column->default_sql.clear();
}

std::vector<Column> TableColumns(const Snapshot& snapshot, const Relation& relation) {
  auto& table = relation.entry->Cast<duckdb::TableCatalogEntry>();
  std::vector<Column> columns;
  for (auto& given : table.GetColumns().Logical()) {
    Column column;
    column.name = given.Name();
    column.type = given.Type();
    column.number = static_cast<int16_t>(columns.size() + 1);
    column.generated = given.Generated();
    if (given.Generated()) {
      column.default_sql = SqlText(given.GeneratedExpression(), {});
    } else {
      if (auto declared = DeclaredTextOf(given)) {
        column.declared_oid = declared->oid;
        column.declared_typmod = declared->typmod;
      }
      if (const auto* written = WrittenDefault(given)) {
        auto type = snapshot.TypeName(snapshot.TypeOf(column).oid, -1);
        column.default_sql = SqlText(*written, type.value_or(""));
        TakeNumbering(snapshot, relation, *written, &column);
      }
    }
    column.comment = CommentText(given.Comment());
    columns.push_back(std::move(column));
  }
  auto require = [&](duckdb::idx_t position) {
    if (position < columns.size()) columns[position].not_null = true;
  };
  for (auto& constraint : table.GetConstraints()) {
    if (constraint->type == duckdb::ConstraintType::NOT_NULL) {
      require(constraint->Cast<duckdb::NotNullConstraint>().index.index);
    } else if (constraint->type == duckdb::ConstraintType::UNIQUE) {
      auto& unique = constraint->Cast<duckdb::UniqueConstraint>();
      if (!unique.IsPrimaryKey()) continue;
      for (auto index : unique.GetLogicalIndexes(table.GetColumns())) require(index.index);
    }
  }
  return columns;
}

std::vector<Column> Described(const duckdb::vector<duckdb::LogicalType>& types,
                              const duckdb::vector<std::string>& names) {
  std::vector<Column> columns;
  for (size_t i = 0; i < names.size() && i < types.size(); ++i) {
    Column column;
    column.name = names[i];
    column.type = types[i];
    column.number = static_cast<int16_t>(i + 1);
    columns.push_back(std::move(column));
  }
  return columns;
}

std::vector<Column> ViewColumns(duckdb::ClientContext& context, duckdb::ViewCatalogEntry& view) {
  view.BindView(context);
  auto bound = view.GetColumnInfo();
  std::vector<Column> columns =
      bound ? Described(bound->types, bound->names) : std::vector<Column>();
  auto declared = view.internal ? std::vector<ColumnOrigin>()
                                : FindDeclarations(context, view.GetQuery(), columns.size());
  for (size_t i = 0; i < columns.size(); ++i) {
    if (i < declared.size()) {
      columns[i].declared_oid = declared[i].declared_oid;
      columns[i].declared_typmod = declared[i].declared_typmod;
    }
    if (i < view.aliases.size()) columns[i].name = view.aliases[i];
    columns[i].comment = CommentText(view.GetColumnComment(i));
  }
  return columns;
}

/// What a file set was seen to hold, for as long as its files look the same.
struct KnownFileSet : duckdb::ObjectCacheEntry {
  static std::string ObjectType() { return "skein_file_set_columns"; }
  std::string GetObjectType() override { return ObjectType(); }
  duckdb::optional_idx GetEstimatedCacheMemory() const override { return 4096; }
  std::string signature;
  std::vector<Column> columns;
};

std::string Signature(duckdb::ClientContext& context, const std::string& pattern) {
  auto& files = duckdb::FileSystem::GetFileSystem(context);
  std::string signature;
  constexpr int kLookedAt = 16;  // readers take the columns from the first files
  int seen = 0;
  for (auto& file : files.GlobFiles(pattern, duckdb::FileGlobOptions::ALLOW_EMPTY)) {
    if (++seen > kLookedAt) {
      signature += file.path + "\n";
      continue;
    }
    auto handle = files.OpenFile(file, duckdb::FileFlags::FILE_FLAGS_READ);
    signature += file.path + "|" + std::to_string(handle->GetFileSize()) + "|" +
                 std::to_string(files.GetLastModifiedTime(*handle).value) + "\n";
  }
  return signature;
}

std::vector<Column> FileSetColumns(duckdb::ClientContext& context, const Relation& relation) {
  auto& cache = duckdb::ObjectCache::GetObjectCache(context);
  std::string key = "skein file set " + relation.file_reader + " " + relation.file_pattern;
  std::string signature = Signature(context, relation.file_pattern);
  if (auto known = cache.Get<KnownFileSet>(key); known && known->signature == signature)
    return known->columns;
  auto ref = duckdb::make_uniq<duckdb::TableFunctionRef>();
  duckdb::vector<duckdb::unique_ptr<duckdb::ParsedExpression>> arguments;
  arguments.push_back(
      duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value(relation.file_pattern)));
  ref->function =
      duckdb::make_uniq<duckdb::FunctionExpression>(relation.file_reader, std::move(arguments));
  auto node = duckdb::make_uniq<duckdb::SelectNode>();
  node->select_list.push_back(duckdb::make_uniq<duckdb::StarExpression>());
  node->from_table = std::move(ref);
  duckdb::SelectStatement statement;
  statement.node = std::move(node);
  auto bound =
      duckdb::Binder::CreateBinder(context)->Bind(static_cast<duckdb::SQLStatement&>(statement));
  auto made = duckdb::make_shared_ptr<KnownFileSet>();
  made->signature = signature;
  made->columns = Described(bound.types, bound.names);
  cache.Put(key, made);
  return made->columns;
}

}  // namespace

const std::vector<Column>& Snapshot::Columns(duckdb::ClientContext& context,
                                             const Relation& relation) {
  if (relation.kind == 'v' && relation.user_made())
    return QueryColumns::Of(context)->Get(context, relation);
  std::lock_guard lock(mu_);
  auto [known, added] = columns_.try_emplace(relation.oid);
  if (added) known->second = ReadColumns(relation);
  return known->second;
}

const std::vector<Place>& Snapshot::Defaults(duckdb::ClientContext& context) {
  {
    std::lock_guard lock(mu_);
    if (defaults_) return *defaults_;
  }
  auto found = std::make_unique<std::vector<Place>>();
  for (const Relation& relation : relations) {
    if (relation.kind != 'r' || !relation.entry) continue;
    for (const Column& column : Columns(context, relation)) {
      if (!column.default_sql.empty() || column.sequence) found->push_back({&relation, &column});
    }
  }
  std::lock_guard lock(mu_);
  if (!defaults_) defaults_ = std::move(found);
  return *defaults_;
}

const std::vector<Column>& QueryColumns::Get(duckdb::ClientContext& context,
                                             const Relation& relation) {
  std::lock_guard lock(mu_);
  auto [known, added] = columns_.try_emplace(relation.oid);
  if (!added) return known->second;
  try {
    known->second = relation.file_pattern.empty()
                        ? ViewColumns(context, relation.entry->Cast<duckdb::ViewCatalogEntry>())
                        : FileSetColumns(context, relation);
  } catch (const duckdb::Exception&) {
    // A view whose tables are gone, a file that cannot be read: it has a name, and no columns that
    // anybody could ask it for. One broken thing must not take the whole list down.
    known->second.clear();
  }
  return known->second;
}

std::vector<Column> Snapshot::ReadColumns(const Relation& relation) const {
  if (relation.definition) return OwnColumns(*relation.definition);
  if (relation.kind == 'r') return TableColumns(*this, relation);
  if (relation.kind == 'S') {
    return Described(
        {duckdb::LogicalType::BIGINT, duckdb::LogicalType::BIGINT, duckdb::LogicalType::BOOLEAN},
        {"last_value", "log_cnt", "is_called"});
  }
  std::vector<Column> columns;
  if (relation.kind != 'i') return columns;
  for (const Index& index : indexes) {
    if (&relations[index.relation] != &relation) continue;
    auto& table = relations[index.table].entry->Cast<duckdb::TableCatalogEntry>();
    for (size_t i = 0; i < index.keys.size(); ++i) {
      Column column;
      column.number = static_cast<int16_t>(i + 1);
      column.name = "expr" + (i ? std::to_string(i) : std::string());
      column.type = duckdb::LogicalType::VARCHAR;
      if (index.keys[i] > 0) {
        auto& key =
            table.GetColumn(duckdb::LogicalIndex(static_cast<duckdb::idx_t>(index.keys[i]) - 1));
        column.name = key.Name();
        column.type = key.Type();
      }
      columns.push_back(std::move(column));
    }
  }
  return columns;
}

}  // namespace skein::engine::postgres_catalog
