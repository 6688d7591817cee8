#include "server/settings_table.h"

namespace skein::server {
namespace {

using std::chrono::hours;

template <typename Enum>
ChoiceValue Choice(Enum Settings::* member, std::vector<std::string_view> words) {
  return {std::move(words), [member](Settings& settings, size_t index) {
            settings.*member = static_cast<Enum>(index);
          }};
}

std::vector<SettingSpec> MakeTable() {
  // Longer than any timeout has a use: it only catches a mistyped unit.
  constexpr auto kLongest = hours(24 * 365);
  // The words of a choice are in the order of its enum.
  return {
      {"Data", "data_dir", ListValue{&Settings::data_dir, ':'}, "data",
       "Folders whose files clients may read and write, separated by ':'. A relative one is under "
       "the working directory. Relative paths in SQL start at the first."},
      {"Data", "allowed_locations", ListValue{&Settings::allowed_locations, ','},
       "s3://,s3a://,s3n://,gs://,gcs://,r2://",
       "Beginnings of the URLs that clients may read and write, separated by ','. Empty allows "
       "none."},
      {"Data", "private_endpoints", Choice(&Settings::private_endpoints, {"auto", "allow", "deny"}),
       "auto",
       "Whether object stores may be at loopback and private addresses. auto: only while every "
       "door listens on "
       "loopback. The metadata addresses of clouds are never allowed."},
      {"Data", "database", TextValue{&Settings::database, "file"},
       ":memory:", "The DuckDB database that clients work in: a file, or :memory:."},
      {"Data", "extensions", ListValue{&Settings::extensions, ','}, "",
       "DuckDB extensions to load at start, separated by ','."},
      {"Data", "extensions_dir", TextValue{&Settings::extensions_dir, "folder"}, "",
       "Where DuckDB's signed extensions are. Empty: those that came with this build."},
      {"Data", "init_file", TextValue{&Settings::init_file, "file"}, "",
       "SQL statements that run at start, before any client comes. What they attach, and the "
       "secrets they create, is for all sessions."},

      {"Doors", "host", TextValue{&Settings::host}, "127.0.0.1",
       "The name or address that all doors listen on; * is every address of the machine."},
      {"Doors", "pg_port", PortValue{&Settings::pg_port}, "5432",
       "The port of the PostgreSQL door."},
      {"Doors", "http_port", PortValue{&Settings::http_port}, "8080", "The port of the HTTP door."},
      {"Doors", "flight_sql_port", PortValue{&Settings::flight_sql_port}, "50051",
       "The port of the Arrow Flight SQL door."},
      {"Doors", "max_connections", IntegerValue{&Settings::max_connections, 1, 1000000}, "10000",
       "Clients that may be connected to one door at a time."},
      {"Doors", "max_message_bytes",
       BytesValue{&Settings::max_message_bytes, 64 * 1000, 1000000000}, "256MB",
       "The longest message a client may send, statements and parameters included."},

      {"Security", "auth", Choice(&Settings::auth, {"auto", "trust", "password"}), "auto",
       "How clients prove who they are. auto: by password when users_file is given; else everybody "
       "is trusted, which "
       "needs every door on loopback."},
      {"Security", "users_file", TextValue{&Settings::users_file, "file"}, "",
       "The users and their passwords' verifiers."},
      {"Security", "hba_file", TextValue{&Settings::hba_file, "file"}, "",
       "Rules for who may come in from where and how, in the format of PostgreSQL's pg_hba.conf; "
       "they decide instead of auth."},
      {"Security", "tls", Choice(&Settings::tls, {"auto", "off", "allow", "require"}), "auto",
       "Whether connections are encrypted. allow lets the client choose, require refuses what is "
       "not. auto: allow when "
       "a certificate is given, else off."},
      {"Security", "tls_cert", TextValue{&Settings::tls_cert, "file"}, "",
       "The server's certificate and its chain, in PEM format."},
      {"Security", "tls_key", TextValue{&Settings::tls_key, "file"}, "",
       "The key of the certificate, in PEM format without a passphrase."},
      {"Security", "tls_client_ca", TextValue{&Settings::tls_client_ca, "file"}, "",
       "The authorities that sign clients' certificates, in PEM format. Clients of the PostgreSQL "
       "and HTTP doors are then asked for a certificate; rules of hba_file can demand one."},

      {"Security", "flight_client_certificates", BoolValue{&Settings::flight_client_certificates},
       "false",
       "Whether clients of the Flight SQL door must show a certificate of tls_client_ca. Who they "
       "are they prove as without one."},
      {"Security", "jwt_keys_file", TextValue{&Settings::jwt_keys_file, "file"}, "",
       "The public keys (a JSON Web Key Set) of the issuer whose signed bearer tokens the Flight "
       "SQL door accepts, RS256 and ES256. It is read again when it changes."},
      {"Security", "jwt_keys_url", TextValue{&Settings::jwt_keys_url, "url"}, "",
       "The same, as the issuer publishes it: https://, or http:// of this machine. It is fetched "
       "each jwt_keys_refresh, and when a token names a key that is not known."},
      {"Security", "jwt_keys_ca", TextValue{&Settings::jwt_keys_ca, "file"}, "",
       "The authorities that the certificate there is checked by, in PEM format. Empty: the "
       "system's."},
      {"Security", "jwt_keys_refresh", DurationValue{&Settings::jwt_keys_refresh, kLongest},
       "10min", "How often the keys of jwt_keys_url are fetched."},
      {"Security", "jwt_issuer", TextValue{&Settings::jwt_issuer}, "",
       "What such a token must name as its issuer."},
      {"Security", "jwt_audience", TextValue{&Settings::jwt_audience}, "",
       "What it must name as its audience, or among them."},
      {"Security", "jwt_user_claim", TextValue{&Settings::jwt_user_claim}, "sub",
       "The claim of a token that is the user's name."},
      {"Security", "jwt_skew", DurationValue{&Settings::jwt_skew, kLongest}, "60s",
       "How far the issuer's clock may be from this machine's."},

      {"Resources", "max_memory_gb", NumberValue{&Settings::max_memory_gb, 0, 1000000}, "0",
       "Memory the engine may use, in gigabytes. 0: 80 % of what the machine or its cgroup has."},
      {"Resources", "threads", IntegerValue{&Settings::threads, 0, 4096}, "0",
       "Threads that run queries. 0: one for each core."},
      {"Resources", "temp_dir", TextValue{&Settings::temp_dir, "folder"}, "",
       "Where the server makes a folder of its own for what does not fit in memory; those that "
       "killed servers left there go. Empty: the system's."},
      {"Resources", "max_temp_size", BytesValue{&Settings::max_temp_size}, "0",
       "How much they may put there. 0: what is free on that disk, less a tenth."},
      {"Resources", "max_spool_size", BytesValue{&Settings::max_spool_size}, "10GB",
       "The most that one result may take in temp_dir that was not read to its end when its "
       "session started another statement."},

      {"Resources", "flight_endpoints", IntegerValue{&Settings::flight_endpoints, 1, 256}, "4",
       "Endpoints that a large Flight SQL result has at most, so that a client reads over as many "
       "connections. The header x-skein-endpoints asks for another number."},
      {"Resources", "flight_endpoint_size",
       BytesValue{&Settings::flight_endpoint_size, 1000 * 1000}, "64MB",
       "A Flight SQL result that is expected to be larger has another endpoint for each such "
       "piece."},
      {"Resources", "flight_spool_memory", BytesValue{&Settings::flight_spool_memory}, "64MB",
       "Memory in which Flight SQL results are kept that may be read again."},
      {"Resources", "flight_spool_disk", BytesValue{&Settings::flight_spool_disk}, "10GB",
       "How much of them is kept in files of temp_dir when that is full."},

      {"Cluster", "cluster", TextValue{&Settings::cluster, "local[:N]|ray|ray://host:port"}, "",
       "What large queries are cut over. local: N engines in this process (as many as threads when "
       "N is left out), each with its share of memory and threads. ray: a Ray of the server's own "
       "on this machine. ray://host:port: a Ray cluster, of which this machine has to be a node. "
       "Empty: nothing is cut."},
      {"Cluster", "cluster_workers_min", IntegerValue{&Settings::cluster_workers_min, 0, 10000},
       "0", "Ray workers that are kept when there is nothing to do. 0: as many as the maximum."},
      {"Cluster", "cluster_workers_max", IntegerValue{&Settings::cluster_workers_max, 0, 10000},
       "0",
       "Ray workers at most. 0: as many as the cores of the cluster have room for at the start; an "
       "autoscaler adds nodes for more."},
      {"Cluster", "cluster_worker_cpus", IntegerValue{&Settings::cluster_worker_cpus, 1, 1024}, "1",
       "Cores, and threads, of each Ray worker."},
      {"Cluster", "cluster_worker_memory", BytesValue{&Settings::cluster_worker_memory}, "0",
       "Memory of each Ray worker's engine. 0: a share of max_memory_gb with a Ray of the server's "
       "own, else four fifths of the node's."},
      {"Cluster", "cluster_retries", IntegerValue{&Settings::cluster_retries, 0, 100}, "3",
       "How often a task is tried again when its worker, a node or the network failed."},
      {"Cluster", "cluster_idle", DurationValue{&Settings::cluster_idle, kLongest}, "60s",
       "After so long without work a Ray worker above the minimum is let go."},
      {"Cluster", "cluster_python", TextValue{&Settings::cluster_python, "file"}, "python3",
       "The Python, with the packages ray and pyarrow, that speaks to Ray."},
      {"Cluster", "cluster_ship_code", BoolValue{&Settings::cluster_ship_code}, "true",
       "Whether the nodes of a Ray cluster get the worker's code from the server; otherwise they "
       "must have the package skein-ray."},

      {"Time limits", "query_timeout", DurationValue{&Settings::query_timeout, kLongest}, "0s",
       "How long one query may take. 0: no limit."},
      {"Time limits", "idle_session_timeout",
       DurationValue{&Settings::idle_session_timeout, kLongest}, "0s",
       "How long a session may stay idle before it is closed. 0: no limit."},
      {"Time limits", "flight_ticket_timeout",
       DurationValue{&Settings::flight_ticket_timeout, kLongest}, "10min",
       "How long a Flight SQL ticket is good for. 0: ten minutes."},
      {"Time limits", "shutdown_grace", DurationValue{&Settings::shutdown_grace, kLongest}, "30s",
       "How long queries that run may go on once the server was told to stop."},

      {"Log", "log_level",
       Choice(&Settings::log_level, {"trace", "debug", "info", "warn", "error"}), "info",
       "The least important lines to log. RUST_LOG is understood, too: its level for everything.",
       "RUST_LOG"},
      {"Log", "log_format", Choice(&Settings::log_format, {"logfmt", "json"}), "logfmt",
       "How lines are written."},
      {"Log", "log_file", TextValue{&Settings::log_file, "file"}, "",
       "The file that lines are appended to. Empty: standard error."},
  };
}

}  // namespace

const std::vector<SettingSpec>& SettingTable() {
  static const std::vector<SettingSpec> table = MakeTable();
  return table;
}

}  // namespace skein::server
