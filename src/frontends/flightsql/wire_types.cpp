#include "frontends/flightsql/wire_types.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include <arrow/api.h>
#include <arrow/extension/json.h>
#include <arrow/extension/opaque.h>
#include <arrow/extension/uuid.h>
#include <arrow/util/key_value_metadata.h>

#include "results/field_type.h"

namespace skein::frontends::flightsql {
namespace {

using arrow::Type;
using Data = std::shared_ptr<arrow::ArrayData>;

constexpr char kVendor[] = "DuckDB";
constexpr int kUuidBytes = 16;

/// Types whose text is all that Arrow can hold of them.
bool OnlyDuckdbs(std::string_view name) {
  constexpr std::array<std::string_view, 10> kStarts = {
      "UHUGEINT", "TIME WITH TIME ZONE", "TIMETZ", "BIT", "BIGNUM", "VARINT", "TIME_NS", "VARIANT",
      "GEOMETRY", "INTEGER_LITERAL"};
  return std::any_of(kStarts.begin(), kStarts.end(),
                     [&](std::string_view start) { return name.starts_with(start); });
}

std::shared_ptr<arrow::Field> ToWireField(const std::shared_ptr<arrow::Field>& field,
                                          const WireTypes& types);

std::shared_ptr<arrow::DataType> Text(const WireTypes& types) {
  return types.string_views ? arrow::utf8_view() : arrow::utf8();
}

std::shared_ptr<arrow::DataType> ToWireType(const arrow::Field& field, const WireTypes& types) {
  const auto& type = field.type();
  auto child = [&](int i) { return ToWireField(type->field(i), types); };
  switch (type->id()) {
    case Type::STRING: {
      std::string name;
      if (const auto& metadata = field.metadata())
        name = metadata->Get(results::kTypeMetadataKey).ValueOr("");
      if (!types.extensions) return Text(types);
      if (name == "UUID") return arrow::extension::uuid();
      if (name == "JSON") return arrow::extension::json(arrow::utf8());
      if (OnlyDuckdbs(name)) return arrow::extension::opaque(arrow::utf8(), name, kVendor);
      return Text(types);
    }
    case Type::DICTIONARY:
      return types.dictionaries ? type : Text(types);
    case Type::LIST:
      return arrow::list(child(0));
    case Type::FIXED_SIZE_LIST:
      return arrow::fixed_size_list(
          child(0), static_cast<const arrow::FixedSizeListType&>(*type).list_size());
    case Type::STRUCT: {
      arrow::FieldVector children;
      for (int i = 0; i < type->num_fields(); ++i) children.push_back(child(i));
      return arrow::struct_(std::move(children));
    }
    case Type::MAP: {
      const auto& map = static_cast<const arrow::MapType&>(*type);
      return std::make_shared<arrow::MapType>(ToWireField(map.key_field(), types),
                                              ToWireField(map.item_field(), types),
                                              map.keys_sorted());
    }
    case Type::SPARSE_UNION: {
      arrow::FieldVector members;
      for (int i = 0; i < type->num_fields(); ++i) members.push_back(child(i));
      return arrow::sparse_union(std::move(members),
                                 static_cast<const arrow::UnionType&>(*type).type_codes());
    }
    default:
      return type;
  }
}

std::shared_ptr<arrow::Field> ToWireField(const std::shared_ptr<arrow::Field>& field,
                                          const WireTypes& types) {
  auto type = ToWireType(*field, types);
  return type->Equals(*field->type()) ? field : field->WithType(std::move(type));
}

/// Decimal digits before and behind the point; nothing for what is no exact number.
std::optional<std::pair<int, int>> DigitsOf(const arrow::DataType& type) {
  switch (type.id()) {
    case Type::INT8:
    case Type::UINT8:
      return {{3, 0}};
    case Type::INT16:
    case Type::UINT16:
      return {{5, 0}};
    case Type::INT32:
    case Type::UINT32:
      return {{10, 0}};
    case Type::INT64:
      return {{19, 0}};
    case Type::UINT64:
      return {{20, 0}};
    case Type::DECIMAL128: {
      const auto& decimal = static_cast<const arrow::DecimalType&>(type);
      return {{decimal.precision(), decimal.scale()}};
    }
    default:
      return std::nullopt;
  }
}

std::shared_ptr<arrow::Field> WithSqlMetadata(const std::shared_ptr<arrow::Field>& field) {
  auto metadata =
      field->metadata() ? field->metadata()->Copy() : std::make_shared<arrow::KeyValueMetadata>();
  if (auto name = metadata->Get(results::kTypeMetadataKey); name.ok())
    metadata->Append(kTypeNameKey, *name);
  if (auto digits = DigitsOf(*field->type())) {
    metadata->Append(kPrecisionKey, std::to_string(digits->first));
    metadata->Append(kScaleKey, std::to_string(digits->second));
  }
  return field->WithMetadata(std::move(metadata));
}

bool ParseUuid(std::string_view text, uint8_t* bytes) {
  int digits = 0;
  for (char c : text) {
    if (c == '-') continue;
    uint8_t value = 0;
    if (digits == 2 * kUuidBytes || std::from_chars(&c, &c + 1, value, 16).ec != std::errc())
      return false;
    bytes[digits / 2] = static_cast<uint8_t>(digits % 2 ? bytes[digits / 2] << 4 | value : value);
    ++digits;
  }
  return digits == 2 * kUuidBytes;
}

arrow::Result<Data> UuidBytes(const arrow::StringArray& texts) {
  arrow::FixedSizeBinaryBuilder builder(arrow::fixed_size_binary(kUuidBytes));
  ARROW_RETURN_NOT_OK(builder.Reserve(texts.length()));
  std::array<uint8_t, kUuidBytes> bytes;
  for (int64_t i = 0; i < texts.length(); ++i) {
    if (texts.IsNull(i)) {
      builder.UnsafeAppendNull();
    } else if (ParseUuid(texts.GetView(i), bytes.data())) {
      builder.UnsafeAppend(bytes.data());
    } else {
      return arrow::Status::Invalid("the engine gave a UUID that is none");
    }
  }
  ARROW_ASSIGN_OR_RAISE(auto built, builder.Finish());
  return built->data();
}

template <typename Builder>
arrow::Result<Data> Rewritten(const arrow::StringArray& texts, const arrow::Array* indices) {
  Builder builder;
  int64_t length = indices ? indices->length() : texts.length();
  ARROW_RETURN_NOT_OK(builder.Reserve(length));
  const auto* dictionary = static_cast<const arrow::DictionaryArray*>(indices);
  for (int64_t i = 0; i < length; ++i) {
    if (indices ? indices->IsNull(i) : texts.IsNull(i)) {
      ARROW_RETURN_NOT_OK(builder.AppendNull());
    } else {
      ARROW_RETURN_NOT_OK(
          builder.Append(texts.GetView(dictionary ? dictionary->GetValueIndex(i) : i)));
    }
  }
  ARROW_ASSIGN_OR_RAISE(auto built, builder.Finish());
  return built->data();
}

arrow::Result<Data> Convert(const Data& from, const std::shared_ptr<arrow::DataType>& to) {
  if (from->type->Equals(*to)) return from;
  if (to->id() == Type::EXTENSION) {
    ARROW_ASSIGN_OR_RAISE(
        auto storage, Convert(from, static_cast<const arrow::ExtensionType&>(*to).storage_type()));
    auto typed = storage->Copy();
    typed->type = to;
    return typed;
  }
  if (from->type->id() == Type::STRING || from->type->id() == Type::DICTIONARY) {
    auto array = arrow::MakeArray(from);
    const arrow::Array* indices = nullptr;
    auto texts = array;
    if (from->type->id() == Type::DICTIONARY) {
      indices = array.get();
      texts = static_cast<const arrow::DictionaryArray&>(*array).dictionary();
    }
    const auto& values = static_cast<const arrow::StringArray&>(*texts);
    if (to->id() == Type::FIXED_SIZE_BINARY) return UuidBytes(values);
    if (to->id() == Type::STRING_VIEW) return Rewritten<arrow::StringViewBuilder>(values, indices);
    return Rewritten<arrow::StringBuilder>(values, indices);
  }
  // The same shape with other children.
  auto converted = from->Copy();
  converted->type = to;
  for (size_t i = 0; i < converted->child_data.size(); ++i) {
    ARROW_ASSIGN_OR_RAISE(converted->child_data[i],
                          Convert(from->child_data[i], to->field(static_cast<int>(i))->type()));
  }
  return converted;
}

arrow::Result<std::shared_ptr<arrow::RecordBatch>> ConvertBatch(
    const arrow::RecordBatch& batch, const std::shared_ptr<arrow::Schema>& schema) {
  std::vector<Data> columns;
  for (int i = 0; i < batch.num_columns(); ++i) {
    ARROW_ASSIGN_OR_RAISE(auto column, Convert(batch.column_data(i), schema->field(i)->type()));
    columns.push_back(std::move(column));
  }
  return arrow::RecordBatch::Make(schema, batch.num_rows(), std::move(columns));
}

/// DuckDB's name of an opaque type of its own that travels as text.
std::string NameWithin(const arrow::DataType& type) {
  if (type.id() != Type::EXTENSION) return {};
  const auto& extension = static_cast<const arrow::ExtensionType&>(type);
  if (extension.extension_name() != "arrow.opaque" ||
      extension.storage_type()->id() != Type::STRING) {
    return {};
  }
  const auto& opaque = static_cast<const arrow::extension::OpaqueType&>(extension);
  return opaque.vendor_name() == kVendor ? std::string(opaque.type_name()) : std::string();
}

/// What the engine takes: opaque types of DuckDB as the text that they hold, and dense unions as
/// sparse ones, also within others.
std::shared_ptr<arrow::DataType> AsText(const std::shared_ptr<arrow::DataType>& type) {
  auto child = [&](const std::shared_ptr<arrow::Field>& field) {
    return field->WithType(AsText(field->type()));
  };
  if (!NameWithin(*type).empty()) return arrow::utf8();
  switch (type->id()) {
    case Type::LIST:
      return arrow::list(child(type->field(0)));
    case Type::FIXED_SIZE_LIST:
      return arrow::fixed_size_list(
          child(type->field(0)), static_cast<const arrow::FixedSizeListType&>(*type).list_size());
    case Type::STRUCT: {
      arrow::FieldVector children;
      for (const auto& field : type->fields()) children.push_back(child(field));
      return arrow::struct_(std::move(children));
    }
    case Type::MAP: {
      const auto& map = static_cast<const arrow::MapType&>(*type);
      return std::make_shared<arrow::MapType>(child(map.key_field()), child(map.item_field()),
                                              map.keys_sorted());
    }
    case Type::SPARSE_UNION:
    case Type::DENSE_UNION: {
      arrow::FieldVector members;
      for (const auto& field : type->fields()) members.push_back(child(field));
      return arrow::sparse_union(std::move(members),
                                 static_cast<const arrow::UnionType&>(*type).type_codes());
    }
    default:
      return type;
  }
}

/// A member of a dense union as that of a sparse one: as many rows as the union has, NULL where
/// another member is meant.
arrow::Result<Data> SpreadMember(const arrow::DenseUnionArray& values, int member) {
  Data data = values.data()->child_data[static_cast<size_t>(member)];
  auto type = data->type;
  if (type->id() == Type::EXTENSION) {
    data = data->Copy();
    data->type = static_cast<const arrow::ExtensionType&>(*type).storage_type();
  }
  ARROW_ASSIGN_OR_RAISE(auto builder, arrow::MakeBuilderExactIndex(data->type));
  ARROW_RETURN_NOT_OK(builder->Reserve(values.length()));
  arrow::ArraySpan span(*data);
  for (int64_t row = 0; row < values.length(); ++row) {
    if (values.child_id(row) != member) {
      ARROW_RETURN_NOT_OK(builder->AppendNull());
    } else {
      ARROW_RETURN_NOT_OK(builder->AppendArraySlice(span, values.value_offset(row), 1));
    }
  }
  ARROW_ASSIGN_OR_RAISE(auto spread, builder->Finish());
  Data spread_data = spread->data()->Copy();
  spread_data->type = type;
  return spread_data;
}

arrow::Result<Data> ToSparse(const Data& dense) {
  arrow::DenseUnionArray values(dense);
  // Its offsets point into the members: they must be what they seem before they are followed.
  ARROW_RETURN_NOT_OK(values.ValidateFull());
  auto sparse = std::make_shared<arrow::ArrayData>(*dense);
  sparse->type = arrow::sparse_union(
      dense->type->fields(), static_cast<const arrow::UnionType&>(*dense->type).type_codes());
  sparse->buffers = {nullptr, arrow::SliceBuffer(dense->buffers[1], dense->offset, dense->length)};
  sparse->offset = 0;
  for (size_t i = 0; i < dense->child_data.size(); ++i) {
    ARROW_ASSIGN_OR_RAISE(sparse->child_data[i], SpreadMember(values, static_cast<int>(i)));
  }
  return sparse;
}

/// The same values; an extension's are those of its storage.
arrow::Result<Data> Retyped(const Data& from, const std::shared_ptr<arrow::DataType>& to) {
  if (from->type->Equals(*to)) return from;
  if (from->type->id() == Type::DENSE_UNION && to->id() == Type::SPARSE_UNION) {
    ARROW_ASSIGN_OR_RAISE(auto sparse, ToSparse(from));
    return Retyped(sparse, to);
  }
  auto retyped = from->Copy();
  retyped->type = to;
  for (size_t i = 0; i < retyped->child_data.size() && i < static_cast<size_t>(to->num_fields());
       ++i) {
    ARROW_ASSIGN_OR_RAISE(retyped->child_data[i],
                          Retyped(from->child_data[i], to->field(static_cast<int>(i))->type()));
  }
  return retyped;
}

}  // namespace

Result<WireTypes> WireTypes::Parse(std::string_view text) {
  WireTypes types;
  while (!text.empty()) {
    size_t comma = text.find(',');
    std::string_view word = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    while (word.starts_with(' ')) word.remove_prefix(1);
    while (word.ends_with(' ')) word.remove_suffix(1);
    if (word == "plain" || word == "extension") {
      types.extensions = word == "extension";
    } else if (word == "string-view" || word == "string") {
      types.string_views = word == "string-view";
    } else if (word == "no-dictionary" || word == "dictionary") {
      types.dictionaries = word == "dictionary";
    } else {
      return errors::InvalidParameter(
          "the types of columns are a list of extension or plain, "
          "string or string-view, dictionary or no-dictionary");
    }
  }
  return types;
}

std::shared_ptr<arrow::Schema> WireTypes::Apply(
    const std::shared_ptr<arrow::Schema>& schema) const {
  arrow::FieldVector fields;
  for (const auto& field : schema->fields())
    fields.push_back(WithSqlMetadata(ToWireField(field, *this)));
  return arrow::schema(std::move(fields), schema->metadata());
}

Result<std::shared_ptr<arrow::RecordBatch>> ToWire(const std::shared_ptr<arrow::RecordBatch>& batch,
                                                   const std::shared_ptr<arrow::Schema>& schema) {
  if (batch->schema() == schema || batch->schema()->Equals(*schema)) return batch;
  auto converted = ConvertBatch(*batch, schema);
  if (!converted.ok()) return errors::Internal(converted.status().message());
  return *std::move(converted);
}

std::shared_ptr<arrow::Schema> FromWire(const std::shared_ptr<arrow::Schema>& schema) {
  arrow::FieldVector fields = schema->fields();
  bool changed = false;
  for (auto& field : fields) {
    auto type = AsText(field->type());
    if (type->Equals(*field->type())) continue;
    if (std::string name = NameWithin(*field->type()); !name.empty())
      field = field->WithMetadata(arrow::key_value_metadata({results::kTypeMetadataKey}, {name}));
    field = field->WithType(std::move(type));
    changed = true;
  }
  return changed ? arrow::schema(std::move(fields), schema->metadata()) : schema;
}

Result<std::shared_ptr<arrow::RecordBatch>> FromWire(
    const std::shared_ptr<arrow::RecordBatch>& batch,
    const std::shared_ptr<arrow::Schema>& schema) {
  auto columns = batch->column_data();
  if (static_cast<size_t>(schema->num_fields()) != columns.size())
    return errors::ProtocolViolation("a batch has other columns than its schema");
  for (size_t i = 0; i < columns.size(); ++i) {
    auto column = Retyped(columns[i], schema->field(static_cast<int>(i))->type());
    if (!column.ok()) {
      return Status(StatusCode::kInvalidArgument, "22P03",
                    "the data does not hold together: " + column.status().message());
    }
    columns[i] = *std::move(column);
  }
  return arrow::RecordBatch::Make(schema, batch->num_rows(), std::move(columns));
}

}  // namespace skein::frontends::flightsql
