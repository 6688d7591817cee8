// The HTTP door over real sockets, with a real engine behind it.

#include <condition_variable>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <nlohmann/json.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include "frontends/http/http_door.h"
#include "session/session.h"

namespace skein::frontends::http {
namespace {

using testing::HasSubstr;

struct Recorder : session::Observer {
  void SessionOpened(const std::string&) override {}
  void SessionClosed(const std::string&) override {}
  void RunStarted(const std::string&) override {
    std::lock_guard lock(mu);
    ++started;
    changed.notify_all();
  }
  void LoginRefused(const std::string&, const std::string&, const std::string&,
                    const Status&) override {}
  void RunEnded(const session::RunRecord& record) override {
    std::lock_guard lock(mu);
    ended.push_back(record);
    changed.notify_all();
  }
  std::mutex mu;
  std::condition_variable changed;
  int started = 0;
  std::vector<session::RunRecord> ended;
};

/// One connection of a client that speaks bytes.
class Client {
 public:
  explicit Client(uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  }
  ~Client() { Close(); }
  void Close() {
    if (socket_ >= 0) close(socket_);
    socket_ = -1;
  }
  void Send(std::string_view bytes) {
    while (!bytes.empty()) {
      ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
  }
  /// Everything up to the end of the connection.
  std::string ReadAll() {
    std::string all;
    char buffer[65536];
    for (ssize_t got; (got = recv(socket_, buffer, sizeof(buffer), 0)) > 0;)
      all.append(buffer, static_cast<size_t>(got));
    return all;
  }

 private:
  int socket_;
};

struct Answer {
  int status = 0;
  std::string head;
  std::string body;
};

Answer Parse(const std::string& bytes) {
  Answer answer;
  size_t end = bytes.find("\r\n\r\n");
  if (bytes.rfind("HTTP/1.1 ", 0) != 0 || end == std::string::npos) return answer;
  answer.status = std::stoi(bytes.substr(9, 3));
  answer.head = bytes.substr(0, end);
  answer.body = bytes.substr(end + 4);
  if (answer.head.find("Transfer-Encoding: chunked") == std::string::npos) return answer;
  std::string joined;
  for (size_t at = 0; at < answer.body.size();) {
    size_t length = std::stoul(answer.body.substr(at), nullptr, 16);
    at = answer.body.find("\r\n", at) + 2;
    joined += answer.body.substr(at, length);
    at += length + 2;
  }
  answer.body = joined;
  return answer;
}

class HttpTest : public testing::Test {
 protected:
  HttpTest() {
    engine::Options options;
    options.threads = 2;
    services_->engine = *engine::Engine::Open(options);
    services_->timer = std::make_shared<Timer>();
    services_->observer = recorder_;
    services_->spool_dir = testing::TempDir();
    Dependencies dependencies;
    dependencies.services = services_;
    dependencies.render_metrics = [] { return std::string("skein_up 1\n"); };
    dependencies.ready = [] { return true; };
    dependencies.version = "test";
    dependencies.limits.max_header_bytes = 4096;
    dependencies.limits.max_message_bytes = 1 << 20;
    dependencies.limits.header_timeout = std::chrono::milliseconds(300);
    door_ = std::make_unique<HttpDoor>(dependencies);
    server_ = *net::ConnectionServer::Start({}, door_->factory());
  }

