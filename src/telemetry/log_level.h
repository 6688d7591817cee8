#pragma once

namespace skein::telemetry {

/// In order: a level shows itself and all that follow.
enum class LogLevel { kTrace, kDebug, kInfo, kWarn, kError };
enum class LogFormat { kLogfmt, kJson };

}  // namespace skein::telemetry
