#pragma once

#include "common/status.h"
#include "distributed/task.h"
#include "driver.pb.h"
#include "engine/options.h"

namespace skein::distributed::ray {

using proto::EngineOptions;
using proto::Error;
using proto::FromDriver;
using proto::Report;
using proto::TaskAnswer;
using proto::ToDriver;

/// Between the messages of driver.proto and our own types.

Error ToMessage(const Status& status);
Status FromMessage(const Error& error);

Report ToMessage(const TaskReport& report);
TaskReport FromMessage(const Report& report);

EngineOptions ToMessage(const engine::Options& options);
engine::Options FromMessage(const EngineOptions& options);

}  // namespace skein::distributed::ray
