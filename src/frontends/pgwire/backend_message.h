#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "frontends/pgwire/frontend_message.h"

namespace skein::frontends::pgwire {

/// The letter of ReadyForQuery.
enum class TransactionStatus : char { kIdle = 'I', kInTransaction = 'T', kFailed = 'E' };

/// One column of a RowDescription.
struct FieldDescription {
  std::string_view name;
  uint32_t table_oid = 0;      ///< 0: not a column of a table
  uint16_t column_number = 0;  ///< attnum in that table
  uint32_t type_oid = 0;
  int16_t type_length = -1;    ///< typlen; -1: of varying length
  int32_t type_modifier = -1;  ///< typmod; -1: none
  Format format = Format::kText;
};

/// The fields of an ErrorResponse or NoticeResponse; empty ones are not sent.
struct ErrorFields {
  std::string_view severity =
      "ERROR";  ///< S and V: ERROR FATAL PANIC, or WARNING NOTICE INFO LOG DEBUG
  std::string_view sqlstate = "XX000";  ///< C
  std::string_view message;             ///< M
  std::string_view detail;              ///< D
  std::string_view hint;                ///< H
  std::optional<size_t> position;       ///< P: from 1, in characters (Status counts bytes from 0)
  std::string_view context;             ///< W
  std::string_view schema;              ///< s
  std::string_view table;               ///< t
  std::string_view column;              ///< c
  std::string_view data_type;           ///< d
  std::string_view constraint;          ///< n
  std::string_view file;                ///< F
  std::optional<size_t> line;           ///< L
  std::string_view routine;             ///< R
};

/// Appends the server's messages to a buffer, each whole with type and length.
///
/// The buffer belongs to the caller, who sends and clears it; nothing else is allocated, ever. The
/// order of messages is the caller's business. A text with a NUL inside is cut there, as the wire
/// can not carry it. Preconditions: a message stays below 2 GiB, a list has at most 65535 entries.
/// Not thread-safe.
class MessageWriter {
 public:
  explicit MessageWriter(std::string& out) : out_(out) {}

  // Signing in.
  void AuthenticationOk();
  void AuthenticationCleartextPassword();
  /// The mechanisms in the order of preference.
  void AuthenticationSasl(std::span<const std::string_view> mechanisms);
  void AuthenticationSaslContinue(std::string_view data);
  void AuthenticationSaslFinal(std::string_view data);
  void ParameterStatus(std::string_view name, std::string_view value);
  /// `secret_key`: exactly 4 bytes for a 3.0 client, 4 to 256 for a 3.2 client.
  void BackendKeyData(uint32_t process_id, std::string_view secret_key);
  /// To be sent only if StartupMessage::NeedsNegotiation: libpq takes it for an error otherwise.
  void NegotiateProtocolVersion(uint16_t minor, std::span<const std::string> unsupported_options);

  // Running statements.
  void ReadyForQuery(TransactionStatus status);
  void RowDescription(std::span<const FieldDescription> fields);
  void ParameterDescription(std::span<const uint32_t> type_oids);
  /// For small results made here (SHOW and the like); the rows of queries come from results/.
  void DataRow(std::span<const std::optional<std::string_view>> values);
  void NoData() { Simple('n'); }
  void ParseComplete() { Simple('1'); }
  void BindComplete() { Simple('2'); }
  void CloseComplete() { Simple('3'); }
  void PortalSuspended() { Simple('s'); }
  void EmptyQueryResponse() { Simple('I'); }
  void CommandComplete(std::string_view tag);
  /// "SELECT 5": `tag`, a space, the number.
  void CommandComplete(std::string_view tag, uint64_t rows);
  void ErrorResponse(const ErrorFields& fields) { Fields('E', fields); }
  void NoticeResponse(const ErrorFields& fields) { Fields('N', fields); }

  // COPY.
  void CopyInResponse(Format format, uint16_t columns) { CopyResponse('G', format, columns); }
  void CopyOutResponse(Format format, uint16_t columns) { CopyResponse('H', format, columns); }
  void CopyData(std::string_view bytes);
  void CopyDone() { Simple('c'); }

 private:
  size_t Begin(char type);
  void End(size_t start);
  void Simple(char type);
  void Uint16(uint16_t value);
  void Uint32(uint32_t value);
  void CString(std::string_view text);
  void Number(uint64_t value);
  void Authentication(uint32_t code, std::string_view data);
  void CopyResponse(char type, Format format, uint16_t columns);
  void Fields(char type, const ErrorFields& fields);
  void Field(char code, std::string_view text);

  std::string& out_;
};

}  // namespace skein::frontends::pgwire
