#include "frontends/flightsql/sql_info.h"

#include <algorithm>
#include <string>
#include <variant>

#include <arrow/api.h>
#include <arrow/util/config.h>

#include "frontends/flightsql/error_mapping.h"

namespace skein::frontends::flightsql {
namespace {

// The union's type codes, as the protocol fixes them.
constexpr int8_t kText = 0;
constexpr int8_t kBool = 1;
constexpr int8_t kInt64 = 2;
constexpr int8_t kInt32 = 3;

using Value = std::variant<std::string, bool, int64_t, int32_t>;

struct Fact {
  uint32_t name;
  Value value;
};

const std::vector<Fact>& Facts() {
  static const std::vector<Fact> facts = {
      {0, std::string("Skein")},               // server name
      {1, std::string("0.1.0")},               // server version
      {2, std::string(ARROW_VERSION_STRING)},  // Arrow version
      {3, false},                              // read only
      {4, true},                               // SQL
      {5, false},                              // Substrait
      {8, int32_t{1}},                         // transactions, no savepoints
      {9, false},                              // the cancel action; closing the call cancels
      {10, true},                              // ingest
      {11, true},                              // ingest within a transaction
      {100, int32_t{0}},                       // statement timeout, the client's to set
      {101, int32_t{0}},                       // transaction timeout
      {500, true},                             // DDL: catalogues (ATTACH)
      {501, true},                             // DDL: schemas
      {502, true},                             // DDL: tables
      {503, int64_t{1}},                       // identifiers: without regard to case
      {504, std::string("\"")},                // their quote
      {505, int64_t{1}},                       // quoted identifiers: the same
      {506, true},                             // all tables can be read
      {507, int64_t{1}},                       // NULLs: last
  };
  return facts;
}

arrow::Result<std::shared_ptr<arrow::Table>> Build(const std::vector<uint32_t>& wanted) {
  auto* pool = arrow::default_memory_pool();
  arrow::UInt32Builder names;
  arrow::Int8Builder codes;
  arrow::Int32Builder offsets;
  arrow::StringBuilder texts;
  arrow::BooleanBuilder bools;
  arrow::Int64Builder longs;
  arrow::Int32Builder ints;
  for (const Fact& fact : Facts()) {
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), fact.name) == wanted.end())
      continue;
    ARROW_RETURN_NOT_OK(names.Append(fact.name));
    ARROW_RETURN_NOT_OK(codes.Append(static_cast<int8_t>(fact.value.index())));
    switch (static_cast<int8_t>(fact.value.index())) {
      case kText:
        ARROW_RETURN_NOT_OK(offsets.Append(static_cast<int32_t>(texts.length())));
        ARROW_RETURN_NOT_OK(texts.Append(std::get<std::string>(fact.value)));
        break;
      case kBool:
        ARROW_RETURN_NOT_OK(offsets.Append(static_cast<int32_t>(bools.length())));
        ARROW_RETURN_NOT_OK(bools.Append(std::get<bool>(fact.value)));
        break;
      case kInt64:
        ARROW_RETURN_NOT_OK(offsets.Append(static_cast<int32_t>(longs.length())));
        ARROW_RETURN_NOT_OK(longs.Append(std::get<int64_t>(fact.value)));
        break;
      case kInt32:
        ARROW_RETURN_NOT_OK(offsets.Append(static_cast<int32_t>(ints.length())));
        ARROW_RETURN_NOT_OK(ints.Append(std::get<int32_t>(fact.value)));
        break;
    }
  }
  auto schema = SqlInfoSchema();
  auto type = schema->field(1)->type();
  arrow::ArrayVector children(6);
  ARROW_ASSIGN_OR_RAISE(children[0], texts.Finish());
  ARROW_ASSIGN_OR_RAISE(children[1], bools.Finish());
  ARROW_ASSIGN_OR_RAISE(children[2], longs.Finish());
  ARROW_ASSIGN_OR_RAISE(children[3], ints.Finish());
  ARROW_ASSIGN_OR_RAISE(children[4], arrow::MakeEmptyArray(type->field(4)->type(), pool));
  ARROW_ASSIGN_OR_RAISE(children[5], arrow::MakeEmptyArray(type->field(5)->type(), pool));
  ARROW_ASSIGN_OR_RAISE(auto name_array, names.Finish());
  ARROW_ASSIGN_OR_RAISE(auto code_array, codes.Finish());
  ARROW_ASSIGN_OR_RAISE(auto offset_array, offsets.Finish());
  int64_t rows = name_array->length();
  auto values = std::make_shared<arrow::DenseUnionArray>(type, rows, std::move(children),
                                                         code_array->data()->buffers[1],
                                                         offset_array->data()->buffers[1]);
  return arrow::Table::Make(schema, arrow::ArrayVector{name_array, values}, rows);
}

}  // namespace

std::shared_ptr<arrow::Schema> SqlInfoSchema() {
  auto value = arrow::dense_union({
      arrow::field("string_value", arrow::utf8()),
      arrow::field("bool_value", arrow::boolean()),
      arrow::field("bigint_value", arrow::int64()),
      arrow::field("int32_bitmask", arrow::int32()),
      arrow::field("string_list", arrow::list(arrow::utf8())),
      arrow::field("int32_to_int32_list_map",
                   arrow::map(arrow::int32(), arrow::list(arrow::int32()))),
  });
  return arrow::schema(
      {arrow::field("info_name", arrow::uint32(), false), arrow::field("value", value, false)});
}

Result<std::shared_ptr<arrow::Table>> MakeSqlInfo(const std::vector<uint32_t>& wanted) {
  auto table = Build(wanted);
  if (!table.ok()) return FromArrow(table.status());
  return *std::move(table);
}

}  // namespace skein::frontends::flightsql
