#include "results/pg_parameter.h"

#include <arrow/scalar.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include "common/utf8.h"
#include "results/pg_parameter_value.h"
#include "results/pg_type.h"

namespace skein::results {

Status InvalidTextFor(std::string_view type, std::string_view text) {
  constexpr size_t kShown = 100;
  return errors::InvalidText(
      fmt::format("invalid input syntax for type {}: \"{}\"", type, text.substr(0, kShown)));
}

std::string IntervalForEngine(int32_t months, int32_t days, int64_t micros) {
  return fmt::format("{} months {} days {} microseconds", months, days, micros);
}

Status InvalidBinaryFor(std::string_view type) {
  return Status(StatusCode::kInvalidArgument, "22P03",
                fmt::format("incorrect binary data for a parameter of type {}", type));
}

Status CheckText(std::string_view text) {
  if (IsValidUtf8(text) && text.find('\0') == std::string_view::npos) return Status::OK();
  return Status(StatusCode::kInvalidArgument, "22021",
                "invalid byte sequence for encoding UTF8 in a parameter");
}

Result<Parameter> DecodePgParameter(uint32_t oid, int16_t format,
                                    std::optional<std::string_view> bytes) {
  constexpr int16_t kText = 0;
  constexpr int16_t kBinary = 1;
  if (format != kText && format != kBinary) {
    return errors::InvalidParameter(fmt::format("unsupported format code: {}", format));
  }
  SKEIN_ASSIGN_OR_RETURN(std::string type, DuckDbTypeForOid(oid));
  if (!bytes) return Parameter{std::make_shared<arrow::NullScalar>(), std::move(type)};
  uint32_t element = PgElementOid(oid);
  if (format == kText) {
    SKEIN_RETURN_IF_ERROR(CheckText(*bytes));
    return element ? DecodePgTextArray(element, *bytes) : DecodePgText(oid, type, *bytes);
  }
  if (oid == 0) {
    return Status(StatusCode::kInvalidArgument, "42P18", "a binary parameter needs a declared type")
        .WithHint("declare its type in Parse, or send it as text");
  }
  return element ? DecodePgBinaryArray(element, *bytes) : DecodePgBinary(oid, type, *bytes);
}

}  // namespace skein::results
