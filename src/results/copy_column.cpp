#include "results/copy_column.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include <arrow/array.h>
#include <arrow/builder.h>
#include <arrow/scalar.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include "common/utf8.h"
#include "results/pg_input.h"
#include "results/pg_numeric.h"
#include "results/pg_parameter_value.h"
#include "results/pg_type.h"
#include "results/temporal_value.h"

namespace skein::results {
namespace {

Status FromArrow(const arrow::Status& status) {
  if (status.ok()) [[likely]]
    return Status::OK();
  if (status.IsOutOfMemory() || status.IsCapacityError())
    return errors::TooLarge("the rows of a COPY are too large: " + status.message());
  return errors::Internal("a column of a COPY could not be built: " + status.ToString());
}

// As PostgreSQL: what is too short breaks the protocol, what is too long is no such value.
Status CheckSize(std::string_view bytes, size_t wanted) {
  if (bytes.size() == wanted) [[likely]]
    return Status::OK();
  if (bytes.size() < wanted) return errors::ProtocolViolation("insufficient data left in message");
  return Status(StatusCode::kInvalidArgument, "22P03", "incorrect binary data format");
}

template <typename Unsigned>
Unsigned ReadBits(std::string_view bytes) {
  Unsigned value = 0;
  for (size_t i = 0; i < sizeof(Unsigned); ++i) {
    value = static_cast<Unsigned>(static_cast<uint64_t>(value) << 8 |
                                  static_cast<unsigned char>(bytes[i]));
  }
  return value;
}

/// `Read`: Status (bytes, value*), a functor that may hold state.
template <typename Builder, typename Value, typename Read>
class SimpleColumn : public CopyColumn {
 public:
  SimpleColumn(std::shared_ptr<arrow::DataType> type, Read read)
      : type_(std::move(type)),
        builder_(type_, arrow::default_memory_pool()),
        read_(std::move(read)) {}

  Status Append(std::string_view bytes) override {
    if (Status status = read_(bytes, &value_); !status.ok()) [[unlikely]]
      return status;
    return FromArrow(builder_.Append(value_));
  }
  Status AppendNull() override { return FromArrow(builder_.AppendNull()); }
  Result<std::shared_ptr<arrow::Array>> Finish() override {
    auto array = builder_.Finish();
    if (!array.ok()) return FromArrow(array.status());
    return *std::move(array);
  }
  const std::shared_ptr<arrow::DataType>& type() const override { return type_; }

