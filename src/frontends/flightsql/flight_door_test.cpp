#include "frontends/flightsql/flight_door.h"

#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include <arrow/api.h>
#include <arrow/flight/client.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "frontends/flightsql/command_codec.h"
#include "security/scram.h"

namespace skein::frontends::flightsql {
namespace {

namespace fl = arrow::flight;
using testing::HasSubstr;

struct Silent : session::Observer {
  void SessionOpened(const std::string&) override {}
  void SessionClosed(const std::string&) override {}
  void RunStarted(const std::string&) override {}
  void RunEnded(const session::RunRecord&) override { ++runs; }
  void LoginRefused(const std::string&, const std::string&, const std::string&,
                    const Status&) override {}
  std::atomic<int> runs{0};
};

class FlightDoorTest : public testing::Test {
 protected:
  FlightDoorTest() {
    dir_ = std::filesystem::temp_directory_path() / ("skein-flight-" + std::to_string(getpid()));
    std::filesystem::create_directories(dir_);
    engine::Options options;
    options.threads = 2;
    options.temp_dir = dir_.string();
    services_->engine = *engine::Engine::Open(options);
    services_->timer = std::make_shared<Timer>();
    services_->observer = observer_;
    services_->spool_dir = dir_.string();
  }
  ~FlightDoorTest() override {
    client_.reset();
    door_.reset();
    std::filesystem::remove_all(dir_);
  }

  void Start(FlightDoor::Options options = {}) {
    auto door = FlightDoor::Start(options, services_);
    ASSERT_TRUE(door.ok()) << door.status().ToString();
    door_ = *std::move(door);
    client_ = Connect();
  }
  std::unique_ptr<fl::FlightClient> Connect() {
    return *fl::FlightClient::Connect(*fl::Location::ForGrpcTcp("127.0.0.1", door_->port()));
  }

  arrow::Result<std::shared_ptr<arrow::Table>> Ask(const Command& command,
                                                   const fl::FlightCallOptions& options = {}) {
    ARROW_ASSIGN_OR_RAISE(
        auto info,
        client_->GetFlightInfo(options, fl::FlightDescriptor::Command(EncodeCommand(command))));
    ARROW_ASSIGN_OR_RAISE(auto stream, client_->DoGet(options, info->endpoints().at(0).ticket));
    return stream->ToTable();
  }
  arrow::Result<std::shared_ptr<arrow::Table>> Query(const std::string& sql,
                                                     const std::string& transaction = {}) {
    return Ask(StatementQuery{sql, transaction});
  }
  /// The first value as text, or the error.
  std::string One(const std::string& sql) {
    auto table = Query(sql);
    if (!table.ok()) return table.status().ToString();
    if ((*table)->num_rows() == 0 || (*table)->num_columns() == 0) return "no rows";
    return (*(*table)->column(0)->GetScalar(0))->ToString();
  }
  arrow::Result<std::string> Act(const std::string& type, const ActionRequest& request) {
    fl::Action action{type, arrow::Buffer::FromString(EncodeAction(request))};
    ARROW_ASSIGN_OR_RAISE(auto results, client_->DoAction({}, action));
    std::string body;
    while (true) {
      ARROW_ASSIGN_OR_RAISE(auto result, results->Next());
      if (!result) return body;
      body = result->body->ToString();
    }
  }
  arrow::Result<std::string> Put(const Command& command,
                                 const std::shared_ptr<arrow::RecordBatch>& batch) {
    auto schema = batch ? batch->schema() : arrow::schema({});
    ARROW_ASSIGN_OR_RAISE(
        auto put,
        client_->DoPut({}, fl::FlightDescriptor::Command(EncodeCommand(command)), schema));
    if (batch) ARROW_RETURN_NOT_OK(put.writer->WriteRecordBatch(*batch));
    ARROW_RETURN_NOT_OK(put.writer->DoneWriting());
    std::shared_ptr<arrow::Buffer> answer;
    ARROW_RETURN_NOT_OK(put.reader->ReadMetadata(&answer));
    ARROW_RETURN_NOT_OK(put.writer->Close());
    return answer ? answer->ToString() : std::string();
  }
  /// The handle in an answer: our handles are 65 characters.
  static std::string HandleIn(const std::string& body) {
    size_t dot = body.find('.', body.rfind("Result"));
    return dot == std::string::npos ? std::string() : body.substr(dot - 32, 65);
  }
  static std::shared_ptr<arrow::RecordBatch> Numbers(std::vector<int64_t> values) {
    arrow::Int64Builder builder;
    EXPECT_TRUE(builder.AppendValues(values).ok());
    auto schema = arrow::schema({arrow::field("$1", arrow::int64())});
    return arrow::RecordBatch::Make(schema, static_cast<int64_t>(values.size()),
                                    {*builder.Finish()});
  }

