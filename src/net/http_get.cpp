#include "net/http_get.h"

#include <memory>

#include <curl/curl.h>

namespace skein::net {
namespace {

struct Url {
  std::string scheme;
  std::string host;
  bool credentials = false;
};

Result<Url> Parse(const std::string& text) {
  std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url(curl_url(), &curl_url_cleanup);
  if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK)
    return errors::InvalidParameter("\"" + text + "\" is not an address");
  auto part = [&](CURLUPart which) {
    char* found = nullptr;
    std::string value;
    if (curl_url_get(url.get(), which, &found, 0) == CURLUE_OK) value = found;
    curl_free(found);
    return value;
  };
  return Url{part(CURLUPART_SCHEME), part(CURLUPART_HOST),
             !part(CURLUPART_USER).empty() || !part(CURLUPART_PASSWORD).empty()};
}

bool IsThisMachine(const std::string& host) {
  return host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

struct Transfer {
  std::string body;
  size_t max_bytes;
  const CancelToken* cancel;
};

size_t OnBytes(const char* bytes, size_t, size_t count, void* self) {
  auto* transfer = static_cast<Transfer*>(self);
  // Anything but `count` ends the transfer.
  if (transfer->body.size() + count > transfer->max_bytes) return count + 1;
  transfer->body.append(bytes, count);
  return count;
}

int OnProgress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Transfer*>(self)->cancel->cancelled() ? 1 : 0;
}

Status Failed(const std::string& url, const std::string& why) {
  return errors::IoError("cannot fetch " + url + ": " + why).WithOrigin(Origin::kPeer);
}

}  // namespace

Status CheckHttpGetUrl(const std::string& url) {
  SKEIN_ASSIGN_OR_RETURN(Url parsed, Parse(url));
  if (parsed.credentials) return errors::InvalidParameter("the address holds a user or a password");
  if (parsed.scheme == "https" || (parsed.scheme == "http" && IsThisMachine(parsed.host)))
    return Status::OK();
  return errors::InvalidParameter("\"" + url + "\" would be fetched without encryption")
      .WithHint("Use https://, or http:// of this machine.");
}

Result<std::string> HttpGet(const HttpGetOptions& options, const CancelToken& cancel) {
  SKEIN_RETURN_IF_ERROR(CheckHttpGetUrl(options.url));
  SKEIN_ASSIGN_OR_RETURN(Url parsed, Parse(options.url));
  // Thread-safe, and does its work the first time.
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(), &curl_easy_cleanup);
  if (initialised != CURLE_OK || !curl) return errors::Internal("libcurl cannot be used");
  Transfer transfer{{}, options.max_bytes, &cancel};
  char error[CURL_ERROR_SIZE] = "";
  CURL* handle = curl.get();
  curl_easy_setopt(handle, CURLOPT_URL, options.url.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, parsed.scheme.c_str());
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(options.timeout.count()));
  curl_easy_setopt(handle, CURLOPT_USERAGENT, "skein");
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, error);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &OnBytes);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, &OnProgress);
  curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &transfer);
  if (!options.ca_file.empty()) {
    curl_easy_setopt(handle, CURLOPT_CAINFO, options.ca_file.c_str());
    // Those only: the system's are in a folder.
    curl_easy_setopt(handle, CURLOPT_CAPATH, nullptr);
  }
  // A proxy of the environment has another idea of what this machine is.
  if (IsThisMachine(parsed.host)) curl_easy_setopt(handle, CURLOPT_NOPROXY, "*");
  CURLcode code = curl_easy_perform(handle);
  if (code == CURLE_ABORTED_BY_CALLBACK) return cancel.status();
  if (code == CURLE_WRITE_ERROR) {
    return Failed(options.url, "it is larger than " + std::to_string(options.max_bytes) + " bytes");
  }
  if (code != CURLE_OK)
    return Failed(options.url, error[0] != '\0' ? error : curl_easy_strerror(code));
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) return Failed(options.url, "the answer is " + std::to_string(status));
  return std::move(transfer.body);
}

}  // namespace skein::net