 private:
  std::shared_ptr<arrow::DataType> type_;
  Builder builder_;
  Read read_;
  Value value_{};
};

template <typename Builder, typename Value, typename Read>
std::unique_ptr<CopyColumn> Simple(std::shared_ptr<arrow::DataType> type, Read read) {
  return std::make_unique<SimpleColumn<Builder, Value, Read>>(std::move(type), std::move(read));
}

/// Text that the engine casts, or keeps.
template <typename Read>
std::unique_ptr<CopyColumn> Characters(Read read) {
  return Simple<arrow::StringBuilder, std::string>(arrow::utf8(), std::move(read));
}

std::unique_ptr<CopyColumn> PlainText() {
  return Simple<arrow::StringBuilder, std::string_view>(
      arrow::utf8(), [](std::string_view text, std::string_view* value) {
        *value = text;
        return Status::OK();
      });
}

// Whole numbers: `Wire` is what PostgreSQL sends for the column in binary.
template <typename ArrowType, typename Wire>
std::unique_ptr<CopyColumn> Whole(bool binary, const char* name) {
  using Int = typename ArrowType::c_type;
  using Builder = arrow::NumericBuilder<ArrowType>;
  auto type = arrow::TypeTraits<ArrowType>::type_singleton();
  if (!binary) {
    return Simple<Builder, Int>(type, [name](std::string_view text, Int* value) {
      return ParsePgInteger(text, name, value);
    });
  }
  return Simple<Builder, Int>(type, [name](std::string_view bytes, Int* value) -> Status {
    SKEIN_RETURN_IF_ERROR(CheckSize(bytes, sizeof(Wire)));
    auto wire = static_cast<Wire>(ReadBits<std::make_unsigned_t<Wire>>(bytes));
    *value = static_cast<Int>(wire);
    if (static_cast<int64_t>(*value) == static_cast<int64_t>(wire)) [[likely]]
      return Status::OK();
    return Status(StatusCode::kInvalidArgument, "22003",
                  fmt::format("value \"{}\" is out of range for type {}", wire, name));
  });
}

// UBIGINT travels as numeric.
std::unique_ptr<CopyColumn> UnsignedBigInt(bool binary) {
  return Simple<arrow::UInt64Builder, uint64_t>(
      arrow::uint64(), [binary](std::string_view bytes, uint64_t* value) -> Status {
        if (!binary) return ParsePgInteger(bytes, "ubigint", value);
        SKEIN_ASSIGN_OR_RETURN(std::string text, ReadPgNumeric(bytes));
        return ParsePgInteger(text, "ubigint", value);
      });
}

template <typename Builder, typename Float, typename Bits>
std::unique_ptr<CopyColumn> Floating(bool binary, std::shared_ptr<arrow::DataType> type,
                                     Status (*read)(std::string_view, Float*)) {
  if (!binary) return Simple<Builder, Float>(std::move(type), read);
  return Simple<Builder, Float>(std::move(type),
                                [](std::string_view bytes, Float* value) -> Status {
                                  SKEIN_RETURN_IF_ERROR(CheckSize(bytes, sizeof(Bits)));
                                  *value = std::bit_cast<Float>(ReadBits<Bits>(bytes));
                                  return Status::OK();
                                });
}

std::unique_ptr<CopyColumn> Decimal(bool binary, int32_t precision, int32_t scale) {
  return Simple<arrow::Decimal128Builder, arrow::Decimal128>(
      arrow::decimal128(precision, scale),
      [=](std::string_view bytes, arrow::Decimal128* value) -> Status {
        Int128 unscaled = 0;
        if (binary) {
          SKEIN_ASSIGN_OR_RETURN(std::string text, ReadPgNumeric(bytes));
          SKEIN_RETURN_IF_ERROR(ParsePgDecimal(text, precision, scale, &unscaled));
        } else {
          SKEIN_RETURN_IF_ERROR(ParsePgDecimal(bytes, precision, scale, &unscaled));
        }
        *value = arrow::Decimal128(static_cast<int64_t>(unscaled >> 64),
                                   static_cast<uint64_t>(unscaled));
        return Status::OK();
      });
}

// Values that the parameter decoders know in binary, as scalars of `Scalar`.
template <typename Scalar, typename Value>
auto FromBinary(uint32_t oid, const char* type) {
  return [oid, type](std::string_view bytes, Value* value) -> Status {
    SKEIN_ASSIGN_OR_RETURN(Parameter parameter, DecodePgBinary(oid, type, bytes));
    *value = static_cast<Value>(static_cast<const Scalar&>(*parameter.value).value);
    return Status::OK();
  };
}

std::unique_ptr<CopyColumn> BinaryAsText(uint32_t oid, const char* type) {
  return Characters([oid, type](std::string_view bytes, std::string* value) -> Status {
    SKEIN_ASSIGN_OR_RETURN(Parameter parameter, DecodePgBinary(oid, type, bytes));
    *value = std::string(static_cast<const arrow::StringScalar&>(*parameter.value).view());
    return Status::OK();
  });
}

std::unique_ptr<CopyColumn> CheckedBinaryText() {
  return Simple<arrow::StringBuilder, std::string_view>(
      arrow::utf8(), [](std::string_view bytes, std::string_view* value) -> Status {
        if (Status status = CheckCopyEncoding(bytes); !status.ok()) [[unlikely]]
          return status;
        *value = bytes;
        return Status::OK();
      });
}

/// json, or jsonb with its version before it: which of the two a client takes a column for depends
/// on what it was declared as.
std::unique_ptr<CopyColumn> CheckedBinaryJson() {
  return Simple<arrow::StringBuilder, std::string_view>(
      arrow::utf8(), [](std::string_view bytes, std::string_view* value) -> Status {
        constexpr char kJsonbVersion = 1;
        if (!bytes.empty() && bytes[0] == kJsonbVersion) bytes.remove_prefix(1);
        if (Status status = CheckCopyEncoding(bytes); !status.ok()) [[unlikely]]
          return status;
        *value = bytes;
        return Status::OK();
      });
}

std::unique_ptr<CopyColumn> Bytes(bool binary) {
  if (binary) {
    return Simple<arrow::BinaryBuilder, std::string_view>(
        arrow::binary(), [](std::string_view bytes, std::string_view* value) {
          *value = bytes;
          return Status::OK();
        });
  }
  return Simple<arrow::BinaryBuilder, std::string>(arrow::binary(), &ParsePgBytea);
}

std::unique_ptr<CopyColumn> Date(bool binary) {
  if (!binary) return Simple<arrow::Date32Builder, int32_t>(arrow::date32(), &ParsePgDate);
  return Simple<arrow::Date32Builder, int32_t>(
      arrow::date32(), FromBinary<arrow::Date32Scalar, int32_t>(pg_oid::kDate, "date"));
}

std::unique_ptr<CopyColumn> Time(bool binary) {
  auto type = arrow::time64(arrow::TimeUnit::MICRO);
  if (!binary) return Simple<arrow::Time64Builder, int64_t>(type, &ParsePgTime);
  return Simple<arrow::Time64Builder, int64_t>(
      type, FromBinary<arrow::Time64Scalar, int64_t>(pg_oid::kTime, "time"));
}

std::unique_ptr<CopyColumn> Timestamp(bool binary) {
  auto type = arrow::timestamp(arrow::TimeUnit::MICRO);
  if (!binary) return Simple<arrow::TimestampBuilder, int64_t>(type, &ParsePgTimestamp);
  return Simple<arrow::TimestampBuilder, int64_t>(
      type, FromBinary<arrow::TimestampScalar, int64_t>(pg_oid::kTimestamp, "timestamp"));
}

std::unique_ptr<CopyColumn> TimestampTz(bool binary, const TimeZone& zone) {
  auto type = arrow::timestamp(arrow::TimeUnit::MICRO, "UTC");
  if (!binary) {
    return Simple<arrow::TimestampBuilder, int64_t>(type,
                                                    [zone](std::string_view text, int64_t* value) {
                                                      return ParsePgTimestampTz(text, zone, value);
                                                    });
  }
  return Simple<arrow::TimestampBuilder, int64_t>(
      type, FromBinary<arrow::TimestampScalar, int64_t>(pg_oid::kTimestampTz,
                                                        "timestamp with time zone"));
}

std::unique_ptr<CopyColumn> Interval(bool binary) {
  if (binary) return BinaryAsText(pg_oid::kInterval, "interval");
  return Characters([](std::string_view text, std::string* value) -> Status {
    PgInterval interval;
    SKEIN_RETURN_IF_ERROR(ParsePgInterval(text, &interval));
    *value = IntervalForEngine(interval.months, interval.days, interval.micros);
    return Status::OK();
  });
}

// Numbers beyond 64 bits, whose digits the engine reads.
std::unique_ptr<CopyColumn> Digits(bool binary) {
  if (!binary) return PlainText();
  return Characters([](std::string_view bytes, std::string* value) -> Status {
    SKEIN_ASSIGN_OR_RETURN(*value, ReadPgNumeric(bytes));
    return Status::OK();
  });
}

/// Arrays, by the decoders of parameters.
class ListColumn : public CopyColumn {
 public:
  ListColumn(uint32_t element_oid, std::shared_ptr<arrow::DataType> element, int levels,
             bool binary)
      : element_oid_(element_oid), levels_(levels), binary_(binary), type_(std::move(element)) {
    for (int i = 0; i < levels; ++i) type_ = arrow::list(type_);
  }

