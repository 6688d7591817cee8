#pragma once

#include <mutex>
#include <set>
#include <string>

#include "frontends/http/authenticator.h"
#include "frontends/http/http_door.h"
#include "frontends/http/session_registry.h"

namespace skein::frontends::http {

class HealthConnection;

/// The connections that are to be told when the server becomes ready or stops.
struct HealthWatchers {
  std::mutex mu;
  std::set<HealthConnection*> connections;  // guarded by mu
};

/// What all connections of one door share. Thread-safe; the dependencies do not change.
struct DoorState {
  explicit DoorState(Dependencies given)
      : dependencies(std::move(given)),
        authenticator(dependencies.policy, dependencies.services),
        sessions(dependencies.services, dependencies.limits) {}

  const Dependencies dependencies;
  const Authenticator authenticator;
  SessionRegistry sessions;
  HealthWatchers health;
};

}  // namespace skein::frontends::http
