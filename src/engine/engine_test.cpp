#include "engine/engine.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include <arrow/api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "engine/egress.h"
#include "results/field_type.h"

namespace skein::engine {
namespace {

using testing::HasSubstr;

class EngineTest : public testing::Test {
 protected:
  void SetUp() override {
    dir_ = std::filesystem::temp_directory_path() / ("skein-engine-" + std::to_string(getpid()));
    std::filesystem::remove_all(dir_);
    std::filesystem::create_directories(dir_ / "data/events/day=1");
    Write("data/orders.csv", "id,name\n1,a\n2,b\n");
    Write("data/data_part_1.json", "{\"i\": 1}\n");
    Write("data/data_part_2.json", "{\"i\": 2}\n");
    Write("outside.csv", "secret\n1\n");
    Options options;
    options.data_dirs = {(dir_ / "data").string()};
    options.temp_dir = (dir_ / "tmp").string();
    options.threads = 2;
    auto opened = Engine::Open(options);
    ASSERT_TRUE(opened.ok()) << opened.status().ToString();
    engine_ = *opened;
    connection_ = Connect();
  }
  void TearDown() override {
    connection_.reset();
    engine_.reset();
    std::filesystem::remove_all(dir_);
  }

  void Write(const std::string& name, const std::string& text) {
    std::ofstream(dir_ / name) << text;
  }

  std::unique_ptr<Connection> Connect() {
    auto connection = engine_->Connect();
    EXPECT_TRUE(connection.ok());
    return *std::move(connection);
  }

  Result<std::shared_ptr<arrow::Table>> Query(Connection& connection, const std::string& sql,
                                              const std::vector<BoundValue>& parameters = {},
                                              const std::vector<std::string>& types = {}) {
    SKEIN_ASSIGN_OR_RETURN(auto statements, connection.Parse(sql));
    SKEIN_ASSIGN_OR_RETURN(auto prepared, connection.Prepare(std::move(statements.at(0)), types,
                                                             std::make_shared<CancelToken>()));
    SKEIN_ASSIGN_OR_RETURN(
        auto outcome, connection.Execute(*prepared, parameters, std::make_shared<CancelToken>()));
    arrow::RecordBatchVector batches;
    while (outcome.rows) {
      SKEIN_ASSIGN_OR_RETURN(auto batch, outcome.rows->Next());
      if (!batch) break;
      batches.push_back(batch);
    }
    return *arrow::Table::FromRecordBatches(prepared->schema(), batches);
  }

  std::string Text(Connection& connection, const std::string& sql) {
    auto table = Query(connection, sql);
    if (!table.ok()) return table.status().ToString();
    std::string text;
    for (int64_t row = 0; row < (*table)->num_rows(); ++row) {
      for (int column = 0; column < (*table)->num_columns(); ++column) {
        if (column) text += "|";
        text += (*(*table)->column(column)->GetScalar(row))->ToString();
      }
      text += "\n";
    }
    return text;
  }
  std::string Text(const std::string& sql) { return Text(*connection_, sql); }