  Status Start() {
    return FromArrow(arrow::MakeBuilder(arrow::default_memory_pool(), type_, &builder_));
  }

  Status Append(std::string_view bytes) override {
    SKEIN_ASSIGN_OR_RETURN(Parameter parameter, binary_ ? DecodePgBinaryArray(element_oid_, bytes)
                                                        : DecodePgTextArray(element_oid_, bytes));
    const auto& list = static_cast<const arrow::BaseListScalar&>(*parameter.value);
    int levels = 1;
    for (const arrow::DataType* inner = list.value->type().get(); inner->id() == arrow::Type::LIST;
         inner = inner->field(0)->type().get()) {
      ++levels;
    }
    if (levels != levels_ && list.value->length() > 0) {
      return Status(
          StatusCode::kInvalidArgument, "2202E",
          fmt::format("the array has {} dimensions, the column takes {}", levels, levels_));
    }
    return AppendList(builder_.get(), list.value->length() > 0 ? list.value.get() : nullptr);
  }
  Status AppendNull() override { return FromArrow(builder_->AppendNull()); }
  Result<std::shared_ptr<arrow::Array>> Finish() override {
    auto array = builder_->Finish();
    if (!array.ok()) return FromArrow(array.status());
    return *std::move(array);
  }
  const std::shared_ptr<arrow::DataType>& type() const override { return type_; }

