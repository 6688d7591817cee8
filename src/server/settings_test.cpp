#include "server/settings.h"

#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "server/settings_table.h"

namespace skein::server {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class SettingsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string folder = ::testing::TempDir() + "skein-settings-XXXXXX";
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    folder_ = folder;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void WriteConfig(std::string_view text, const char* name = "skein.toml") {
    std::ofstream(folder_ / name) << text;
  }

  Result<Settings> Load(std::vector<std::string> arguments = {},
                        std::map<std::string, std::string> variables = {}) {
    return LoadSettings(
        arguments,
        [&](const std::string& name) -> std::optional<std::string> {
          auto found = variables.find(name);
          if (found == variables.end()) return std::nullopt;
          return found->second;
        },
        folder_);
  }

  Settings MustLoad(std::vector<std::string> arguments = {},
                    std::map<std::string, std::string> variables = {}) {
    auto loaded = Load(std::move(arguments), std::move(variables));
    EXPECT_TRUE(loaded.ok()) << loaded.status().ToString();
    return loaded.ok() ? *loaded : Settings();
  }

  std::filesystem::path folder_;
};

TEST_F(SettingsTest, DefaultsAreClosedAndLocal) {
  Settings settings = MustLoad();
  EXPECT_THAT(settings.data_dir, ElementsAre("data"));
  EXPECT_THAT(settings.allowed_locations,
              ElementsAre("s3://", "s3a://", "s3n://", "gs://", "gcs://", "r2://"));
  EXPECT_EQ(settings.private_endpoints, PrivateEndpoints::kAuto);
  EXPECT_EQ(settings.database, ":memory:");
  EXPECT_EQ(settings.host, "127.0.0.1");
  EXPECT_EQ(settings.pg_port, Port(5432));
  EXPECT_EQ(settings.http_port, Port(8080));
  EXPECT_EQ(settings.flight_sql_port, Port(50051));
  EXPECT_EQ(settings.tls, TlsMode::kOff);
  EXPECT_EQ(settings.auth, AuthMode::kAuto);
  EXPECT_EQ(settings.max_connections, 10000);
  EXPECT_EQ(settings.max_message_bytes, 256000000);
  EXPECT_EQ(settings.shutdown_grace, milliseconds(30000));
  EXPECT_EQ(settings.query_timeout, milliseconds(0));
  EXPECT_EQ(settings.log_level, telemetry::LogLevel::kInfo);
  EXPECT_TRUE(settings.extensions.empty());
  EXPECT_TRUE(settings.given.empty());
  EXPECT_FALSE(settings.help);
  EXPECT_GT(MemoryLimitBytes(settings), 100u << 20);
}

TEST_F(SettingsTest, AFlagWinsOverTheEnvironmentOverTheFileOverTheDefault) {
  WriteConfig("pg_port = 1\nhttp_port = 2\nflight_sql_port = 3\nmax_memory_gb = 1.5\n");
  Settings settings =
      MustLoad({"--pg-port", "11"}, {{"PG_PORT", "21"}, {"HTTP_PORT", "22"}, {"THREADS", ""}});
  EXPECT_EQ(settings.pg_port, Port(11));
  EXPECT_EQ(settings.http_port, Port(22));
  EXPECT_EQ(settings.flight_sql_port, Port(3));
  EXPECT_EQ(MemoryLimitBytes(settings), 1500000000u);
  EXPECT_EQ(settings.config_file, folder_ / "skein.toml");
  ASSERT_EQ(settings.given.size(), 4u);
  EXPECT_EQ(settings.given[0].source, "flag --pg-port");
  EXPECT_EQ(settings.given[1].source, "environment variable HTTP_PORT");
  EXPECT_THAT(settings.given[2].source, HasSubstr("skein.toml line 3"));
}

TEST_F(SettingsTest, TheNameWithSkeinInFrontWins) {
  EXPECT_EQ(MustLoad({}, {{"HOST", "x86_64-conda-linux-gnu"}, {"SKEIN_HOST", "*"}}).host, "*");
}

TEST_F(SettingsTest, ConfigNamesAnotherFile) {
  WriteConfig("pg_port = 1\n");
  WriteConfig("pg_port = 2\n", "other.toml");
  EXPECT_EQ(MustLoad({"--config", (folder_ / "other.toml").string()}).pg_port, Port(2));
  auto missing = Load({"--config", "/nonexistent.toml"});
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.status().message(), "the settings file cannot be read: /nonexistent.toml");
}

