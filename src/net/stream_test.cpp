#include "net/stream.h"

#include <future>
#include <thread>

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "net/test_client.h"

namespace skein::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Deadline In(milliseconds time) { return Clock::now() + time; }
const Deadline kNoDeadline = std::nullopt;

std::string ReadSome(Stream& stream, Deadline deadline = In(seconds(10))) {
  char buffer[4096];
  auto got = stream.Read(buffer, sizeof(buffer), deadline);
  return got.ok() ? std::string(buffer, *got) : "error: " + got.status().ToString();
}

std::string ReadExactly(Stream& stream, size_t size) {
  std::string all;
  char buffer[65536];
  while (all.size() < size) {
    auto got = stream.Read(buffer, sizeof(buffer), In(seconds(10)));
    if (!got.ok() || *got == 0) break;
    all.append(buffer, *got);
  }
  return all;
}

TEST(Stream, CarriesBytesBothWaysAndTellsTheEnd) {
  auto [left, right] = Stream::Pair();
  ASSERT_TRUE(left->Write("hello", kNoDeadline).ok());
  ASSERT_TRUE(left->WriteV(", ", "world", kNoDeadline).ok());
  EXPECT_EQ(ReadExactly(*right, 12), "hello, world");
  ASSERT_TRUE(right->Write("back", kNoDeadline).ok());
  EXPECT_EQ(ReadSome(*left), "back");
  left.reset();
  EXPECT_EQ(ReadSome(*right), "");
}

TEST(Stream, PeekLeavesTheBytes) {
  auto [left, right] = Stream::Pair();
  ASSERT_TRUE(left->Write("\x16", kNoDeadline).ok());
  char byte = 0;
  auto peeked = right->Peek(&byte, 1, In(seconds(5)));
  ASSERT_TRUE(peeked.ok());
  EXPECT_EQ(byte, '\x16');
  EXPECT_EQ(ReadSome(*right), "\x16");
}

TEST(Stream, ReadAndWriteKeepTheirDeadlines) {
  auto [left, right] = Stream::Pair();
  char byte;
  auto read = right->Read(&byte, 1, In(milliseconds(30)));
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.status().code(), StatusCode::kDeadlineExceeded);
  auto readable = right->WaitReadable(In(milliseconds(5)));
  ASSERT_TRUE(readable.ok());
  EXPECT_FALSE(*readable);
  // Nobody reads: the kernel's buffer fills up.
  auto written = left->Write(std::string(8 << 20, 'x'), In(milliseconds(50)));
  EXPECT_EQ(written.code(), StatusCode::kDeadlineExceeded);
}

TEST(Stream, ALargeWriteArrivesWhole) {
  auto [left, right] = Stream::Pair();
  std::string big(3 << 20, 'a');
  for (size_t i = 0; i < big.size(); i += 4093) big[i] = static_cast<char>('a' + i % 26);
  auto sent = std::async(std::launch::async, [&, &sender = left] {
    return sender->WriteV(big, "end", In(seconds(20)));
  });
  EXPECT_EQ(ReadExactly(*right, big.size() + 3), big + "end");
  EXPECT_TRUE(sent.get().ok());
}

TEST(Stream, AbortWakesABlockedReadAndABlockedWrite) {
  auto [left, right] = Stream::Pair();
  auto read = std::async(std::launch::async, [&, &reader = right] {
    char byte;
    return reader->Read(&byte, 1, std::nullopt).status();
  });
  std::this_thread::sleep_for(milliseconds(20));
  right->Abort();
  EXPECT_EQ(read.get().sqlstate(), "08006");
  EXPECT_TRUE(right->PeerGone());

  auto [from, to] = Stream::Pair();
  auto write = std::async(std::launch::async, [&sender = from] {
    return sender->Write(std::string(8 << 20, 'x'), std::nullopt);
  });
  std::this_thread::sleep_for(milliseconds(20));
  from->Abort();
  EXPECT_EQ(write.get().sqlstate(), "08006");
}

TEST(Stream, StopReadingEndsTheInputOnly) {
  auto [left, right] = Stream::Pair();
  auto read =
      std::async(std::launch::async, [&reader = right] { return ReadSome(*reader, std::nullopt); });
  std::this_thread::sleep_for(milliseconds(20));
  right->StopReading();
  EXPECT_EQ(read.get(), "");
  EXPECT_FALSE(right->PeerGone());
  ASSERT_TRUE(right->Write("goodbye", In(seconds(5))).ok());
  EXPECT_EQ(ReadSome(*left), "goodbye");
  // What was sent before does not come out any more.
  auto [from, to] = Stream::Pair();
  ASSERT_TRUE(from->Write("late", kNoDeadline).ok());
  to->StopReading();
  EXPECT_EQ(ReadSome(*to), "");
}

TEST(Stream, NoticesThePeerThatLeftWithoutConsuming) {
  auto [left, right] = Stream::Pair();
  EXPECT_FALSE(right->PeerGone());
  ASSERT_TRUE(left->Write("last words", kNoDeadline).ok());
  EXPECT_FALSE(right->PeerGone());
  left.reset();
  EXPECT_TRUE(right->PeerGone());
  EXPECT_EQ(ReadSome(*right), "last words");
  EXPECT_FALSE(right->Write("x", In(seconds(1))).ok());  // and no SIGPIPE
}