 private:
  // One list of `values`; null for an empty one.
  Status AppendList(arrow::ArrayBuilder* builder, const arrow::Array* values) {
    auto* list = static_cast<arrow::ListBuilder*>(builder);
    SKEIN_RETURN_IF_ERROR(FromArrow(list->Append()));
    if (values == nullptr) return Status::OK();
    if (values->type_id() == arrow::Type::LIST) {
      const auto& nested = static_cast<const arrow::ListArray&>(*values);
      for (int64_t i = 0; i < nested.length(); ++i) {
        auto slice = nested.value_slice(i);
        SKEIN_RETURN_IF_ERROR(
            AppendList(list->value_builder(), slice->length() > 0 ? slice.get() : nullptr));
      }
      return Status::OK();
    }
    if (!values->type()->Equals(*list->value_builder()->type())) {
      // Of NULLs alone, whose type nobody could know.
      if (values->null_count() != values->length())
        return errors::Internal("an array came in another type than its column's");
      return FromArrow(list->value_builder()->AppendNulls(values->length()));
    }
    return FromArrow(list->value_builder()->AppendArraySlice(*values->data(), 0, values->length()));
  }

  uint32_t element_oid_;
  int levels_;
  bool binary_;
  std::shared_ptr<arrow::DataType> type_;
  std::unique_ptr<arrow::ArrayBuilder> builder_;
};

// What the parameter decoders make of an element.
std::shared_ptr<arrow::DataType> ElementStorage(uint32_t oid, bool binary) {
  switch (oid) {
    case pg_oid::kBool:
      return arrow::boolean();
    case pg_oid::kInt2:
      return arrow::int16();
    case pg_oid::kInt4:
      return arrow::int32();
    case pg_oid::kInt8:
      return arrow::int64();
    case pg_oid::kFloat4:
      return arrow::float32();
    case pg_oid::kFloat8:
      return arrow::float64();
    case pg_oid::kBytea:
      return arrow::binary();
    case pg_oid::kDate:
      return arrow::date32();
    case pg_oid::kTime:
      return arrow::time64(arrow::TimeUnit::MICRO);
    case pg_oid::kTimestamp:
      return arrow::timestamp(arrow::TimeUnit::MICRO);
    case pg_oid::kTimestampTz:
      return binary ? arrow::timestamp(arrow::TimeUnit::MICRO, "UTC") : arrow::utf8();
    default:
      return arrow::utf8();
  }
}

Result<std::unique_ptr<CopyColumn>> MakeList(const DuckDbType& type, bool binary) {
  int levels = 0;
  const DuckDbType* element = &type;
  while (element->kind == TypeKind::kList || element->kind == TypeKind::kArray) {
    if (element->children.empty())
      return errors::Internal("a list type without the type of its elements");
    element = &element->children[0];
    ++levels;
  }
  uint32_t oid = PgTypeFor(*element).oid;
  auto column = std::make_unique<ListColumn>(oid, ElementStorage(oid, binary), levels, binary);
  SKEIN_RETURN_IF_ERROR(column->Start());
  return std::unique_ptr<CopyColumn>(std::move(column));
}

}  // namespace

Status CheckCopyEncoding(std::string_view text) {
  size_t bad = std::min(text.find('\0'), FindInvalidUtf8(text));
  if (bad == std::string_view::npos) [[likely]]
    return Status::OK();
  auto lead = static_cast<unsigned char>(text[bad]);
  size_t length = lead >= 0xF8 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
  std::string shown;
  for (char c : text.substr(bad, length))
    shown += fmt::format("{}0x{:02x}", shown.empty() ? "" : " ", static_cast<unsigned char>(c));
  return Status(StatusCode::kInvalidArgument, "22021",
                fmt::format("invalid byte sequence for encoding \"UTF8\": {}", shown));
}

Result<std::unique_ptr<CopyColumn>> CopyColumn::Make(const DuckDbType& type, CopyFormat format,
                                                     const TimeZone& zone) {
  bool binary = format == CopyFormat::kBinary;
  switch (type.kind) {
    case TypeKind::kBoolean:
      if (!binary) {
        return Simple<arrow::BooleanBuilder, bool>(arrow::boolean(), &ParsePgBoolean);
      }
      return Simple<arrow::BooleanBuilder, bool>(arrow::boolean(),
                                                 [](std::string_view bytes, bool* value) -> Status {
                                                   SKEIN_RETURN_IF_ERROR(CheckSize(bytes, 1));
                                                   *value = bytes[0] != 0;
                                                   return Status::OK();
                                                 });
    case TypeKind::kTinyInt:
      return Whole<arrow::Int8Type, int16_t>(binary, "tinyint");
    case TypeKind::kUTinyInt:
      return Whole<arrow::UInt8Type, int16_t>(binary, "utinyint");
    case TypeKind::kSmallInt:
      return Whole<arrow::Int16Type, int16_t>(binary, "smallint");
    case TypeKind::kUSmallInt:
      return Whole<arrow::UInt16Type, int32_t>(binary, "usmallint");
    case TypeKind::kInteger:
      return Whole<arrow::Int32Type, int32_t>(binary, "integer");
    case TypeKind::kUInteger:
      return Whole<arrow::UInt32Type, int64_t>(binary, "uinteger");
    case TypeKind::kBigInt:
      return Whole<arrow::Int64Type, int64_t>(binary, "bigint");
    case TypeKind::kUBigInt:
      return UnsignedBigInt(binary);
    case TypeKind::kHugeInt:
    case TypeKind::kUHugeInt:
    case TypeKind::kBigNum:
      return Digits(binary);
    case TypeKind::kFloat:
      return Floating<arrow::FloatBuilder, float, uint32_t>(binary, arrow::float32(),
                                                            &ParsePgFloat4);
    case TypeKind::kDouble:
      return Floating<arrow::DoubleBuilder, double, uint64_t>(binary, arrow::float64(),
                                                              &ParsePgFloat8);
    case TypeKind::kDecimal:
      return Decimal(binary, type.precision, type.scale);
    case TypeKind::kBlob:
      return Bytes(binary);
    case TypeKind::kBit:
      return binary ? BinaryAsText(pg_oid::kVarbit, "bit varying") : Characters(&ParsePgBits);
    case TypeKind::kUuid:
      return binary ? BinaryAsText(pg_oid::kUuid, "uuid") : Characters(&ParsePgUuid);
    case TypeKind::kDate:
      return Date(binary);
    case TypeKind::kTime:
    case TypeKind::kTimeNs:
      return Time(binary);
    case TypeKind::kTimeTz:
      if (binary) return BinaryAsText(pg_oid::kTimeTz, "time with time zone");
      return Characters([zone](std::string_view text, std::string* value) {
        return ParsePgTimeTz(text, zone, value);
      });
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampS:
    case TypeKind::kTimestampMs:
    case TypeKind::kTimestampNs:
      return Timestamp(binary);
    case TypeKind::kTimestampTz:
      return TimestampTz(binary, zone);
    case TypeKind::kInterval:
      return Interval(binary);
    case TypeKind::kList:
    case TypeKind::kArray:
      return MakeList(type, binary);
    case TypeKind::kNull:
    case TypeKind::kVarchar:
    case TypeKind::kEnum:
    case TypeKind::kStruct:
    case TypeKind::kMap:
    case TypeKind::kUnion:
    case TypeKind::kVariant:
    case TypeKind::kOther:
      return binary ? CheckedBinaryText() : PlainText();
    case TypeKind::kJson:
      return binary ? CheckedBinaryJson() : PlainText();
  }
  return errors::Internal("a column type without a way to read it");
}

}  // namespace skein::results
