#include "frontends/pgwire/error_mapping.h"

#include "common/utf8.h"
#include "frontends/pgwire/backend_message.h"

namespace skein::frontends::pgwire {

void AppendError(const Status& status, std::string_view severity, std::string_view sql,
                 size_t offset, std::string* out) {
  ErrorFields fields;
  fields.severity = severity;
  fields.sqlstate = status.sqlstate();
  fields.message = status.message();
  fields.detail = status.detail();
  fields.hint = status.hint();
  fields.context = status.context();
  // Drivers that keep statements prepared (pgjdbc, asyncpg) know by the routine that preparing it
  // again helps.
  if (fields.sqlstate == "0A000" && fields.message == "cached plan must not change result type")
    fields.routine = "RevalidateCachedQuery";
  if (status.position() && offset + *status.position() <= sql.size() && !sql.empty()) {
    fields.position = CountUtf8Characters(sql.substr(0, offset + *status.position())) + 1;
  }
  MessageWriter(*out).ErrorResponse(fields);
}

void AppendWarning(const Status& status, std::string* out) {
  ErrorFields fields;
  // 00000 is what PostgreSQL gives to plain notices.
  fields.severity = status.sqlstate() == "00000" ? "NOTICE" : "WARNING";
  fields.sqlstate = status.sqlstate();
  fields.message = status.message();
  MessageWriter(*out).NoticeResponse(fields);
}

}  // namespace skein::frontends::pgwire
