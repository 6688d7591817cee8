#include "frontends/flightsql/wire_types.h"

#include <arrow/api.h>
#include <arrow/extension/json.h>
#include <arrow/extension/opaque.h>
#include <arrow/extension/uuid.h>
#include <arrow/json/from_string.h>
#include <arrow/util/key_value_metadata.h>
#include <gtest/gtest.h>

#include "results/field_type.h"

namespace skein::frontends::flightsql {
namespace {

std::shared_ptr<arrow::Field> Named(const std::string& name, const std::string& duckdb) {
  return arrow::field(name, arrow::utf8())
      ->WithMetadata(arrow::key_value_metadata({results::kTypeMetadataKey}, {duckdb}));
}

std::shared_ptr<arrow::Array> Texts(const std::vector<std::string>& values) {
  arrow::StringBuilder builder;
  for (const auto& value : values)
    EXPECT_TRUE((value == "null" ? builder.AppendNull() : builder.Append(value)).ok());
  return *builder.Finish();
}

TEST(WireTypes, ReadsItsWords) {
  auto types = WireTypes::Parse(" plain, string-view ,no-dictionary");
  ASSERT_TRUE(types.ok());
  EXPECT_FALSE(types->extensions);
  EXPECT_TRUE(types->string_views);
  EXPECT_FALSE(types->dictionaries);
  EXPECT_TRUE(WireTypes::Parse("")->extensions);
  EXPECT_EQ(WireTypes::Parse("uuid").status().sqlstate(), "22023");
  EXPECT_FALSE(WireTypes::Parse("plain,,").ok());
}

TEST(WireTypes, UuidsAreBytesAndTextOfDuckdbsOwnIsOpaque) {
  auto list = arrow::list(Named("item", "UUID"));
  auto schema = arrow::schema({Named("u", "UUID"), Named("j", "JSON"), Named("b", "BIT"),
                               Named("s", "VARCHAR"), arrow::field("l", list)});
  constexpr char kUuid[] = "00112233-4455-6677-8899-aabbccddeeff";
  auto offsets = *arrow::json::ArrayFromJSONString(arrow::int32(), "[0, 1, 1]");
  auto lists = *arrow::ListArray::FromArrays(list, *offsets, *Texts({kUuid}));
  auto batch = arrow::RecordBatch::Make(schema, 2,
                                        {Texts({kUuid, "null"}), Texts({"{}", "null"}),
                                         Texts({"101", "null"}), Texts({"x", "null"}), lists});
  auto wire = WireTypes{}.Apply(schema);
  EXPECT_TRUE(wire->field(0)->type()->Equals(*arrow::extension::uuid()));
  EXPECT_TRUE(wire->field(1)->type()->Equals(*arrow::extension::json(arrow::utf8())));
  EXPECT_TRUE(
      wire->field(2)->type()->Equals(*arrow::extension::opaque(arrow::utf8(), "BIT", "DuckDB")));
  EXPECT_TRUE(wire->field(3)->type()->Equals(*arrow::utf8()));
  auto sent = ToWire(batch, wire);
  ASSERT_TRUE(sent.ok()) << sent.status().ToString();
  ASSERT_TRUE((*sent)->ValidateFull().ok());
  const auto& uuids = static_cast<const arrow::FixedSizeBinaryArray&>(
      *static_cast<const arrow::ExtensionArray&>(*(*sent)->column(0)).storage());
  EXPECT_EQ(uuids.GetView(0), std::string_view("\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb"
                                               "\xcc\xdd\xee\xff",
                                               16));
  EXPECT_TRUE(uuids.IsNull(1));
  // What comes back as opaque is text again, and names its type.
  auto taken = FromWire(wire);
  EXPECT_TRUE(taken->field(2)->type()->Equals(*arrow::utf8()));
  EXPECT_EQ(*taken->field(2)->metadata()->Get("skein:type"), "BIT");
  auto back = FromWire(*sent, taken);
  ASSERT_TRUE(back.ok());
  EXPECT_TRUE((*back)->column(2)->Equals(*batch->column(2)));
  // Plain: no type changes, and each column is named in Flight SQL's words.
  auto plain = WireTypes::Parse("plain")->Apply(schema);
  EXPECT_TRUE(plain->Equals(*schema, false));
  EXPECT_EQ(*plain->field(2)->metadata()->Get(kTypeNameKey), "BIT");
}

TEST(WireTypes, DictionariesAndTextTravelAsAskedFor) {
  auto type = arrow::dictionary(arrow::uint8(), arrow::utf8());
  auto schema = arrow::schema({arrow::field("e", type), Named("s", "VARCHAR")});
  auto indices = *arrow::json::ArrayFromJSONString(arrow::uint8(), "[1, null, 0]");
  auto batch = arrow::RecordBatch::Make(
      schema, 3,
      {*arrow::DictionaryArray::FromArrays(type, indices, Texts({"a", "b"})),
       Texts({"a long text, which a view does not hold in itself", "null", ""})});
  for (const char* words : {"no-dictionary", "no-dictionary, string-view"}) {
    auto wire = WireTypes::Parse(words)->Apply(schema);
    auto sent = ToWire(batch->Slice(0), wire);
    ASSERT_TRUE(sent.ok()) << sent.status().ToString();
    ASSERT_TRUE((*sent)->ValidateFull().ok());
    EXPECT_EQ((*(*sent)->column(0)->GetScalar(0))->ToString(), "b");
    EXPECT_TRUE((*sent)->column(0)->IsNull(1));
    auto sliced = ToWire(batch->Slice(2), wire);
    EXPECT_EQ((*(*sliced)->column(0)->GetScalar(0))->ToString(), "a");
    EXPECT_EQ((*(*sent)->column(1)->GetScalar(0))->ToString(),
              "a long text, which a view does not hold in itself");
  }
}

}  // namespace
}  // namespace skein::frontends::flightsql
