#include "server/observer.h"

#include "telemetry/log.h"
#include "telemetry/query_log.h"

namespace skein::server {
namespace {

telemetry::Door DoorOf(const std::string& name) {
  if (name == "http") return telemetry::Door::kHttp;
  if (name == "flightsql") return telemetry::Door::kFlightSql;
  return telemetry::Door::kPg;
}

}  // namespace

void TelemetryObserver::SessionOpened(const std::string& door) {
  metrics_->SessionOpened(DoorOf(door));
}
void TelemetryObserver::SessionClosed(const std::string& door) {
  metrics_->SessionClosed(DoorOf(door));
}
void TelemetryObserver::RunStarted(const std::string& door) {
  metrics_->QueryStarted(DoorOf(door));
}

void TelemetryObserver::RunEnded(const session::RunRecord& record) {
  metrics_->QueryFinished(DoorOf(record.door), record.status.code(), record.duration,
                          static_cast<uint64_t>(record.rows), record.bytes);
  telemetry::QueryRecord line;
  line.id = record.query_id;
  line.session_id = record.session_id;
  line.door = record.door;
  line.user = record.user;
  line.peer = record.peer;
  line.statement_kind = record.command;
  line.sql = record.sql;
  line.started_at = std::chrono::system_clock::now() - record.duration;
  line.duration_us = record.duration.count();
  line.rows = static_cast<uint64_t>(record.rows);
  line.bytes = record.bytes;
  line.status = record.status;
  telemetry::LogQuery(line);
}

void TelemetryObserver::LoginRefused(const std::string& door, const std::string& user,
                                     const std::string& peer, const Status& why) {
  metrics_->Error(DoorOf(door), why.code());
  telemetry::Log(telemetry::LogLevel::kWarn, "log-in refused",
                 {telemetry::Field("door", door), telemetry::Field("user", user),
                  telemetry::Field("peer", peer), telemetry::Field("sqlstate", why.sqlstate()),
                  telemetry::Field("error", why.message())});
}

}  // namespace skein::server
