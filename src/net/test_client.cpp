#include "net/test_client.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <unistd.h>

namespace skein::net {

TestClient::TestClient(uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    close(socket_);
    throw std::runtime_error("cannot connect");
  }
}

std::unique_ptr<TestClient> TestClient::Over(int socket) {
  std::unique_ptr<TestClient> client(new TestClient);
  client->socket_ = socket;
  return client;
}

TestClient::~TestClient() {
  SSL_free(tls_);
  SSL_CTX_free(context_);
  if (socket_ >= 0) close(socket_);
}

bool TestClient::StartTls(const std::string& alpn) {
  context_ = SSL_CTX_new(TLS_client_method());
  tls_ = SSL_new(context_);
  if (!alpn.empty()) {
    std::string wire = static_cast<char>(alpn.size()) + alpn;
    SSL_set_alpn_protos(tls_, reinterpret_cast<const unsigned char*>(wire.data()),
                        static_cast<unsigned>(wire.size()));
  }
  SSL_set_fd(tls_, socket_);
  return SSL_connect(tls_) == 1;
}

void TestClient::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t sent = tls_ ? SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size()))
                        : send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
}

std::string TestClient::Receive(size_t size) {
  std::string received;
  char buffer[16384];
  while (received.size() < size) {
    size_t want = std::min(sizeof(buffer), size - received.size());
    ssize_t got =
        tls_ ? SSL_read(tls_, buffer, static_cast<int>(want)) : recv(socket_, buffer, want, 0);
    if (got <= 0) break;
    received.append(buffer, static_cast<size_t>(got));
  }
  return received;
}

void TestClient::Vanish() {
  linger reset{1, 0};
  setsockopt(socket_, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
  close(socket_);
  socket_ = -1;
}

void TestClient::CloseWrite() { shutdown(socket_, SHUT_WR); }

namespace {
std::string Pem(BIO* bio) {
  char* data = nullptr;
  long size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<size_t>(size));
  BIO_free(bio);
  return text;
}
}  // namespace

TestCertificate MakeTestCertificate(int days) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), days < 0 ? 2L * days * 86400 : -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 86400L * days);
  X509_set_pubkey(certificate, key);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_sign(certificate, key, EVP_sha256());

  TestCertificate made;
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(bio, certificate);
  made.certificate_pem = Pem(bio);
  bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  made.key_pem = Pem(bio);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return made;
}

TlsFiles WriteTestCertificate(const TestCertificate& made) {
  std::string folder = (std::filesystem::temp_directory_path() / "skein-tls-XXXXXX").string();
  if (!mkdtemp(folder.data())) throw std::runtime_error("mkdtemp failed");
  TlsFiles files{folder + "/cert.pem", folder + "/key.pem", {}};
  std::ofstream(files.certificate) << made.certificate_pem;
  std::ofstream(files.key) << made.key_pem;
  return files;
}

}  // namespace skein::net
