#include <bit>
#include <limits>
#include <utility>

#include <arrow/buffer.h>
#include <arrow/scalar.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include "results/pg_numeric.h"
#include "results/pg_parameter_value.h"
#include "results/pg_type.h"
#include "results/temporal_value.h"

namespace skein::results {
namespace {

// The unsigned number in network order at `at`; the caller has checked the length.
template <typename Unsigned>
Unsigned Read(std::string_view bytes, size_t at = 0) {
  Unsigned value = 0;
  for (size_t i = 0; i < sizeof(Unsigned); ++i) {
    value = static_cast<Unsigned>(static_cast<uint64_t>(value) << 8 |
                                  static_cast<unsigned char>(bytes[at + i]));
  }
  return value;
}
int32_t ReadInt32(std::string_view bytes, size_t at) {
  return static_cast<int32_t>(Read<uint32_t>(bytes, at));
}
int64_t ReadInt64(std::string_view bytes, size_t at) {
  return static_cast<int64_t>(Read<uint64_t>(bytes, at));
}

Status OutOfRange(std::string_view type) {
  return Status(StatusCode::kInvalidArgument, "22008",
                fmt::format("a parameter is out of range for type {}", type));
}

Parameter Text(std::string text, std::string_view type) {
  return Parameter{std::make_shared<arrow::StringScalar>(std::move(text)), std::string(type)};
}

Result<Parameter> Date(std::string_view type, std::string_view bytes) {
  int64_t days = ReadInt32(bytes, 0);
  if (days == std::numeric_limits<int32_t>::max()) {
    days = kInfiniteDays;
  } else if (days == std::numeric_limits<int32_t>::min()) {
    days = -int64_t{kInfiniteDays};
  } else {
    days += kPgEpochDays;
    if (days < kPgFirstDay || days >= kPgDateEnd) return OutOfRange(type);
  }
  return Parameter{std::make_shared<arrow::Date32Scalar>(static_cast<int32_t>(days)),
                   std::string(type)};
}

Result<Parameter> Timestamp(std::string_view type, std::string_view bytes, std::string zone) {
  int64_t micros = ReadInt64(bytes, 0);
  if (micros == std::numeric_limits<int64_t>::min()) {
    micros = -kInfiniteTime;
  } else if (micros != std::numeric_limits<int64_t>::max()) {
    if (__builtin_add_overflow(micros, kPgEpochDays * kMicrosPerDay, &micros) ||
        micros == kInfiniteTime || micros < kPgFirstDay * kMicrosPerDay) {
      return OutOfRange(type);
    }
  }
  auto storage = arrow::timestamp(arrow::TimeUnit::MICRO, std::move(zone));
  return Parameter{std::make_shared<arrow::TimestampScalar>(micros, std::move(storage)),
                   std::string(type)};
}

Result<Parameter> TimeOfDay(std::string_view type, std::string_view bytes) {
  int64_t micros = ReadInt64(bytes, 0);
  if (micros < 0 || micros > kMicrosPerDay) return OutOfRange(type);
  return Parameter{
      std::make_shared<arrow::Time64Scalar>(micros, arrow::time64(arrow::TimeUnit::MICRO)),
      std::string(type)};
}

Result<Parameter> TimeTz(std::string_view type, std::string_view bytes) {
  constexpr int32_t kZoneLimit = 16 * 3600;  // PostgreSQL's own
  int64_t micros = ReadInt64(bytes, 0);
  int32_t west = ReadInt32(bytes, sizeof(int64_t));
  if (micros < 0 || micros > kMicrosPerDay || west <= -kZoneLimit || west >= kZoneLimit)
    return OutOfRange(type);
  char text[kMaxTimeText];
  char* end = WriteOffset(WriteTime(text, micros), -west, OffsetForm::kPostgres);
  return Text(std::string(text, end), type);
}

Result<Parameter> Interval(std::string_view type, std::string_view bytes) {
  int64_t micros = ReadInt64(bytes, 0);
  int32_t days = ReadInt32(bytes, 8);
  int32_t months = ReadInt32(bytes, 12);
  return Text(IntervalForEngine(months, days, micros), type);
}

Result<Parameter> Bits(std::string_view type, std::string_view bytes) {
  if (bytes.size() < sizeof(int32_t)) return InvalidBinaryFor(type);
  int64_t count = ReadInt32(bytes, 0);
  bytes.remove_prefix(sizeof(int32_t));
  if (count < 0 || static_cast<uint64_t>(count + 7) / 8 != bytes.size())
    return InvalidBinaryFor(type);
  std::string text(static_cast<size_t>(count), '0');
  for (size_t i = 0; i < text.size(); ++i) {
    if (static_cast<unsigned char>(bytes[i / 8]) >> (7 - i % 8) & 1) text[i] = '1';
  }
  return Text(std::move(text), type);
}

Result<Parameter> Uuid(std::string_view type, std::string_view bytes) {
  std::string text;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text.push_back('-');
    fmt::format_to(std::back_inserter(text), "{:02x}", static_cast<unsigned char>(bytes[i]));
  }
  return Text(std::move(text), type);
}

Result<Parameter> CheckedText(std::string_view type, std::string_view bytes) {
  SKEIN_RETURN_IF_ERROR(CheckText(bytes));
  return Text(std::string(bytes), type);
}

// How long a value must be; 0 when that depends on the value.
size_t FixedLength(uint32_t oid) {
  switch (oid) {
    case pg_oid::kBool:
      return 1;
    case pg_oid::kInt2:
      return 2;
    case pg_oid::kInt4:
    case pg_oid::kFloat4:
    case pg_oid::kDate:
    case pg_oid::kOid:
    case pg_oid::kXid:
    case pg_oid::kCid:
    case pg_oid::kRegproc:
    case pg_oid::kRegclass:
    case pg_oid::kRegtype:
    case pg_oid::kRegnamespace:
    case pg_oid::kRegrole:
      return 4;
    case pg_oid::kInt8:
    case pg_oid::kFloat8:
    case pg_oid::kTime:
    case pg_oid::kTimestamp:
    case pg_oid::kTimestampTz:
      return 8;
    case pg_oid::kTimeTz:
      return 12;
    case pg_oid::kInterval:
    case pg_oid::kUuid:
      return 16;
    default:
      return 0;
  }
}

}  // namespace

