#include "engine/postgres_settings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace skein::engine {
namespace {

using Type = PostgresSetting::Type;
using Access = PostgresSetting::Access;
using Unit = PostgresSetting::Unit;

constexpr double kMaxInt = 2147483647;

PostgresSetting Flag(std::string_view name, std::string_view value, std::string_view text) {
  return {name, Type::kBool, value, text};
}
PostgresSetting Text(std::string_view name, std::string_view value, std::string_view text) {
  return {name, Type::kString, value, text};
}
PostgresSetting Choice(std::string_view name, std::string_view value, std::string_view values,
                       std::string_view text) {
  PostgresSetting setting{name, Type::kEnum, value, text};
  setting.values = values;
  return setting;
}
PostgresSetting Number(std::string_view name, std::string_view value, Unit unit, double min,
                       double max, std::string_view text) {
  return {name, Type::kInteger, value, text, Access::kSession, unit, min, max};
}
PostgresSetting Real(std::string_view name, std::string_view value, std::string_view text) {
  return {name, Type::kReal, value, text, Access::kSession, Unit::kNone, 0, 1.79e308};
}
PostgresSetting Fixed(std::string_view name, Type type, std::string_view value,
                      std::string_view text) {
  return {name, type, value, text, Access::kReadOnly};
}

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool SameName(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (Lower(a[i]) != Lower(b[i])) return false;
  }
  return true;
}

/// Whether `text` is a beginning of `word`, at least `least` long.
bool Abbreviates(std::string_view text, std::string_view word, size_t least) {
  return text.size() >= least && text.size() <= word.size() &&
         SameName(text, word.substr(0, text.size()));
}

struct UnitName {
  std::string_view name;
  double scale;
};
/// From the largest to the base unit.
constexpr std::array<UnitName, 6> kMillisecondUnits = {
    {{"d", 86400000}, {"h", 3600000}, {"min", 60000}, {"s", 1000}, {"ms", 1}, {"us", 0.001}}};
constexpr std::array<UnitName, 6> kSecondUnits = {
    {{"d", 86400}, {"h", 3600}, {"min", 60}, {"s", 1}, {"ms", 0.001}, {"us", 0.000001}}};
constexpr std::array<UnitName, 5> kKilobyteUnits = {
    {{"TB", 1073741824}, {"GB", 1048576}, {"MB", 1024}, {"kB", 1}, {"B", 1.0 / 1024}}};

template <typename Units>
std::optional<double> Scale(const Units& units, std::string_view name) {
  for (const UnitName& unit : units) {
    if (unit.name == name) return unit.scale;
  }
  return std::nullopt;
}

template <typename Units>
std::string WithUnit(const Units& units, int64_t value) {
  if (value > 0) {
    for (const UnitName& unit : units) {
      if (unit.scale < 1) break;
      auto scale = static_cast<int64_t>(unit.scale);
      if (value % scale == 0) return std::to_string(value / scale) + std::string(unit.name);
    }
  }
  return std::to_string(value);
}

