#include <algorithm>

#include <fmt/format.h>

#include "server/settings.h"
#include "server/settings_table.h"

namespace skein::server {
namespace {

constexpr size_t kColumns = 96;
constexpr size_t kIndent = 8;

// `text` in lines of at most kColumns, each behind kIndent blanks.
std::string Wrap(std::string_view text) {
  std::string wrapped;
  std::string line(kIndent, ' ');
  while (!text.empty()) {
    size_t end = std::min(text.find(' '), text.size());
    std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.size() > kIndent && line.size() + 1 + word.size() > kColumns) {
      wrapped += line + "\n";
      line.assign(kIndent, ' ');
    }
    if (line.size() > kIndent) line += ' ';
    line += word;
  }
  return wrapped + line + "\n";
}

// The variables that people write; that each also has a name with SKEIN_ in front is said once.
std::string ShownVariables(const SettingSpec& spec) {
  std::vector<std::string> names = VariablesOf(spec);
  names.erase(names.begin());
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string EscapeCell(std::string_view text) {
  std::string escaped;
  for (char c : text) {
    if (c == '|') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string Code(std::string_view text) { return fmt::format("`{}`", EscapeCell(text)); }

}  // namespace

std::string ServeHelp() {
  std::string help =
      "Usage: skein serve [--setting value]...\n"
      "\n"
      "Starts the server. A flag wins over its environment variable (in brackets; SKEIN_ in front "
      "of it\n"
      "is understood and wins), that over skein.toml (keys are the flags with underscores), that "
      "over\n"
      "the default. Sizes have units (64MB, 2GiB), durations too (500ms, 30s, 5min, 2h).\n"
      "\n"
      "  --config <file>\n"
      "        The settings file. Default: skein.toml in the working directory, when there is "
      "one.\n"
      "  --help\n"
      "        Print this and end.\n";
  std::string_view section;
  for (const SettingSpec& spec : SettingTable()) {
    if (spec.section != section) {
      section = spec.section;
      help += fmt::format("\n{}\n", section);
    }
    help += fmt::format("  {} {}  [{}]\n", FlagOf(spec), PlaceholderOf(spec), ShownVariables(spec));
    std::string prose(spec.prose);
    if (!spec.default_text.empty()) prose += fmt::format(" Default: {}", spec.default_text);
    help += Wrap(prose);
  }
  return help;
}

std::string SettingsMarkdown() {
  std::string markdown;
  std::string_view section;
  for (const SettingSpec& spec : SettingTable()) {
    if (spec.section != section) {
      markdown += fmt::format(
          "{}## {}\n\n| setting | flag | environment | value | default | what it does |\n"
          "|---|---|---|---|---|---|\n",
          section.empty() ? "" : "\n", spec.section);
      section = spec.section;
    }
    std::vector<std::string> variables = VariablesOf(spec);
    variables.erase(variables.begin());
    for (std::string& variable : variables) variable = Code(variable);
    markdown += fmt::format(
        "| {} | {} | {} | {} | {} | {} |\n", Code(spec.name), Code(FlagOf(spec)),
        fmt::join(variables, ", "), Code(PlaceholderOf(spec)),
        spec.default_text.empty() ? "" : Code(spec.default_text), EscapeCell(spec.prose));
  }
  return markdown;
}

}  // namespace skein::server
