#include "frontends/pgwire/startup_packet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "frontends/pgwire/wire_bytes.h"

namespace skein::frontends::pgwire {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

constexpr uint32_t kVersion30 = 3 << 16;
constexpr uint32_t kVersion32 = kVersion30 | 2;
constexpr uint32_t kCancel = 80877102;
constexpr uint32_t kSsl = 80877103;
constexpr uint32_t kGss = 80877104;

WireBytes Startup(uint32_t version = kVersion30) {
  return WireBytes().Uint32(version).CString("user").CString("ann");
}

Status ErrorOf(const std::string& bytes, FrameStatus expected = FrameStatus::kMalformed) {
  StartupRead read = ReadStartupPacket(bytes);
  EXPECT_EQ(read.status, expected);
  EXPECT_EQ(read.consumed, 0u);
  EXPECT_FALSE(read.error.ok());
  return read.error;
}

TEST(StartupPacket, ReadsAStartupOfPsql) {
  std::string bytes = Startup()
                          .CString("database")
                          .CString("lake")
                          .CString("application_name")
                          .CString("psql")
                          .CString("client_encoding")
                          .CString("UTF8")
                          .CString("")
                          .Packet();
  StartupRead read = ReadStartupPacket(bytes + "after");
  ASSERT_EQ(read.status, FrameStatus::kOk);
  EXPECT_EQ(read.consumed, bytes.size());
  const auto& startup = std::get<StartupMessage>(read.packet);
  EXPECT_THAT(startup.parameters,
              ElementsAre(Pair("user", "ann"), Pair("database", "lake"),
                          Pair("application_name", "psql"), Pair("client_encoding", "UTF8")));
  EXPECT_EQ(startup.minor, 0);
  EXPECT_FALSE(startup.NeedsNegotiation());
  EXPECT_EQ(startup.Find("database"), "lake");
  EXPECT_EQ(startup.Find("replication"), "");
}

TEST(StartupPacket, AsksForMoreAtEveryCut) {
  std::string bytes = Startup().CString("").Packet();
  for (size_t cut = 0; cut < bytes.size(); ++cut) {
    StartupRead read = ReadStartupPacket(bytes.substr(0, cut));
    EXPECT_EQ(read.status, FrameStatus::kNeedMore) << cut;
    EXPECT_EQ(read.needed, cut < 4 ? 4u : bytes.size());
  }
}

TEST(StartupPacket, TakesTheLastOfTwoValues) {
  StartupRead read =
      ReadStartupPacket(Startup().CString("user").CString("bob").CString("").Packet());
  EXPECT_EQ(std::get<StartupMessage>(read.packet).Find("user"), "bob");
}

TEST(StartupPacket, ReportsWhatMustBeNegotiated) {
  auto startup = [](uint32_t version, const char* option) {
    WireBytes bytes = Startup(version);
    if (option) bytes.CString(option).CString("on");
    return std::get<StartupMessage>(ReadStartupPacket(bytes.CString("").Packet()).packet);
  };
  EXPECT_FALSE(startup(kVersion32, nullptr).NeedsNegotiation());
  StartupMessage grease = startup(kVersion30 | 9999, nullptr);
  EXPECT_TRUE(grease.NeedsNegotiation());
  EXPECT_EQ(grease.NegotiatedMinor(), 2);
  StartupMessage option = startup(kVersion30, "_pq_.compression");
  EXPECT_TRUE(option.NeedsNegotiation());
  EXPECT_EQ(option.NegotiatedMinor(), 0);
  EXPECT_THAT(option.unsupported_options, ElementsAre("_pq_.compression"));
  EXPECT_EQ(option.parameters.size(), 1u);
}

TEST(StartupPacket, ReadsRequestsForEncryption) {
  EXPECT_TRUE(std::holds_alternative<SslRequest>(
      ReadStartupPacket(WireBytes().Uint32(kSsl).Packet()).packet));
  EXPECT_TRUE(std::holds_alternative<GssEncRequest>(
      ReadStartupPacket(WireBytes().Uint32(kGss).Packet()).packet));
  EXPECT_THAT(ErrorOf(WireBytes().Uint32(kSsl).Uint8(1).Packet()).message(),
              HasSubstr("after a request"));
  StartupRead tls = ReadStartupPacket("\x16\x03\x01");
  EXPECT_EQ(tls.status, FrameStatus::kOk);
  EXPECT_EQ(tls.consumed, 0u);
  EXPECT_TRUE(std::holds_alternative<DirectTls>(tls.packet));
}

TEST(StartupPacket, ReadsCancelKeysOfBothProtocols) {
  for (size_t size : {4u, 32u, 256u}) {
    std::string key(size, '\xee');
    StartupRead read = ReadStartupPacket(WireBytes().Uint32(kCancel).Uint32(77).Raw(key).Packet());
    ASSERT_EQ(read.status, FrameStatus::kOk);
    EXPECT_EQ(std::get<CancelRequest>(read.packet).process_id, 77u);
    EXPECT_EQ(std::get<CancelRequest>(read.packet).secret_key, key);
  }
  for (size_t size : {0u, 3u, 257u}) {
    EXPECT_EQ(ErrorOf(WireBytes().Uint32(kCancel).Uint32(77).Raw(std::string(size, 'k')).Packet())
                  .sqlstate(),
              "08P01");
  }
  EXPECT_EQ(ErrorOf(WireBytes().Uint32(kCancel).Uint16(1).Packet()).sqlstate(), "08P01");
  EXPECT_EQ(ErrorOf(WireBytes().Uint32(kCancel).Packet()).sqlstate(), "08P01");
}

TEST(StartupPacket, ChecksTheLengthFirst) {
  EXPECT_EQ(ErrorOf(WireBytes().Uint32(7).Raw("abc").str()).sqlstate(), "08P01");
  EXPECT_EQ(ErrorOf(WireBytes().Uint32(0).str()).sqlstate(), "08P01");
  EXPECT_EQ(ReadStartupPacket(WireBytes().Uint32(10004).str()).status, FrameStatus::kNeedMore);
  EXPECT_EQ(ErrorOf(WireBytes().Uint32(10005).str(), FrameStatus::kTooLarge).sqlstate(), "08P01");
  EXPECT_EQ(ErrorOf(WireBytes().Uint32(0xffffffff).str(), FrameStatus::kTooLarge).sqlstate(),
            "08P01");
  EXPECT_THAT(ErrorOf("GET / HTTP/1.1\r\n", FrameStatus::kTooLarge).message(), HasSubstr("HTTP"));
}

TEST(StartupPacket, RefusesOtherMajorVersions) {
  for (uint32_t version : {2u << 16, 4u << 16, 0u, 0xffffffffu}) {
    Status error = ErrorOf(Startup(version).CString("").Packet());
    EXPECT_EQ(error.sqlstate(), "0A000");
    EXPECT_THAT(error.message(), HasSubstr("3.0 to 3.2"));
  }
  EXPECT_EQ(ErrorOf(WireBytes().Uint32(1234 << 16 | 1).Packet()).sqlstate(), "08P01");
}

TEST(StartupPacket, RefusesABrokenLayout) {
  EXPECT_THAT(ErrorOf(Startup().Packet()).message(), HasSubstr("zero byte"));
  EXPECT_THAT(ErrorOf(Startup().Raw("database").Packet()).message(), HasSubstr("zero byte"));
  EXPECT_THAT(ErrorOf(Startup().CString("database").Packet()).message(), HasSubstr("no value"));
  EXPECT_THAT(ErrorOf(Startup().CString("database").Raw("x").Packet()).message(),
              HasSubstr("no value"));
  EXPECT_THAT(ErrorOf(Startup().CString("").Raw("x").Packet()).message(),
              HasSubstr("after the last"));
}

TEST(StartupPacket, WantsAUserAndText) {
  EXPECT_EQ(ErrorOf(WireBytes().Uint32(kVersion30).CString("").Packet()).sqlstate(), "28000");
  EXPECT_EQ(ErrorOf(WireBytes().Uint32(kVersion30).CString("user").CString("").CString("").Packet())
                .sqlstate(),
            "28000");
  EXPECT_EQ(ErrorOf(Startup().CString("database").CString("\xff").CString("").Packet()).sqlstate(),
            "22021");
  EXPECT_EQ(ErrorOf(Startup().CString("\xc3").CString("x").CString("").Packet()).sqlstate(),
            "22021");
}

}  // namespace
}  // namespace skein::frontends::pgwire
