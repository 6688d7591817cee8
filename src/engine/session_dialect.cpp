#include "engine/session_dialect.h"

#include "duckdb/main/client_context.hpp"
#include "duckdb/main/client_context_state.hpp"

#include "engine/engine_impl.h"

namespace skein::engine {
namespace {

struct DoorDialect : duckdb::ClientContextState {
  static constexpr const char* kKey = "skein_door_dialect";
  Dialect dialect = Dialect::kDuckDb;
};

}  // namespace

void SetDoorDialect(duckdb::ClientContext& context, Dialect dialect) {
  context.registered_state->GetOrCreate<DoorDialect>(DoorDialect::kKey)->dialect = dialect;
}

Dialect DialectOf(duckdb::ClientContext& context) {
  duckdb::Value name;
  bool set = context.TryGetCurrentSetting(kDialectSetting, name) && !name.IsNull();
  const std::string chosen = set ? name.ToString() : "door";
  if (chosen != "door") return chosen == "postgresql" ? Dialect::kPostgres : Dialect::kDuckDb;
  auto door = context.registered_state->Get<DoorDialect>(DoorDialect::kKey);
  return door ? door->dialect : Dialect::kDuckDb;
}

}  // namespace skein::engine
