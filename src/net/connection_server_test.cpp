#include "net/connection_server.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/test_client.h"

namespace skein::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

Deadline In(milliseconds time) { return Clock::now() + time; }

// Waits for what other threads bring about; the tests that use it say what.
template <typename Condition>
bool Eventually(Condition condition) {
  for (auto end = Clock::now() + seconds(20); Clock::now() < end;) {
    if (condition()) return true;
    std::this_thread::sleep_for(milliseconds(2));
  }
  return condition();
}

size_t ThreadsOfThisProcess() {
  size_t count = 0;
  for ([[maybe_unused]] const auto& task : std::filesystem::directory_iterator("/proc/self/task"))
    ++count;
  return count;
}

// Sends back what it gets. "!hang" runs until the client leaves or Abort; "!tls" starts TLS.
class Echo : public Connection {
 public:
  struct Shared {
    milliseconds linger{0};
    std::shared_ptr<const TlsContext> tls;
    std::atomic<int> alive{0};
    std::atomic<int> serves{0};
    std::atomic<int> hanging{0};
    std::atomic<int> left{0};
  };

  Echo(Shared& shared, std::unique_ptr<Stream> stream)
      : shared_(shared), stream_(std::move(stream)) {
    ++shared_.alive;
  }
  ~Echo() override { --shared_.alive; }

  Next Serve() override {
    ++shared_.serves;
    for (;;) {
      auto readable = stream_->WaitReadable(In(shared_.linger));
      if (!readable.ok()) return Next::kClose;
      if (!*readable) return Next::kPark;
      char buffer[16];
      auto got = stream_->Read(buffer, sizeof(buffer), In(seconds(20)));
      if (!got.ok()) return Next::kClose;
      if (*got == 0) return Goodbye();
      std::string text(buffer, *got);
      if (text == "!hang") {
        Hang();
      } else if (text == "!tls") {
        if (!stream_->Write("y", In(seconds(20))).ok()) return Next::kClose;
        if (!stream_->StartTls(shared_.tls, In(seconds(20))).ok()) return Next::kClose;
      } else if (!stream_->Write(text, In(seconds(20))).ok()) {
        return Next::kClose;
      }
    }
  }

  void Shutdown(Status why) override {
    {
      std::lock_guard lock(mu_);
      why_ = std::move(why);
    }
    stream_->StopReading();
  }
  void Abort() override { aborted_ = true; }

 private:
  Next Goodbye() {
    std::lock_guard lock(mu_);
    if (!why_.ok()) (void)stream_->Write("bye: " + why_.message(), In(seconds(1)));
    return Next::kClose;
  }

  void Hang() {
    ++shared_.hanging;
    while (!aborted_ && !stream_->PeerGone()) std::this_thread::sleep_for(milliseconds(1));
    ++shared_.left;
  }

  Shared& shared_;
  std::atomic<bool> aborted_{false};
  std::mutex mu_;
  Status why_;  // guarded by mu_
  std::unique_ptr<Stream> stream_;
};

class ConnectionServerTest : public ::testing::Test {
 protected:
  void Start(ConnectionServer::Options options = {}) {
    options.name = "echo";
    auto server =
        ConnectionServer::Start(std::move(options), [this](std::unique_ptr<Stream> stream) {
          return std::make_unique<Echo>(shared_, std::move(stream));
        });
    ASSERT_TRUE(server.ok()) << server.status().ToString();
    server_ = *std::move(server);
  }

  Echo::Shared shared_;
  std::unique_ptr<ConnectionServer> server_;
};

TEST_F(ConnectionServerTest, EchoesOverPlainAndTls) {
  auto context = TlsContext::Load(WriteTestCertificate(MakeTestCertificate()));
  ASSERT_TRUE(context.ok());
  shared_.tls = *context;
  Start();
  TestClient client(server_->port());
  client.Send("plain");
  EXPECT_EQ(client.Receive(5), "plain");
  client.Send("!tls");
  EXPECT_EQ(client.Receive(1), "y");
  ASSERT_TRUE(client.StartTls());
  // More than one Read's worth in one record: parking with the rest inside the stream would lose
  // it.
  std::string text = "forty bytes and more are in this one record";
  for (int i = 0; i < 20; ++i) {
    client.Send(text);
    EXPECT_EQ(client.Receive(text.size()), text);
  }
}

TEST_F(ConnectionServerTest, AThousandIdleConnectionsCostAFewThreads) {
  ConnectionServer::Options options;
  options.idle_thread_timeout = milliseconds(200);
  Start(options);
  size_t before = ThreadsOfThisProcess();
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < 1000; ++i) {
    clients.push_back(std::make_unique<TestClient>(server_->port()));
    clients.back()->Send("hi");
    ASSERT_EQ(clients.back()->Receive(2), "hi");
  }
  EXPECT_EQ(server_->connections(), 1000u);
  EXPECT_LT(ThreadsOfThisProcess() - before, 8u);
  // Idle threads end, and their connections still answer.
  EXPECT_TRUE(Eventually([&] { return server_->threads() == 0; }));
  for (auto& client : clients) {
    client->Send("again");
    ASSERT_EQ(client->Receive(5), "again");
  }
  clients.clear();
  EXPECT_TRUE(Eventually([&] { return shared_.alive == 0 && server_->connections() == 0; }));
}

TEST_F(ConnectionServerTest, ALingeringConnectionKeepsItsThread) {
  shared_.linger = seconds(10);
  Start();
  TestClient client(server_->port());
  for (int i = 0; i < 50; ++i) {
    client.Send("x");
    ASSERT_EQ(client.Receive(1), "x");
  }
  EXPECT_EQ(shared_.serves, 1);
  EXPECT_EQ(server_->threads(), 1u);
  server_.reset();  // does not wait for the linger
}