  Answer Ask(const std::string& request) {
    Client client(server_->port());
    client.Send(request);
    return Parse(client.ReadAll());
  }
  Answer Query(const std::string& sql, const std::string& query = "",
               const std::string& headers = "") {
    return Post("/query" + query, nlohmann::json{{"sql", sql}}.dump(), headers);
  }
  Answer Post(const std::string& target, const std::string& body, const std::string& headers = "",
              const char* method = "POST") {
    return Ask(std::string(method) + " " + target +
               " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: " +
               std::to_string(body.size()) + "\r\n" + headers + "\r\n" + body);
  }
  Answer Get(const std::string& path) {
    return Ask("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  }

  std::shared_ptr<Recorder> recorder_ = std::make_shared<Recorder>();
  std::shared_ptr<session::Services> services_ = std::make_shared<session::Services>();
  std::unique_ptr<HttpDoor> door_;
  std::unique_ptr<net::ConnectionServer> server_;
};

TEST_F(HttpTest, AnswersAsQuackClustersClientsExpect) {
  Answer answer = Query(
      "SELECT sum(i)::HUGEINT s, NULL n, 'NaN'::DOUBLE d, TIMESTAMP '2025-01-01 00:00:00' t, "
      "1.50::DECIMAL(9,2) p FROM range(4) r(i)");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body,
            R"({"result":[{"s":6,"n":null,"d":null,"t":"2025-01-01T00:00:00","p":1.50}]})");
  EXPECT_THAT(answer.head, HasSubstr("Content-Type: application/json"));
  EXPECT_EQ(Query("SELECT 1 WHERE false").body, R"({"result":[]})");
  EXPECT_EQ(Query("CREATE TABLE t AS SELECT 1 i; SELECT i FROM t").body, R"({"result":[{"i":1}]})");
  EXPECT_EQ(Query("INSERT INTO t VALUES (2), (3)").body, R"({"result":[{"Count":2}]})");
}

TEST_F(HttpTest, ErrorsHaveTheirCodeAndShape) {
  auto detail = [](const Answer& answer) {
    return nlohmann::json::parse(answer.body).at("detail");
  };
  Answer syntax = Query("SELEC 1");
  EXPECT_EQ(syntax.status, 400);
  EXPECT_THAT(detail(syntax).get<std::string>(), HasSubstr("Invalid SQL syntax: "));
  Answer missing = Query("SELECT * FROM nowhere");
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(
      detail(missing),
      "No data files found for table 'nowhere' with supported extensions (.parquet, .csv, .json)");
  EXPECT_EQ(Query("SELECT 'x'::INTEGER").status, 400);
  EXPECT_EQ(Query("SELECT * FROM read_text('/etc/passwd')").status, 403);
  EXPECT_EQ(Query("SELECT 1", "?format=xml").status, 400);
  EXPECT_EQ(Post("/query", "{}").status, 422);
  EXPECT_EQ(detail(Post("/query", "{}"))[0]["loc"], (nlohmann::json{"body", "sql"}));
  EXPECT_EQ(Post("/query", "not json").status, 422);
  EXPECT_EQ(Query("").status, 400);
  EXPECT_EQ(Get("/query").status, 405);
  EXPECT_EQ(Get("/nothing").status, 404);
  EXPECT_EQ(Query("SELECT 1", "", "Origin: https://evil.example\r\n").status, 403);
}

TEST_F(HttpTest, GarbageAndHalfRequestsAreRefused) {
  EXPECT_EQ(Ask(std::string("\x16\x03\x01garbage\r\n\r\n", 14)).status, 400);
  EXPECT_EQ(Ask("GET /health HTTP/1.1\r\nX: " + std::string(10000, 'x')).status, 431);
  EXPECT_EQ(Post("/query", std::string(2 << 20, ' ')).status, 413);
  EXPECT_EQ(Ask("POST /query HTTP/1.1\r\nHost: x\r\nContent-Le").status, 408);
  EXPECT_EQ(Get("/health").body, "ok");
}

TEST_F(HttpTest, TellsHowItIs) {
  EXPECT_EQ(Get("/ready").body, "ready");
  EXPECT_EQ(Get("/metrics").body, "skein_up 1\n");
  EXPECT_EQ(nlohmann::json::parse(Get("/").body)["name"], "skein");
}

TEST_F(HttpTest, LargeResultsComeInChunks) {
  Answer answer = Query("SELECT range i FROM range(300000)");
  EXPECT_THAT(answer.head, HasSubstr("Transfer-Encoding: chunked"));
  auto rows = nlohmann::json::parse(answer.body)["result"];
  ASSERT_EQ(rows.size(), 300000u);
  EXPECT_EQ(rows[299999]["i"], 299999);
  EXPECT_THAT(Query("SELECT 1", "?format=arrow").head,
              HasSubstr("Content-Type: application/vnd.apache.arrow.stream"));
}

TEST_F(HttpTest, AnErrorInTheMiddleBreaksTheTransfer) {
  // Far behind what the engine works ahead, so that a good part is on its way when the error comes.
  Client client(server_->port());
  std::string body = nlohmann::json{{"sql",
                                     "SELECT i a, i b, i c, i d, CASE WHEN i < 900000 THEN i ELSE "
                                     "('x' || i)::INTEGER END n FROM range(1000000) r(i)"}}
                         .dump();
  client.Send("POST /query HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: " +
              std::to_string(body.size()) + "\r\n\r\n" + body);
  std::string all = client.ReadAll();
  EXPECT_THAT(all.substr(0, 15), "HTTP/1.1 200 OK");
  EXPECT_EQ(all.find("\r\n0\r\n\r\n"), std::string::npos);
  EXPECT_EQ(all.find("]}"), std::string::npos);
}

TEST_F(HttpTest, NamedSessionsKeepTheirStateAndTheirUser) {
  Answer opened = Post("/v1/session", "");
  ASSERT_EQ(opened.status, 201);
  std::string header =
      "X-Skein-Session: " + nlohmann::json::parse(opened.body)["session"].get<std::string>() +
      "\r\n";
  EXPECT_EQ(Query("CREATE TEMP TABLE mine AS SELECT 7 i", "", header).status, 200);
  EXPECT_EQ(Query("SELECT i FROM mine", "", header).body, R"({"result":[{"i":7}]})");
  EXPECT_EQ(Query("SELECT i FROM mine").status, 404);
  EXPECT_EQ(Post("/v1/session", "", header, "DELETE").status, 204);
  EXPECT_EQ(Query("SELECT 1", "", header).status, 404);
}

TEST_F(HttpTest, AClientThatLeavesStopsItsQuery) {
  Client client(server_->port());
  std::string body = nlohmann::json{{"sql",
                                     "SELECT count(*) FROM range(1000000) a, range(1000000) b "
                                     "WHERE (a.range * b.range) % 7 = 3"}}
                         .dump();
  client.Send("POST /query HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
              "\r\n\r\n" + body);
  std::unique_lock lock(recorder_->mu);
  ASSERT_TRUE(recorder_->changed.wait_for(lock, std::chrono::seconds(30),
                                          [&] { return recorder_->started == 1; }));
  client.Close();
  ASSERT_TRUE(recorder_->changed.wait_for(lock, std::chrono::seconds(30),
                                          [&] { return !recorder_->ended.empty(); }));
  EXPECT_EQ(recorder_->ended[0].status.sqlstate(), "08006");
}

}  // namespace
}  // namespace skein::frontends::http