  std::filesystem::path dir_;
  std::shared_ptr<Engine> engine_;
  std::unique_ptr<Connection> connection_;
};

TEST_F(EngineTest, AnswersAndNamesDuckdbsTypes) {
  auto table = Query(*connection_,
                     "SELECT 1::HUGEINT h, 'x' v, 1.50::DECIMAL(9,2) d, [1, NULL] l, "
                     "'11:30:00+02'::TIMETZ z, {'a': '101'::BIT} s");
  ASSERT_TRUE(table.ok()) << table.status().ToString();
  std::vector<std::string> types;
  for (const auto& field : (*table)->schema()->fields())
    types.push_back(*field->metadata()->Get(results::kTypeMetadataKey));
  EXPECT_THAT(types, testing::ElementsAre("HUGEINT", "VARCHAR", "DECIMAL(9,2)", "INTEGER[]",
                                          "TIME WITH TIME ZONE", "STRUCT(a BIT)"));
  EXPECT_EQ((*(*table)->column(4)->GetScalar(0))->ToString(), "11:30:00+02");
  const auto& bit = (*table)->schema()->field(5)->type()->field(0);
  EXPECT_EQ(*bit->metadata()->Get(results::kTypeMetadataKey), "BIT");
  EXPECT_EQ(bit->type()->id(), arrow::Type::STRING);
}

TEST_F(EngineTest, FileSetsAreTables) {
  EXPECT_EQ(Text("SELECT sum(id) FROM orders"), "3\n");
  EXPECT_EQ(Text("SELECT orders.name FROM orders ORDER BY 1 LIMIT 1"), "a\n");
  EXPECT_EQ(Text("SELECT sum(i) FROM \"data_part_*\""), "3\n");
  EXPECT_EQ(Text("SELECT sum(i) FROM 'data_part_*.json'"), "3\n");
  EXPECT_EQ(
      Text("COPY (SELECT 7 AS i) TO '" + (dir_ / "data/events/day=1/a.parquet").string() + "'"),
      "");
  EXPECT_EQ(Text("SELECT i, day FROM events"), "7|1\n");
}

TEST_F(EngineTest, FilesOutsideTheDataDirectoriesAreClosed) {
  std::string outside = (dir_ / "outside.csv").string();
  for (const std::string& sql : std::vector<std::string>{
           "SELECT * FROM '" + outside + "'", "SELECT * FROM read_text('/etc/passwd')",
           "SELECT * FROM glob('/etc/*')", "COPY (SELECT 1) TO '" + outside + "'",
           "SELECT * FROM '" + (dir_ / "data/../outside.csv").string() + "'",
           "ATTACH '" + outside + ".db'", "EXPORT DATABASE '" + outside + ".d'",
           "SELECT * FROM 'https://example.com/x.csv'"}) {
    auto result = Query(*connection_, sql);
    ASSERT_FALSE(result.ok()) << sql;
    EXPECT_EQ(result.status().sqlstate(), "42501") << sql << ": " << result.status().ToString();
  }
  EXPECT_EQ(Query(*connection_, "SELECT * FROM '../outside.csv'").status().ok(), false);
}

TEST_F(EngineTest, TheServersConfigurationIsLocked) {
  for (const char* sql :
       {"SET threads = 1", "SET enable_external_access = true", "SET GLOBAL TimeZone = 'UTC'",
        "SET allowed_directories = ['/']", "SET lock_configuration = false",
        "PRAGMA enable_profiling", "SET profiling_output = '/tmp/x'",
        "LOAD '/tmp/x.duckdb_extension'", "LOAD spatial", "INSTALL spatial", "RESET GLOBAL threads",
        "CREATE PERSISTENT SECRET p (TYPE s3, KEY_ID 'a', SECRET 'b')"}) {
    auto result = Query(*connection_, sql);
    EXPECT_FALSE(result.ok()) << sql;
  }
  EXPECT_THAT(Text("CALL enable_logging(storage = 'file')"), HasSubstr("42883"));
  EXPECT_THAT(Text("SELECT * FROM arrow_scan(1::POINTER, 1::POINTER, 1::POINTER)"),
              HasSubstr("42883"));
  EXPECT_THAT(Text("SELECT * FROM duckdb_external_file_cache()"), HasSubstr("42883"));
}

TEST_F(EngineTest, RemoteFilesAreNotCachedAcrossSessions) {
  // DuckDB's cache knows neither endpoints nor credentials.
  EXPECT_EQ(connection_->setting("enable_external_file_cache"), "false");
  EXPECT_FALSE(Query(*connection_, "SET enable_external_file_cache = true").ok());
}

TEST_F(EngineTest, SettingsBelongToTheirSession) {
  auto other = Connect();
  EXPECT_EQ(Text("SET TimeZone = 'Asia/Tokyo'"), "");
  EXPECT_EQ(connection_->time_zone(), "Asia/Tokyo");
  EXPECT_NE(other->time_zone(), "Asia/Tokyo");
  EXPECT_EQ(Text("SET application_name = 'tool'"), "");
  EXPECT_EQ(connection_->setting("application_name"), "tool");
  EXPECT_EQ(other->setting("application_name"), "");
  EXPECT_EQ(Text("RESET application_name"), "");
  EXPECT_EQ(connection_->setting("application_name"), "");
}

TEST_F(EngineTest, ParameterTypesAreInferredOrDeclaredOrText) {
  auto types = [&](const std::string& sql, const std::vector<std::string>& declared = {}) {
    auto statements = connection_->Parse(sql);
    auto prepared = connection_->Prepare(std::move(statements->at(0)), declared,
                                         std::make_shared<CancelToken>());
    return prepared.ok() ? (*prepared)->parameter_types()
                         : std::vector<std::string>{prepared.status().ToString()};
  };
  EXPECT_EQ(Text("CREATE TABLE t (i INTEGER, d DATE, n DECIMAL(9,2))"), "");
  EXPECT_THAT(types("SELECT $1"), testing::ElementsAre("VARCHAR"));
  EXPECT_THAT(types("SELECT $1", {"BIGINT"}), testing::ElementsAre("BIGINT"));
  EXPECT_THAT(types("SELECT * FROM t WHERE i = $1 AND d > $2"),
              testing::ElementsAre("INTEGER", "DATE"));
  EXPECT_THAT(types("INSERT INTO t VALUES ($1, $2, $3)"),
              testing::ElementsAre("INTEGER", "DATE", "DECIMAL(9,2)"));
  EXPECT_THAT(types("SELECT i FROM t LIMIT $1"), testing::ElementsAre("BIGINT"));
  EXPECT_THAT(types("SELECT $1 + 1"), testing::ElementsAre("INTEGER"));
  EXPECT_THAT(types("SELECT $2")[0], HasSubstr("42P02"));
  auto sum = Query(*connection_, "SELECT $1 + $2",
                   {{arrow::MakeScalar(int64_t{40}), ""}, {arrow::MakeScalar("2"), "BIGINT"}},
                   {"BIGINT", "BIGINT"});
  ASSERT_TRUE(sum.ok()) << sum.status().ToString();
  EXPECT_EQ((*(*sum)->column(0)->GetScalar(0))->ToString(), "42");
}

TEST_F(EngineTest, CountsChangesAndKeepsTransactions) {
  auto run = [&](const std::string& sql) {
    auto statements = connection_->Parse(sql);
    EXPECT_TRUE(statements.ok()) << statements.status().ToString();
    auto prepared =
        connection_->Prepare(std::move(statements->at(0)), {}, std::make_shared<CancelToken>());
    if (!prepared.ok()) return Result<Outcome>(prepared.status());
    return connection_->Execute(**prepared, {}, std::make_shared<CancelToken>());
  };
  EXPECT_EQ(run("CREATE TABLE n AS SELECT range i FROM range(10)")->changed_rows, 10);
  EXPECT_EQ(run("DELETE FROM n WHERE i < 3")->changed_rows, 3);
  EXPECT_EQ(connection_->transaction_state(), TransactionState::kIdle);
  EXPECT_TRUE(run("BEGIN").ok());
  EXPECT_EQ(connection_->transaction_state(), TransactionState::kOpen);
  EXPECT_FALSE(run("SELECT 1 / 'x'::INTEGER").ok());
  EXPECT_EQ(connection_->transaction_state(), TransactionState::kFailed);
  EXPECT_EQ(run("SELECT 1").status().sqlstate(), "25P02");
  EXPECT_TRUE(run("ROLLBACK").ok());
  EXPECT_EQ(connection_->transaction_state(), TransactionState::kIdle);
}

TEST_F(EngineTest, ARowWithoutATableObeysItsTransaction) {
  EXPECT_EQ(Text("SELECT 1, 'a' || 'b', NULL, DATE '2024-02-29' + 1"), "1|ab|null|2024-03-01\n");
  EXPECT_THAT(Text("SELECT 'x'::INTEGER"), testing::HasSubstr("Could not convert"));
  EXPECT_EQ(connection_->transaction_state(), TransactionState::kIdle);
  EXPECT_TRUE(connection_->Begin().ok());
  EXPECT_EQ(Text("SELECT 1"), "1\n");
  EXPECT_EQ(connection_->transaction_state(), TransactionState::kOpen);
  EXPECT_THAT(Text("SELECT 'x'::INTEGER"), testing::HasSubstr("Could not convert"));
  EXPECT_EQ(connection_->transaction_state(), TransactionState::kFailed);
  EXPECT_THAT(Text("SELECT 1"), testing::HasSubstr("25P02"));
  EXPECT_TRUE(connection_->Rollback().ok());
  EXPECT_EQ(Text("SELECT 1"), "1\n");
}

TEST_F(EngineTest, ACommitThatFailsLeavesTheConnectionIdle) {
  auto other = engine_->Connect();
  ASSERT_TRUE(other.ok());
  EXPECT_TRUE((*other)->Run("CREATE TABLE once (i INTEGER PRIMARY KEY)").ok());
  ASSERT_TRUE(connection_->Begin().ok());
  EXPECT_TRUE(connection_->Run("INSERT INTO once VALUES (1)").ok());
  EXPECT_TRUE((*other)->Run("INSERT INTO once VALUES (1)").ok());
  EXPECT_EQ(connection_->Commit().sqlstate(), "23505");
  EXPECT_EQ(connection_->transaction_state(), TransactionState::kIdle);
  EXPECT_FALSE(connection_->Commit().ok());
  ASSERT_TRUE(connection_->Begin().ok());
  EXPECT_FALSE(connection_->Begin().ok());
  EXPECT_TRUE(connection_->Rollback().ok());
  EXPECT_EQ(Text("SELECT count(*) FROM once"), "1\n");
}

TEST_F(EngineTest, CancelStopsAQueryAtAnyStage) {
  // The cancel comes before, while and after the query is planned and started; each time it must
  // end.
  for (int round = 0; round < 40; ++round) {
    auto statements = connection_->Parse(
        "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE (a.range * b.range) % 7 = "
        "3");
    auto prepared =
        connection_->Prepare(std::move(statements->at(0)), {}, std::make_shared<CancelToken>());
    ASSERT_TRUE(prepared.ok());
    auto cancel = std::make_shared<CancelToken>();
    std::atomic<bool> go{false};
    std::thread canceller([&] {
      while (!go) std::this_thread::yield();
      for (int i = 0; i < round * 20; ++i) std::this_thread::yield();
      cancel->Cancel(errors::Cancelled("stop"));
    });
    go = true;
    auto outcome = connection_->Execute(**prepared, {}, cancel);
    Status status = outcome.ok() ? outcome->rows->Next().status() : outcome.status();
    canceller.join();
    EXPECT_EQ(status.message(), "stop");
  }
  EXPECT_EQ(Text("SELECT 1"), "1\n");
}

TEST_F(EngineTest, AnAbandonedResultLetsGoOfItsTransaction) {
  auto statements = connection_->Parse("SELECT * FROM range(100000000)");
  auto prepared =
      connection_->Prepare(std::move(statements->at(0)), {}, std::make_shared<CancelToken>());
  {
    auto outcome = connection_->Execute(**prepared, {}, std::make_shared<CancelToken>());
    ASSERT_TRUE((*outcome->rows->Next())->num_rows() > 0);
  }
  EXPECT_EQ(connection_->transaction_state(), TransactionState::kIdle);
  EXPECT_EQ(Text("SELECT 2"), "2\n");
}

TEST_F(EngineTest, RowsKeepTheirOrderThoughManyThreadsMakeThem) {
  Options options;
  options.data_dirs = {(dir_ / "data").string()};
  options.threads = 4;
  auto engine = Engine::Open(options);
  ASSERT_TRUE(engine.ok());
  auto connection = *(*engine)->Connect();
  // Uneven pieces: some row groups give many rows, some none, some wide ones.
  Text(*connection,
       "COPY (SELECT i, CASE WHEN i % 300000 < 1000 THEN repeat('x', 3000) ELSE '' END s FROM "
       "range(1500000) t(i)) TO '" +
           (dir_ / "data/ordered.parquet").string() + "' (ROW_GROUP_SIZE 10000)");
  Text(*connection, "CREATE TABLE ordered_table AS FROM ordered");
  for (const char* source : {"ordered", "ordered_table"}) {
    auto statements = connection->Parse(std::string("SELECT i, s FROM ") + source +
                                        " WHERE i % 200000 >= 50000 OR i % 200000 < 1000");
    auto prepared =
        connection->Prepare(std::move(statements->at(0)), {}, std::make_shared<CancelToken>());
    ASSERT_TRUE(prepared.ok()) << prepared.status().ToString();
    for (int round = 0; round < 4; ++round) {
      auto outcome = connection->Execute(**prepared, {}, std::make_shared<CancelToken>());
      ASSERT_TRUE(outcome.ok()) << outcome.status().ToString();
      int64_t rows = 0;
      int64_t last = -1;
      while (true) {
        auto batch = outcome->rows->Next();
        ASSERT_TRUE(batch.ok()) << batch.status().ToString();
        if (!*batch) break;
        const auto& values = static_cast<const arrow::Int64Array&>(*(*batch)->column(0));
        for (int64_t row = 0; row < values.length(); ++row) {
          ASSERT_GT(values.Value(row), last);
          last = values.Value(row);
        }
        rows += values.length();
        // Some readers go away in the middle.
        if (round == 2 && rows > 300000) break;
      }
      if (round != 2) {
        EXPECT_EQ(rows, 1108000);
      }
    }
  }
}

TEST_F(EngineTest, AnErrorAmidTheRowsComesAfterThemOrInsteadOfThem) {
  for (int round = 0; round < 20; ++round) {
    auto statements = connection_->Parse(
        "SELECT CASE WHEN i = 900000 THEN error('no further') ELSE i::VARCHAR END FROM "
        "range(1000000) t(i)");
    auto prepared =
        connection_->Prepare(std::move(statements->at(0)), {}, std::make_shared<CancelToken>());
    auto outcome = connection_->Execute(**prepared, {}, std::make_shared<CancelToken>());
    Status status = outcome.status();
    int64_t rows = 0;
    while (status.ok()) {
      auto batch = outcome->rows->Next();
      status = batch.status();
      ASSERT_TRUE(!status.ok() || *batch) << "the stream ended as if it were whole";
      if (status.ok()) rows += (*batch)->num_rows();
    }
    EXPECT_THAT(status.message(), HasSubstr("no further"));
    EXPECT_LE(rows, 900000);
  }
}

TEST_F(EngineTest, HugeStringsAreSplitIntoSmallBatches) {
  auto statements = connection_->Parse("SELECT repeat('x', 3000000) s FROM range(8)");
  auto prepared =
      connection_->Prepare(std::move(statements->at(0)), {}, std::make_shared<CancelToken>());
  auto outcome = connection_->Execute(**prepared, {}, std::make_shared<CancelToken>());
  int64_t rows = 0;
  while (true) {
    auto batch = outcome->rows->Next();
    ASSERT_TRUE(batch.ok());
    if (!*batch) break;
    EXPECT_LE((*batch)->num_rows(), 2);
    rows += (*batch)->num_rows();
  }
  EXPECT_EQ(rows, 8);
}

TEST_F(EngineTest, ErrorsCarryTheirSqlstateAndPosition) {
  auto state = [&](const std::string& sql) { return Query(*connection_, sql).status().sqlstate(); };
  EXPECT_EQ(state("SELEC 1"), "42601");
  EXPECT_EQ(state("SELECT * FROM nowhere"), "42P01");
  EXPECT_EQ(state("SELECT nothing FROM orders"), "42703");
  EXPECT_EQ(state("SELECT nofunction(1)"), "42883");
  EXPECT_EQ(state("SELECT 'x'::INTEGER"), "22P02");
  EXPECT_EQ(state("SELECT * FROM nosuch.t"), "42P01");
  Status missing = Query(*connection_, "SELECT * FROM nowhere").status();
  EXPECT_EQ(missing.subject(), "nowhere");
  EXPECT_EQ(missing.position(), 14u);
  EXPECT_THAT(missing.message(), testing::Not(HasSubstr("LINE")));
}

TEST_F(EngineTest, SecretsAreNotWrittenToLogs) {
  auto set = connection_->Parse("SET VARIABLE secret_key = 'abc'");
  ASSERT_TRUE(set.ok());
  EXPECT_THAT(set->at(0).log_text(), testing::Not(HasSubstr("abc")));
}

TEST(Egress, MetadataIsNeverReachedAndPrivateAddressesByPolicy) {
  SetEgressPolicy(PrivateEndpoints::kAllow);
  EXPECT_TRUE(CheckEndpoint("127.0.0.1:9000").ok());
  EXPECT_FALSE(CheckEndpoint("169.254.169.254").ok());
  EXPECT_FALSE(CheckEndpoint("http://[fe80::1]:80/x").ok());
  EXPECT_FALSE(CheckEndpoint("[::ffff:169.254.169.254]:80").ok());
  EXPECT_TRUE(CheckEndpoint("s3.eu-west-1.amazonaws.com").ok());
  SetEgressPolicy(PrivateEndpoints::kDeny);
  EXPECT_FALSE(CheckEndpoint("127.0.0.1:9000").ok());
  EXPECT_FALSE(CheckEndpoint("10.1.2.3").ok());
  EXPECT_TRUE(CheckEndpoint("8.8.8.8:443").ok());
  SetEgressPolicy(PrivateEndpoints::kAllow);
}

}  // namespace
}  // namespace skein::engine
