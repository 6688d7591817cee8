#include "frontends/flightsql/sql_info.h"

#include <algorithm>
#include <string>
#include <variant>

#include <arrow/api.h>
#include <arrow/util/config.h>

#include "frontends/flightsql/command_codec.h"
#include "frontends/flightsql/error_mapping.h"

namespace skein::frontends::flightsql {
namespace {

// The union's type codes, as the protocol fixes them.
constexpr int8_t kText = 0;
constexpr int8_t kBool = 1;
constexpr int8_t kInt64 = 2;
constexpr int8_t kInt32 = 3;

constexpr int8_t kTextList = 4;
constexpr int8_t kNumberLists = 5;

using Texts = std::vector<std::string>;
using NumberLists = std::vector<std::pair<int32_t, std::vector<int32_t>>>;
using Value = std::variant<std::string, bool, int64_t, int32_t, Texts, NumberLists>;

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
      {8, int32_t{1}},           // transactions; savepoints undo nothing that was written
      {9, true},                 // cancelling
      {10, true},                // ingest
      {11, true},                // ingest within a transaction
      {100, int32_t{0}},         // statement timeout, the client's to set
      {101, int32_t{0}},         // transaction timeout
      {500, true},               // DDL: catalogues (ATTACH)
      {501, true},               // DDL: schemas
      {502, true},               // DDL: tables
      {503, int64_t{1}},         // identifiers: without regard to case
      {504, std::string("\"")},  // their quote
      {505, int64_t{1}},         // quoted identifiers: the same
      {506, true},               // all tables can be read
      {507, int64_t{3}},         // NULLs: at the end
      {508, Texts{"ANTI", "ASOF", "EXCLUDE", "GLOB", "ILIKE", "LAMBDA", "PIVOT", "PIVOT_LONGER",
                  "PIVOT_WIDER", "POSITIONAL", "QUALIFY", "REPLACE", "SAMPLE", "SEMI", "SUMMARIZE",
                  "UNPIVOT"}},
      {509, Texts{"abs",   "acos",    "asin", "atan",  "atan2",    "cbrt",    "ceil",   "cos",
                  "cot",   "degrees", "exp",  "floor", "greatest", "least",   "ln",     "log",
                  "log10", "log2",    "mod",  "pi",    "power",    "radians", "random", "round",
                  "sign",  "sin",     "sqrt", "tan",   "trunc"}},
      {510, Texts{"ascii",       "chr",     "concat",    "concat_ws", "contains", "left",
                  "length",      "lower",   "lpad",      "ltrim",     "md5",      "position",
                  "repeat",      "replace", "reverse",   "right",     "rpad",     "rtrim",
                  "starts_with", "strpos",  "substring", "trim",      "upper"}},
      {511, Texts{"coalesce", "current_database", "current_schema", "current_user", "nullif",
                  "version"}},
      {512, Texts{"age",      "current_date", "date_add",  "date_diff", "date_part", "date_trunc",
                  "dayname",  "dayofmonth",   "dayofweek", "dayofyear", "hour",      "make_date",
                  "minute",   "month",        "monthname", "now",       "quarter",   "second",
                  "strftime", "strptime",     "week",      "year"}},
      {513, std::string("\\")},  // how patterns of the metadata escape
      {514, std::string()},      // further characters of names
      {515, true},               // aliases of columns
      {516, true},               // NULL plus something is NULL
      // What can be cast: numbers and times among each other, all to and from text.
      {517, NumberLists{{0, {0, 6, 9, 10, 14, 16}},
                        {4, {4, 6, 14, 16}},
                        {6, {0, 2, 3, 4, 6, 7, 9, 10, 14, 16}},
                        {16, {0, 3, 4, 6, 7, 9, 10, 14, 16}}}},
      {518, true},        // aliases of tables
      {519, false},       // they may be like the tables' names
      {520, true},        // expressions in ORDER BY
      {521, true},        // ORDER BY what is not selected
      {522, int32_t{3}},  // GROUP BY what is not selected, and more than is
      {523, true},        // LIKE ... ESCAPE
      {524, true},        // NOT NULL
      {525, int32_t{7}},  // grammar: minimum, core, extended
      {526, int32_t{1}},  // SQL-92: entry level
      {527, true},        // constraints
      {528, int32_t{2}},  // full outer joins
      {529, std::string("schema")},
      {530, std::string("macro")},
      {531, std::string("database")},
      {532, true},         // the catalogue comes first in a name
      {533, int32_t{2}},   // schemas in index definitions
      {534, int32_t{2}},   // catalogues in them
      {535, int32_t{0}},   // UPDATE and DELETE at a cursor
      {536, false},        // SELECT FOR UPDATE
      {537, false},        // stored procedures
      {538, int32_t{15}},  // subqueries: compared, EXISTS, IN, quantified
      {539, true},         // correlated ones
      {540, int32_t{3}},   // UNION, UNION ALL
      {541, int64_t{0}},   // limits: none that is known
      {542, int64_t{0}},
      {543, int64_t{0}},
      {544, int64_t{0}},
      {545, int64_t{0}},
      {546, int64_t{0}},
      {547, int64_t{0}},
      {548, int64_t{0}},
      {549, int64_t{0}},
      {550, int64_t{0}},
      {551, int64_t{0}},
      {552, int64_t{0}},
      {553, int64_t{0}},
      {554, int64_t{0}},
      {555, int64_t{0}},
      {556, true},
      {557, int64_t{kMaxCommandBytes}},
      {558, int64_t{0}},
      {559, int64_t{0}},
      {560, int64_t{0}},
      {561, int64_t{0}},
      {562, int64_t{3}},  // isolation: a snapshot, which is called repeatable read
      {563, true},        // transactions
      {564, int32_t{8}},  // repeatable read
      {565, false},       // DDL does not commit
      {566, false},       // nor is it left out of transactions
      {567, int32_t{2}},  // results are read forward
      {568, int32_t{0}},  // how results can be changed: of no other kind
      {569, int32_t{2}},  // those that are read forward are read only
      {570, int32_t{0}},
      {571, int32_t{0}},
      {572, true},   // batches of parameters
      {573, false},  // savepoints that undo what was written
      {574, false},  // parameters by name
      {575, false},
      {576, false},
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
  auto text_values = std::make_shared<arrow::StringBuilder>();
  arrow::ListBuilder text_lists(pool, text_values);
  auto keys = std::make_shared<arrow::Int32Builder>();
  auto numbers = std::make_shared<arrow::Int32Builder>();
  auto number_lists = std::make_shared<arrow::ListBuilder>(pool, numbers);
  arrow::MapBuilder maps(pool, keys, number_lists);
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
      case kTextList:
        ARROW_RETURN_NOT_OK(offsets.Append(static_cast<int32_t>(text_lists.length())));
        ARROW_RETURN_NOT_OK(text_lists.Append());
        ARROW_RETURN_NOT_OK(text_values->AppendValues(std::get<Texts>(fact.value)));
        break;
      case kNumberLists:
        ARROW_RETURN_NOT_OK(offsets.Append(static_cast<int32_t>(maps.length())));
        ARROW_RETURN_NOT_OK(maps.Append());
        for (const auto& [from, to] : std::get<NumberLists>(fact.value)) {
          ARROW_RETURN_NOT_OK(keys->Append(from));
          ARROW_RETURN_NOT_OK(number_lists->Append());
          ARROW_RETURN_NOT_OK(numbers->AppendValues(to));
        }
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
  ARROW_ASSIGN_OR_RAISE(children[4], text_lists.Finish());
  ARROW_ASSIGN_OR_RAISE(children[5], maps.Finish());
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
