#include "frontends/pgwire/error_mapping.h"

#include "common/utf8.h"
#include "frontends/pgwire/backend_message.h"

namespace skein::frontends::pgwire {
namespace {

/// What stands in quotes behind `lead`.
std::string_view QuotedBehind(std::string_view text, std::string_view lead) {
  size_t begin = text.find(lead);
  if (begin == text.npos) return {};
  text.remove_prefix(begin + lead.size());
  return text.substr(0, text.find('"'));
}

/// Of a violated constraint the names are fields, too: applications tell by them what a person did
/// wrong.
void AddConstraintFields(const Status& status, ErrorFields* fields) {
  std::string_view table = status.subject();
  size_t point = table.find('.');
  if (fields->sqlstate.substr(0, 2) != "23" || point == table.npos) return;
  fields->schema = table.substr(0, point);
  fields->table = table.substr(point + 1);
  if (fields->sqlstate == "23502") {
    fields->column = QuotedBehind(fields->message, "column \"");
  } else {
    fields->constraint = QuotedBehind(fields->message, "constraint \"");
    if (fields->constraint.empty())
      fields->constraint = QuotedBehind(fields->message, "unique index \"");
  }
}

}  // namespace

void AppendError(const Status& status, std::string_view severity, std::string_view sql,
                 size_t offset, std::string* out) {
  ErrorFields fields;
  fields.severity = severity;
  fields.sqlstate = status.sqlstate();
  fields.message = status.message();
  fields.detail = status.detail();
  fields.hint = status.hint();
  fields.context = status.context();
  AddConstraintFields(status, &fields);
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
