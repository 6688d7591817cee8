#include "frontends/pgwire/portal.h"

#include <charconv>

#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>

#include "results/field_type.h"
#include "results/pg_type.h"

namespace skein::frontends::pgwire {

namespace {

/// Two numbers of a field's metadata, which stay as they are where it has none of this key.
template <typename First, typename Second>
void ReadPair(const arrow::Field& field, const char* key, First* first, Second* second) {
  if (!field.HasMetadata()) return;
  auto pair = field.metadata()->Get(key);
  if (!pair.ok()) return;
  const char* end = pair->data() + pair->size();
  auto [next, error] = std::from_chars(pair->data(), end, *first);
  if (error == std::errc() && next != end) std::from_chars(next + 1, end, *second);
}

}  // namespace

Result<std::vector<FieldDescription>> DescribeFields(const arrow::Schema& schema,
                                                     const std::vector<int16_t>& formats) {
  std::vector<FieldDescription> fields;
  fields.reserve(static_cast<size_t>(schema.num_fields()));
  for (int i = 0; i < schema.num_fields(); ++i) {
    SKEIN_ASSIGN_OR_RETURN(results::PgType type, results::PgTypeOf(*schema.field(i)));
    FieldDescription field;
    field.name = schema.field(i)->name();
    field.type_oid = type.oid;
    field.type_length = type.typlen;
    field.type_modifier = type.typmod;
    ReadPair(*schema.field(i), results::kOriginMetadataKey, &field.table_oid, &field.column_number);
    if (type.oid == results::pg_oid::kText || type.oid == results::pg_oid::kJson) {
      ReadPair(*schema.field(i), results::kDeclaredMetadataKey, &field.type_oid,
               &field.type_modifier);
    }
    size_t index = static_cast<size_t>(i);
    int16_t format = formats.empty()       ? int16_t{0}
                     : formats.size() == 1 ? formats[0]
                                           : formats[index];
    field.format = format == 1 ? Format::kBinary : Format::kText;
    fields.push_back(field);
  }
  return fields;
}

void AppendCommandComplete(const session::Execution& execution, int64_t rows, std::string* out) {
  MessageWriter writer(*out);
  const std::string& command = execution.command();
  uint64_t count = static_cast<uint64_t>(execution.changed_rows().value_or(rows));
  if (command == "INSERT") {
    writer.CommandComplete("INSERT 0", count);
  } else if (command == "CREATE TABLE AS") {
    writer.CommandComplete("SELECT", count);
  } else if (command == "SELECT" || command == "UPDATE" || command == "DELETE" ||
             command == "MERGE" || command == "COPY" || command == "FETCH" || command == "MOVE") {
    writer.CommandComplete(command, count);
  } else if (execution.returns_rows() && command != "EXPLAIN" && command != "CALL" &&
             command != "SHOW") {
    writer.CommandComplete("SELECT", count);
  } else {
    writer.CommandComplete(command);
  }
}

}  // namespace skein::frontends::pgwire
