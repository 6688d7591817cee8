#include "server/settings.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <numeric>
#include <sstream>

#include <fmt/format.h>
#include <toml++/toml.h>
#include <unistd.h>

#include "server/settings_table.h"

namespace skein::server {
namespace {

namespace fs = std::filesystem;

struct Text {
  std::string value;
  std::string source;
};
/// What was given for a setting, by name. The first source to name it wins.
using Texts = std::map<std::string_view, Text>;

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

const SettingSpec* Find(std::string_view name) {
  for (const SettingSpec& spec : SettingTable()) {
    if (spec.name == name) return &spec;
  }
  return nullptr;
}

/// The setting that was probably meant, or null.
const SettingSpec* Nearest(std::string_view name) {
  const SettingSpec* nearest = nullptr;
  size_t least = std::max<size_t>(2, name.size() / 3) + 1;
  for (const SettingSpec& spec : SettingTable()) {
    size_t distance = EditDistance(name, spec.name);
    if (distance < least) {
      least = distance;
      nearest = &spec;
    }
  }
  return nearest;
}

std::string NameOfFlag(std::string_view flag) {
  std::string name(flag.substr(2));
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

Status Wrong(const SettingSpec& spec, const Text& given) {
  return errors::InvalidParameter(fmt::format("the setting {} is wrong: {} gives \"{}\"", spec.name,
                                              given.source, given.value))
      .WithHint(ExpectationOf(spec));
}

struct Arguments {
  Texts texts;
  std::optional<std::string> config;
  bool help = false;
};

Result<Arguments> ReadArguments(const std::vector<std::string>& arguments) {
  Arguments read;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--help" || argument == "-h") {
      read.help = true;
      continue;
    }
    if (!argument.starts_with("--") || argument.size() == 2) {
      return errors::InvalidParameter(fmt::format("unexpected argument \"{}\"", argument))
          .WithHint("Settings are given as --name value; --help lists them.");
    }
    size_t equals = argument.find('=');
    std::string flag = argument.substr(0, equals);
    std::string name = NameOfFlag(flag);
    const SettingSpec* spec = Find(name);
    if (!spec && name != "config") {
      const SettingSpec* nearest = Nearest(name);
      return errors::InvalidParameter(fmt::format("unknown flag {}", flag))
          .WithHint(nearest ? fmt::format("Did you mean {}?", FlagOf(*nearest))
                            : "--help lists all flags.");
    }
    std::string value;
    if (equals != std::string::npos) {
      value = argument.substr(equals + 1);
    } else if (spec && std::holds_alternative<BoolValue>(spec->value)) {
      value = "true";
    } else if (i + 1 < arguments.size() && !arguments[i + 1].starts_with("--")) {
      value = arguments[++i];
    } else {
      return errors::InvalidParameter(fmt::format("the flag {} needs a value", flag))
          .WithHint(spec ? ExpectationOf(*spec) : "It must be a file in TOML format.");
    }
    if (!spec) {
      read.config = value;
    } else if (!read.texts.emplace(spec->name, Text{value, "flag " + flag}).second) {
      return errors::InvalidParameter(fmt::format("the flag {} is given twice", flag))
          .WithHint("Give it once; the values of a list go into one text.");
    }
  }
  return read;
}

/// What RUST_LOG says for everything: "info" of "info,hyper=warn". Nothing when it only speaks of
/// parts, which are other programs' parts.
std::optional<std::string> LevelOfRustLog(std::string_view text) {
  std::optional<std::string> level;
  while (!text.empty()) {
    size_t end = std::min(text.find(','), text.size());
    std::string word(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word == "off") word = "error";
    for (std::string_view known : {"trace", "debug", "info", "warn", "error"}) {
      if (word == known) level = word;
    }
  }
  return level;
}

void ReadEnvironment(const Environment& environment, Texts& texts) {
  for (const SettingSpec& spec : SettingTable()) {
    for (const std::string& variable : VariablesOf(spec)) {
      std::optional<std::string> value = environment(variable);
      // Compose files and charts leave variables empty for "not set".
      if (!value || value->empty()) continue;
      if (variable == "RUST_LOG") value = LevelOfRustLog(*value);
      if (!value) continue;
      texts.emplace(spec.name, Text{*value, "environment variable " + variable});
      break;
    }
  }
}

/// The text of a TOML value; no value when it is of a kind that no setting has.
std::optional<std::string> TextOf(const toml::node& node, const SettingSpec& spec) {
  if (auto text = node.as_string()) return text->get();
  if (auto number = node.as_integer()) return fmt::format("{}", number->get());
  if (auto number = node.as_floating_point()) return fmt::format("{}", number->get());
  if (auto flag = node.as_boolean()) return flag->get() ? "true" : "false";
  const auto* list = std::get_if<ListValue>(&spec.value);
  if (!list || !node.is_array()) return std::nullopt;
  std::string joined;
  for (const toml::node& element : *node.as_array()) {
    auto text = element.as_string();
    if (!text || text->get().find(list->separator) != std::string::npos) return std::nullopt;
    if (!joined.empty()) joined += list->separator;
    joined += text->get();
  }
  return joined;
}

Status ReadConfig(const fs::path& file, Texts& texts) {
  std::ifstream in(file);
  std::ostringstream content;
  if (in) content << in.rdbuf();
  if (!in || in.bad()) {
    return errors::InvalidParameter(
               fmt::format("the settings file cannot be read: {}", file.string()))
        .WithHint("Correct --config, or the permissions of the file.");
  }
  toml::table table;
  try {
    table = toml::parse(content.str(), file.string());
  } catch (const toml::parse_error& error) {
    return errors::InvalidParameter(fmt::format("the settings file is not TOML: {} line {}: {}",
                                                file.string(), error.source().begin.line,
                                                error.description()))
        .WithHint("Each line is name = value; texts are in double quotes.");
  }
  for (const auto& [key, node] : table) {
    auto line = node.source().begin.line;
    std::string where = fmt::format("{} line {}", file.string(), line);
    const SettingSpec* spec = Find(key.str());
    if (!spec) {
      const SettingSpec* nearest = Nearest(key.str());
      return errors::InvalidParameter(fmt::format("unknown setting {} in {}", key.str(), where))
          .WithHint(
              nearest
                  ? fmt::format("Did you mean {}?", nearest->name)
                  : "skein serve --help lists all settings; a key is the flag with underscores.");
    }
    std::optional<std::string> text = TextOf(node, *spec);
    if (!text) {
      std::ostringstream value;
      value << toml::node_view(node);
      return Wrong(*spec, {value.str(), where});
    }
    texts.emplace(spec->name, Text{*text, where});
  }
  return Status::OK();
}

/// With less an engine opens, and then runs out of memory in every task.
constexpr int64_t kSmallestWorkerMemory = 64'000'000;

Status CheckCluster(const Settings& settings) {
  if (settings.cluster_workers_max > 0 &&
      settings.cluster_workers_min > settings.cluster_workers_max) {
    return errors::InvalidParameter(
               fmt::format("cluster_workers_min is {}, more than cluster_workers_max, which is {}",
                           settings.cluster_workers_min, settings.cluster_workers_max))
        .WithHint(
            "Raise the one or lower the other; as a maximum, 0 is what the cluster has room for.");
  }
  if (settings.cluster_worker_memory > 0 &&
      settings.cluster_worker_memory < kSmallestWorkerMemory) {
    return errors::InvalidParameter("cluster_worker_memory is too little for an engine")
        .WithHint("Say 64MB or more, or 0 for a share of the node's.");
  }
  return Status::OK();
}

Status CheckTogether(Settings& settings) {
  if (settings.tls_cert.empty() != settings.tls_key.empty()) {
    bool no_key = settings.tls_key.empty();
    return errors::InvalidParameter(fmt::format("the setting {} is given without {}",
                                                no_key ? "tls_cert" : "tls_key",
                                                no_key ? "tls_key" : "tls_cert"))
        .WithHint("TLS needs both: the certificate and its key.");
  }
  if (settings.tls == TlsMode::kAuto) {
    settings.tls = settings.tls_cert.empty() ? TlsMode::kOff : TlsMode::kAllow;
  }
  if (settings.tls != TlsMode::kOff && settings.tls_cert.empty()) {
    return errors::InvalidParameter(
               "the setting tls asks for encryption, and there is no certificate")
        .WithHint("Set tls_cert and tls_key, or set tls to off.");
  }
  if (settings.auth == AuthMode::kPassword && settings.users_file.empty()) {
    return errors::InvalidParameter("the setting auth asks for passwords, and there are no users")
        .WithHint("Set users_file, or set auth to trust.");
  }
  if (settings.auth != AuthMode::kAuto && !settings.hba_file.empty()) {
    return errors::InvalidParameter("both auth and hba_file say who may come in")
        .WithHint("Leave auth out: the rules decide.");
  }
  if (settings.flight_client_certificates && settings.tls_client_ca.empty()) {
    return errors::InvalidParameter(
               "flight_client_certificates asks for certificates, and no authority is given")
        .WithHint("Set tls_client_ca.");
  }
  if (!settings.jwt_keys_file.empty() && !settings.jwt_keys_url.empty()) {
    return errors::InvalidParameter("both jwt_keys_file and jwt_keys_url say where the keys are")
        .WithHint("Leave one out.");
  }
  const char* keys = !settings.jwt_keys_file.empty()  ? "jwt_keys_file"
                     : !settings.jwt_keys_url.empty() ? "jwt_keys_url"
                                                      : nullptr;
  if (keys && (settings.jwt_issuer.empty() || settings.jwt_audience.empty())) {
    return errors::InvalidParameter(std::string(keys) +
                                    " is given without jwt_issuer and jwt_audience")
        .WithHint("Tokens that are meant for others must not be good here: set both.");
  }
  if (settings.jwt_keys_refresh < std::chrono::seconds(1)) {
    return errors::InvalidParameter("jwt_keys_refresh is shorter than a second")
        .WithHint("The issuer's server is asked so often.");
  }
  if (!settings.tls_client_ca.empty() && settings.tls == TlsMode::kOff) {
    return errors::InvalidParameter("tls_client_ca is given, and connections are not encrypted")
        .WithHint("Set tls_cert and tls_key, too.");
  }
  return CheckCluster(settings);
}

/// The number in a cgroup's file; no value when there is none ("max").
std::optional<uint64_t> ReadLimit(const char* file) {
  std::ifstream in(file);
  uint64_t limit = 0;
  if (in >> limit) return limit;
  return std::nullopt;
}

}  // namespace