TEST_F(SettingsTest, ReadsEveryKindOfValue) {
  WriteConfig("data_dir = [\"/a\", \"/b\"]\nmax_temp_size = \"2GiB\"\nquery_timeout = \"5min\"\n");
  Settings settings = MustLoad({"--pg-port=off", "--http-port=0", "--extensions", "httpfs, iceberg",
                                "--log_format=json", "--idle-session-timeout=500ms",
                                "--max-message-bytes", "1.5MB", "--help"});
  EXPECT_THAT(settings.data_dir, ElementsAre("/a", "/b"));
  EXPECT_EQ(settings.max_temp_size, int64_t{2} << 30);
  EXPECT_EQ(settings.query_timeout, milliseconds(300000));
  EXPECT_EQ(settings.pg_port, std::nullopt);
  EXPECT_EQ(settings.http_port, Port(0));
  EXPECT_THAT(settings.extensions, ElementsAre("httpfs", "iceberg"));
  EXPECT_EQ(settings.log_format, telemetry::LogFormat::kJson);
  EXPECT_EQ(settings.idle_session_timeout, milliseconds(500));
  EXPECT_EQ(settings.max_message_bytes, 1500000);
  EXPECT_TRUE(settings.help);
  EXPECT_THAT(MustLoad({}, {{"DATA_DIR", "/x:/y z:"}}).data_dir, ElementsAre("/x", "/y z"));
  EXPECT_TRUE(MustLoad({"--allowed-locations="}).allowed_locations.empty());
}

TEST_F(SettingsTest, UnderstandsRustLog) {
  using telemetry::LogLevel;
  EXPECT_EQ(MustLoad({}, {{"RUST_LOG", "debug"}}).log_level, LogLevel::kDebug);
  EXPECT_EQ(MustLoad({}, {{"RUST_LOG", "warn,foo=debug"}}).log_level, LogLevel::kWarn);
  EXPECT_EQ(MustLoad({}, {{"RUST_LOG", "foo=debug"}}).log_level, LogLevel::kInfo);
  EXPECT_EQ(MustLoad({}, {{"RUST_LOG", "debug"}, {"LOG_LEVEL", "error"}}).log_level,
            LogLevel::kError);
}

TEST_F(SettingsTest, AWrongValueSaysWhichWhereWhatAndWhatWouldBeRight) {
  auto port = Load({"--pg-port", "70000"});
  ASSERT_FALSE(port.ok());
  EXPECT_EQ(port.status().message(),
            "the setting pg_port is wrong: flag --pg-port gives \"70000\"");
  EXPECT_EQ(port.status().hint(),
            "It must be a port from 1 to 65535, 0 for any free one, or off to keep the door shut.");

  auto level = Load({}, {{"LOG_LEVEL", "loud"}});
  ASSERT_FALSE(level.ok());
  EXPECT_EQ(level.status().message(),
            "the setting log_level is wrong: environment variable LOG_LEVEL gives \"loud\"");
  EXPECT_EQ(level.status().hint(), "It must be one of: trace, debug, info, warn, error.");

  WriteConfig("\nquery_timeout = 30\n");
  auto timeout = Load();
  ASSERT_FALSE(timeout.ok());
  EXPECT_EQ(timeout.status().message(),
            "the setting query_timeout is wrong: " + (folder_ / "skein.toml").string() +
                " line 2 gives \"30\"");
  EXPECT_THAT(timeout.status().hint(), HasSubstr("a duration like 500ms, 30s"));

  WriteConfig("host = [1, 2]\n");
  EXPECT_THAT(Load().status().message(), HasSubstr("the setting host is wrong"));
}

TEST_F(SettingsTest, RefusesWhatIsOutOfBounds) {
  for (const char* argument :
       {"--threads=-1", "--threads=1.5", "--threads=", "--max-connections=0", "--max-memory-gb=-2",
        "--max-memory-gb=nan", "--max-memory-gb=inf", "--max-message-bytes=1",
        "--max-message-bytes=5GB", "--max-temp-size=9999999999TB", "--query-timeout=-1s",
        "--query-timeout=1y", "--query-timeout=1000000d", "--pg-port=-1", "--pg-port=65536",
        "--pg-port=5432x"}) {
    EXPECT_FALSE(Load({argument}).ok()) << argument;
  }
}