class TlsStream : public ::testing::Test {
 protected:
  void SetUp() override {
    int ends[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    server_ = std::make_unique<Stream>(ends[0], "test");
    client_ = TestClient::Over(ends[1]);
    auto files = WriteTestCertificate(MakeTestCertificate());
    files.alpn = {"postgresql"};
    auto context = TlsContext::Load(files);
    ASSERT_TRUE(context.ok()) << context.status().ToString();
    context_ = *context;
  }

  Status Handshake(const std::string& alpn = "") {
    auto client = std::async(std::launch::async, [&] { return client_->StartTls(alpn); });
    Status status = server_->StartTls(context_, In(seconds(20)));
    if (!status.ok()) server_->Abort();
    client_connected_ = client.get();
    return status;
  }

  std::shared_ptr<const TlsContext> context_;
  std::unique_ptr<Stream> server_;
  std::unique_ptr<TestClient> client_;
  bool client_connected_ = false;
};

TEST_F(TlsStream, CarriesBytesAndKnowsWhatIsBuffered) {
  ASSERT_TRUE(Handshake("postgresql").ok());
  EXPECT_TRUE(client_connected_);
  EXPECT_EQ(server_->alpn(), "postgresql");
  EXPECT_EQ(server_->tls_description().substr(0, 7), "TLSv1.3");
  EXPECT_EQ(server_->tls_context()->server_end_point().size(), 32u);

  client_->Send("abcdef");
  auto readable = server_->WaitReadable(In(seconds(10)));
  ASSERT_TRUE(readable.ok());
  EXPECT_TRUE(*readable);
  char buffer[2];
  auto got = server_->Read(buffer, 2, In(seconds(10)));
  ASSERT_TRUE(got.ok());
  EXPECT_EQ(std::string(buffer, *got), "ab");
  EXPECT_TRUE(server_->HasBufferedInput());
  EXPECT_EQ(ReadSome(*server_), "cdef");
  EXPECT_FALSE(server_->HasBufferedInput());
  readable = server_->WaitReadable(In(milliseconds(10)));
  ASSERT_TRUE(readable.ok());
  EXPECT_FALSE(*readable);

  std::string big(1 << 20, 'z');
  auto received = std::async(std::launch::async, [&] { return client_->Receive(big.size() + 3); });
  ASSERT_TRUE(server_->WriteV("top", big, In(seconds(20))).ok());
  EXPECT_EQ(received.get(), "top" + big);
}

TEST_F(TlsStream, AbortWakesABlockedRead) {
  ASSERT_TRUE(Handshake().ok());
  auto read = std::async(std::launch::async, [&] { return ReadSome(*server_, std::nullopt); });
  std::this_thread::sleep_for(milliseconds(20));
  server_->Abort();
  EXPECT_EQ(read.get().substr(0, 12), "error: 08006");
}

TEST_F(TlsStream, AClientThatVanishesIsTheEndOfInput) {
  ASSERT_TRUE(Handshake().ok());
  client_->Vanish();
  EXPECT_TRUE(server_->PeerGone());
  EXPECT_EQ(ReadSome(*server_), "");
}

TEST_F(TlsStream, RefusesAnotherProtocolsName) {
  EXPECT_FALSE(Handshake("h2").ok());
  EXPECT_FALSE(client_connected_);
}

TEST_F(TlsStream, AHandshakeThatIsNotOneIsAnError) {
  client_->Send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(server_->StartTls(context_, In(seconds(10))).sqlstate(), "08006");
}

TEST_F(TlsStream, ASilentHandshakeKeepsItsDeadline) {
  EXPECT_EQ(server_->StartTls(context_, In(milliseconds(30))).code(),
            StatusCode::kDeadlineExceeded);
}

TEST(TlsContext, SaysWhatIsWrongWithTheFiles) {
  TlsFiles good = WriteTestCertificate(MakeTestCertificate());
  TlsFiles other = WriteTestCertificate(MakeTestCertificate());

  TlsFiles files = good;
  files.certificate = "/nonexistent/cert.pem";
  auto missing = TlsContext::Load(files);
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.status().message(),
            "the certificate for TLS does not exist: /nonexistent/cert.pem");
  EXPECT_EQ(missing.status().hint(), "Correct tls_cert.");

  files = good;
  files.key = other.key;
  auto mismatch = TlsContext::Load(files);
  ASSERT_FALSE(mismatch.ok());
  EXPECT_NE(mismatch.status().message().find("does not belong to the certificate"),
            std::string::npos)
      << mismatch.status().ToString();

  files = good;
  files.key = good.certificate;
  auto not_a_key = TlsContext::Load(files);
  ASSERT_FALSE(not_a_key.ok());
  EXPECT_NE(not_a_key.status().message().find("not a private key"), std::string::npos);

  auto none = TlsContext::Load(TlsFiles{good.certificate, "", {}});
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.status().hint(), "Set tls_key to a file in PEM format.");
}

TEST(TlsContext, WarnsOfAnExpiredCertificate) {
  auto expired = TlsContext::Load(WriteTestCertificate(MakeTestCertificate(-1)));
  ASSERT_TRUE(expired.ok()) << expired.status().ToString();
  ASSERT_EQ((*expired)->warnings().size(), 1u);
  EXPECT_NE((*expired)->warnings()[0].find("has expired"), std::string::npos);
}

}  // namespace
}  // namespace skein::net
