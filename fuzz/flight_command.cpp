// Input: the name of an action, a line feed, a body; or, when the name is empty, a descriptor's
// command. What is understood survives another trip over the wire, and holds text that the engine
// may be given.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "common/utf8.h"
#include "frontends/flightsql/command_codec.h"
#include "property.h"

namespace {

using namespace skein::frontends::flightsql;  // NOLINT(google-build-using-namespace)

void CheckError(const skein::Status& status) {
  PROPERTY(status.sqlstate().size() == 5);
  PROPERTY(skein::IsValidUtf8(status.message()));
}

void CheckText(const std::string& text) {
  PROPERTY(skein::IsValidUtf8(text));
  PROPERTY(text.find('\0') == std::string::npos);
}
void CheckText(const std::optional<std::string>& text) {
  if (text) CheckText(*text);
}
void CheckText(const TableName& name) {
  CheckText(name.catalog);
  CheckText(name.schema);
  CheckText(name.table);
}

/// All that reaches the engine as text. What is not listed is a handle, which is only looked up.
struct Texts {
  void operator()(const StatementQuery& query) const { CheckText(query.query); }
  void operator()(const StatementUpdate& update) const { CheckText(update.query); }
  void operator()(const StatementIngest& ingest) const { CheckText(ingest.table); }
  void operator()(const GetDbSchemas& schemas) const {
    CheckText(schemas.catalog);
    CheckText(schemas.schema_pattern);
  }
  void operator()(const GetTables& tables) const {
    CheckText(tables.catalog);
    CheckText(tables.schema_pattern);
    CheckText(tables.table_pattern);
    for (const std::string& type : tables.table_types) CheckText(type);
  }
  void operator()(const GetPrimaryKeys& keys) const { CheckText(keys.table); }
  void operator()(const GetExportedKeys& keys) const { CheckText(keys.table); }
  void operator()(const GetImportedKeys& keys) const { CheckText(keys.table); }
  void operator()(const GetCrossReference& keys) const {
    CheckText(keys.primary);
    CheckText(keys.foreign);
  }
  template <typename Other>
  void operator()(const Other&) const {}
};

void CheckCommand(std::string_view bytes) {
  auto command = DecodeCommand(bytes);
  if (!command.ok()) return CheckError(command.status());
  std::visit(Texts(), *command);
  std::string encoded = EncodeCommand(*command);
  auto again = DecodeCommand(encoded);
  PROPERTY(again.ok());
  PROPERTY(again->index() == command->index());
  PROPERTY(EncodeCommand(*again) == encoded);
}

void CheckAction(std::string_view type, std::string_view body) {
  auto action = DecodeAction(type, body);
  if (!action.ok()) return CheckError(action.status());
  if (const auto* prepare = std::get_if<CreatePrepared>(&*action)) CheckText(prepare->query);
  if (const auto* mark = std::get_if<BeginSavepoint>(&*action)) CheckText(mark->name);
  std::string encoded = EncodeAction(*action);
  auto again = DecodeAction(type, encoded);
  PROPERTY(again.ok());
  PROPERTY(again->index() == action->index());
  PROPERTY(EncodeAction(*again) == encoded);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  size_t line = bytes.find('\n');
  std::string_view type = bytes.substr(0, line);
  std::string_view body =
      line == std::string_view::npos ? std::string_view() : bytes.substr(line + 1);
  if (type.empty()) {
    CheckCommand(body);
  } else {
    CheckAction(type, body);
  }
  auto credentials = DecodeHandshake(bytes);
  if (credentials) PROPERTY(credentials->user.size() + credentials->password.size() <= size);
  return 0;
}
