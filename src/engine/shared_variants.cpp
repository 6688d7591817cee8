#include "engine/shared_variants.h"

#include <algorithm>

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/common/types/variant.hpp"
#include "duckdb/common/vector_operations/vector_operations.hpp"
#include "duckdb/main/client_context.hpp"

#include "engine/postgres_functions/registrar.h"

namespace skein::engine {
namespace {

using duckdb::idx_t;

/// Whether the rows' lists are more than what they are cut from.
bool Shares(duckdb::Vector& variants, idx_t rows) {
  duckdb::RecursiveUnifiedVectorFormat format;
  duckdb::Vector::RecursiveToUnifiedFormat(variants, rows, format);
  duckdb::UnifiedVariantVectorData data(format);
  idx_t keys = 0;
  idx_t children = 0;
  idx_t values = 0;
  for (idx_t row = 0; row < rows; ++row) {
    if (!data.RowIsValid(row)) continue;
    keys += data.keys_data[data.keys.sel->get_index(row)].length;
    children += data.GetChildrenListEntry(row).length;
    values += data.GetValuesListEntry(row).length;
  }
  using duckdb::ListVector;
  using duckdb::VariantVector;
  return keys > ListVector::GetListSize(VariantVector::GetKeys(variants)) ||
         children > ListVector::GetListSize(VariantVector::GetChildren(variants)) ||
         values > ListVector::GetListSize(VariantVector::GetValues(variants));
}

}  // namespace

void NormalizeSharedVariants(duckdb::Connection& connection) {
  auto& context = *connection.context;
  context.RunFunctionInTransaction([&] {
    FunctionRegistrar registrar(context, duckdb::Catalog::GetSystemCatalog(context));
    registrar.Change("variant_normalize", [](duckdb::ScalarFunction& function) {
      auto normalize = function.GetFunctionCallback();
      function.SetFunctionCallback([normalize](duckdb::DataChunk& input,
                                               duckdb::ExpressionState& state,
                                               duckdb::Vector& result) {
        auto& variants = input.data[0];
        const bool constant = variants.GetVectorType() == duckdb::VectorType::CONSTANT_VECTOR;
        const idx_t rows = constant ? std::min<idx_t>(input.size(), 1) : input.size();
        if (rows == input.size() && !Shares(variants, rows)) return normalize(input, state, result);
        // A copy has what each row has for itself.
        duckdb::DataChunk own;
        own.Initialize(duckdb::Allocator::DefaultAllocator(), {variants.GetType()},
                       std::max<idx_t>(rows, 1));
        duckdb::VectorOperations::Copy(variants, own.data[0], rows, 0, 0);
        own.SetCardinality(rows);
        normalize(own, state, result);
        if (constant) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
      });
    });
  });
}

}  // namespace skein::engine
