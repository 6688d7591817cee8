#pragma once

#include <string>
#include <vector>

namespace skein::server {

/// `skein serve`: opens the engine, then the doors, prints where they listen, and runs until
/// SIGTERM or SIGINT. Start order: log, engine, session services, doors; stop order: doors stop
/// accepting, running statements get shutdown_grace, then their clients are told, doors close,
/// engine closes, log is flushed. Returns the exit status.
int Serve(const std::vector<std::string>& arguments);

}  // namespace skein::server
