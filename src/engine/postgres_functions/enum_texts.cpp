#include "engine/postgres_functions/enum_texts.h"

#include <string>
#include <vector>

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry/schema_catalog_entry.hpp"
#include "duckdb/catalog/catalog_entry/type_catalog_entry.hpp"
#include "duckdb/common/exception.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/client_context_state.hpp"
#include "duckdb/main/database_manager.hpp"
#include "duckdb/parser/expression/list.hpp"
#include "duckdb/planner/expression/bound_constant_expression.hpp"

#include "engine/postgres_catalog/snapshot.h"
#include "engine/postgres_functions/registrar.h"

namespace skein::engine {
namespace {

using duckdb::ExpressionClass;
using duckdb::ExpressionType;

constexpr const char* kFunction = "text_as_type_of";

/// What can be bound a second time for its type, at no cost.
bool MayBeEnum(const duckdb::ParsedExpression& expression) {
  if (expression.GetExpressionClass() == ExpressionClass::COLUMN_REF) return true;
  if (expression.GetExpressionClass() != ExpressionClass::CAST) return false;
  auto child = expression.Cast<duckdb::CastExpression>().child->GetExpressionClass();
  return child == ExpressionClass::COLUMN_REF || child == ExpressionClass::CONSTANT;
}

void ReadAs(Expression& text, const duckdb::ParsedExpression& other,
            const std::function<bool()>& has_enums) {
  if (!TextConstant(*text) || !MayBeEnum(other) || !has_enums()) return;
  duckdb::vector<Expression> arguments;
  arguments.push_back(std::move(text));
  arguments.push_back(other.Copy());
  text = Call(kFunction, std::move(arguments));
}

/// A label by its number in the type; anything but an enum leaves the text as it is.
duckdb::unique_ptr<duckdb::Expression> Bind(duckdb::FunctionBindExpressionInput& input) {
  auto& text = input.children[0];
  const duckdb::LogicalType& type = input.children[1]->return_type;
  if (type.id() != duckdb::LogicalTypeId::ENUM ||
      text->GetExpressionClass() != ExpressionClass::BOUND_CONSTANT)
    return std::move(text);
  const std::string label = text->Cast<duckdb::BoundConstantExpression>().value.ToString();
  duckdb::Value value;
  std::string error;
  if (!duckdb::Value(label).DefaultTryCastAs(type, value, &error)) {
    auto snapshot = postgres_catalog::Snapshot::Of(input.context);
    const auto* made = snapshot->FindType(snapshot->TypeOid(type));
    ThrowSql("22P02", "invalid input value for enum " + (made ? made->name + ": " : "") + "\"" +
                          label + "\"");
  }
  return duckdb::make_uniq<duckdb::BoundConstantExpression>(std::move(value));
}

bool MakesEnums(duckdb::ClientContext& context, duckdb::Catalog& catalog) {
  bool found = false;
  catalog.ScanSchemas(context, [&](duckdb::SchemaCatalogEntry& schema) {
    schema.Scan(context, duckdb::CatalogType::TYPE_ENTRY, [&](duckdb::CatalogEntry& entry) {
      found = found || (!entry.internal && entry.Cast<duckdb::TypeCatalogEntry>().user_type.id() ==
                                               duckdb::LogicalTypeId::ENUM);
    });
  });
  return found;
}

struct KnownEnums : duckdb::ClientContextState {
  std::vector<uint64_t> versions;
  bool found = false;
};

}  // namespace

void CompareAsEnums(Expression& expression, const std::function<bool()>& has_enums) {
  switch (expression->GetExpressionClass()) {
    case ExpressionClass::COMPARISON: {
      auto& comparison = expression->Cast<duckdb::ComparisonExpression>();
      ReadAs(comparison.left, *comparison.right, has_enums);
      ReadAs(comparison.right, *comparison.left, has_enums);
      return;
    }
    case ExpressionClass::BETWEEN: {
      auto& between = expression->Cast<duckdb::BetweenExpression>();
      ReadAs(between.lower, *between.input, has_enums);
      ReadAs(between.upper, *between.input, has_enums);
      return;
    }
    case ExpressionClass::OPERATOR: {
      auto type = expression->GetExpressionType();
      if (type != ExpressionType::COMPARE_IN && type != ExpressionType::COMPARE_NOT_IN) return;
      auto& children = expression->Cast<duckdb::OperatorExpression>().children;
      for (size_t i = 1; i < children.size(); ++i) ReadAs(children[i], *children[0], has_enums);
      return;
    }
    default:
      return;
  }
}

bool HasEnums(duckdb::ClientContext& context) {
  auto known = context.registered_state->GetOrCreate<KnownEnums>("skein_known_enums");
  try {
    context.RunFunctionInTransaction([&] {
      std::vector<duckdb::Catalog*> catalogs;
      std::vector<uint64_t> versions;
      for (const std::string& name :
           {duckdb::DatabaseManager::GetDefaultDatabase(context), std::string(TEMP_CATALOG)}) {
        auto catalog = duckdb::Catalog::GetCatalogEntry(context, name);
        if (!catalog) continue;
        auto version = catalog->GetCatalogVersion(context);
        if (!version.IsValid()) continue;  // another system's: its enums are texts to it, too
        catalogs.push_back(catalog.get());
        versions.push_back(catalog->GetOid());
        versions.push_back(version.GetIndex());
      }
      if (versions == known->versions) return;
      known->found = false;
      for (duckdb::Catalog* catalog : catalogs)
        known->found = known->found || MakesEnums(context, *catalog);
      known->versions = std::move(versions);
    });
  } catch (const duckdb::Exception&) {
    return false;
  }
  return known->found;
}

void RegisterEnumTexts(FunctionRegistrar& registrar) {
  using duckdb::LogicalType;
  auto function =
      SeesNulls(Fallible({LogicalType::VARCHAR, LogicalType::ANY}, LogicalType::ANY, nullptr));
  function.SetBindExpressionCallback(Bind);
  registrar.AddPgScalar(kFunction, {function});
}

}  // namespace skein::engine
