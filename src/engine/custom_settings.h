#pragma once

#include <map>
#include <optional>
#include <string>

#include "engine/connection.h"

namespace skein::engine {

// Settings that a session makes up, as PostgreSQL lets it: a.b, in lower case. They live with the
// connection, where current_setting() and set_config() find them; when a transaction undoes one is
// up to who sets it.

using CustomSettings = std::map<std::string, std::string>;

/// To be called by the connection's own thread, while nothing runs on it.
CustomSettings GetCustomSettings(Connection& connection);
std::optional<std::string> GetCustomSetting(Connection& connection, const std::string& name);
/// nullopt: there is none of the name any more.
void SetCustomSetting(Connection& connection, const std::string& name,
                      const std::optional<std::string>& value);

}  // namespace skein::engine
