#include "frontends/flightsql/call_headers.h"

#include <cctype>
#include <charconv>

#include "security/base64.h"

namespace skein::frontends::flightsql {
namespace {

constexpr size_t kMaxHeader = 8192;

/// What follows "<scheme> ", without regard to case.
std::optional<std::string_view> AfterScheme(std::string_view header, std::string_view scheme) {
  if (header.size() <= scheme.size() || header[scheme.size()] != ' ') return std::nullopt;
  for (size_t i = 0; i < scheme.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(header[i])) != scheme[i]) return std::nullopt;
  }
  header.remove_prefix(scheme.size() + 1);
  while (header.starts_with(' ')) header.remove_prefix(1);
  return header;
}

}  // namespace

std::string CookieIn(std::string_view header) {
  while (!header.empty()) {
    size_t end = header.find(';');
    std::string_view part = header.substr(0, end);
    header = end == std::string_view::npos ? std::string_view() : header.substr(end + 1);
    while (part.starts_with(' ')) part.remove_prefix(1);
    size_t equals = part.find('=');
    if (equals != std::string_view::npos && part.substr(0, equals) == kCookieName) {
      return std::string(part.substr(equals + 1));
    }
  }
  return {};
}

std::string PeerAddress(std::string_view peer) {
  std::string text(peer);
  for (const auto& [escape, plain] :
       {std::pair{"%5B", "["}, std::pair{"%5D", "]"}, std::pair{"%25", "%"}}) {
    if (size_t at = text.find(escape); at != std::string::npos) text.replace(at, 3, plain);
  }
  if (text.starts_with("ipv4:")) {
    size_t colon = text.rfind(':');
    return colon > 5 ? text.substr(5, colon - 5) : text;
  }
  if (text.starts_with("ipv6:[")) {
    size_t end = text.find(']');
    return end != std::string::npos ? text.substr(6, end - 6) : text;
  }
  return text;
}

Result<Credentials> DecodeAuthorization(std::string_view header) {
  if (header.size() > kMaxHeader) return errors::Unauthenticated("the credentials are too long");
  if (header.empty()) return Credentials();
  if (auto bearer = AfterScheme(header, "bearer"))
    return Credentials(BearerToken{std::string(*bearer)});
  if (auto basic = AfterScheme(header, "basic")) {
    auto text = security::Base64DecodeUnpadded(*basic);
    size_t colon = text ? text->find(':') : std::string::npos;
    if (colon == std::string::npos)
      return errors::Unauthenticated("the Basic credentials cannot be read");
    return Credentials(BasicCredentials{text->substr(0, colon), text->substr(colon + 1)});
  }
  return errors::Unauthenticated("only Basic and Bearer credentials are supported");
}

Result<std::optional<size_t>> DecodeEndpoints(std::string_view header) {
  if (header.empty()) return std::optional<size_t>();
  size_t number = 0;
  auto parsed = std::from_chars(header.data(), header.data() + header.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != header.data() + header.size() || number < 1 ||
      number > kMaxEndpoints) {
    return errors::InvalidParameter("x-skein-endpoints is to be a number from 1 to " +
                                    std::to_string(kMaxEndpoints));
  }
  return std::optional(number);
}

Result<std::optional<bool>> DecodeKeep(std::string_view header) {
  if (header.empty()) return std::optional<bool>();
  if (header != "yes" && header != "no")
    return errors::InvalidParameter("x-skein-keep is to be yes or no");
  return std::optional(header == "yes");
}

}  // namespace skein::frontends::flightsql
