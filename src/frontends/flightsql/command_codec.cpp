#include "frontends/flightsql/command_codec.h"

#include <array>
#include <utility>

#include <any.pb.h>
#include <flight_sql.pb.h>

#include "common/utf8.h"

namespace skein::frontends::flightsql {
namespace {

namespace wire = skein::flightsql::wire;
namespace sql = arrow::flight::protocol::sql;

constexpr std::string_view kPackage = "arrow.flight.protocol.sql.";

template <typename Message>
bool ParseInto(Message* message, std::string_view bytes) {
  return message->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

template <typename Message>
Result<Message> ParseAs(std::string_view name, std::string_view bytes) {
  Message message;
  if (!ParseInto(&message, bytes)) {
    return errors::ProtocolViolation(
        "the bytes are not a Flight SQL message of the kind they claim to be: " +
        std::string(name));
  }
  return message;
}

Status CheckText(const std::string& text) {
  if (text.find('\0') == std::string::npos && IsValidUtf8(text)) return Status::OK();
  return {StatusCode::kInvalidArgument, "22021", "the text is not UTF-8, or holds a NUL character"};
}

/// The message's name within the protocol's package, and its bytes.
struct Envelope {
  wire::Any any;
  std::string name;
};

Result<Envelope> Open(std::string_view bytes) {
  if (bytes.size() > kMaxCommandBytes) {
    return errors::TooLarge("the request is larger than " + std::to_string(kMaxCommandBytes) +
                            " bytes");
  }
  Envelope envelope;
  if (!ParseInto(&envelope.any, bytes) || envelope.any.type_url().empty()) {
    return Status(errors::ProtocolViolation("the request is no Flight SQL message"))
        .WithHint("This is a Flight SQL server: use a Flight SQL, ADBC or JDBC driver.");
  }
  const std::string& url = envelope.any.type_url();
  std::string_view name = url;
  if (size_t slash = name.rfind('/'); slash != std::string_view::npos)
    name.remove_prefix(slash + 1);
  if (!name.starts_with(kPackage) || !IsValidUtf8(url) || name.size() > 200) {
    return errors::ProtocolViolation("the request is no Flight SQL message");
  }
  envelope.name = std::string(name.substr(kPackage.size()));
  return envelope;
}

Result<Command> DecodeStatementQuery(std::string_view name, std::string_view bytes) {
  SKEIN_ASSIGN_OR_RETURN(auto message, ParseAs<sql::CommandStatementQuery>(name, bytes));
  SKEIN_RETURN_IF_ERROR(CheckText(message.query()));
  return Command(StatementQuery{message.query(), message.transaction_id()});
}
Result<Command> DecodeStatementTicket(std::string_view name, std::string_view bytes) {
  SKEIN_ASSIGN_OR_RETURN(auto message, ParseAs<sql::TicketStatementQuery>(name, bytes));
  return Command(StatementTicket{message.statement_handle()});
}
Result<Command> DecodeStatementUpdate(std::string_view name, std::string_view bytes) {
  SKEIN_ASSIGN_OR_RETURN(auto message, ParseAs<sql::CommandStatementUpdate>(name, bytes));
  SKEIN_RETURN_IF_ERROR(CheckText(message.query()));
  return Command(StatementUpdate{message.query(), message.transaction_id()});
}
Result<Command> DecodePreparedQuery(std::string_view name, std::string_view bytes) {
  SKEIN_ASSIGN_OR_RETURN(auto message, ParseAs<sql::CommandPreparedStatementQuery>(name, bytes));
  return Command(PreparedQuery{message.prepared_statement_handle()});
}
Result<Command> DecodePreparedUpdate(std::string_view name, std::string_view bytes) {
  SKEIN_ASSIGN_OR_RETURN(auto message, ParseAs<sql::CommandPreparedStatementUpdate>(name, bytes));
  return Command(PreparedUpdate{message.prepared_statement_handle()});
}
Result<Command> DecodeGetSqlInfo(std::string_view name, std::string_view bytes) {
  SKEIN_ASSIGN_OR_RETURN(auto message, ParseAs<sql::CommandGetSqlInfo>(name, bytes));
  return Command(GetSqlInfo{{message.info().begin(), message.info().end()}});
}
Result<Command> DecodeGetCatalogs(std::string_view name, std::string_view bytes) {
  SKEIN_RETURN_IF_ERROR(ParseAs<sql::CommandGetCatalogs>(name, bytes).status());
  return Command(GetCatalogs{});
}
Result<Command> DecodeGetDbSchemas(std::string_view name, std::string_view bytes) {
  SKEIN_ASSIGN_OR_RETURN(auto message, ParseAs<sql::CommandGetDbSchemas>(name, bytes));
  GetDbSchemas command;
  if (message.has_catalog()) command.catalog = message.catalog();
  if (message.has_db_schema_filter_pattern())
    command.schema_pattern = message.db_schema_filter_pattern();
  SKEIN_RETURN_IF_ERROR(CheckText(command.catalog.value_or("")));
  SKEIN_RETURN_IF_ERROR(CheckText(command.schema_pattern.value_or("")));
  return Command(std::move(command));
}
Result<Command> DecodeGetTables(std::string_view name, std::string_view bytes) {
  SKEIN_ASSIGN_OR_RETURN(auto message, ParseAs<sql::CommandGetTables>(name, bytes));
  GetTables command;
  if (message.has_catalog()) command.catalog = message.catalog();
  if (message.has_db_schema_filter_pattern())
    command.schema_pattern = message.db_schema_filter_pattern();
  if (message.has_table_name_filter_pattern())
    command.table_pattern = message.table_name_filter_pattern();
  command.table_types.assign(message.table_types().begin(), message.table_types().end());
  command.include_schema = message.include_schema();
  SKEIN_RETURN_IF_ERROR(CheckText(command.catalog.value_or("")));
  SKEIN_RETURN_IF_ERROR(CheckText(command.schema_pattern.value_or("")));
  SKEIN_RETURN_IF_ERROR(CheckText(command.table_pattern.value_or("")));
  for (const std::string& type : command.table_types) SKEIN_RETURN_IF_ERROR(CheckText(type));
  return Command(std::move(command));
}
Result<Command> DecodeGetTableTypes(std::string_view name, std::string_view bytes) {
  SKEIN_RETURN_IF_ERROR(ParseAs<sql::CommandGetTableTypes>(name, bytes).status());
  return Command(GetTableTypes{});
}

template <typename Text>
std::optional<std::string> Given(bool has, const Text& text) {
  return has ? std::optional<std::string>(text) : std::nullopt;
}
Status CheckName(const TableName& name) {
  SKEIN_RETURN_IF_ERROR(CheckText(name.catalog.value_or("")));
  SKEIN_RETURN_IF_ERROR(CheckText(name.schema.value_or("")));
  return CheckText(name.table);
}
template <typename Message, typename Decoded>
Result<Command> DecodeKeys(std::string_view name, std::string_view bytes) {
  SKEIN_ASSIGN_OR_RETURN(auto message, ParseAs<Message>(name, bytes));
  TableName table{Given(message.has_catalog(), message.catalog()),
                  Given(message.has_db_schema(), message.db_schema()), message.table()};
  SKEIN_RETURN_IF_ERROR(CheckName(table));
  return Command(Decoded{std::move(table)});
}
Result<Command> DecodeCrossReference(std::string_view name, std::string_view bytes) {
  SKEIN_ASSIGN_OR_RETURN(auto message, ParseAs<sql::CommandGetCrossReference>(name, bytes));
  GetCrossReference command{
      {Given(message.has_pk_catalog(), message.pk_catalog()),
       Given(message.has_pk_db_schema(), message.pk_db_schema()), message.pk_table()},
      {Given(message.has_fk_catalog(), message.fk_catalog()),
       Given(message.has_fk_db_schema(), message.fk_db_schema()), message.fk_table()}};
  SKEIN_RETURN_IF_ERROR(CheckName(command.primary));
  SKEIN_RETURN_IF_ERROR(CheckName(command.foreign));
  return Command(std::move(command));
}
Result<Command> DecodeXdbcTypeInfo(std::string_view name, std::string_view bytes) {
  SKEIN_ASSIGN_OR_RETURN(auto message, ParseAs<sql::CommandGetXdbcTypeInfo>(name, bytes));
  GetXdbcTypeInfo command;
  if (message.has_data_type()) command.data_type = message.data_type();
  return Command(command);
}
Result<Command> DecodeIngest(std::string_view name, std::string_view bytes) {
  SKEIN_ASSIGN_OR_RETURN(auto message, ParseAs<sql::CommandStatementIngest>(name, bytes));
  using Options = sql::CommandStatementIngest_TableDefinitionOptions;
  StatementIngest command;
  switch (message.table_definition_options().if_not_exist()) {
    case Options::TABLE_NOT_EXIST_OPTION_CREATE:
      command.if_missing = StatementIngest::IfMissing::kCreate;
      break;
    case Options::TABLE_NOT_EXIST_OPTION_FAIL:
      command.if_missing = StatementIngest::IfMissing::kFail;
      break;
    case Options::TABLE_NOT_EXIST_OPTION_UNSPECIFIED:
      break;
    default:
      return errors::ProtocolViolation("what to do when the table does not exist is not known");
  }
  switch (message.table_definition_options().if_exists()) {
    case Options::TABLE_EXISTS_OPTION_FAIL:
      command.if_exists = StatementIngest::IfExists::kFail;
      break;
    case Options::TABLE_EXISTS_OPTION_APPEND:
      command.if_exists = StatementIngest::IfExists::kAppend;
      break;
    case Options::TABLE_EXISTS_OPTION_REPLACE:
      command.if_exists = StatementIngest::IfExists::kReplace;
      break;
    case Options::TABLE_EXISTS_OPTION_UNSPECIFIED:
      break;
    default:
      return errors::ProtocolViolation("what to do when the table exists is not known");
  }
  command.table = {Given(message.has_catalog(), message.catalog()),
                   Given(message.has_schema(), message.schema()), message.table()};
  SKEIN_RETURN_IF_ERROR(CheckName(command.table));
  if (command.table.table.empty())
    return errors::ProtocolViolation("the table to ingest into has no name");
  command.temporary = message.temporary();
  command.transaction_id = message.transaction_id();
  return Command(std::move(command));
}

using Decoder = Result<Command> (*)(std::string_view name, std::string_view bytes);
constexpr std::array<std::pair<std::string_view, Decoder>, 16> kDecoders = {{
    {"CommandStatementQuery", DecodeStatementQuery},
    {"TicketStatementQuery", DecodeStatementTicket},
    {"CommandStatementUpdate", DecodeStatementUpdate},
    {"CommandPreparedStatementQuery", DecodePreparedQuery},
    {"CommandPreparedStatementUpdate", DecodePreparedUpdate},
    {"CommandGetSqlInfo", DecodeGetSqlInfo},
    {"CommandGetCatalogs", DecodeGetCatalogs},
    {"CommandGetDbSchemas", DecodeGetDbSchemas},
    {"CommandGetTables", DecodeGetTables},
    {"CommandGetTableTypes", DecodeGetTableTypes},
    {"CommandGetPrimaryKeys", DecodeKeys<sql::CommandGetPrimaryKeys, GetPrimaryKeys>},
    {"CommandGetExportedKeys", DecodeKeys<sql::CommandGetExportedKeys, GetExportedKeys>},
    {"CommandGetImportedKeys", DecodeKeys<sql::CommandGetImportedKeys, GetImportedKeys>},
    {"CommandGetCrossReference", DecodeCrossReference},
    {"CommandGetXdbcTypeInfo", DecodeXdbcTypeInfo},
    {"CommandStatementIngest", DecodeIngest},
}};

Status WrongBody(std::string_view type, const std::string& name) {
  return errors::ProtocolViolation("the body does not belong to the action " + std::string(type) +
                                   ": " + name);
}

}  // namespace

Result<Command> DecodeCommand(std::string_view bytes) {
  SKEIN_ASSIGN_OR_RETURN(auto envelope, Open(bytes));
  for (const auto& [name, decode] : kDecoders) {
    if (envelope.name == name) return decode(name, envelope.any.value());
  }
  if (envelope.name == "CommandStatementSubstraitPlan") {
    return Status(errors::NotSupported("Substrait plans are not supported"))
        .WithHint("Send the query as SQL.");
  }
  return errors::NotSupported("the Flight SQL command is not supported: " + envelope.name);
}

Result<ActionRequest> DecodeAction(std::string_view type, std::string_view body) {
  if (type == "CloseSession") return ActionRequest(CloseSession{});
  if (type == "CreatePreparedSubstraitPlan") {
    return Status(errors::NotSupported("Substrait plans are not supported"))
        .WithHint("Prepare the query as SQL.");
  }
  bool known = type == "CreatePreparedStatement" || type == "ClosePreparedStatement" ||
               type == "BeginTransaction" || type == "EndTransaction" || type == "BeginSavepoint" ||
               type == "EndSavepoint" || type == "CancelQuery";
  if (!known) {
    std::string_view shown = type.substr(0, 100);
    return errors::NotSupported("the action is not supported: " +
                                std::string(shown.substr(0, FindInvalidUtf8(shown))));
  }
  SKEIN_ASSIGN_OR_RETURN(auto envelope, Open(body));
  std::string wanted = "Action" + std::string(type) + "Request";
  if (envelope.name != wanted) return WrongBody(type, envelope.name);
  std::string_view bytes = envelope.any.value();
  if (type == "CreatePreparedStatement") {
    SKEIN_ASSIGN_OR_RETURN(auto message,
                           ParseAs<sql::ActionCreatePreparedStatementRequest>(wanted, bytes));
    SKEIN_RETURN_IF_ERROR(CheckText(message.query()));
    return ActionRequest(CreatePrepared{message.query(), message.transaction_id()});
  }
  if (type == "ClosePreparedStatement") {
    SKEIN_ASSIGN_OR_RETURN(auto message,
                           ParseAs<sql::ActionClosePreparedStatementRequest>(wanted, bytes));
    return ActionRequest(ClosePrepared{message.prepared_statement_handle()});
  }
  if (type == "BeginTransaction") {
    SKEIN_RETURN_IF_ERROR(ParseAs<sql::ActionBeginTransactionRequest>(wanted, bytes).status());
    return ActionRequest(BeginTransaction{});
  }
  if (type == "BeginSavepoint") {
    SKEIN_ASSIGN_OR_RETURN(auto message, ParseAs<sql::ActionBeginSavepointRequest>(wanted, bytes));
    SKEIN_RETURN_IF_ERROR(CheckText(message.name()));
    return ActionRequest(BeginSavepoint{message.transaction_id(), message.name()});
  }
  if (type == "EndSavepoint") {
    using Request = sql::ActionEndSavepointRequest;
    SKEIN_ASSIGN_OR_RETURN(auto message, ParseAs<Request>(wanted, bytes));
    if (message.action() != Request::END_SAVEPOINT_RELEASE &&
        message.action() != Request::END_SAVEPOINT_ROLLBACK) {
      return errors::ProtocolViolation(
          "how to end the savepoint, by release or rollback, is not said");
    }
    return ActionRequest(
        EndSavepoint{message.savepoint_id(), message.action() == Request::END_SAVEPOINT_RELEASE});
  }
  if (type == "CancelQuery") {
    SKEIN_ASSIGN_OR_RETURN(auto message, ParseAs<sql::ActionCancelQueryRequest>(wanted, bytes));
    return ActionRequest(CancelQuery{message.info()});
  }
  SKEIN_ASSIGN_OR_RETURN(auto message, ParseAs<sql::ActionEndTransactionRequest>(wanted, bytes));
  if (message.action() != sql::ActionEndTransactionRequest::END_TRANSACTION_COMMIT &&
      message.action() != sql::ActionEndTransactionRequest::END_TRANSACTION_ROLLBACK) {
    return errors::ProtocolViolation(
        "how to end the transaction, by commit or rollback, is not said");
  }
  return ActionRequest(
      EndTransaction{message.transaction_id(),
                     message.action() == sql::ActionEndTransactionRequest::END_TRANSACTION_COMMIT});
}

std::optional<HandshakeCredentials> DecodeHandshake(std::string_view bytes) {
  if (bytes.empty() || bytes.size() > 4096) return std::nullopt;
  wire::BasicAuth basic;
  if (!ParseInto(&basic, bytes) || basic.username().empty()) return std::nullopt;
  return HandshakeCredentials{basic.username(), basic.password()};
}

}  // namespace skein::frontends::flightsql
