#pragma once

#include <memory>

#include "common/status.h"
#include "security/jwt.h"
#include "server/settings.h"

namespace skein::server {

/// What checks the signed tokens of the issuer that the settings name; null when they name none.
/// Its keys come from a file or an address; at an address nobody needs to answer yet.
Result<std::shared_ptr<security::JwtVerifier>> OpenTokenIssuer(const Settings& settings);

}  // namespace skein::server
