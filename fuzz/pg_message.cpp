// Input: a message's type and its payload. What is decoded must give the payload when it is written
// again.
#include <cstdint>
#include <string_view>

#include "common/utf8.h"
#include "frontends/pgwire/frontend_message.h"
#include "frontends/pgwire/wire_bytes.h"
#include "property.h"

namespace {

using namespace skein::frontends::pgwire;  // NOLINT(google-build-using-namespace)

void Put(WireBytes& out, const FormatCodes& formats) {
  out.Uint16(static_cast<uint32_t>(formats.codes.size()));
  for (Format format : formats.codes) out.Uint16(static_cast<uint16_t>(format));
}
void Put(WireBytes& out, const std::vector<std::optional<std::string_view>>& values) {
  out.Uint16(static_cast<uint32_t>(values.size()));
  for (const auto& value : values) value ? out.Value(*value) : out.Null();
}
bool IsText(std::string_view text) {
  return skein::IsValidUtf8(text) && text.find('\0') == std::string_view::npos;
}
void CheckValues(const FormatCodes& formats,
                 const std::vector<std::optional<std::string_view>>& values) {
  PROPERTY(formats.Fits(values.size()));
  for (size_t i = 0; i < values.size(); ++i) {
    PROPERTY(!values[i] || formats.At(i) == Format::kBinary || IsText(*values[i]));
  }
}

// Writes each message as a client does.
struct Writer {
  WireBytes& out;

  void operator()(const QueryMessage& m) {
    PROPERTY(IsText(m.text));
    out.CString(m.text);
  }
  void operator()(const ParseMessage& m) {
    PROPERTY(IsText(m.statement) && IsText(m.text));
    out.CString(m.statement)
        .CString(m.text)
        .Uint16(static_cast<uint32_t>(m.parameter_types.size()));
    for (uint32_t type : m.parameter_types) out.Uint32(type);
  }
  void operator()(const BindMessage& m) {
    PROPERTY(IsText(m.portal) && IsText(m.statement));
    CheckValues(m.parameter_formats, m.parameters);
    out.CString(m.portal).CString(m.statement);
    Put(out, m.parameter_formats);
    Put(out, m.parameters);
    Put(out, m.result_formats);
  }
  void operator()(const DescribeMessage& m) {
    out.Uint8(static_cast<char>(m.target)).CString(m.name);
  }
  void operator()(const CloseMessage& m) { out.Uint8(static_cast<char>(m.target)).CString(m.name); }
  void operator()(const ExecuteMessage& m) { out.CString(m.portal).Uint32(m.max_rows); }
  void operator()(const FlushMessage&) {}
  void operator()(const SyncMessage&) {}
  void operator()(const TerminateMessage&) {}
  void operator()(const CopyDataMessage& m) { out.Raw(m.bytes); }
  void operator()(const CopyDoneMessage&) {}
  void operator()(const CopyFailMessage& m) { out.CString(m.reason); }
  void operator()(const FunctionCallMessage& m) {
    CheckValues(m.argument_formats, m.arguments);
    out.Uint32(m.function);
    Put(out, m.argument_formats);
    Put(out, m.arguments);
    out.Uint16(static_cast<uint16_t>(m.result_format));
  }
  void operator()(const PasswordMessage& m) { out.CString(m.password); }
  void operator()(const SaslInitialResponse& m) {
    out.CString(m.mechanism);
    m.response ? out.Value(*m.response) : out.Null();
  }
  void operator()(const SaslResponse& m) { out.Raw(m.response); }
};

void CheckMessage(char type, std::string_view payload, PasswordKind expected) {
  skein::Result<FrontendMessage> message = DecodeFrontendMessage(type, payload, expected);
  if (!message.ok()) {
    PROPERTY(skein::IsValidUtf8(message.status().ToString()));
    return;
  }
  WireBytes again;
  std::visit(Writer{again}, *message);
  // A negative number of rows means all of them, as 0 does.
  bool all_rows = type == 'E' && std::get<ExecuteMessage>(*message).max_rows == 0;
  PROPERTY(again.str() == payload || (all_rows && again.str().size() == payload.size()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  std::string_view payload(reinterpret_cast<const char*>(data) + 1, size - 1);
  for (PasswordKind expected : {PasswordKind::kNone, PasswordKind::kPassword,
                                PasswordKind::kSaslInitial, PasswordKind::kSaslResponse}) {
    CheckMessage(static_cast<char>(data[0]), payload, expected);
  }
  return 0;
}