TEST_F(SettingsTest, AnUnknownNameGetsASuggestion) {
  auto flag = Load({"--pg-prot", "1"});
  EXPECT_EQ(flag.status().message(), "unknown flag --pg-prot");
  EXPECT_EQ(flag.status().hint(), "Did you mean --pg-port?");
  EXPECT_EQ(Load({"--something-else-entirely=1"}).status().hint(), "--help lists all flags.");
  WriteConfig("max_memory = 4\n");
  EXPECT_THAT(Load().status().message(), HasSubstr("unknown setting max_memory in "));
  EXPECT_EQ(Load().status().hint(), "Did you mean max_memory_gb?");
  WriteConfig("pg_port = \n");
  EXPECT_THAT(Load().status().message(), HasSubstr("skein.toml line 1"));
}

TEST_F(SettingsTest, ArgumentsMustMakeSense) {
  EXPECT_EQ(Load({"--pg-port"}).status().message(), "the flag --pg-port needs a value");
  EXPECT_EQ(Load({"--pg-port", "--host"}).status().message(), "the flag --pg-port needs a value");
  EXPECT_EQ(Load({"--threads=1", "--threads=2"}).status().message(),
            "the flag --threads is given twice");
  EXPECT_EQ(Load({"5432"}).status().message(), "unexpected argument \"5432\"");
}

TEST_F(SettingsTest, SettingsMustFitTogether) {
  EXPECT_EQ(MustLoad({"--tls-cert=a", "--tls-key=b"}).tls, TlsMode::kAllow);
  EXPECT_EQ(MustLoad({"--tls-cert=a", "--tls-key=b", "--tls=off"}).tls, TlsMode::kOff);
  EXPECT_EQ(Load({"--tls-cert=a"}).status().message(),
            "the setting tls_cert is given without tls_key");
  EXPECT_THAT(Load({"--tls=require"}).status().hint(), HasSubstr("Set tls_cert and tls_key"));
  EXPECT_THAT(Load({"--auth=password"}).status().hint(), HasSubstr("Set users_file"));
  auto workers = Load({"--cluster-workers-min=3", "--cluster-workers-max=2"});
  EXPECT_THAT(workers.status().message(), HasSubstr("is 3, more than cluster_workers_max"));
  EXPECT_TRUE(Load({"--cluster-workers-min=3"}).ok());
  EXPECT_THAT(Load({"--cluster-worker-memory=10"}).status().hint(), HasSubstr("64MB or more"));
  EXPECT_TRUE(Load({"--cluster-worker-memory=64MB"}).ok());
}

TEST(SettingTable, NamesAndVariablesAreUniqueAndDefaultsAreRight) {
  std::set<std::string> names;
  for (const SettingSpec& spec : SettingTable()) {
    EXPECT_TRUE(names.insert(std::string(spec.name)).second) << spec.name;
    for (const std::string& variable : VariablesOf(spec))
      EXPECT_TRUE(names.insert(variable).second) << variable;
    Settings settings;
    EXPECT_TRUE(SetFromText(spec, spec.default_text, settings)) << spec.name;
  }
}

TEST(SettingTable, ABoolTakesTheUsualWords) {
  SettingSpec spec{"Test", "help", BoolValue{&Settings::help}, "false", ""};
  Settings settings;
  EXPECT_TRUE(SetFromText(spec, "Yes", settings));
  EXPECT_TRUE(settings.help);
  EXPECT_TRUE(SetFromText(spec, "off", settings));
  EXPECT_FALSE(settings.help);
  EXPECT_FALSE(SetFromText(spec, "maybe", settings));
}

TEST(ServeHelp, ShowsEverySettingWithinItsColumns) {
  std::istringstream help(ServeHelp());
  for (std::string line; std::getline(help, line);) EXPECT_LE(line.size(), 100u) << line;
  EXPECT_THAT(ServeHelp(), HasSubstr("\nDoors\n"));
  EXPECT_THAT(ServeHelp(), HasSubstr("  --pg-port <port>|off  [PG_PORT]\n"
                                     "        The port of the PostgreSQL door. Default: 5432\n"));
  for (const SettingSpec& spec : SettingTable())
    EXPECT_THAT(ServeHelp(), HasSubstr("  " + FlagOf(spec) + " "));
}

TEST(SettingsMarkdown, HasARowForEverySetting) {
  EXPECT_THAT(SettingsMarkdown(), HasSubstr("| `pg_port` | `--pg-port` | `PG_PORT` | "
                                            "`<port>\\|off` | `5432` | The port of the PostgreSQL "
                                            "door. |\n"));
  std::istringstream markdown(SettingsMarkdown());
  size_t rows = 0;
  for (std::string line; std::getline(markdown, line);) {
    if (line.starts_with("| `")) ++rows;
  }
  EXPECT_EQ(rows, SettingTable().size());
}

}  // namespace
}  // namespace skein::server
