#include "frontends/pgwire/frontend_message.h"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "common/utf8.h"
#include "frontends/pgwire/byte_cursor.h"

namespace skein::frontends::pgwire {
namespace {

constexpr int32_t kNullLength = -1;

Status Layout(std::string_view message) {
  return errors::ProtocolViolation(fmt::format(
      "invalid message format: the fields do not fill the message as they should, in {}", message));
}

Status NotText(std::string_view text, size_t at, std::string_view where) {
  return Status(
             StatusCode::kInvalidArgument, "22021",
             fmt::format("invalid byte sequence for encoding \"UTF8\": 0x{:02x} at byte {} of {}",
                         static_cast<unsigned char>(text[at]), at + 1, where))
      .WithHint("This server takes text in UTF-8 only; set client_encoding to UTF8 in the client.");
}

Status CheckText(std::string_view text, std::string_view where) {
  size_t bad = FindInvalidUtf8(text);
  if (bad != std::string_view::npos) return NotText(text, bad, where);
  return Status();
}

// A value has a length of its own, so that it can hold what a C string can not.
Status CheckTextValue(std::string_view value, size_t index, std::string_view what) {
  size_t bad = std::min(value.find('\0'), FindInvalidUtf8(value));
  if (bad == std::string_view::npos) return Status();
  return NotText(value, bad, fmt::format("{} ${}", what, index + 1));
}

Status ReadFormats(ByteCursor& cursor, FormatCodes& out) {
  size_t count = cursor.Uint16();
  if (count * 2 > cursor.remaining()) {
    cursor.Fail();
    return Status();
  }
  out.codes.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    uint16_t code = cursor.Uint16();
    if (code > 1) {
      return errors::InvalidParameter(fmt::format("unsupported format code: {}", code))
          .WithHint("Formats are 0 (text) and 1 (binary).");
    }
    out.codes.push_back(static_cast<Format>(code));
  }
  return Status();
}

void ReadValues(ByteCursor& cursor, std::vector<std::optional<std::string_view>>& out) {
  size_t count = cursor.Uint16();
  // Each has a length of four bytes at least: a count that can not be makes no room.
  if (count * 4 > cursor.remaining()) {
    cursor.Fail();
    return;
  }
  out.reserve(count);
  for (size_t i = 0; i < count && cursor.ok(); ++i) {
    int32_t length = cursor.Int32();
    if (length == kNullLength) {
      out.emplace_back(std::nullopt);
    } else {
      // Any other negative length becomes one that no message has.
      out.emplace_back(cursor.Bytes(static_cast<uint32_t>(length)));
    }
  }
}

Status CheckValues(const FormatCodes& formats,
                   const std::vector<std::optional<std::string_view>>& values,
                   std::string_view message, std::string_view what) {
  if (!formats.Fits(values.size())) {
    return errors::ProtocolViolation(
        fmt::format("a {} message has as many formats as {}s, or one, or none: {} formats, {} {}s",
                    message, what, formats.codes.size(), values.size(), what));
  }
  for (size_t i = 0; i < values.size(); ++i) {
    if (!values[i] || formats.At(i) != Format::kText) continue;
    SKEIN_RETURN_IF_ERROR(CheckTextValue(*values[i], i, what));
  }
  return Status();
}

// Describe and Close look the same.
Status ReadTarget(std::string_view payload, std::string_view message, Target& target,
                  std::string_view& name) {
  ByteCursor cursor(payload);
  char kind = static_cast<char>(cursor.Uint8());
  name = cursor.CString();
  if (!cursor.AtEnd()) return Layout(message);
  if (kind != 'S' && kind != 'P') {
    return errors::ProtocolViolation(
        fmt::format("a {} message is about a statement ('S') or a portal ('P'), not {}", message,
                    static_cast<unsigned char>(kind)));
  }
  target = static_cast<Target>(kind);
  return CheckText(name, kind == 'S' ? "a statement name" : "a portal name");
}

template <typename T>
Result<FrontendMessage> Widen(Result<T> result) {
  if (!result.ok()) return result.status();
  return FrontendMessage(*std::move(result));
}

template <typename T>
Result<FrontendMessage> Empty(std::string_view payload, std::string_view message) {
  if (!payload.empty()) return Layout(message);
  return FrontendMessage(T{});
}

Result<FrontendMessage> DecodePasswordFamily(std::string_view payload, PasswordKind expected) {
  switch (expected) {
    case PasswordKind::kPassword:
      return Widen(DecodePassword(payload));
    case PasswordKind::kSaslInitial:
      return Widen(DecodeSaslInitialResponse(payload));
    case PasswordKind::kSaslResponse:
      return FrontendMessage(SaslResponse{payload});
    case PasswordKind::kNone:
      break;
  }
  return errors::ProtocolViolation("a password message came that was not asked for");
}

}  // namespace

Result<QueryMessage> DecodeQuery(std::string_view payload) {
  ByteCursor cursor(payload);
  QueryMessage query{cursor.CString()};
  if (!cursor.AtEnd()) return Layout("Query");
  SKEIN_RETURN_IF_ERROR(CheckText(query.text, "the statement"));
  return query;
}

