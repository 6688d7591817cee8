#pragma once

#include <memory>
#include <string>

#include "duckdb/main/client_context_state.hpp"

#include "engine/session_directory.h"

namespace skein::engine::postgres_catalog {

/// Whose session a connection is, for the functions and relations that say so. Set once, before the
/// first statement; absent on connections that no client has.
struct SessionState : duckdb::ClientContextState {
  static constexpr const char* kKey = "skein_session";
  std::shared_ptr<SessionEntry> entry;
  std::shared_ptr<SessionDirectory> directory;
};

/// The session's user, or "skein" where there is none.
std::string SessionUser(duckdb::ClientContext& context);

}  // namespace skein::engine::postgres_catalog
