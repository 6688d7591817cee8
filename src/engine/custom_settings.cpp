#include "engine/custom_settings.h"

#include "engine/custom_settings_state.h"
#include "engine/native.h"

namespace skein::engine {

CustomSettings GetCustomSettings(Connection& connection) {
  return CustomSettingsState::Of(NativeContext(connection)).All();
}

std::optional<std::string> GetCustomSetting(Connection& connection, const std::string& name) {
  return CustomSettingsState::Of(NativeContext(connection)).Find(name);
}

void SetCustomSetting(Connection& connection, const std::string& name,
                      const std::optional<std::string>& value) {
  CustomSettingsState::Of(NativeContext(connection)).Set(name, value);
}

}  // namespace skein::engine
