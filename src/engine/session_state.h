#pragma once

#include <string>
#include <string_view>

#include "engine/connection.h"
#include "engine/engine.h"

namespace skein::engine {

/// What a session has that a run elsewhere needs: the settings a client changed, and its secrets.
/// The bytes hold credentials: they are for an engine of the same build, over a way that is safe,
/// and never for a log.
std::string ExportSessionState(Engine& engine, Connection& connection);

/// Makes `connection`, which must be new, the like of the one exported.
Status ImportSessionState(Engine& engine, Connection& connection, std::string_view state);

}  // namespace skein::engine