std::optional<double> ScaleOf(Unit unit, std::string_view name) {
  switch (unit) {
    case Unit::kMilliseconds:
      return Scale(kMillisecondUnits, name);
    case Unit::kSeconds:
      return Scale(kSecondUnits, name);
    case Unit::kKilobytes:
      return Scale(kKilobyteUnits, name);
    default:
      return std::nullopt;
  }
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

Status Invalid(const PostgresSetting& setting, std::string_view text) {
  return errors::InvalidParameter("invalid value for parameter \"" + std::string(setting.name) +
                                  "\": \"" + std::string(text) + "\"");
}

/// A number and what follows it; false when it does not begin with one.
bool ReadNumber(std::string_view text, double* value, std::string_view* rest) {
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  if (error != std::errc() || !std::isfinite(*value)) return false;
  *rest = Trimmed(text.substr(static_cast<size_t>(end - text.data())));
  return true;
}

Result<std::string> NormaliseInteger(const PostgresSetting& setting, std::string_view text) {
  double value = 0;
  std::string_view unit;
  if (!ReadNumber(text, &value, &unit)) return Invalid(setting, text);
  if (!unit.empty()) {
    auto scale = ScaleOf(setting.unit, unit);
    if (!scale) {
      Status invalid = Invalid(setting, text);
      if (setting.unit == Unit::kKilobytes)
        return std::move(invalid).WithHint("Units are B, kB, MB, GB and TB.");
      if (setting.unit != Unit::kNone)
        return std::move(invalid).WithHint("Units are us, ms, s, min, h and d.");
      return invalid;
    }
    value *= *scale;
  }
  value = std::nearbyint(value);
  if (value < setting.min || value > setting.max) {
    return errors::InvalidParameter(
        std::string(Trimmed(text)) + " is outside the valid range for parameter \"" +
        std::string(setting.name) + "\" (" + std::to_string(static_cast<int64_t>(setting.min)) +
        " .. " + std::to_string(static_cast<int64_t>(setting.max)) + ")");
  }
  auto whole = static_cast<int64_t>(value);
  switch (setting.unit) {
    case Unit::kMilliseconds:
      return WithUnit(kMillisecondUnits, whole);
    case Unit::kSeconds:
      return WithUnit(kSecondUnits, whole);
    case Unit::kKilobytes:
      return WithUnit(kKilobyteUnits, whole);
    default:
      return std::to_string(whole);
  }
}

std::vector<PostgresSetting> Make() {
  const std::string_view kPlanner = "A hint to PostgreSQL's planner; kept, and without effect.";
  const std::string_view kKept = "Kept for clients that set it, and without effect.";
  const std::string_view kLevels =
      "debug5|debug4|debug3|debug2|debug1|log|notice|warning|error|info|debug";
  const std::string_view kIsolations =
      "serializable|repeatable read|read committed|read uncommitted";
  std::vector<PostgresSetting> all = {
      // What a client may change, and what it does.
      Text("application_name", "", "The name the application gave itself."),
      Choice("bytea_output", "hex", "hex|escape", "How bytea is written."),
      Text("client_encoding", "UTF8", "The encoding of texts; always UTF8."),
      Choice("client_min_messages", "notice", kLevels, "Below error, warnings are sent."),
      Text("DateStyle", "ISO, MDY", "How dates and times are written; always ISO."),
      Choice("default_transaction_isolation", "repeatable read", kIsolations,
             "The isolation level of new transactions: a snapshot, whatever is asked for."),
      Flag("default_transaction_read_only", "off", "Whether new transactions may not write."),
      Flag("default_transaction_deferrable", "off", kKept),
      Number("extra_float_digits", "1", Unit::kNone, -15, 3, "The digits of floating point text."),
      Number("idle_in_transaction_session_timeout", "0", Unit::kMilliseconds, 0, kMaxInt,
             "How long a transaction may idle before its session is ended; 0 is for ever."),
      Number("idle_session_timeout", "0", Unit::kMilliseconds, 0, kMaxInt,
             "How long a session may idle; the server's own limit holds as well."),
      Choice("IntervalStyle", "postgres", "postgres|postgres_verbose|sql_standard|iso_8601",
             "How intervals are written; always postgres."),
      Flag("standard_conforming_strings", "on", "Backslashes in '...' are ordinary; always on."),
      Number("statement_timeout", "0", Unit::kMilliseconds, 0, kMaxInt,
             "The longest run of a statement; 0 leaves it to the server's own limit."),
      Choice("transaction_isolation", "repeatable read", kIsolations,
             "The isolation level: every transaction sees one snapshot."),
      Flag("transaction_read_only", "off", "Whether this transaction may not write."),
      Flag("transaction_deferrable", "off", kKept),
      // What clients set and what means nothing here.
      Flag("array_nulls", "on", kKept),
      Choice("backslash_quote", "safe_encoding", "safe_encoding|on|off", kKept),
      Flag("check_function_bodies", "on", kKept),
      Choice("constraint_exclusion", "partition", "partition|on|off", kPlanner),
      Real("cpu_tuple_cost", "0.01", kPlanner), Real("cursor_tuple_fraction", "0.1", kPlanner),
      Number("deadlock_timeout", "1s", Unit::kMilliseconds, 1, kMaxInt, kKept),
      Text("default_table_access_method", "heap", kKept), Text("default_tablespace", "", kKept),
      Text("default_text_search_config", "pg_catalog.english", kKept),
      Flag("default_with_oids", "off", kKept), Flag("escape_string_warning", "on", kKept),
      Number("effective_cache_size", "4GB", Unit::kKilobytes, 1, kMaxInt, kPlanner),
      Number("from_collapse_limit", "8", Unit::kNone, 1, kMaxInt, kPlanner),
      Choice("force_parallel_mode", "off", "off|on|regress", kPlanner),
      Flag("geqo", "on", kPlanner), Flag("jit", "off", kPlanner),
      Number("join_collapse_limit", "8", Unit::kNone, 1, kMaxInt, kPlanner),
      Text("lc_messages", "C", kKept), Text("lc_monetary", "C", kKept),
      Text("lc_numeric", "C", kKept), Text("lc_time", "C", kKept),
      Flag("lo_compat_privileges", "off", kKept),
      Number("lock_timeout", "0", Unit::kMilliseconds, 0, kMaxInt,
             "Nothing waits for locks here: a conflict is an error at once."),
      Choice("log_min_messages", "warning", kLevels, kKept),
      Choice("log_statement", "none", "none|ddl|mod|all", kKept),
      Number("maintenance_work_mem", "64MB", Unit::kKilobytes, 1024, kMaxInt, kKept),
      Number("max_parallel_workers_per_gather", "2", Unit::kNone, 0, 1024, kPlanner),
      Flag("parallel_leader_participation", "on", kPlanner),
      Choice("plan_cache_mode", "auto", "auto|force_generic_plan|force_custom_plan", kPlanner),
      Flag("quote_all_identifiers", "off", kKept), Real("random_page_cost", "4", kPlanner),
      Flag("row_security", "on", kKept), Real("seq_page_cost", "1", kPlanner),
      Choice("session_replication_role", "origin", "origin|replica|local", kKept),
      Choice("sql_dialect", "door", "door|postgresql|duckdb",
             "Whose meaning statements have where PostgreSQL and DuckDB differ; door: what the "
             "client connected to speaks"),
      Choice("synchronous_commit", "on", "local|remote_write|remote_apply|on|off", kKept),
      Flag("synchronize_seqscans", "on", kKept),
      Number("tcp_keepalives_idle", "0", Unit::kSeconds, 0, kMaxInt, kKept),
      Number("tcp_keepalives_interval", "0", Unit::kSeconds, 0, kMaxInt, kKept),
      Number("temp_buffers", "8MB", Unit::kKilobytes, 800, kMaxInt, kKept),
      Text("temp_tablespaces", "", kKept), Flag("transform_null_equals", "off", kKept),
      Flag("track_activities", "on", kKept),
      Number("vacuum_cost_delay", "0", Unit::kMilliseconds, 0, 100, kKept),
      Number("work_mem", "4MB", Unit::kKilobytes, 64, kMaxInt, kKept),
      Choice("xmlbinary", "base64", "base64|hex", kKept),
      Choice("xmloption", "content", "content|document", kKept),
      // What the server is.
      Fixed("block_size", Type::kInteger, "8192", "The size of a disk block in PostgreSQL."),
      Fixed("data_checksums", Type::kBool, "on", "Whether stored data has checksums."),
      Fixed("default_toast_compression", Type::kEnum, "pglz", "Not used."),
      Fixed("in_hot_standby", Type::kBool, "off", "Whether the server only follows another."),
      Fixed("integer_datetimes", Type::kBool, "on", "Times are counted in whole microseconds."),
      Fixed("is_superuser", Type::kBool, "off", "Whether the user is a superuser."),
      Fixed("lc_collate", Type::kString, "C", "The order of texts."),
      Fixed("lc_ctype", Type::kString, "C", "The classes of characters."),
      Fixed("listen_addresses", Type::kString, "", "Not told to clients."),
      Fixed("max_connections", Type::kInteger, "0", "The most clients at a time."),
      Fixed("max_function_args", Type::kInteger, "100", "The most arguments of a function."),
      Fixed("max_identifier_length", Type::kInteger, "63",
            "What PostgreSQL allows; longer names work as well."),
      Fixed("max_index_keys", Type::kInteger, "32", "The most columns of an index in PostgreSQL."),
      Fixed("max_prepared_transactions", Type::kInteger, "0", "Two-phase commit is not there."),
      Fixed("segment_size", Type::kInteger, "1GB", "The size of a file in PostgreSQL."),
      Fixed("server_encoding", Type::kString, "UTF8", "The encoding of stored texts."),
      Fixed("server_version", Type::kString, kPostgresVersion,
            "The version of PostgreSQL that is spoken."),
      Fixed("server_version_num", Type::kInteger, "150000", "The same as a number."),
      Fixed("shared_preload_libraries", Type::kString, "", "None."),
      Fixed("ssl", Type::kBool, "off", "Whether connections may be encrypted."),
      Fixed("wal_block_size", Type::kInteger, "8192",
            "The size of a block of the log in PostgreSQL."),
      Fixed("wal_level", Type::kEnum, "replica", "Not used."),
      Fixed("wal_segment_size", Type::kInteger, "16MB",
            "The size of a file of the log in PostgreSQL.")};
  for (std::string_view name :
       {"enable_async_append", "enable_bitmapscan", "enable_gathermerge", "enable_hashagg",
        "enable_hashjoin", "enable_incremental_sort", "enable_indexonlyscan", "enable_indexscan",
        "enable_material", "enable_memoize", "enable_mergejoin", "enable_nestloop",
        "enable_parallel_append", "enable_parallel_hash", "enable_partition_pruning",
        "enable_seqscan", "enable_sort", "enable_tidscan"}) {
    all.push_back(Flag(name, "on", kPlanner));
  }
  return all;
}

}  // namespace

