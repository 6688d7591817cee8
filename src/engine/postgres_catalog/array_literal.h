#pragma once

#include <optional>
#include <string>

#include "duckdb/common/types/value.hpp"

namespace skein::engine::postgres_catalog {

/// PostgreSQL's text of an array ({a,"b c",NULL}, {{1,2},{3,4}}) as a list of texts, which a cast
/// then makes into what is wanted. nullopt for what is no such text; `why` then says why.
std::optional<duckdb::Value> ParseArrayLiteral(const std::string& text, const char** why = nullptr);

}  // namespace skein::engine::postgres_catalog
