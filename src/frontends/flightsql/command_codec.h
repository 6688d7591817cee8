#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/status.h"

namespace skein::frontends::flightsql {

/// The longest descriptor, ticket or action body that is looked at: a statement's text is all that
/// is long in them.
inline constexpr size_t kMaxCommandBytes = size_t{16} << 20;

// What a client asks for, as plain values: a descriptor of GetFlightInfo, GetSchema and DoPut, or a
// ticket of DoGet.

struct StatementQuery {
  std::string query;
  std::string transaction_id;  ///< empty: none
};
struct StatementTicket {
  std::string handle;
};
struct StatementUpdate {
  std::string query;
  std::string transaction_id;
};
struct PreparedQuery {
  std::string handle;
};
struct PreparedUpdate {
  std::string handle;
};
struct GetSqlInfo {
  std::vector<uint32_t> info;  ///< none: all there is
};
struct GetCatalogs {};
struct GetDbSchemas {
  std::optional<std::string> catalog;
  std::optional<std::string> schema_pattern;
};
struct GetTables {
  std::optional<std::string> catalog;
  std::optional<std::string> schema_pattern;
  std::optional<std::string> table_pattern;
  std::vector<std::string> table_types;  ///< none: all
  bool include_schema = false;
};
struct GetTableTypes {};
/// A table as clients name it; what is not given is not asked about.
struct TableName {
  std::optional<std::string> catalog;
  std::optional<std::string> schema;
  std::string table;
};
struct GetPrimaryKeys {
  TableName table;
};
/// The foreign keys that refer to the table.
struct GetExportedKeys {
  TableName table;
};
/// The foreign keys of the table.
struct GetImportedKeys {
  TableName table;
};
/// The foreign keys of `foreign` that refer to `primary`.
struct GetCrossReference {
  TableName primary;
  TableName foreign;
};
struct GetXdbcTypeInfo {
  std::optional<int32_t> data_type;
};
struct StatementIngest {
  enum class IfMissing { kUnspecified, kCreate, kFail };
  enum class IfExists { kUnspecified, kFail, kAppend, kReplace };
  IfMissing if_missing = IfMissing::kUnspecified;
  IfExists if_exists = IfExists::kUnspecified;
  TableName table;
  bool temporary = false;
  std::string transaction_id;
};

using Command = std::variant<StatementQuery, StatementTicket, StatementUpdate, PreparedQuery,
                             PreparedUpdate, GetSqlInfo, GetCatalogs, GetDbSchemas, GetTables,
                             GetTableTypes, GetPrimaryKeys, GetExportedKeys, GetImportedKeys,
                             GetCrossReference, GetXdbcTypeInfo, StatementIngest>;

// The bodies of DoAction.

struct CreatePrepared {
  std::string query;
  std::string transaction_id;
};
struct ClosePrepared {
  std::string handle;
};
struct BeginTransaction {};
struct EndTransaction {
  std::string transaction_id;
  bool commit = false;
};
struct BeginSavepoint {
  std::string transaction_id;
  std::string name;
};
struct EndSavepoint {
  std::string savepoint_id;
  bool release = false;
};
/// The older way to cancel; `info` is a serialized FlightInfo.
struct CancelQuery {
  std::string info;
};
struct CloseSession {};

using ActionRequest = std::variant<CreatePrepared, ClosePrepared, BeginTransaction, EndTransaction,
                                   BeginSavepoint, EndSavepoint, CancelQuery, CloseSession>;

/// Decodes a descriptor's command or a ticket. Pure, safe on any bytes. 08P01 for what is no such
/// message, 54000 for more than kMaxCommandBytes, 22021 for text that is not UTF-8 or holds a NUL,
/// 0A000 with the command's name for one that is not supported.
Result<Command> DecodeCommand(std::string_view bytes);

/// The same for an action, by its type's name.
Result<ActionRequest> DecodeAction(std::string_view type, std::string_view body);

/// The name and password of the classic handshake's first message; nullopt when the bytes are none.
struct HandshakeCredentials {
  std::string user;
  std::string password;
};
std::optional<HandshakeCredentials> DecodeHandshake(std::string_view bytes);

// What the server answers with.

std::string EncodeStatementTicket(const std::string& handle);
std::string EncodeCreatePreparedResult(const std::string& handle, const std::string& dataset_schema,
                                       const std::string& parameter_schema);
std::string EncodeBeginTransactionResult(const std::string& transaction_id);
std::string EncodeBeginSavepointResult(const std::string& savepoint_id);
/// Cancelled, or else what was to be cancelled is not known or has ended.
std::string EncodeCancelQueryResult(bool cancelled);
std::string EncodeUpdateResult(int64_t rows);
std::string EncodePreparedResult(const std::string& handle);
/// The session is closed.
std::string EncodeCloseSessionResult();
/// An error's details as gRPC's clients read them: a google.rpc.Status of that code and message,
/// with a google.rpc.ErrorInfo whose reason is the SQLSTATE.
std::string EncodeErrorDetails(int grpc_code, const std::string& message,
                               const std::string& sqlstate);

// What a client sends, for tests.

std::string EncodeCommand(const Command& command);
std::string EncodeAction(const ActionRequest& request);

}  // namespace skein::frontends::flightsql