Result<Parameter> DecodePgBinary(uint32_t oid, std::string_view type, std::string_view bytes) {
  if (size_t length = FixedLength(oid); length && bytes.size() != length)
    return InvalidBinaryFor(type);
  auto with = [&](auto scalar) -> Result<Parameter> {
    return Parameter{std::move(scalar), std::string(type)};
  };
  switch (oid) {
    case pg_oid::kBool:
      return with(std::make_shared<arrow::BooleanScalar>(bytes[0] != 0));
    case pg_oid::kInt2:
      return with(
          std::make_shared<arrow::Int16Scalar>(static_cast<int16_t>(Read<uint16_t>(bytes))));
    case pg_oid::kInt4:
      return with(std::make_shared<arrow::Int32Scalar>(ReadInt32(bytes, 0)));
    case pg_oid::kInt8:
      return with(std::make_shared<arrow::Int64Scalar>(ReadInt64(bytes, 0)));
    case pg_oid::kOid:
    case pg_oid::kXid:
    case pg_oid::kCid:
      return with(std::make_shared<arrow::Int64Scalar>(int64_t{Read<uint32_t>(bytes)}));
    case pg_oid::kRegproc:
    case pg_oid::kRegclass:
    case pg_oid::kRegtype:
    case pg_oid::kRegnamespace:
    case pg_oid::kRegrole:
      return Text(std::to_string(Read<uint32_t>(bytes)), type);
    case pg_oid::kFloat4:
      return with(
          std::make_shared<arrow::FloatScalar>(std::bit_cast<float>(Read<uint32_t>(bytes))));
    case pg_oid::kFloat8:
      return with(
          std::make_shared<arrow::DoubleScalar>(std::bit_cast<double>(Read<uint64_t>(bytes))));
    case pg_oid::kNumeric: {
      SKEIN_ASSIGN_OR_RETURN(std::string text, ReadPgNumeric(bytes));
      return DecimalParameter(text);
    }
    case pg_oid::kBytea:
      return with(
          std::make_shared<arrow::BinaryScalar>(arrow::Buffer::FromString(std::string(bytes))));
    case pg_oid::kDate:
      return Date(type, bytes);
    case pg_oid::kTime:
      return TimeOfDay(type, bytes);
    case pg_oid::kTimeTz:
      return TimeTz(type, bytes);
    case pg_oid::kTimestamp:
      return Timestamp(type, bytes, "");
    case pg_oid::kTimestampTz:
      return Timestamp(type, bytes, "UTC");
    case pg_oid::kInterval:
      return Interval(type, bytes);
    case pg_oid::kUuid:
      return Uuid(type, bytes);
    case pg_oid::kBit:
    case pg_oid::kVarbit:
      return Bits(type, bytes);
    case pg_oid::kJsonb: {
      constexpr char kJsonbVersion = 1;
      if (bytes.empty() || bytes[0] != kJsonbVersion) return InvalidBinaryFor(type);
      return CheckedText(type, bytes.substr(1));
    }
    case pg_oid::kUnknown:
    case pg_oid::kText:
    case pg_oid::kVarchar:
    case pg_oid::kBpchar:
    case pg_oid::kName:
    case pg_oid::kChar:
    case pg_oid::kXml:
    case pg_oid::kJson:
      return CheckedText(type, bytes);
    default:
      return errors::NotSupported(
          fmt::format("no binary form is known for parameters of type OID {}", oid));
  }
}

}  // namespace skein::results