Environment ProcessEnvironment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (!value) return std::nullopt;
    return std::string(value);
  };
}

Result<Settings> LoadSettings(const std::vector<std::string>& arguments,
                              const Environment& environment, const fs::path& working_directory) {
  Settings settings;
  SKEIN_ASSIGN_OR_RETURN(Arguments read, ReadArguments(arguments));
  settings.help = read.help;
  Texts texts = std::move(read.texts);
  ReadEnvironment(environment, texts);

  std::error_code ignored;
  fs::path usual = working_directory / "skein.toml";
  if (read.config) {
    settings.config_file = *read.config;
  } else if (fs::exists(usual, ignored)) {
    settings.config_file = usual;
  }
  if (!settings.config_file.empty()) SKEIN_RETURN_IF_ERROR(ReadConfig(settings.config_file, texts));

  for (const SettingSpec& spec : SettingTable()) {
    auto given = texts.find(spec.name);
    Text text =
        given == texts.end() ? Text{std::string(spec.default_text), "the default"} : given->second;
    if (!SetFromText(spec, text.value, settings)) return Wrong(spec, text);
    if (given != texts.end())
      settings.given.push_back({std::string(spec.name), text.value, text.source});
  }
  SKEIN_RETURN_IF_ERROR(CheckTogether(settings));
  return settings;
}

uint64_t MemoryLimitBytes(const Settings& settings) {
  if (settings.max_memory_gb > 0) return static_cast<uint64_t>(settings.max_memory_gb * 1e9);
  uint64_t memory = static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) *
                    static_cast<uint64_t>(sysconf(_SC_PAGE_SIZE));
  for (const char* file :
       {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    if (auto limit = ReadLimit(file)) memory = std::min(memory, *limit);
  }
  return memory / 5 * 4;
}

}  // namespace skein::server
