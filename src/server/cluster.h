#pragma once

#include <memory>
#include <string>

#include "common/status.h"
#include "distributed/runner/runner.h"
#include "engine/options.h"
#include "server/settings.h"

namespace skein::server {

/// Opens what the setting `cluster` asks for; it is not empty. `engine`: the options of the
/// sessions' engine, whose memory is what the workers of this machine may use together, too.
/// A Ray cluster that is not there is no error: it is tried again while the server runs.
Result<std::unique_ptr<distributed::Runner>> OpenCluster(const Settings& settings,
                                                         const engine::Options& engine);

}  // namespace skein::server
