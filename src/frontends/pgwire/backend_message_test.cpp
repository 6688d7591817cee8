#include "frontends/pgwire/backend_message.h"

#include <functional>

#include <gtest/gtest.h>

#include "frontends/pgwire/wire_bytes.h"

namespace skein::frontends::pgwire {
namespace {

std::string Write(const std::function<void(MessageWriter&)>& append) {
  std::string out = "before";
  MessageWriter writer(out);
  append(writer);
  EXPECT_EQ(out.substr(0, 6), "before");
  return out.substr(6);
}

TEST(BackendMessage, MessagesWithoutContent) {
  EXPECT_EQ(Write([](auto& w) { w.ParseComplete(); }), WireBytes().Message('1'));
  EXPECT_EQ(Write([](auto& w) { w.BindComplete(); }), WireBytes().Message('2'));
  EXPECT_EQ(Write([](auto& w) { w.CloseComplete(); }), WireBytes().Message('3'));
  EXPECT_EQ(Write([](auto& w) { w.NoData(); }), WireBytes().Message('n'));
  EXPECT_EQ(Write([](auto& w) { w.PortalSuspended(); }), WireBytes().Message('s'));
  EXPECT_EQ(Write([](auto& w) { w.EmptyQueryResponse(); }), WireBytes().Message('I'));
  EXPECT_EQ(Write([](auto& w) { w.CopyDone(); }), WireBytes().Message('c'));
}

TEST(BackendMessage, SigningIn) {
  EXPECT_EQ(Write([](auto& w) { w.AuthenticationOk(); }), WireBytes().Uint32(0).Message('R'));
  EXPECT_EQ(Write([](auto& w) { w.AuthenticationCleartextPassword(); }),
            WireBytes().Uint32(3).Message('R'));
  std::string_view mechanisms[] = {"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"};
  EXPECT_EQ(Write([&](auto& w) { w.AuthenticationSasl(mechanisms); }),
            WireBytes()
                .Uint32(10)
                .CString("SCRAM-SHA-256-PLUS")
                .CString("SCRAM-SHA-256")
                .CString("")
                .Message('R'));
  EXPECT_EQ(Write([](auto& w) { w.AuthenticationSaslContinue("r=x"); }),
            WireBytes().Uint32(11).Raw("r=x").Message('R'));
  EXPECT_EQ(Write([](auto& w) { w.AuthenticationSaslFinal("v=y"); }),
            WireBytes().Uint32(12).Raw("v=y").Message('R'));
  EXPECT_EQ(Write([](auto& w) { w.ParameterStatus("TimeZone", "UTC"); }),
            WireBytes().CString("TimeZone").CString("UTC").Message('S'));
  EXPECT_EQ(Write([](auto& w) { w.BackendKeyData(7, std::string_view("\0\x01\x02\x03", 4)); }),
            WireBytes().Uint32(7).Uint32(0x010203).Message('K'));
  std::string options[] = {"_pq_.x"};
  EXPECT_EQ(Write([&](auto& w) { w.NegotiateProtocolVersion(2, options); }),
            WireBytes().Uint32(0x30002).Uint32(1).CString("_pq_.x").Message('v'));
}

TEST(BackendMessage, RunningStatements) {
  EXPECT_EQ(Write([](auto& w) { w.ReadyForQuery(TransactionStatus::kIdle); }),
            WireBytes().Uint8('I').Message('Z'));
  EXPECT_EQ(Write([](auto& w) { w.ReadyForQuery(TransactionStatus::kInTransaction); }),
            WireBytes().Uint8('T').Message('Z'));
  EXPECT_EQ(Write([](auto& w) { w.ReadyForQuery(TransactionStatus::kFailed); }),
            WireBytes().Uint8('E').Message('Z'));
  FieldDescription fields[2];
  fields[0] = {"id", 16385, 1, 23, 4, -1, Format::kBinary};
  fields[1].name = "name";
  fields[1].type_oid = 25;
  EXPECT_EQ(Write([&](auto& w) { w.RowDescription(fields); }), WireBytes()
                                                                   .Uint16(2)
                                                                   .CString("id")
                                                                   .Uint32(16385)
                                                                   .Uint16(1)
                                                                   .Uint32(23)
                                                                   .Uint16(4)
                                                                   .Uint32(0xffffffff)
                                                                   .Uint16(1)
                                                                   .CString("name")
                                                                   .Uint32(0)
                                                                   .Uint16(0)
                                                                   .Uint32(25)
                                                                   .Uint16(0xffff)
                                                                   .Uint32(0xffffffff)
                                                                   .Uint16(0)
                                                                   .Message('T'));
  uint32_t oids[] = {23, 25};
  EXPECT_EQ(Write([&](auto& w) { w.ParameterDescription(oids); }),
            WireBytes().Uint16(2).Uint32(23).Uint32(25).Message('t'));
  std::optional<std::string_view> values[] = {"x", std::nullopt, ""};
  EXPECT_EQ(Write([&](auto& w) { w.DataRow(values); }),
            WireBytes().Uint16(3).Value("x").Null().Value("").Message('D'));
  EXPECT_EQ(Write([](auto& w) { w.CommandComplete("BEGIN"); }),
            WireBytes().CString("BEGIN").Message('C'));
  EXPECT_EQ(Write([](auto& w) { w.CommandComplete("INSERT 0", UINT64_MAX); }),
            WireBytes().CString("INSERT 0 18446744073709551615").Message('C'));
}

TEST(BackendMessage, Errors) {
  ErrorFields fields;
  fields.severity = "FATAL";
  fields.sqlstate = "28P01";
  fields.message = "no";
  EXPECT_EQ(Write([&](auto& w) { w.ErrorResponse(fields); }), WireBytes()
                                                                  .CString("SFATAL")
                                                                  .CString("VFATAL")
                                                                  .CString("C28P01")
                                                                  .CString("Mno")
                                                                  .Uint8(0)
                                                                  .Message('E'));
  fields.detail = "d";
  fields.hint = "h";
  fields.position = 12;
  fields.context = "w";
  fields.schema = "s";
  fields.table = "t";
  fields.column = "c";
  fields.data_type = "y";
  fields.constraint = "n";
  fields.file = "f";
  fields.line = 3;
  fields.routine = "r";
  EXPECT_EQ(Write([&](auto& w) { w.NoticeResponse(fields); }), WireBytes()
                                                                   .CString("SFATAL")
                                                                   .CString("VFATAL")
                                                                   .CString("C28P01")
                                                                   .CString("Mno")
                                                                   .CString("Dd")
                                                                   .CString("Hh")
                                                                   .CString("P12")
                                                                   .CString("Ww")
                                                                   .CString("ss")
                                                                   .CString("tt")
                                                                   .CString("cc")
                                                                   .CString("dy")
                                                                   .CString("nn")
                                                                   .CString("Ff")
                                                                   .CString("L3")
                                                                   .CString("Rr")
                                                                   .Uint8(0)
                                                                   .Message('N'));
}

TEST(BackendMessage, AnErrorAlwaysHasAMessageAndNeverANul) {
  ErrorFields fields;
  EXPECT_NE(Write([&](auto& w) { w.ErrorResponse(fields); }).find(std::string("M\0", 2)),
            std::string::npos);
  fields.message = std::string_view("bad \0 byte", 10);
  EXPECT_EQ(Write([&](auto& w) { w.ErrorResponse(fields); }), WireBytes()
                                                                  .CString("SERROR")
                                                                  .CString("VERROR")
                                                                  .CString("CXX000")
                                                                  .CString("Mbad ")
                                                                  .Uint8(0)
                                                                  .Message('E'));
}

TEST(BackendMessage, Copy) {
  EXPECT_EQ(Write([](auto& w) { w.CopyInResponse(Format::kText, 2); }),
            WireBytes().Uint8(0).Uint16(2).Uint16(0).Uint16(0).Message('G'));
  EXPECT_EQ(Write([](auto& w) { w.CopyOutResponse(Format::kBinary, 1); }),
            WireBytes().Uint8(1).Uint16(1).Uint16(1).Message('H'));
  EXPECT_EQ(Write([](auto& w) { w.CopyData("1\tx\n"); }), WireBytes().Raw("1\tx\n").Message('d'));
}

TEST(BackendMessage, DoesNotGrowABufferThatHasRoom) {
  std::string out;
  out.reserve(1024);
  const char* before = out.data();
  MessageWriter writer(out);
  FieldDescription field{"?column?", 0, 0, 23, 4, -1, Format::kText};
  std::optional<std::string_view> value = "1";
  writer.RowDescription({&field, 1});
  writer.DataRow({&value, 1});
  writer.CommandComplete("SELECT", 1);
  writer.ReadyForQuery(TransactionStatus::kIdle);
  EXPECT_EQ(out.data(), before);
}

}  // namespace
}  // namespace skein::frontends::pgwire
