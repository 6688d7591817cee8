#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "net/stream.h"

struct ssl_st;
struct ssl_ctx_st;

namespace skein::net {

/// For tests only: a client on a blocking socket that does what a real one might.
class TestClient {
 public:
  /// Connects to 127.0.0.1; throws std::runtime_error when it cannot.
  explicit TestClient(uint16_t port);
  /// Talks over one end of a socketpair; owns it.
  static std::unique_ptr<TestClient> Over(int socket);
  ~TestClient();

  bool StartTls(const std::string& alpn = "");
  void Send(std::string_view bytes);
  /// Reads until `size` bytes are there or the other side closed; fewer then.
  std::string Receive(size_t size);
  std::string ReceiveAll() { return Receive(SIZE_MAX); }
  /// Like a machine that crashed: the other side gets a reset.
  void Vanish();
  void CloseWrite();
  int socket() const { return socket_; }

 private:
  TestClient() = default;
  int socket_ = -1;
  ssl_ctx_st* context_ = nullptr;
  ssl_st* tls_ = nullptr;
};

struct TestCertificate {
  std::string certificate_pem;
  std::string key_pem;
};
/// For tests only: self-signed for localhost, valid for `days` from now (negative: expired).
TestCertificate MakeTestCertificate(int days = 1);

/// For tests only: the files of a fresh certificate in a new temporary folder.
TlsFiles WriteTestCertificate(const TestCertificate& made);

}  // namespace skein::net
