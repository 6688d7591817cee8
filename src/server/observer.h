#pragma once

#include <memory>

#include "session/services.h"
#include "telemetry/metrics.h"

namespace skein::server {

/// Tells the query log and the metrics what the sessions do.
class TelemetryObserver : public session::Observer {
 public:
  explicit TelemetryObserver(std::shared_ptr<telemetry::Metrics> metrics)
      : metrics_(std::move(metrics)) {}

  void SessionOpened(const std::string& door) override;
  void SessionClosed(const std::string& door) override;
  void RunStarted(const std::string& door) override;
  void RunEnded(const session::RunRecord& record) override;
  void LoginRefused(const std::string& door, const std::string& user, const std::string& peer,
                    const Status& why) override;

 private:
  std::shared_ptr<telemetry::Metrics> metrics_;
};

}  // namespace skein::server
