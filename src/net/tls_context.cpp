#include "net/tls_context.h"

#include <fstream>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace skein::net {
namespace {

std::string OpensslError() {
  std::string text;
  while (unsigned long code = ERR_get_error()) {
    const char* reason = ERR_reason_error_string(code);
    if (text.empty()) text = reason ? reason : "unknown error";
  }
  return text.empty() ? "unknown error" : text;
}

Status CheckReadable(const std::filesystem::path& file, const char* setting, const char* what) {
  if (file.empty()) {
    return errors::InvalidParameter(fmt::format("no {} for TLS is given", what))
        .WithHint(fmt::format("Set {} to a file in PEM format.", setting));
  }
  std::error_code code;
  if (!std::filesystem::exists(file, code)) {
    return errors::InvalidParameter(
               fmt::format("the {} for TLS does not exist: {}", what, file.string()))
        .WithHint(fmt::format("Correct {}.", setting));
  }
  if (!std::ifstream(file).is_open() || std::filesystem::is_directory(file, code)) {
    return errors::InvalidParameter(
               fmt::format("the {} for TLS cannot be read: {}", what, file.string()))
        .WithHint(fmt::format("Check the permissions of the file, or correct {}.", setting));
  }
  return Status::OK();
}

std::string ServerEndPoint(X509* certificate) {
  int digest_nid = NID_undef;
  if (X509_get_signature_info(certificate, &digest_nid, nullptr, nullptr, nullptr) != 1) return {};
  // RFC 5929, section 4.1: hashes that are broken are replaced by SHA-256.
  const EVP_MD* digest = digest_nid == NID_md5 || digest_nid == NID_sha1
                             ? EVP_sha256()
                             : EVP_get_digestbynid(digest_nid);
  if (!digest) return {};
  unsigned char hash[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (X509_digest(certificate, digest, hash, &size) != 1) return {};
  return std::string(hash, hash + size);
}

int SelectAlpn(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
               unsigned int in_size, void* arg) {
  const auto& ours = *static_cast<const std::string*>(arg);
  unsigned char* selected = nullptr;
  int outcome = SSL_select_next_proto(&selected, out_size,
                                      reinterpret_cast<const unsigned char*>(ours.data()),
                                      static_cast<unsigned int>(ours.size()), in, in_size);
  *out = selected;
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

// A key that asks for a passphrase would stop the server at a prompt nobody sees.
int RefusePassphrase(char*, int, int, void*) { return 0; }

}  // namespace

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

Result<std::shared_ptr<const TlsContext>> TlsContext::Load(const TlsFiles& files) {
  SKEIN_RETURN_IF_ERROR(CheckReadable(files.certificate, "tls_cert", "certificate"));
  SKEIN_RETURN_IF_ERROR(CheckReadable(files.key, "tls_key", "key"));
  ERR_clear_error();

  std::shared_ptr<TlsContext> made(new TlsContext);
  made->context_ = SSL_CTX_new(TLS_server_method());
  if (!made->context_) return errors::Internal("TLS is not available: " + OpensslError());
  SSL_CTX* context = made->context_;
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  // Tickets would need their keys turned over and shared between gateways; a full handshake costs a
  // client 1 ms once.
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_default_passwd_cb(context, RefusePassphrase);

  if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1) {
    return errors::InvalidParameter(
               fmt::format("the certificate for TLS is not a certificate in PEM format ({}): {}",
                           OpensslError(), files.certificate.string()))
        .WithHint("Correct tls_cert.");
  }
  if (SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    unsigned long code = ERR_peek_error();
    if (ERR_GET_LIB(code) == ERR_LIB_X509 && ERR_GET_REASON(code) == X509_R_KEY_VALUES_MISMATCH) {
      return errors::InvalidParameter(
                 fmt::format("the key for TLS does not belong to the certificate: key {}, "
                             "certificate {}",
                             files.key.string(), files.certificate.string()))
          .WithHint("Set tls_key to the key that the certificate in tls_cert was made for.");
    }
    return errors::InvalidParameter(fmt::format("the key for TLS is not a private key in PEM "
                                                "format without a passphrase ({}): {}",
                                                OpensslError(), files.key.string()))
        .WithHint("Correct tls_key.");
  }
  if (SSL_CTX_check_private_key(context) != 1) {
    return errors::InvalidParameter("the key for TLS does not belong to the certificate: key " +
                                    files.key.string())
        .WithHint("Set tls_key to the key that the certificate in tls_cert was made for.");
  }

  if (!files.client_authorities.empty()) {
    SKEIN_RETURN_IF_ERROR(CheckReadable(files.client_authorities, "tls_client_ca",
                                        "file of authorities for clients' certificates"));
    STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(files.client_authorities.c_str());
    if (names == nullptr ||
        SSL_CTX_load_verify_locations(context, files.client_authorities.c_str(), nullptr) != 1) {
      sk_X509_NAME_pop_free(names, X509_NAME_free);
      return errors::InvalidParameter(
                 fmt::format(
                     "the authorities for clients' certificates are not certificates in PEM "
                     "format ({}): {}",
                     OpensslError(), files.client_authorities.string()))
          .WithHint("Correct tls_client_ca.");
    }
    SSL_CTX_set_client_CA_list(context, names);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_CLIENT_ONCE, nullptr);
  }

  X509* certificate = SSL_CTX_get0_certificate(context);
  if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0) {
    made->warnings_.push_back("the certificate for TLS has expired: " + files.certificate.string());
  }
  if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0) {
    made->warnings_.push_back("the certificate for TLS is not valid yet: " +
                              files.certificate.string());
  }
  made->server_end_point_ = ServerEndPoint(certificate);

  for (const std::string& name : files.alpn) {
    made->alpn_wire_ += static_cast<char>(name.size());
    made->alpn_wire_ += name;
  }
  if (!made->alpn_wire_.empty()) {
    SSL_CTX_set_alpn_select_cb(context, SelectAlpn, &made->alpn_wire_);
  }
  return std::shared_ptr<const TlsContext>(std::move(made));
}

}  // namespace skein::net
