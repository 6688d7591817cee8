#pragma once

namespace skein::server {

inline constexpr char kVersion[] = SKEIN_VERSION;

}  // namespace skein::server