TEST_F(ConnectionServerTest, RunsManyAtOnce) {
  Start();
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 16; ++t) {
    threads.emplace_back([&, t] {
      for (int round = 0; round < 5; ++round) {
        TestClient client(server_->port());
        std::string text = "client " + std::to_string(t);
        for (int i = 0; i < 20; ++i) {
          client.Send(text);
          if (client.Receive(text.size()) != text) ++wrong;
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_TRUE(Eventually([&] { return server_->connections() == 0; }));
}

TEST_F(ConnectionServerTest, NoticesAClientThatVanishesInTheMiddle) {
  Start();
  TestClient client(server_->port());
  client.Send("!hang");
  ASSERT_TRUE(Eventually([&] { return shared_.hanging == 1; }));
  client.Vanish();
  EXPECT_TRUE(Eventually([&] { return shared_.left == 1 && server_->connections() == 0; }));
}

TEST_F(ConnectionServerTest, TellsAClientOverTheLimitAndServesAgainLater) {
  ConnectionServer::Options options;
  options.max_connections = 2;
  options.over_limit = [] { return std::string("sorry, too many clients"); };
  Start(options);
  auto first = std::make_unique<TestClient>(server_->port());
  TestClient second(server_->port());
  first->Send("1");
  second.Send("2");
  EXPECT_EQ(first->Receive(1) + second.Receive(1), "12");
  TestClient third(server_->port());
  third.Send("unread bytes must not turn the answer into a reset");
  EXPECT_EQ(third.ReceiveAll(), "sorry, too many clients");
  first.reset();
  ASSERT_TRUE(Eventually([&] { return server_->connections() == 1; }));
  TestClient fourth(server_->port());
  fourth.Send("4");
  EXPECT_EQ(fourth.Receive(1), "4");
}

TEST_F(ConnectionServerTest, APortInUseNamesTheSetting) {
  Start();
  ConnectionServer::Options options;
  options.port = server_->port();
  options.port_setting = "pg_port";
  auto second = ConnectionServer::Start(options, [](auto) { return nullptr; });
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.status().message(),
            "another program listens on 127.0.0.1:" + std::to_string(server_->port()) + " already");
  EXPECT_THAT(second.status().hint(),
              HasSubstr("set pg_port (--pg-port, PG_PORT) to another port"));
}

TEST_F(ConnectionServerTest, ListensOnAllAddressesAndByName) {
  for (std::string host : {"*", "localhost"}) {
    ConnectionServer::Options options;
    options.host = host;
    Start(options);
    TestClient client(server_->port());
    client.Send("x");
    EXPECT_EQ(client.Receive(1), "x");
  }
  ConnectionServer::Options options;
  options.host = "no.such.host.invalid";
  EXPECT_FALSE(ConnectionServer::Start(options, [](auto) { return nullptr; }).ok());
}

TEST_F(ConnectionServerTest, StopAcceptingKeepsThoseThatAreThere) {
  Start();
  TestClient client(server_->port());
  client.Send("x");
  EXPECT_EQ(client.Receive(1), "x");
  server_->StopAccepting();
  EXPECT_THROW(TestClient another(server_->port()), std::runtime_error);
  client.Send("y");
  EXPECT_EQ(client.Receive(1), "y");
}

TEST_F(ConnectionServerTest, DrainSaysGoodbyeToParkedAndLingeringAndAbortsTheRest) {
  shared_.linger = milliseconds(500);
  Start();
  std::vector<std::unique_ptr<TestClient>> parked;
  for (int i = 0; i < 100; ++i) parked.push_back(std::make_unique<TestClient>(server_->port()));
  ASSERT_TRUE(Eventually([&] { return server_->connections() == 100; }));
  TestClient lingering(server_->port());
  lingering.Send("x");
  ASSERT_EQ(lingering.Receive(1), "x");
  TestClient hanging(server_->port());
  hanging.Send("!hang");
  ASSERT_TRUE(Eventually([&] { return shared_.hanging == 1; }));

  auto begin = Clock::now();
  EXPECT_EQ(server_->Drain(In(milliseconds(300)), errors::ShuttingDown("stopping")), 1u);
  EXPECT_LT(Clock::now() - begin, seconds(4));
  EXPECT_EQ(shared_.alive, 0);
  EXPECT_EQ(server_->connections(), 0u);
  for (auto& client : parked) EXPECT_EQ(client->ReceiveAll(), "bye: stopping");
  EXPECT_EQ(lingering.ReceiveAll(), "bye: stopping");
  EXPECT_EQ(hanging.ReceiveAll(), "");
}

TEST_F(ConnectionServerTest, DrainWithoutClientsReturnsAtOnce) {
  Start();
  auto begin = Clock::now();
  EXPECT_EQ(server_->Drain(In(seconds(20)), errors::ShuttingDown("stopping")), 0u);
  EXPECT_LT(Clock::now() - begin, seconds(2));
}

TEST(WorkerPool, QueuesOverItsLimitAndRunsAllBeforeItEnds) {
  std::atomic<int> done{0};
  {
    WorkerPool pool("test", 2, seconds(1));
    for (int i = 0; i < 200; ++i) {
      pool.Submit([&] {
        std::this_thread::sleep_for(std::chrono::microseconds(100));
        ++done;
      });
    }
    EXPECT_LE(pool.threads(), 2u);
  }
  EXPECT_EQ(done, 200);
}

}  // namespace
}  // namespace skein::net
