#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "duckdb/main/client_context.hpp"
#include "duckdb/main/client_context_state.hpp"

#include "engine/custom_settings.h"

namespace skein::engine {

/// The custom settings of one connection, as functions see them. Thread-safe.
class CustomSettingsState : public duckdb::ClientContextState {
 public:
  static CustomSettingsState& Of(duckdb::ClientContext& context) {
    return *context.registered_state->GetOrCreate<CustomSettingsState>("skein_custom_settings");
  }

  CustomSettings All() const {
    std::lock_guard lock(mu_);
    return settings_;
  }
  std::optional<std::string> Find(const std::string& name) const {
    std::lock_guard lock(mu_);
    auto found = settings_.find(name);
    if (found == settings_.end()) return std::nullopt;
    return found->second;
  }
  void Set(const std::string& name, const std::optional<std::string>& value) {
    std::lock_guard lock(mu_);
    if (value) {
      settings_[name] = *value;
    } else {
      settings_.erase(name);
    }
  }

 private:
  mutable std::mutex mu_;
  CustomSettings settings_;  // mu_
};

}  // namespace skein::engine
