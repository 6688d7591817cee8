#include "frontends/pgwire/frontend_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "frontends/pgwire/wire_bytes.h"

namespace skein::frontends::pgwire {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Optional;

std::string Sqlstate(char type, const std::string& payload,
                     PasswordKind expected = PasswordKind::kNone) {
  return DecodeFrontendMessage(type, payload, expected).status().sqlstate();
}

// A message is good as it is, bad with a byte more, and bad when cut anywhere.
void ExpectExact(char type, const std::string& payload,
                 PasswordKind expected = PasswordKind::kNone) {
  EXPECT_EQ(Sqlstate(type, payload, expected), "00000") << type;
  EXPECT_EQ(Sqlstate(type, payload + '\0', expected), "08P01") << type;
  for (size_t cut = 0; cut < payload.size(); ++cut) {
    EXPECT_EQ(Sqlstate(type, payload.substr(0, cut), expected), "08P01") << type << cut;
  }
}

TEST(FrontendMessage, EveryLayoutIsExact) {
  ExpectExact('Q', WireBytes().CString("SELECT 1").str());
  ExpectExact('P',
              WireBytes().CString("s1").CString("SELECT $1").Uint16(2).Uint32(23).Uint32(0).str());
  ExpectExact('B', WireBytes()
                       .CString("p")
                       .CString("s")
                       .Uint16(2)
                       .Uint16(0)
                       .Uint16(1)
                       .Uint16(2)
                       .Value("x")
                       .Null()
                       .Uint16(1)
                       .Uint16(1)
                       .str());
  ExpectExact('D', WireBytes().Uint8('S').CString("s1").str());
  ExpectExact('C', WireBytes().Uint8('P').CString("").str());
  ExpectExact('E', WireBytes().CString("p").Uint32(100).str());
  ExpectExact('f', WireBytes().CString("no more").str());
  ExpectExact('F',
              WireBytes().Uint32(1299).Uint16(1).Uint16(1).Uint16(1).Value("abc").Uint16(0).str());
  ExpectExact('p', WireBytes().CString("secret").str(), PasswordKind::kPassword);
  ExpectExact('p', WireBytes().CString("SCRAM-SHA-256").Value("n,,n=,r=abc").str(),
              PasswordKind::kSaslInitial);
  for (char type : {'H', 'S', 'X', 'c'}) ExpectExact(type, "");
}

TEST(FrontendMessage, Query) {
  std::string payload = WireBytes().CString("SELECT 'é'").str();
  EXPECT_EQ(DecodeQuery(payload)->text, "SELECT 'é'");
  EXPECT_EQ(DecodeQuery(std::string(1, '\0'))->text, "");
  EXPECT_EQ(Sqlstate('Q', std::string("SEL\0ECT\0", 8)), "08P01");
}

TEST(FrontendMessage, TextThatIsNotUtf8IsNamed) {
  Status status = DecodeQuery(WireBytes().CString("SELECT '\xe9t\xe9'").str()).status();
  EXPECT_EQ(status.sqlstate(), "22021");
  EXPECT_EQ(status.message(),
            "invalid byte sequence for encoding \"UTF8\": 0xe9 at byte 9 of the statement");
  EXPECT_THAT(status.hint(), HasSubstr("client_encoding"));
  EXPECT_EQ(Sqlstate('P', WireBytes().CString("\xff").CString("").Uint16(0).str()), "22021");
  EXPECT_EQ(Sqlstate('P', WireBytes().CString("").CString("\xff").Uint16(0).str()), "22021");
  EXPECT_EQ(Sqlstate('D', WireBytes().Uint8('S').CString("\xff").str()), "22021");
  EXPECT_EQ(Sqlstate('C', WireBytes().Uint8('P').CString("\xff").str()), "22021");
  EXPECT_EQ(Sqlstate('E', WireBytes().CString("\xff").Uint32(0).str()), "22021");
  EXPECT_EQ(
      Sqlstate('B', WireBytes().CString("\xff").CString("").Uint16(0).Uint16(0).Uint16(0).str()),
      "22021");
  EXPECT_EQ(
      Sqlstate('B', WireBytes().CString("").CString("\xff").Uint16(0).Uint16(0).Uint16(0).str()),
      "22021");
  EXPECT_EQ(Sqlstate('f', WireBytes().CString("\xff").str()), "22021");
  EXPECT_EQ(Sqlstate('p', WireBytes().CString("\xff").Null().str(), PasswordKind::kSaslInitial),
            "22021");
}

TEST(FrontendMessage, Parse) {
  std::string payload =
      WireBytes().CString("s1").CString("SELECT $1").Uint16(2).Uint32(23).Uint32(0).str();
  Result<ParseMessage> parse = DecodeParse(payload);
  ASSERT_TRUE(parse.ok());
  EXPECT_EQ(parse->statement, "s1");
  EXPECT_EQ(parse->text, "SELECT $1");
  EXPECT_THAT(parse->parameter_types, ElementsAre(23u, 0u));
  EXPECT_EQ(Sqlstate('P', WireBytes().CString("").CString("").Uint16(65535).str()), "08P01");
}

TEST(FrontendMessage, Bind) {
  std::string payload = WireBytes()
                            .CString("p")
                            .CString("s")
                            .Uint16(2)
                            .Uint16(0)
                            .Uint16(1)
                            .Uint16(2)
                            .Value("12")
                            .Value(std::string("\0\xff", 2))
                            .Uint16(1)
                            .Uint16(1)
                            .str();
  Result<BindMessage> bind = DecodeBind(payload);
  ASSERT_TRUE(bind.ok());
  EXPECT_EQ(bind->portal, "p");
  EXPECT_EQ(bind->statement, "s");
  EXPECT_THAT(bind->parameters, ElementsAre(Optional(std::string_view("12")),
                                            Optional(std::string_view("\0\xff", 2))));
  EXPECT_EQ(bind->parameter_formats.At(0), Format::kText);
  EXPECT_EQ(bind->parameter_formats.At(1), Format::kBinary);
  EXPECT_EQ(bind->result_formats.At(7), Format::kBinary);
  EXPECT_TRUE(bind->result_formats.Fits(8));
}

TEST(FrontendMessage, BindTellsNullFromEmpty) {
  std::string payload =
      WireBytes().CString("").CString("").Uint16(0).Uint16(2).Null().Value("").Uint16(0).str();
  Result<BindMessage> bind = DecodeBind(payload);
  ASSERT_TRUE(bind.ok());
  EXPECT_THAT(bind->parameters, ElementsAre(std::nullopt, Optional(std::string_view())));
  EXPECT_EQ(bind->result_formats.At(0), Format::kText);
}

TEST(FrontendMessage, BindTakesAllParametersThereCanBe) {
  WireBytes bytes;
  bytes.CString("").CString("").Uint16(1).Uint16(1).Uint16(65535);
  for (int i = 0; i < 65535; ++i) bytes.Null();
  EXPECT_EQ(DecodeBind(bytes.Uint16(0).str())->parameters.size(), 65535u);
}

TEST(FrontendMessage, BindRefusesWhatCanNotBe) {
  WireBytes names = WireBytes().CString("").CString("");
  auto after = [&](WireBytes bytes) { return Sqlstate('B', names.str() + bytes.str()); };
  // Counts that the message has no room for.
  EXPECT_EQ(after(WireBytes().Uint16(65535)), "08P01");
  EXPECT_EQ(after(WireBytes().Uint16(0).Uint16(65535).Uint32(0)), "08P01");
  EXPECT_EQ(after(WireBytes().Uint16(0).Uint16(0).Uint16(65535)), "08P01");
  // Lengths of values: longer than the message, negative but not NULL.
  EXPECT_EQ(after(WireBytes().Uint16(0).Uint16(1).Uint32(5).Raw("abc").Uint16(0)), "08P01");
  EXPECT_EQ(after(WireBytes().Uint16(0).Uint16(1).Uint32(0xfffffffe).Uint16(0)), "08P01");
  EXPECT_EQ(after(WireBytes().Uint16(0).Uint16(1).Uint32(0x80000000).Uint16(0)), "08P01");
  // Formats: unknown, or not as many as parameters.
  EXPECT_EQ(after(WireBytes().Uint16(1).Uint16(2).Uint16(0).Uint16(0)), "22023");
  EXPECT_EQ(after(WireBytes().Uint16(0).Uint16(0).Uint16(1).Uint16(0xffff)), "22023");
  EXPECT_EQ(after(WireBytes().Uint16(2).Uint16(0).Uint16(0).Uint16(1).Null().Uint16(0)), "08P01");
}

TEST(FrontendMessage, TextParametersAreTextAndNeverQuoted) {
  auto bind = [](std::string_view value, int format) {
    std::string payload = WireBytes()
                              .CString("")
                              .CString("")
                              .Uint16(1)
                              .Uint16(format)
                              .Uint16(1)
                              .Value(value)
                              .Uint16(0)
                              .str();
    return DecodeBind(payload).status();
  };
  EXPECT_TRUE(bind("\xff", 1).ok());
  EXPECT_EQ(bind("secret\xff", 0).sqlstate(), "22021");
  EXPECT_EQ(bind("secret\xff", 0).message(),
            "invalid byte sequence for encoding \"UTF8\": 0xff at byte 7 of parameter $1");
  EXPECT_EQ(bind(std::string_view("a\0b", 3), 0).sqlstate(), "22021");
}

TEST(FrontendMessage, DescribeAndClose) {
  Result<DescribeMessage> describe = DecodeDescribe(std::string_view("Ps1\0", 4));
  ASSERT_TRUE(describe.ok());
  EXPECT_EQ(describe->target, Target::kPortal);
  EXPECT_EQ(describe->name, "s1");
  EXPECT_EQ(DecodeClose(std::string_view("S\0", 2))->target, Target::kStatement);
  EXPECT_EQ(Sqlstate('D', std::string("X\0", 2)), "08P01");
  EXPECT_EQ(Sqlstate('C', std::string("s\0", 2)), "08P01");
}

TEST(FrontendMessage, ExecuteTakesNegativeForAll) {
  EXPECT_EQ(DecodeExecute(WireBytes().CString("").Uint32(100).str())->max_rows, 100u);
  EXPECT_EQ(DecodeExecute(WireBytes().CString("").Uint32(0).str())->max_rows, 0u);
  EXPECT_EQ(DecodeExecute(WireBytes().CString("").Uint32(0xffffffff).str())->max_rows, 0u);
}

TEST(FrontendMessage, CopyDataIsTakenAsItIs) {
  Result<FrontendMessage> copy = DecodeFrontendMessage('d', std::string_view("\0\xff\n", 3));
  ASSERT_TRUE(copy.ok());
  EXPECT_EQ(std::get<CopyDataMessage>(*copy).bytes.size(), 3u);
}

TEST(FrontendMessage, FunctionCall) {
  std::string payload = WireBytes().Uint32(1299).Uint16(0).Uint16(1).Value("abc").Uint16(1).str();
  Result<FunctionCallMessage> call = DecodeFunctionCall(payload);
  ASSERT_TRUE(call.ok());
  EXPECT_EQ(call->function, 1299u);
  EXPECT_EQ(call->result_format, Format::kBinary);
  EXPECT_EQ(Sqlstate('F', WireBytes().Uint32(1).Uint16(0).Uint16(0).Uint16(2).str()), "22023");
  EXPECT_EQ(
      Sqlstate(
          'F',
          WireBytes().Uint32(1).Uint16(2).Uint16(0).Uint16(0).Uint16(1).Null().Uint16(0).str()),
      "08P01");
  EXPECT_EQ(Sqlstate('F', WireBytes().Uint32(1).Uint16(0).Uint16(1).Value("\xff").Uint16(0).str()),
            "22021");
}

TEST(FrontendMessage, PasswordFamily) {
  std::string initial = WireBytes().CString("SCRAM-SHA-256").Null().str();
  Result<SaslInitialResponse> sasl = DecodeSaslInitialResponse(initial);
  ASSERT_TRUE(sasl.ok());
  EXPECT_EQ(sasl->mechanism, "SCRAM-SHA-256");
  EXPECT_EQ(sasl->response, std::nullopt);
  EXPECT_EQ(
      Sqlstate('p', WireBytes().CString("X").Uint32(0xfffffffe).str(), PasswordKind::kSaslInitial),
      "08P01");
  EXPECT_EQ(Sqlstate('p', WireBytes().CString("X").Uint32(9).Raw("abc").str(),
                     PasswordKind::kSaslInitial),
            "08P01");
  Result<FrontendMessage> response =
      DecodeFrontendMessage('p', "c=biws,r=x,p=y", PasswordKind::kSaslResponse);
  EXPECT_EQ(std::get<SaslResponse>(*response).response, "c=biws,r=x,p=y");
  EXPECT_EQ(DecodePassword(std::string_view("\xff\0", 2))->password, "\xff");
  Status unexpected = DecodeFrontendMessage('p', "secret", PasswordKind::kNone).status();
  EXPECT_EQ(unexpected.sqlstate(), "08P01");
  EXPECT_EQ(unexpected.message().find("secret"), std::string::npos);
}

TEST(FrontendMessage, UnknownTypes) {
  EXPECT_EQ(Sqlstate('Z', ""), "08P01");
  EXPECT_EQ(Sqlstate('\0', ""), "08P01");
}

}  // namespace
}  // namespace skein::frontends::pgwire
