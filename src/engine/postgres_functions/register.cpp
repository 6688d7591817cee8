#include "engine/postgres_functions/register.h"

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/connection.hpp"

#include "engine/postgres_functions/registrar.h"
#include "engine/postgres_functions/text_input.h"
#include "engine/postgres_functions/text_lengths.h"

namespace skein::engine {

void RegisterPostgresFunctions(duckdb::Connection& connection) {
  auto& context = *connection.context;
  RegisterTextLengths(*context.db);
  RegisterTextInput(*context.db);
  context.RunFunctionInTransaction([&] {
    FunctionRegistrar registrar(context, duckdb::Catalog::GetSystemCatalog(context));
    RegisterArithmetic(registrar);
    RegisterNumeric(registrar);
    RegisterPowers(registrar);
    RegisterRegex(registrar);
    RegisterText(registrar);
    RegisterTextLengthFunction(registrar);
    RegisterNumberPictures(registrar);
    RegisterTimePictures(registrar);
    RegisterJson(registrar);
    RegisterJsonb(registrar);
    RegisterFormat(registrar);
    RegisterValues(registrar);
    RegisterTime(registrar);
    RegisterArrays(registrar);
    RegisterAggregates(registrar);
    RegisterSequences(registrar);
    RegisterEnumTexts(registrar);
    RegisterOperandTypes(registrar);
    RegisterMacros(registrar);
  });
}

}  // namespace skein::engine
