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

template <typename Message>
std::string Pack(std::string_view name, const Message& message) {
  wire::Any any;
  any.set_type_url("type.googleapis.com/" + std::string(kPackage) + std::string(name));
  any.set_value(message.SerializeAsString());
  return any.SerializeAsString();
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

using Decoder = Result<Command> (*)(std::string_view name, std::string_view bytes);
constexpr std::array<std::pair<std::string_view, Decoder>, 10> kDecoders = {{
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
}};

Status WrongBody(std::string_view type, const std::string& name) {
  return errors::ProtocolViolation("the body does not belong to the action " + std::string(type) +
                                   ": " + name);
}

template <typename... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};
template <typename... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

}  // namespace

Result<Command> DecodeCommand(std::string_view bytes) {
  SKEIN_ASSIGN_OR_RETURN(auto envelope, Open(bytes));
  for (const auto& [name, decode] : kDecoders) {
    if (envelope.name == name) return decode(name, envelope.any.value());
  }
  return errors::NotSupported("the Flight SQL command is not supported: " + envelope.name);
}

Result<ActionRequest> DecodeAction(std::string_view type, std::string_view body) {
  if (type == "CloseSession") return ActionRequest(CloseSession{});
  bool known = type == "CreatePreparedStatement" || type == "ClosePreparedStatement" ||
               type == "BeginTransaction" || type == "EndTransaction";
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

std::string EncodeStatementTicket(const std::string& handle) {
  sql::TicketStatementQuery message;
  message.set_statement_handle(handle);
  return Pack("TicketStatementQuery", message);
}

std::string EncodeCreatePreparedResult(const std::string& handle, const std::string& dataset_schema,
                                       const std::string& parameter_schema) {
  sql::ActionCreatePreparedStatementResult message;
  message.set_prepared_statement_handle(handle);
  message.set_dataset_schema(dataset_schema);
  message.set_parameter_schema(parameter_schema);
  return Pack("ActionCreatePreparedStatementResult", message);
}

std::string EncodeBeginTransactionResult(const std::string& transaction_id) {
  sql::ActionBeginTransactionResult message;
  message.set_transaction_id(transaction_id);
  return Pack("ActionBeginTransactionResult", message);
}

std::string EncodeUpdateResult(int64_t rows) {
  sql::DoPutUpdateResult message;
  message.set_record_count(rows);
  return message.SerializeAsString();
}

std::string EncodePreparedResult(const std::string& handle) {
  sql::DoPutPreparedStatementResult message;
  message.set_prepared_statement_handle(handle);
  return message.SerializeAsString();
}

std::string EncodeCloseSessionResult() {
  // CloseSessionResult{status = CLOSED} of the Flight protocol proper.
  return std::string("\x08\x01", 2);
}

std::string EncodeCommand(const Command& command) {
  return std::visit(
      Overloaded{
          [](const StatementQuery& c) {
            sql::CommandStatementQuery message;
            message.set_query(c.query);
            if (!c.transaction_id.empty()) message.set_transaction_id(c.transaction_id);
            return Pack("CommandStatementQuery", message);
          },
          [](const StatementTicket& c) { return EncodeStatementTicket(c.handle); },
          [](const StatementUpdate& c) {
            sql::CommandStatementUpdate message;
            message.set_query(c.query);
            if (!c.transaction_id.empty()) message.set_transaction_id(c.transaction_id);
            return Pack("CommandStatementUpdate", message);
          },
          [](const PreparedQuery& c) {
            sql::CommandPreparedStatementQuery message;
            message.set_prepared_statement_handle(c.handle);
            return Pack("CommandPreparedStatementQuery", message);
          },
          [](const PreparedUpdate& c) {
            sql::CommandPreparedStatementUpdate message;
            message.set_prepared_statement_handle(c.handle);
            return Pack("CommandPreparedStatementUpdate", message);
          },
          [](const GetSqlInfo& c) {
            sql::CommandGetSqlInfo message;
            for (uint32_t info : c.info) message.add_info(info);
            return Pack("CommandGetSqlInfo", message);
          },
          [](const GetCatalogs&) { return Pack("CommandGetCatalogs", sql::CommandGetCatalogs()); },
          [](const GetDbSchemas& c) {
            sql::CommandGetDbSchemas message;
            if (c.catalog) message.set_catalog(*c.catalog);
            if (c.schema_pattern) message.set_db_schema_filter_pattern(*c.schema_pattern);
            return Pack("CommandGetDbSchemas", message);
          },
          [](const GetTables& c) {
            sql::CommandGetTables message;
            if (c.catalog) message.set_catalog(*c.catalog);
            if (c.schema_pattern) message.set_db_schema_filter_pattern(*c.schema_pattern);
            if (c.table_pattern) message.set_table_name_filter_pattern(*c.table_pattern);
            for (const std::string& type : c.table_types) message.add_table_types(type);
            message.set_include_schema(c.include_schema);
            return Pack("CommandGetTables", message);
          },
          [](const GetTableTypes&) {
            return Pack("CommandGetTableTypes", sql::CommandGetTableTypes());
          },
      },
      command);
}

std::string EncodeAction(const ActionRequest& request) {
  return std::visit(
      Overloaded{
          [](const CreatePrepared& r) {
            sql::ActionCreatePreparedStatementRequest message;
            message.set_query(r.query);
            if (!r.transaction_id.empty()) message.set_transaction_id(r.transaction_id);
            return Pack("ActionCreatePreparedStatementRequest", message);
          },
          [](const ClosePrepared& r) {
            sql::ActionClosePreparedStatementRequest message;
            message.set_prepared_statement_handle(r.handle);
            return Pack("ActionClosePreparedStatementRequest", message);
          },
          [](const BeginTransaction&) {
            return Pack("ActionBeginTransactionRequest", sql::ActionBeginTransactionRequest());
          },
          [](const EndTransaction& r) {
            sql::ActionEndTransactionRequest message;
            message.set_transaction_id(r.transaction_id);
            message.set_action(r.commit
                                   ? sql::ActionEndTransactionRequest::END_TRANSACTION_COMMIT
                                   : sql::ActionEndTransactionRequest::END_TRANSACTION_ROLLBACK);
            return Pack("ActionEndTransactionRequest", message);
          },
          [](const CloseSession&) { return std::string(); },
      },
      request);
}

}  // namespace skein::frontends::flightsql