Result<ParseMessage> DecodeParse(std::string_view payload) {
  ByteCursor cursor(payload);
  ParseMessage parse;
  parse.statement = cursor.CString();
  parse.text = cursor.CString();
  size_t count = cursor.Uint16();
  if (!cursor.ok() || cursor.remaining() != count * 4) return Layout("Parse");
  parse.parameter_types.reserve(count);
  for (size_t i = 0; i < count; ++i) parse.parameter_types.push_back(cursor.Uint32());
  SKEIN_RETURN_IF_ERROR(CheckText(parse.statement, "a statement name"));
  SKEIN_RETURN_IF_ERROR(CheckText(parse.text, "the statement"));
  return parse;
}

Result<BindMessage> DecodeBind(std::string_view payload) {
  ByteCursor cursor(payload);
  BindMessage bind;
  bind.portal = cursor.CString();
  bind.statement = cursor.CString();
  SKEIN_RETURN_IF_ERROR(ReadFormats(cursor, bind.parameter_formats));
  ReadValues(cursor, bind.parameters);
  SKEIN_RETURN_IF_ERROR(ReadFormats(cursor, bind.result_formats));
  if (!cursor.AtEnd()) return Layout("Bind");
  SKEIN_RETURN_IF_ERROR(CheckText(bind.portal, "a portal name"));
  SKEIN_RETURN_IF_ERROR(CheckText(bind.statement, "a statement name"));
  SKEIN_RETURN_IF_ERROR(CheckValues(bind.parameter_formats, bind.parameters, "Bind", "parameter"));
  return bind;
}

Result<DescribeMessage> DecodeDescribe(std::string_view payload) {
  DescribeMessage describe;
  SKEIN_RETURN_IF_ERROR(ReadTarget(payload, "Describe", describe.target, describe.name));
  return describe;
}

Result<ExecuteMessage> DecodeExecute(std::string_view payload) {
  ByteCursor cursor(payload);
  ExecuteMessage execute;
  execute.portal = cursor.CString();
  int32_t rows = cursor.Int32();
  if (!cursor.AtEnd()) return Layout("Execute");
  // PostgreSQL takes a negative number for "all" too, and there are clients that send -1.
  execute.max_rows = rows > 0 ? static_cast<uint32_t>(rows) : 0;
  SKEIN_RETURN_IF_ERROR(CheckText(execute.portal, "a portal name"));
  return execute;
}

Result<CloseMessage> DecodeClose(std::string_view payload) {
  CloseMessage close;
  SKEIN_RETURN_IF_ERROR(ReadTarget(payload, "Close", close.target, close.name));
  return close;
}

Result<CopyFailMessage> DecodeCopyFail(std::string_view payload) {
  ByteCursor cursor(payload);
  CopyFailMessage fail{cursor.CString()};
  if (!cursor.AtEnd()) return Layout("CopyFail");
  SKEIN_RETURN_IF_ERROR(CheckText(fail.reason, "the reason"));
  return fail;
}

Result<FunctionCallMessage> DecodeFunctionCall(std::string_view payload) {
  ByteCursor cursor(payload);
  FunctionCallMessage call;
  call.function = cursor.Uint32();
  SKEIN_RETURN_IF_ERROR(ReadFormats(cursor, call.argument_formats));
  ReadValues(cursor, call.arguments);
  uint16_t format = cursor.Uint16();
  if (!cursor.AtEnd()) return Layout("FunctionCall");
  if (format > 1)
    return errors::InvalidParameter(fmt::format("unsupported format code: {}", format));
  call.result_format = static_cast<Format>(format);
  SKEIN_RETURN_IF_ERROR(
      CheckValues(call.argument_formats, call.arguments, "FunctionCall", "argument"));
  return call;
}

Result<PasswordMessage> DecodePassword(std::string_view payload) {
  ByteCursor cursor(payload);
  PasswordMessage password{cursor.CString()};
  if (!cursor.AtEnd()) return Layout("PasswordMessage");
  return password;
}

Result<SaslInitialResponse> DecodeSaslInitialResponse(std::string_view payload) {
  ByteCursor cursor(payload);
  SaslInitialResponse initial;
  initial.mechanism = cursor.CString();
  int32_t length = cursor.Int32();
  if (length != kNullLength) initial.response = cursor.Bytes(static_cast<uint32_t>(length));
  if (!cursor.AtEnd()) return Layout("SASLInitialResponse");
  SKEIN_RETURN_IF_ERROR(CheckText(initial.mechanism, "the mechanism's name"));
  return initial;
}

Result<FrontendMessage> DecodeFrontendMessage(char type, std::string_view payload,
                                              PasswordKind expected) {
  switch (type) {
    case 'Q':
      return Widen(DecodeQuery(payload));
    case 'P':
      return Widen(DecodeParse(payload));
    case 'B':
      return Widen(DecodeBind(payload));
    case 'D':
      return Widen(DecodeDescribe(payload));
    case 'E':
      return Widen(DecodeExecute(payload));
    case 'C':
      return Widen(DecodeClose(payload));
    case 'H':
      return Empty<FlushMessage>(payload, "Flush");
    case 'S':
      return Empty<SyncMessage>(payload, "Sync");
    case 'X':
      return Empty<TerminateMessage>(payload, "Terminate");
    case 'd':
      return FrontendMessage(CopyDataMessage{payload});
    case 'c':
      return Empty<CopyDoneMessage>(payload, "CopyDone");
    case 'f':
      return Widen(DecodeCopyFail(payload));
    case 'F':
      return Widen(DecodeFunctionCall(payload));
    case 'p':
      return DecodePasswordFamily(payload, expected);
    default:
      return errors::ProtocolViolation(
          fmt::format("invalid frontend message type {}", static_cast<unsigned char>(type)));
  }
}

}  // namespace skein::frontends::pgwire
