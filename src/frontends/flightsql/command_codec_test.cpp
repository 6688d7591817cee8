#include "frontends/flightsql/command_codec.h"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "frontends/flightsql/call_headers.h"

namespace skein::frontends::flightsql {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(CommandCodecTest, CommandsSurviveTheWire) {
  auto query = DecodeCommand(EncodeCommand(StatementQuery{"SELECT 1", "tx"}));
  ASSERT_TRUE(query.ok());
  EXPECT_EQ(std::get<StatementQuery>(*query).query, "SELECT 1");
  EXPECT_EQ(std::get<StatementQuery>(*query).transaction_id, "tx");
  GetTables wanted;
  wanted.catalog = "";
  wanted.table_pattern = "t%";
  wanted.table_types = {"TABLE", "VIEW"};
  wanted.include_schema = true;
  auto tables = DecodeCommand(EncodeCommand(wanted));
  ASSERT_TRUE(tables.ok());
  const auto& got = std::get<GetTables>(*tables);
  EXPECT_EQ(got.catalog, "");
  EXPECT_EQ(got.schema_pattern, std::nullopt);
  EXPECT_EQ(got.table_pattern, "t%");
  EXPECT_THAT(got.table_types, ElementsAre("TABLE", "VIEW"));
  EXPECT_TRUE(got.include_schema);
}

TEST(CommandCodecTest, AnIngestSurvivesTheWire) {
  StatementIngest ingest;
  ingest.if_missing = StatementIngest::IfMissing::kCreate;
  ingest.if_exists = StatementIngest::IfExists::kReplace;
  ingest.table = {std::nullopt, "s", "t"};
  ingest.temporary = true;
  ingest.transaction_id = "tx";
  auto decoded = DecodeCommand(EncodeCommand(ingest));
  ASSERT_TRUE(decoded.ok()) << decoded.status().ToString();
  const auto& got = std::get<StatementIngest>(*decoded);
  EXPECT_EQ(got.if_missing, StatementIngest::IfMissing::kCreate);
  EXPECT_EQ(got.if_exists, StatementIngest::IfExists::kReplace);
  EXPECT_EQ(got.table.catalog, std::nullopt);
  EXPECT_EQ(got.table.schema, "s");
  EXPECT_EQ(got.table.table, "t");
  EXPECT_TRUE(got.temporary);
  EXPECT_EQ(got.transaction_id, "tx");
  ingest.table.table.clear();
  EXPECT_EQ(DecodeCommand(EncodeCommand(ingest)).status().sqlstate(), "08P01");
}

TEST(CommandCodecTest, PlansAreRefusedByName) {
  std::string url = "type.googleapis.com/arrow.flight.protocol.sql.CommandStatementSubstraitPlan";
  auto plan = DecodeCommand("\x0a" + std::string(1, static_cast<char>(url.size())) + url);
  EXPECT_EQ(plan.status().sqlstate(), "0A000");
  EXPECT_THAT(plan.status().message(), HasSubstr("Substrait"));
  EXPECT_EQ(DecodeAction("CreatePreparedSubstraitPlan", "").status().sqlstate(), "0A000");
}

TEST(CommandCodecTest, TheWireFormatIsTheProtocols) {
  std::string bytes = EncodeCommand(PreparedQuery{"h"});
  std::string url = "type.googleapis.com/arrow.flight.protocol.sql.CommandPreparedStatementQuery";
  EXPECT_EQ(bytes,
            "\x0a" + std::string(1, static_cast<char>(url.size())) + url + "\x12\x03\x0a\x01h");
}

TEST(CommandCodecTest, ActionsNeedTheirOwnBody) {
  std::string end = EncodeAction(EndTransaction{"id", true});
  auto decoded = DecodeAction("EndTransaction", end);
  ASSERT_TRUE(decoded.ok());
  EXPECT_TRUE(std::get<EndTransaction>(*decoded).commit);
  EXPECT_EQ(DecodeAction("BeginTransaction", end).status().sqlstate(), "08P01");
  EXPECT_EQ(DecodeAction("Dance", end).status().sqlstate(), "0A000");
}

TEST(CommandCodecTest, RefusesWhatIsNoCommand) {
  EXPECT_EQ(DecodeCommand("").status().sqlstate(), "08P01");
  EXPECT_EQ(DecodeCommand("SELECT 1").status().sqlstate(), "08P01");
  EXPECT_EQ(DecodeCommand(std::string(kMaxCommandBytes + 1, 'x')).status().sqlstate(), "54000");
  EXPECT_EQ(DecodeCommand(EncodeCommand(StatementQuery{std::string("SELECT\0 1", 9), ""}))
                .status()
                .sqlstate(),
            "22021");
  std::string url = "type.googleapis.com/arrow.flight.protocol.sql.CommandGetNothing";
  auto unknown = DecodeCommand("\x0a" + std::string(1, static_cast<char>(url.size())) + url);
  EXPECT_EQ(unknown.status().sqlstate(), "0A000");
  EXPECT_THAT(unknown.status().message(), HasSubstr("CommandGetNothing"));
}

TEST(CommandCodecTest, GarbageIsAnErrorOrACommandAndNothingElse) {
  std::mt19937 random(7);
  std::vector<std::string> seeds = {EncodeCommand(StatementQuery{"SELECT 1", "tx"}),
                                    EncodeCommand(GetTables{"c", "s", "t", {"TABLE"}, true}),
                                    EncodeCommand(GetSqlInfo{{1, 2, 500}}),
                                    EncodeAction(CreatePrepared{"SELECT $1", ""}),
                                    std::string(40, '\xff')};
  for (int i = 0; i < 20000; ++i) {
    std::string bytes = seeds[random() % seeds.size()];
    for (uint32_t changes = random() % 6; changes > 0; --changes) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    bytes.resize(random() % 3 == 0 ? random() % (bytes.size() + 1) : bytes.size());
    auto command = DecodeCommand(bytes);
    if (command.ok()) {
      EXPECT_TRUE(DecodeCommand(EncodeCommand(*command)).ok());
    }
    (void)DecodeAction("CreatePreparedStatement", bytes);
    (void)DecodeHandshake(bytes);
  }
}

TEST(HeaderTest, PeersAndCookies) {
  EXPECT_EQ(PeerAddress("ipv4:127.0.0.1:5555"), "127.0.0.1");
  EXPECT_EQ(PeerAddress("ipv6:[::1]:5"), "::1");
  EXPECT_EQ(PeerAddress("ipv6:%5B::1%5D:5"), "::1");
  EXPECT_EQ(PeerAddress("unix:/tmp/x"), "unix:/tmp/x");
  EXPECT_EQ(CookieIn("a=b; arrow_flight_session_id=xyz; c=d"), "xyz");
  EXPECT_EQ(CookieIn("a=b"), "");
}

}  // namespace
}  // namespace skein::frontends::flightsql
