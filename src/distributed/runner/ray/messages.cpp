#include "distributed/runner/ray/messages.h"

namespace skein::distributed::ray {

Error ToMessage(const Status& status) {
  Error error;
  error.set_code(static_cast<uint32_t>(status.code()));
  error.set_sqlstate(status.sqlstate());
  error.set_message(status.message());
  error.set_hint(status.hint());
  error.set_detail(status.detail());
  error.set_origin(static_cast<uint32_t>(status.origin()));
  error.set_retriable(status.retriable());
  return error;
}

Status FromMessage(const Error& error) {
  // Codes come from a process of another language: what is not one of ours is a bug of its own.
  bool known = error.code() > static_cast<uint32_t>(StatusCode::kOk) &&
               error.code() <= static_cast<uint32_t>(StatusCode::kInternal) &&
               error.sqlstate().size() == 5;
  Status status(known ? static_cast<StatusCode>(error.code()) : StatusCode::kInternal,
                known ? error.sqlstate() : "XX000", error.message());
  status = std::move(status).WithHint(error.hint()).WithDetail(error.detail());
  if (error.origin() <= static_cast<uint32_t>(Origin::kStorage))
    status = std::move(status).WithOrigin(static_cast<Origin>(error.origin()));
  if (error.retriable()) status = std::move(status).Retriable();
  return status;
}

Report ToMessage(const TaskReport& report) {
  Report message;
  message.set_rows(report.rows);
  message.set_bytes(report.bytes);
  for (uint64_t rows : report.partition_rows) message.add_partition_rows(rows);
  message.set_seconds(report.seconds);
  message.set_spilled_bytes(report.spilled_bytes);
  message.mutable_keys()->set_bloom(report.keys.bloom);
  for (const KeySummary::Range& range : report.keys.ranges) {
    auto* added = message.mutable_keys()->add_ranges();
    added->set_known(range.known);
    added->set_least(range.least);
    added->set_greatest(range.greatest);
  }
  for (const std::string& key : report.key_sample) message.add_key_sample(key);
  return message;
}

TaskReport FromMessage(const Report& message) {
  TaskReport report;
  report.rows = message.rows();
  report.bytes = message.bytes();
  report.partition_rows.assign(message.partition_rows().begin(), message.partition_rows().end());
  report.seconds = message.seconds();
  report.spilled_bytes = message.spilled_bytes();
  report.keys.bloom = message.keys().bloom();
  for (const auto& range : message.keys().ranges())
    report.keys.ranges.push_back({range.known(), range.least(), range.greatest()});
  report.key_sample.assign(message.key_sample().begin(), message.key_sample().end());
  return report;
}

EngineOptions ToMessage(const engine::Options& options) {
  EngineOptions message;
  for (const auto& dir : options.data_dirs) message.add_data_dirs(dir);
  for (const auto& location : options.allowed_locations) message.add_allowed_locations(location);
  message.set_allow_private_endpoints(options.private_endpoints ==
                                      engine::PrivateEndpoints::kAllow);
  message.set_extension_dir(options.extension_dir);
  for (const auto& extension : options.extensions) message.add_extensions(extension);
  message.set_memory_limit_bytes(options.memory_limit_bytes);
  message.set_threads(options.threads);
  message.set_temp_dir(options.temp_dir);
  message.set_max_temp_bytes(options.max_temp_bytes);
  return message;
}

engine::Options FromMessage(const EngineOptions& message) {
  engine::Options options;
  options.data_dirs.assign(message.data_dirs().begin(), message.data_dirs().end());
  options.allowed_locations.assign(message.allowed_locations().begin(),
                                   message.allowed_locations().end());
  options.private_endpoints = message.allow_private_endpoints() ? engine::PrivateEndpoints::kAllow
                                                                : engine::PrivateEndpoints::kDeny;
  options.extension_dir = message.extension_dir();
  options.extensions.assign(message.extensions().begin(), message.extensions().end());
  options.memory_limit_bytes = message.memory_limit_bytes();
  options.threads = message.threads();
  options.temp_dir = message.temp_dir();
  options.max_temp_bytes = message.max_temp_bytes();
  return options;
}

}  // namespace skein::distributed::ray