  std::filesystem::path dir_;
  std::shared_ptr<Silent> observer_ = std::make_shared<Silent>();
  std::shared_ptr<session::Services> services_ = std::make_shared<session::Services>();
  std::unique_ptr<FlightDoor> door_;
  std::unique_ptr<fl::FlightClient> client_;
};

TEST_F(FlightDoorTest, RowsAreFetchedOnceAndWhatHasNoneRunsOnce) {
  Start();
  EXPECT_EQ(One("CREATE SEQUENCE s"), "no rows");
  auto describe = [&](const std::string& sql) {
    return *client_->GetFlightInfo(
        fl::FlightDescriptor::Command(EncodeCommand(StatementQuery{sql, ""})));
  };
  int runs = observer_->runs;
  auto ticket = describe("SELECT random()")->endpoints().at(0).ticket;
  EXPECT_EQ(observer_->runs, runs);
  auto first = *(*client_->DoGet(ticket))->ToTable();
  EXPECT_EQ(observer_->runs, runs + 1);
  EXPECT_TRUE((*(*client_->DoGet(ticket))->ToTable())->Equals(*first));
  EXPECT_EQ(observer_->runs, runs + 1);

  // What changes something has done so when it is described.
  ticket = describe("SELECT nextval('s')")->endpoints().at(0).ticket;
  EXPECT_EQ(One("SELECT currval('s')"), "1");
  EXPECT_EQ((*(*client_->DoGet(ticket))->ToTable())->num_rows(), 1);
  EXPECT_EQ(One("SELECT currval('s')"), "1");

  ticket = describe("CREATE TABLE t AS SELECT 1 AS i")->endpoints().at(0).ticket;
  EXPECT_EQ(One("SELECT * FROM t"), "1");
  EXPECT_EQ((*(*client_->DoGet(ticket))->ToTable())->num_columns(), 0);
}

TEST_F(FlightDoorTest, AClientKeepsItsSessionAndAnotherHasItsOwn) {
  Start();
  ASSERT_TRUE(Query("CREATE TEMP TABLE mine AS SELECT 5 AS i").ok());
  EXPECT_EQ(One("SELECT * FROM mine"), "5");
  client_ = Connect();
  EXPECT_THAT(One("SELECT * FROM mine"), HasSubstr("42P01"));
  EXPECT_EQ(door_->open_sessions(), 2u);
}

TEST_F(FlightDoorTest, TwoResultsAreReadInTurn) {
  Start();
  auto open = [&] {
    auto info = *client_->GetFlightInfo(fl::FlightDescriptor::Command(EncodeCommand(
        StatementQuery{"SELECT range i, repeat('x', 30) s FROM range(1000000)", ""})));
    return *client_->DoGet(info->endpoints().at(0).ticket);
  };
  auto first = open();
  int64_t rows = (*first->Next()).data->num_rows();
  auto second = open();
  EXPECT_EQ((*second->ToTable())->num_rows(), 1000000);
  EXPECT_EQ(rows + (*first->ToTable())->num_rows(), 1000000);
}

TEST_F(FlightDoorTest, PreparedStatements) {
  Start();
  ASSERT_TRUE(Query("CREATE TABLE t (i BIGINT)").ok());
  std::string insert =
      HandleIn(*Act("CreatePreparedStatement", CreatePrepared{"INSERT INTO t VALUES ($1)", ""}));
  auto answer = Put(PreparedUpdate{insert}, Numbers({1, 2, 3}));
  ASSERT_TRUE(answer.ok()) << answer.status().ToString();
  EXPECT_EQ(*answer, EncodeUpdateResult(3));
  EXPECT_EQ(One("SELECT sum(i)::BIGINT FROM t"), "6");

  std::string select = HandleIn(
      *Act("CreatePreparedStatement", CreatePrepared{"SELECT $1 + i FROM t ORDER BY 1", ""}));
  ASSERT_TRUE(Put(PreparedQuery{select}, Numbers({10, 20})).ok());
  auto table = Ask(PreparedQuery{select});
  ASSERT_TRUE(table.ok()) << table.status().ToString();
  EXPECT_EQ((*table)->num_rows(), 6);
  ASSERT_TRUE(Act("ClosePreparedStatement", ClosePrepared{select}).ok());
  EXPECT_THAT(Ask(PreparedQuery{select}).status().ToString(), HasSubstr("26000"));
}

TEST_F(FlightDoorTest, ManyRowsAreAllOrNothing) {
  Start();
  ASSERT_TRUE(Query("CREATE TABLE t (i BIGINT PRIMARY KEY)").ok());
  std::string insert =
      HandleIn(*Act("CreatePreparedStatement", CreatePrepared{"INSERT INTO t VALUES ($1)", ""}));
  EXPECT_FALSE(Put(PreparedUpdate{insert}, Numbers({1, 2, 1})).ok());
  EXPECT_EQ(One("SELECT count(*) FROM t"), "0");
}

TEST_F(FlightDoorTest, Transactions) {
  Start();
  ASSERT_TRUE(Query("CREATE TABLE t (i BIGINT)").ok());
  std::string id = HandleIn(*Act("BeginTransaction", BeginTransaction{}));
  EXPECT_EQ(*Put(StatementUpdate{"INSERT INTO t SELECT * FROM range(4)", id}, nullptr),
            EncodeUpdateResult(4));
  ASSERT_TRUE(Act("EndTransaction", EndTransaction{id, false}).ok());
  EXPECT_EQ(One("SELECT count(*) FROM t"), "0");
  EXPECT_THAT(Query("SELECT 1", id).status().ToString(), HasSubstr("25000"));
  id = HandleIn(*Act("BeginTransaction", BeginTransaction{}));
  ASSERT_TRUE(Put(StatementUpdate{"INSERT INTO t VALUES (1)", id}, nullptr).ok());
  ASSERT_TRUE(Act("EndTransaction", EndTransaction{id, true}).ok());
  EXPECT_EQ(One("SELECT count(*) FROM t"), "1");
}

TEST_F(FlightDoorTest, APolledQueryTellsHowFarItIs) {
  Start();
  auto ask = [&](const std::string& sql) {
    return fl::FlightDescriptor::Command(EncodeCommand(StatementQuery{sql, ""}));
  };
  // Slow enough to be asked several times, and none of it can be guessed.
  auto poll = client_->PollFlightInfo({}, ask("SELECT count(*) FROM range(15000) a, range(15000) b "
                                              "WHERE hash(a.range, b.range) % 7 = 3"));
  ASSERT_TRUE(poll.ok()) << poll.status().ToString();
  int polls = 1;
  double progress = 0;
  while ((*poll)->descriptor) {
    EXPECT_TRUE((*poll)->info->endpoints().empty());
    if ((*poll)->progress) progress = std::max(progress, *(*poll)->progress);
    poll = client_->PollFlightInfo({}, *(*poll)->descriptor);
    ASSERT_TRUE(poll.ok()) << poll.status().ToString();
    ++polls;
  }
  EXPECT_GT(polls, 1);
  EXPECT_GE(progress, 0);
  EXPECT_LE(progress, 1);
  EXPECT_EQ((*poll)->progress, 1.0);
  EXPECT_EQ((*poll)->info->total_records(), 1);
  auto table = *(*client_->DoGet((*poll)->info->endpoints().at(0).ticket))->ToTable();
  EXPECT_EQ(table->num_rows(), 1);
  // One that is quick is there at once; one that is wrong says so; one that is given up ends.
  poll = client_->PollFlightInfo({}, ask("SELECT 1"));
  ASSERT_TRUE(poll.ok());
  EXPECT_THAT(client_->PollFlightInfo({}, ask("SELECT nothing")).status().ToString(),
              HasSubstr("SQLSTATE"));
  poll = client_->PollFlightInfo({}, ask("SELECT count(*) FROM range(1000000) a, range(1000000) b "
                                         "WHERE (a.range * b.range) % 7 = 3"));
  ASSERT_TRUE(poll.ok());
  ASSERT_TRUE((*poll)->descriptor);
  auto descriptor = *(*poll)->descriptor;
  fl::CancelFlightInfoRequest request{std::move((*poll)->info)};
  auto cancelled = client_->CancelFlightInfo(request);
  ASSERT_TRUE(cancelled.ok()) << cancelled.status().ToString();
  EXPECT_EQ(cancelled->status, fl::CancelStatus::kCancelled);
  EXPECT_THAT(client_->PollFlightInfo({}, descriptor).status().ToString(), HasSubstr("34000"));
  EXPECT_EQ(One("SELECT 1"), "1");
  EXPECT_EQ(services_->running.load(), 0);
}

TEST_F(FlightDoorTest, SessionOptions) {
  Start();
  auto answer = client_->SetSessionOptions(
      {}, fl::SetSessionOptionsRequest({{"TimeZone", std::string("Asia/Tokyo")},
                                        {"statement_timeout", int64_t{60000}},
                                        {"no_such_option", true},
                                        {"catalog", std::string("nowhere")}}));
  ASSERT_TRUE(answer.ok()) << answer.status().ToString();
  EXPECT_EQ(answer->errors.size(), 2u);
  EXPECT_EQ(answer->errors.at("no_such_option").value,
            fl::SetSessionOptionErrorValue::kInvalidName);
  EXPECT_EQ(answer->errors.at("catalog").value, fl::SetSessionOptionErrorValue::kInvalidValue);
  EXPECT_EQ(One("SELECT current_setting('TimeZone')"), "Asia/Tokyo");
  ASSERT_TRUE(Query("CREATE SCHEMA s").ok());
  ASSERT_TRUE(
      client_->SetSessionOptions({}, fl::SetSessionOptionsRequest({{"schema", std::string("s")}}))
          .ok());
  auto all = client_->GetSessionOptions({}, {});
  ASSERT_TRUE(all.ok()) << all.status().ToString();
  EXPECT_EQ(all->session_options.at("schema"), fl::SessionOptionValue(std::string("s")));
  EXPECT_EQ(all->session_options.at("TimeZone"), fl::SessionOptionValue(std::string("Asia/Tokyo")));
  ASSERT_TRUE(
      client_->SetSessionOptions({}, fl::SetSessionOptionsRequest({{"TimeZone", std::monostate{}}}))
          .ok());
  EXPECT_NE(One("SELECT current_setting('TimeZone')"), "Asia/Tokyo");
  ASSERT_TRUE(Query("CREATE TEMP TABLE mine AS SELECT 1 AS i").ok());
  EXPECT_EQ(client_->CloseSession({}, {})->status, fl::CloseSessionStatus::kClosed);
  EXPECT_THAT(One("SELECT * FROM mine"), HasSubstr("42P01"));
}

TEST_F(FlightDoorTest, Savepoints) {
  Start();
  ASSERT_TRUE(Query("CREATE TABLE t (i BIGINT)").ok());
  EXPECT_THAT(Act("BeginSavepoint", BeginSavepoint{"", "s"}).status().ToString(),
              HasSubstr("25P01"));
  std::string id = HandleIn(*Act("BeginTransaction", BeginTransaction{}));
  std::string mark = HandleIn(*Act("BeginSavepoint", BeginSavepoint{id, "s"}));
  EXPECT_FALSE(Query("SELECT * FROM nothing", id).ok());
  EXPECT_THAT(Query("SELECT 1", id).status().ToString(), HasSubstr("25P02"));
  ASSERT_TRUE(Act("EndSavepoint", EndSavepoint{mark, false}).ok());
  ASSERT_TRUE(Put(StatementUpdate{"INSERT INTO t VALUES (1)", id}, nullptr).ok());
  // Only a whole transaction can be undone, and that is said.
  EXPECT_THAT(Act("EndSavepoint", EndSavepoint{mark, false}).status().ToString(),
              HasSubstr("0A000"));
  ASSERT_TRUE(Act("EndTransaction", EndTransaction{id, false}).ok());
  EXPECT_THAT(Act("EndSavepoint", EndSavepoint{mark, true}).status().ToString(),
              HasSubstr("3B001"));
}

TEST_F(FlightDoorTest, AnIngestSaysWhatItNeeds) {
  Start();
  StatementIngest ingest;
  ingest.table.table = "t";
  EXPECT_THAT(Put(ingest, Numbers({1})).status().ToString(), HasSubstr("08P01"));
  ingest.if_missing = StatementIngest::IfMissing::kCreate;
  ingest.if_exists = StatementIngest::IfExists::kFail;
  EXPECT_EQ(*Put(ingest, Numbers({1, 2, 3})), EncodeUpdateResult(3));
  EXPECT_THAT(Put(ingest, Numbers({4})).status().ToString(), HasSubstr("42P07"));
  ASSERT_TRUE(Query("CREATE VIEW v AS SELECT 1 AS i").ok());
  ingest.table.table = "v";
  ingest.if_exists = StatementIngest::IfExists::kReplace;
  EXPECT_THAT(Put(ingest, Numbers({4})).status().ToString(), HasSubstr("42809"));
  ingest.table.table = "t";
  ingest.transaction_id = "not one";
  EXPECT_THAT(Put(ingest, Numbers({4})).status().ToString(), HasSubstr("25000"));
  ingest.transaction_id.clear();
  // Texts whose offsets point beyond their characters.
  auto offsets = arrow::Buffer::FromVector(std::vector<int32_t>{0, 1000});
  auto data = arrow::ArrayData::Make(arrow::utf8(), 1,
                                     {nullptr, offsets, arrow::Buffer::FromString("x")}, 0);
  auto lie = arrow::RecordBatch::Make(arrow::schema({arrow::field("a", arrow::utf8())}), 1,
                                      {arrow::MakeArray(data)});
  auto refused = Put(ingest, lie);
  EXPECT_FALSE(refused.ok());
  EXPECT_EQ(One("SELECT sum(\"$1\")::BIGINT FROM t"), "6");
}

TEST_F(FlightDoorTest, Metadata) {
  Start();
  ASSERT_TRUE(Query("CREATE TABLE orders (id INTEGER, name VARCHAR)").ok());
  GetTables wanted;
  wanted.table_pattern = "ord%";
  wanted.table_types = {"TABLE"};
  wanted.include_schema = true;
  auto tables = Ask(wanted);
  ASSERT_TRUE(tables.ok()) << tables.status().ToString();
  EXPECT_EQ((*tables)->num_rows(), 1);
  EXPECT_EQ((*tables)->num_columns(), 5);
  auto info = Ask(GetSqlInfo{{0, 8}});
  ASSERT_TRUE(info.ok()) << info.status().ToString();
  EXPECT_TRUE((*info)->ValidateFull().ok());
  EXPECT_EQ((*info)->num_rows(), 2);
  for (const Command& command :
       {Command(GetCatalogs{}), Command(GetDbSchemas{}), Command(GetTableTypes{})}) {
    auto table = Ask(command);
    ASSERT_TRUE(table.ok()) << table.status().ToString();
    EXPECT_GT((*table)->num_rows(), 0);
  }
}

TEST_F(FlightDoorTest, ACallThatIsGivenUpEndsItsStatement) {
  Start();
  fl::FlightCallOptions options;
  options.timeout = fl::TimeoutDuration{0.5};
  auto begun = Clock::now();
  auto table = Ask(StatementQuery{"SELECT count(*) FROM range(1000000) a, range(1000000) b "
                                  "WHERE (a.range * b.range) % 7 = 3",
                                  ""},
                   options);
  EXPECT_FALSE(table.ok());
  EXPECT_EQ(One("SELECT 1"), "1");
  EXPECT_LT(Clock::now() - begun, std::chrono::seconds(10));
  EXPECT_EQ(services_->running.load(), 0);
}

TEST_F(FlightDoorTest, PasswordsAndTokens) {
  std::string path = (dir_ / "users").string();
  ASSERT_TRUE(security::WriteUser(path, "ann", security::MakeVerifier("secret")).ok());
  std::shared_ptr<security::UserStore> users = *security::UserStore::Open(path);
  FlightDoor::Options options;
  options.policy =
      std::make_shared<security::LoginPolicy>(security::AuthMode::kPassword, users, nullptr);
  Start(options);
  auto refused = Query("SELECT 1").status();
  ASSERT_TRUE(fl::FlightStatusDetail::UnwrapStatus(refused)) << refused.ToString();
  EXPECT_EQ(fl::FlightStatusDetail::UnwrapStatus(refused)->code(),
            fl::FlightStatusCode::Unauthenticated);
  EXPECT_FALSE(client_->AuthenticateBasicToken({}, "ann", "wrong").ok());
  EXPECT_FALSE(client_->AuthenticateBasicToken({}, "bob", "secret").ok());
  auto token = client_->AuthenticateBasicToken({}, "ann", "secret");
  ASSERT_TRUE(token.ok()) << token.status().ToString();
  fl::FlightCallOptions call;
  call.headers.push_back(*token);
  auto table = Ask(StatementQuery{"SELECT 1", ""}, call);
  EXPECT_TRUE(table.ok()) << table.status().ToString();
  call.headers[0].second = "Bearer 00";
  EXPECT_FALSE(Ask(StatementQuery{"SELECT 1", ""}, call).ok());
}

TEST_F(FlightDoorTest, IdleSessionsAreClosed) {
  FlightDoor::Options options;
  options.session_idle_timeout = std::chrono::milliseconds(100);
  Start(options);
  EXPECT_EQ(One("SELECT 1"), "1");
  for (int i = 0; i < 100 && door_->open_sessions() > 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_EQ(door_->open_sessions(), 0u);
}

TEST_F(FlightDoorTest, AStoppingDoorTakesNothingNew) {
  Start();
  EXPECT_EQ(One("SELECT 1"), "1");
  door_->StopAccepting();
  EXPECT_THAT(One("SELECT 1"), HasSubstr("57P01"));
  door_->Drain(Clock::now() + std::chrono::seconds(1));
}

TEST_F(FlightDoorTest, EncryptionThatIsAskedForNeedsACertificate) {
  FlightDoor::Options options;
  options.require_tls = true;
  EXPECT_EQ(FlightDoor::Start(options, services_).status().sqlstate(), "22023");
}

}  // namespace
}  // namespace skein::frontends::flightsql
