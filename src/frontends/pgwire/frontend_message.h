#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "common/status.h"

namespace skein::frontends::pgwire {

// What a client can say once the startup packet is read. Each struct holds views into the payload
// it was decoded from and must not outlive it. Everything in it is validated: names and statements
// are UTF-8, counts match, formats are known, and there is no text with a NUL inside.

/// How a value is written on the wire.
enum class Format : uint16_t { kText = 0, kBinary = 1 };

/// Format codes as Bind sends them: none means all text, one is for all, else there is one for
/// each.
struct FormatCodes {
  std::vector<Format> codes;

  /// Whether they can be meant for this many values.
  bool Fits(size_t count) const { return codes.size() <= 1 || codes.size() == count; }
  /// Precondition: Fits(a count above `index`).
  Format At(size_t index) const {
    if (codes.empty()) return Format::kText;
    return codes.size() == 1 ? codes[0] : codes[index];
  }
};

/// What Describe and Close are about.
enum class Target : char { kStatement = 'S', kPortal = 'P' };

struct QueryMessage {
  std::string_view text;
};

struct ParseMessage {
  std::string_view statement;  ///< empty: the unnamed one
  std::string_view text;
  std::vector<uint32_t> parameter_types;  ///< type OIDs; 0 leaves it to the server
};

struct BindMessage {
  std::string_view portal;
  std::string_view statement;
  FormatCodes parameter_formats;  ///< fits `parameters`
  std::vector<std::optional<std::string_view>>
      parameters;  ///< nullopt is NULL; those in text format are UTF-8
  FormatCodes
      result_formats;  ///< the caller checks Fits(columns), who alone knows how many there are
};

struct DescribeMessage {
  Target target = Target::kStatement;
  std::string_view name;
};

struct ExecuteMessage {
  std::string_view portal;
  uint32_t max_rows = 0;  ///< 0: all of them
};

struct CloseMessage {
  Target target = Target::kStatement;
  std::string_view name;
};

struct FlushMessage {};
struct SyncMessage {};
struct TerminateMessage {};

struct CopyDataMessage {
  std::string_view
      bytes;  ///< a piece of the stream; may be empty, and need not end where a row ends
};
struct CopyDoneMessage {};
struct CopyFailMessage {
  std::string_view reason;
};

/// The old fast path to a function by its OID. Decoded so that it can be refused in good order.
struct FunctionCallMessage {
  uint32_t function = 0;
  FormatCodes argument_formats;
  std::vector<std::optional<std::string_view>> arguments;
  Format result_format = Format::kText;
};

struct PasswordMessage {
  std::string_view password;  ///< as the client sent it, any encoding; may be empty
};
struct SaslInitialResponse {
  std::string_view mechanism;
  std::optional<std::string_view> response;
};
struct SaslResponse {
  std::string_view response;
};

using FrontendMessage =
    std::variant<QueryMessage, ParseMessage, BindMessage, DescribeMessage, ExecuteMessage,
                 CloseMessage, FlushMessage, SyncMessage, TerminateMessage, CopyDataMessage,
                 CopyDoneMessage, CopyFailMessage, FunctionCallMessage, PasswordMessage,
                 SaslInitialResponse, SaslResponse>;

/// Three messages share the type 'p'; which one it is depends on what the server asked for last.
enum class PasswordKind { kNone, kPassword, kSaslInitial, kSaslResponse };

/// Decodes a payload that ReadFrame cut out, by its type. The errors: 08P01 for a layout that is
/// wrong (also bytes that are left over, an unknown type, and a 'p' that nobody asked for), 22021
/// for text that is not UTF-8, 22023 for an unknown format code. None of them is fatal to a
/// signed-in connection: the frame's end is known. No error quotes a parameter or a password.
/// Allocates for lists only, and never more than the payload's own size justifies.
Result<FrontendMessage> DecodeFrontendMessage(char type, std::string_view payload,
                                              PasswordKind expected = PasswordKind::kNone);

// The same, for a caller that has looked at the type already.
Result<QueryMessage> DecodeQuery(std::string_view payload);
Result<ParseMessage> DecodeParse(std::string_view payload);
Result<BindMessage> DecodeBind(std::string_view payload);
Result<DescribeMessage> DecodeDescribe(std::string_view payload);
Result<ExecuteMessage> DecodeExecute(std::string_view payload);
Result<CloseMessage> DecodeClose(std::string_view payload);
Result<CopyFailMessage> DecodeCopyFail(std::string_view payload);
Result<FunctionCallMessage> DecodeFunctionCall(std::string_view payload);
Result<PasswordMessage> DecodePassword(std::string_view payload);
Result<SaslInitialResponse> DecodeSaslInitialResponse(std::string_view payload);

}  // namespace skein::frontends::pgwire
