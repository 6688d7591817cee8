#include "frontends/pgwire/backend_message.h"

#include <charconv>

#include "frontends/pgwire/startup_packet.h"

namespace skein::frontends::pgwire {
namespace {

// The codes of the 'R' messages.
constexpr uint32_t kOk = 0;
constexpr uint32_t kCleartextPassword = 3;
constexpr uint32_t kSasl = 10;
constexpr uint32_t kSaslContinue = 11;
constexpr uint32_t kSaslFinal = 12;

void StoreBigEndian(char* at, uint32_t value) {
  at[0] = static_cast<char>(value >> 24);
  at[1] = static_cast<char>(value >> 16);
  at[2] = static_cast<char>(value >> 8);
  at[3] = static_cast<char>(value);
}

}  // namespace

size_t MessageWriter::Begin(char type) {
  out_.push_back(type);
  size_t start = out_.size();
  out_.append(4, '\0');
  return start;
}

void MessageWriter::End(size_t start) {
  StoreBigEndian(out_.data() + start, static_cast<uint32_t>(out_.size() - start));
}

void MessageWriter::Simple(char type) {
  const char bytes[] = {type, 0, 0, 0, 4};
  out_.append(bytes, sizeof(bytes));
}

void MessageWriter::Uint16(uint16_t value) {
  const char bytes[] = {static_cast<char>(value >> 8), static_cast<char>(value)};
  out_.append(bytes, sizeof(bytes));
}

void MessageWriter::Uint32(uint32_t value) {
  char bytes[4];
  StoreBigEndian(bytes, value);
  out_.append(bytes, sizeof(bytes));
}

void MessageWriter::CString(std::string_view text) {
  out_.append(text.substr(0, text.find('\0')));
  out_.push_back('\0');
}

void MessageWriter::Number(uint64_t value) {
  char digits[20];
  auto end = std::to_chars(digits, digits + sizeof(digits), value).ptr;
  out_.append(digits, static_cast<size_t>(end - digits));
}

void MessageWriter::Authentication(uint32_t code, std::string_view data) {
  size_t start = Begin('R');
  Uint32(code);
  out_.append(data);
  End(start);
}

void MessageWriter::AuthenticationOk() { Authentication(kOk, {}); }
void MessageWriter::AuthenticationCleartextPassword() { Authentication(kCleartextPassword, {}); }
void MessageWriter::AuthenticationSaslContinue(std::string_view data) {
  Authentication(kSaslContinue, data);
}
void MessageWriter::AuthenticationSaslFinal(std::string_view data) {
  Authentication(kSaslFinal, data);
}

void MessageWriter::AuthenticationSasl(std::span<const std::string_view> mechanisms) {
  size_t start = Begin('R');
  Uint32(kSasl);
  for (std::string_view mechanism : mechanisms) CString(mechanism);
  out_.push_back('\0');
  End(start);
}

void MessageWriter::ParameterStatus(std::string_view name, std::string_view value) {
  size_t start = Begin('S');
  CString(name);
  CString(value);
  End(start);
}

void MessageWriter::BackendKeyData(uint32_t process_id, std::string_view secret_key) {
  size_t start = Begin('K');
  Uint32(process_id);
  out_.append(secret_key);
  End(start);
}

void MessageWriter::NegotiateProtocolVersion(uint16_t minor,
                                             std::span<const std::string> unsupported_options) {
  size_t start = Begin('v');
  // The manual speaks of the minor version; PostgreSQL sends and libpq expects the whole one.
  Uint32(uint32_t{kProtocolMajor} << 16 | minor);
  Uint32(static_cast<uint32_t>(unsupported_options.size()));
  for (const std::string& option : unsupported_options) CString(option);
  End(start);
}

void MessageWriter::ReadyForQuery(TransactionStatus status) {
  const char bytes[] = {'Z', 0, 0, 0, 5, static_cast<char>(status)};
  out_.append(bytes, sizeof(bytes));
}

void MessageWriter::RowDescription(std::span<const FieldDescription> fields) {
  size_t start = Begin('T');
  Uint16(static_cast<uint16_t>(fields.size()));
  for (const FieldDescription& field : fields) {
    CString(field.name);
    Uint32(field.table_oid);
    Uint16(field.column_number);
    Uint32(field.type_oid);
    Uint16(static_cast<uint16_t>(field.type_length));
    Uint32(static_cast<uint32_t>(field.type_modifier));
    Uint16(static_cast<uint16_t>(field.format));
  }
  End(start);
}

void MessageWriter::ParameterDescription(std::span<const uint32_t> type_oids) {
  size_t start = Begin('t');
  Uint16(static_cast<uint16_t>(type_oids.size()));
  for (uint32_t oid : type_oids) Uint32(oid);
  End(start);
}

void MessageWriter::DataRow(std::span<const std::optional<std::string_view>> values) {
  size_t start = Begin('D');
  Uint16(static_cast<uint16_t>(values.size()));
  for (const auto& value : values) {
    if (!value) {
      Uint32(UINT32_MAX);
      continue;
    }
    Uint32(static_cast<uint32_t>(value->size()));
    out_.append(*value);
  }
  End(start);
}

void MessageWriter::CommandComplete(std::string_view tag) {
  size_t start = Begin('C');
  CString(tag);
  End(start);
}

void MessageWriter::CommandComplete(std::string_view tag, uint64_t rows) {
  size_t start = Begin('C');
  out_.append(tag);
  out_.push_back(' ');
  Number(rows);
  out_.push_back('\0');
  End(start);
}

void MessageWriter::Field(char code, std::string_view text) {
  if (text.empty()) return;
  out_.push_back(code);
  CString(text);
}

void MessageWriter::Fields(char type, const ErrorFields& fields) {
  size_t start = Begin(type);
  Field('S', fields.severity);
  Field('V', fields.severity);
  Field('C', fields.sqlstate);
  // The message is the one field that clients count on: an empty one is sent too.
  out_.push_back('M');
  CString(fields.message);
  Field('D', fields.detail);
  Field('H', fields.hint);
  if (fields.position) {
    out_.push_back('P');
    Number(*fields.position);
    out_.push_back('\0');
  }
  Field('W', fields.context);
  Field('s', fields.schema);
  Field('t', fields.table);
  Field('c', fields.column);
  Field('d', fields.data_type);
  Field('n', fields.constraint);
  Field('F', fields.file);
  if (fields.line) {
    out_.push_back('L');
    Number(*fields.line);
    out_.push_back('\0');
  }
  Field('R', fields.routine);
  out_.push_back('\0');
  End(start);
}

void MessageWriter::CopyResponse(char type, Format format, uint16_t columns) {
  size_t start = Begin(type);
  out_.push_back(static_cast<char>(format));
  Uint16(columns);
  for (uint16_t i = 0; i < columns; ++i) Uint16(static_cast<uint16_t>(format));
  End(start);
}

void MessageWriter::CopyData(std::string_view bytes) {
  size_t start = Begin('d');
  out_.append(bytes);
  End(start);
}

}  // namespace skein::frontends::pgwire
