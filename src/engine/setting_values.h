#pragma once

#include <string>
#include <string_view>

#include "common/status.h"
#include "engine/postgres_settings.h"

namespace skein::engine {

// What a session may set PostgreSQL's settings to here, whichever way it does: SET, set_config(),
// the startup packet. The answer is what the setting is to hold.

/// 22023 for what the setting cannot be in PostgreSQL; 0A000 with a hint for what it could be there
/// and not here.
Result<std::string> SettingValue(const PostgresSetting& setting, std::string_view text);

/// A name of a zone stays as it is, unknown ones too; an offset in hours becomes one.
Result<std::string> TimeZoneValue(std::string_view text);

}  // namespace skein::engine
