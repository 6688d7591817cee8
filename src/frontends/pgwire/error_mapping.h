#pragma once

#include <string>
#include <string_view>

#include "common/status.h"

namespace skein::frontends::pgwire {

/// Appends an ErrorResponse for `status`. `sql` is the text the client sent and `offset` where in
/// it the statement starts that the status' position counts from; the client is told characters
/// from 1, as PostgreSQL counts.
void AppendError(const Status& status, std::string_view severity, std::string_view sql,
                 size_t offset, std::string* out);
inline void AppendError(const Status& status, std::string* out) {
  AppendError(status, "ERROR", {}, 0, out);
}

/// Appends a NoticeResponse of severity WARNING.
void AppendWarning(const Status& status, std::string* out);

}  // namespace skein::frontends::pgwire
