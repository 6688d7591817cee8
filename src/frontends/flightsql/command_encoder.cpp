// What is written in the Flight SQL protocol: the server's answers, and requests as clients send
// them.

#include <utility>

#include <any.pb.h>
#include <flight_sql.pb.h>

#include "frontends/flightsql/command_codec.h"

namespace skein::frontends::flightsql {
namespace {

namespace wire = skein::flightsql::wire;
namespace sql = arrow::flight::protocol::sql;

constexpr std::string_view kPackage = "arrow.flight.protocol.sql.";

template <typename Message>
std::string Pack(std::string_view name, const Message& message) {
  wire::Any any;
  any.set_type_url("type.googleapis.com/" + std::string(kPackage) + std::string(name));
  any.set_value(message.SerializeAsString());
  return any.SerializeAsString();
}

template <typename Message>
Message Keys(const TableName& name) {
  Message message;
  if (name.catalog) message.set_catalog(*name.catalog);
  if (name.schema) message.set_db_schema(*name.schema);
  message.set_table(name.table);
  return message;
}

template <typename... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};
template <typename... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

}  // namespace

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

std::string EncodeBeginSavepointResult(const std::string& savepoint_id) {
  sql::ActionBeginSavepointResult message;
  message.set_savepoint_id(savepoint_id);
  return Pack("ActionBeginSavepointResult", message);
}

std::string EncodeCancelQueryResult(bool cancelled) {
  sql::ActionCancelQueryResult message;
  message.set_result(cancelled ? sql::ActionCancelQueryResult::CANCEL_RESULT_CANCELLED
                               : sql::ActionCancelQueryResult::CANCEL_RESULT_NOT_CANCELLABLE);
  return Pack("ActionCancelQueryResult", message);
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

std::string EncodeErrorDetails(int grpc_code, const std::string& message,
                               const std::string& sqlstate) {
  wire::ErrorInfo info;
  info.set_reason("SQLSTATE_" + sqlstate);
  info.set_domain("skein");
  wire::RpcStatus status;
  status.set_code(grpc_code);
  status.set_message(message);
  wire::Any* detail = status.add_details();
  detail->set_type_url("type.googleapis.com/google.rpc.ErrorInfo");
  detail->set_value(info.SerializeAsString());
  return status.SerializeAsString();
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
          [](const GetPrimaryKeys& c) {
            return Pack("CommandGetPrimaryKeys", Keys<sql::CommandGetPrimaryKeys>(c.table));
          },
          [](const GetExportedKeys& c) {
            return Pack("CommandGetExportedKeys", Keys<sql::CommandGetExportedKeys>(c.table));
          },
          [](const GetImportedKeys& c) {
            return Pack("CommandGetImportedKeys", Keys<sql::CommandGetImportedKeys>(c.table));
          },
          [](const GetCrossReference& c) {
            sql::CommandGetCrossReference message;
            if (c.primary.catalog) message.set_pk_catalog(*c.primary.catalog);
            if (c.primary.schema) message.set_pk_db_schema(*c.primary.schema);
            message.set_pk_table(c.primary.table);
            if (c.foreign.catalog) message.set_fk_catalog(*c.foreign.catalog);
            if (c.foreign.schema) message.set_fk_db_schema(*c.foreign.schema);
            message.set_fk_table(c.foreign.table);
            return Pack("CommandGetCrossReference", message);
          },
          [](const GetXdbcTypeInfo& c) {
            sql::CommandGetXdbcTypeInfo message;
            if (c.data_type) message.set_data_type(*c.data_type);
            return Pack("CommandGetXdbcTypeInfo", message);
          },
          [](const StatementIngest& c) {
            using Options = sql::CommandStatementIngest_TableDefinitionOptions;
            sql::CommandStatementIngest message;
            message.mutable_table_definition_options()->set_if_not_exist(
                static_cast<Options::TableNotExistOption>(c.if_missing));
            message.mutable_table_definition_options()->set_if_exists(
                static_cast<Options::TableExistsOption>(c.if_exists));
            message.set_table(c.table.table);
            if (c.table.schema) message.set_schema(*c.table.schema);
            if (c.table.catalog) message.set_catalog(*c.table.catalog);
            message.set_temporary(c.temporary);
            if (!c.transaction_id.empty()) message.set_transaction_id(c.transaction_id);
            return Pack("CommandStatementIngest", message);
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
          [](const BeginSavepoint& r) {
            sql::ActionBeginSavepointRequest message;
            message.set_transaction_id(r.transaction_id);
            message.set_name(r.name);
            return Pack("ActionBeginSavepointRequest", message);
          },
          [](const EndSavepoint& r) {
            sql::ActionEndSavepointRequest message;
            message.set_savepoint_id(r.savepoint_id);
            message.set_action(r.release ? sql::ActionEndSavepointRequest::END_SAVEPOINT_RELEASE
                                         : sql::ActionEndSavepointRequest::END_SAVEPOINT_ROLLBACK);
            return Pack("ActionEndSavepointRequest", message);
          },
          [](const CancelQuery& r) {
            sql::ActionCancelQueryRequest message;
            message.set_info(r.info);
            return Pack("ActionCancelQueryRequest", message);
          },
          [](const CloseSession&) { return std::string(); },
      },
      request);
}

}  // namespace skein::frontends::flightsql