const std::vector<PostgresSetting>& PostgresSettings() {
  static const std::vector<PostgresSetting> all = Make();
  return all;
}

const PostgresSetting* FindPostgresSetting(std::string_view name) {
  for (const PostgresSetting& setting : PostgresSettings()) {
    if (SameName(setting.name, name)) return &setting;
  }
  return nullptr;
}

Result<std::string> NormaliseSetting(const PostgresSetting& setting, std::string_view text) {
  switch (setting.type) {
    case Type::kBool: {
      std::string_view value = Trimmed(text);
      if (value == "1" || Abbreviates(value, "on", 2) || Abbreviates(value, "true", 1) ||
          Abbreviates(value, "yes", 1)) {
        return std::string("on");
      }
      if (value == "0" || Abbreviates(value, "off", 2) || Abbreviates(value, "false", 1) ||
          Abbreviates(value, "no", 1)) {
        return std::string("off");
      }
      return errors::InvalidParameter("parameter \"" + std::string(setting.name) +
                                      "\" requires a Boolean value");
    }
    case Type::kInteger:
      return NormaliseInteger(setting, Trimmed(text));
    case Type::kReal: {
      double value = 0;
      std::string_view rest;
      if (!ReadNumber(Trimmed(text), &value, &rest) || !rest.empty()) return Invalid(setting, text);
      if (value < setting.min) {
        return errors::InvalidParameter(std::string(text) +
                                        " is outside the valid range for parameter \"" +
                                        std::string(setting.name) + "\"");
      }
      return std::string(Trimmed(text));
    }
    case Type::kEnum: {
      std::string available;
      std::string_view rest = setting.values;
      while (!rest.empty()) {
        size_t bar = std::min(rest.find('|'), rest.size());
        std::string_view value = rest.substr(0, bar);
        if (SameName(value, text)) return std::string(value);
        available += (available.empty() ? "" : ", ") + std::string(value);
        rest.remove_prefix(std::min(bar + 1, rest.size()));
      }
      return Status(Invalid(setting, text)).WithHint("Available values: " + available + ".");
    }
    default:
      return std::string(text);
  }
}

int64_t SettingMilliseconds(std::string_view text) {
  double value = 0;
  std::string_view unit;
  if (!ReadNumber(Trimmed(text), &value, &unit)) return 0;
  if (!unit.empty()) value *= Scale(kMillisecondUnits, unit).value_or(0);
  return value > 0 && value < 9e15 ? static_cast<int64_t>(value) : 0;
}

}  // namespace skein::engine
