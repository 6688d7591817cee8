#include "security/login_rules.h"

#include <algorithm>
#include <charconv>

#include <arpa/inet.h>
#include <fmt/format.h>

#include "security/auth_policy.h"

namespace skein::security {
namespace {

constexpr int kAddressBits = 128;
constexpr int kMappedBits = 96;

/// An address in the 16 bytes of IPv6.
std::optional<std::string> AddressBytes(std::string_view text, bool* is_v4) {
  std::string address(text.substr(0, text.find('%')));
  if (address.find('\0') != std::string::npos) return std::nullopt;
  std::string bytes(16, '\0');
  *is_v4 = false;
  if (inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1) return bytes;
  std::fill_n(bytes.begin() + 10, 2, '\xff');
  if (inet_pton(AF_INET, address.c_str(), bytes.data() + 12) != 1) return std::nullopt;
  *is_v4 = true;
  return bytes;
}

bool SameNetwork(std::string_view a, std::string_view b, int prefix) {
  for (int bit = 0; bit < prefix; ++bit) {
    auto at = static_cast<size_t>(bit / 8);
    int shift = 7 - bit % 8;
    if ((static_cast<unsigned char>(a[at]) ^ static_cast<unsigned char>(b[at])) >> shift & 1)
      return false;
  }
  return true;
}

bool Lists(const std::vector<std::string>& names, std::string_view name) {
  return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
}

/// One word of a line: its values between commas, and whether each stood in quotes.
struct Word {
  struct Value {
    std::string text;
    bool quoted = false;
  };
  std::vector<Value> values;

  bool Is(std::string_view keyword) const {
    return values.size() == 1 && !values[0].quoted && values[0].text == keyword;
  }
  std::string text() const {
    std::string joined;
    for (const Value& value : values) joined += (joined.empty() ? "" : ",") + value.text;
    return joined;
  }
};

class LineReader {
 public:
  LineReader(size_t number, std::string_view line) : number_(number), rest_(line) {}

  /// nullopt: nothing but blanks and comments.
  Result<std::optional<LoginRule>> Read() {
    SKEIN_RETURN_IF_ERROR(Cut());
    if (words_.empty()) return std::optional<LoginRule>();
    LoginRule rule;
    rule.line = number_;
    SKEIN_RETURN_IF_ERROR(ReadType(&rule));
    if (words_.size() < 3) return Wrong("there is no database and user", "");
    SKEIN_RETURN_IF_ERROR(ReadDatabases(words_[1], &rule));
    SKEIN_RETURN_IF_ERROR(ReadUsers(words_[2], &rule));
    size_t at = 3;
    if (rule.connection != LoginRule::Connection::kLocal) {
      SKEIN_RETURN_IF_ERROR(ReadAddress(&at, &rule));
    }
    if (at >= words_.size()) return Wrong("there is no method", kMethods);
    SKEIN_RETURN_IF_ERROR(ReadMethod(words_[at++], &rule));
    for (; at < words_.size(); ++at) SKEIN_RETURN_IF_ERROR(ReadOption(words_[at], &rule));
    return std::optional(std::move(rule));
  }

 private:
  static constexpr std::string_view kMethods =
      "The methods are trust, reject, scram-sha-256 and cert.";

  Status Wrong(std::string_view what, std::string_view hint) const {
    Status status =
        errors::InvalidParameter(fmt::format("line {} of the rules file: {}", number_, what));
    return hint.empty() ? std::move(status).WithHint(
                              "A rule is written TYPE DATABASE USER ADDRESS METHOD, as in "
                              "PostgreSQL's pg_hba.conf.")
                        : std::move(status).WithHint(std::string(hint));
  }

  Status Cut() {
    size_t at = 0;
    while (at < rest_.size()) {
      char c = rest_[at];
      if (c == '#') return Status::OK();
      if (c == ' ' || c == '\t' || c == '\r') {
        ++at;
        continue;
      }
      Word word;
      while (true) {
        Word::Value& value = word.values.emplace_back();
        while (at < rest_.size() && rest_[at] != ',' && rest_[at] != ' ' && rest_[at] != '\t' &&
               rest_[at] != '\r' && rest_[at] != '#') {
          if (rest_[at] != '"') {
            value.text.push_back(rest_[at++]);
            continue;
          }
          value.quoted = true;
          size_t end = rest_.find('"', at + 1);
          if (end == std::string_view::npos)
            return Wrong("a double quote is never closed", "Close the quote in the same line.");
          value.text.append(rest_.substr(at + 1, end - at - 1));
          at = end + 1;
        }
        if (value.text.empty()) return Wrong("a name between commas is empty", "");
        if (at >= rest_.size() || rest_[at] != ',') break;
        ++at;
        while (at < rest_.size() && (rest_[at] == ' ' || rest_[at] == '\t')) ++at;
      }
      words_.push_back(std::move(word));
    }
    return Status::OK();
  }

  Status ReadType(LoginRule* rule) const {
    const Word& type = words_[0];
    if (type.Is("local")) {
      rule->connection = LoginRule::Connection::kLocal;
    } else if (type.Is("host")) {
      rule->connection = LoginRule::Connection::kHost;
    } else if (type.Is("hostssl")) {
      rule->connection = LoginRule::Connection::kEncrypted;
    } else if (type.Is("hostnossl")) {
      rule->connection = LoginRule::Connection::kPlain;
    } else {
      return Wrong(fmt::format("unknown connection type \"{}\"", type.text()),
                   "The types are local, host, hostssl and hostnossl.");
    }
    return Status::OK();
  }

  Status ReadDatabases(const Word& word, LoginRule* rule) const {
    for (const Word::Value& value : word.values) {
      if (!value.quoted && value.text == "all") {
        rule->databases.clear();
        rule->same_user = false;
        return Status::OK();
      }
      if (!value.quoted && value.text == "sameuser") {
        rule->same_user = true;
      } else if (!value.quoted && (value.text == "samerole" || value.text == "samegroup" ||
                                   value.text == "replication" || value.text[0] == '@')) {
        return Wrong(fmt::format("the database \"{}\" is not supported", value.text),
                     "Write all, sameuser, or names.");
      } else {
        rule->databases.push_back(value.text);
      }
    }
    return Status::OK();
  }

  Status ReadUsers(const Word& word, LoginRule* rule) const {
    for (const Word::Value& value : word.values) {
      if (!value.quoted && value.text == "all") {
        rule->users.clear();
        return Status::OK();
      }
      if (!value.quoted && (value.text[0] == '+' || value.text[0] == '@' || value.text[0] == '/')) {
        return Wrong(
            fmt::format("the user \"{}\" is not supported: there are no roles", value.text),
            "Write all, or names; a name that begins so goes between double quotes.");
      }
      rule->users.push_back(value.text);
    }
    return Status::OK();
  }

  Status ReadAddress(size_t* at, LoginRule* rule) const {
    constexpr std::string_view kHint =
        "Write all, an address such as 10.0.0.7 or ::1, or a network such as 10.0.0.0/8.";
    if (*at >= words_.size()) return Wrong("there is no address", kHint);
    const Word& word = words_[(*at)++];
    rule->network.assign(16, '\0');
    rule->prefix = 0;
    if (word.Is("all")) return Status::OK();
    std::string text = word.text();
    size_t slash = text.find('/');
    bool is_v4 = false;
    auto bytes = AddressBytes(std::string_view(text).substr(0, slash), &is_v4);
    if (!bytes) return Wrong(fmt::format("\"{}\" is no numeric address", text), kHint);
    int most = is_v4 ? kAddressBits - kMappedBits : kAddressBits;
    int bits = most;
    if (slash != std::string::npos) {
      const char* begin = text.data() + slash + 1;
      const char* end = text.data() + text.size();
      auto [stop, error] = std::from_chars(begin, end, bits);
      if (error != std::errc() || stop != end || bits < 0 || bits > most) {
        return Wrong(fmt::format("a network of \"{}\" has 0 to {} bits", text, most), kHint);
      }
    } else if (*at + 1 < words_.size()) {
      // PostgreSQL's other form: the mask in a word of its own.
      bool mask_is_v4 = false;
      if (auto mask = AddressBytes(words_[*at].text(), &mask_is_v4)) {
        if (mask_is_v4 != is_v4) return Wrong("address and mask are of different kinds", kHint);
        if (!MaskBits(*mask, is_v4, &bits))
          return Wrong(fmt::format("\"{}\" is no network mask", words_[*at].text()), kHint);
        ++*at;
      }
    }
    rule->network = *bytes;
    rule->prefix = bits + (is_v4 ? kMappedBits : 0);
    return Status::OK();
  }

  static bool MaskBits(std::string_view mask, bool is_v4, int* bits) {
    int first = is_v4 ? kMappedBits : 0;
    auto bit = [&](int at) {
      return static_cast<unsigned char>(mask[static_cast<size_t>(at / 8)]) >> (7 - at % 8) & 1;
    };
    *bits = 0;
    while (first + *bits < kAddressBits && bit(first + *bits)) ++*bits;
    for (int at = first + *bits; at < kAddressBits; ++at) {
      if (bit(at)) return false;
    }
    return true;
  }

  Status ReadMethod(const Word& word, LoginRule* rule) const {
    if (word.Is("trust")) {
      rule->method = LoginMethod::kTrust;
    } else if (word.Is("reject")) {
      rule->method = LoginMethod::kReject;
    } else if (word.Is("scram-sha-256") || word.Is("md5")) {
      // As PostgreSQL: md5 means SCRAM where the verifier is one, as all are here.
      rule->method = LoginMethod::kPassword;
    } else if (word.Is("cert")) {
      if (rule->connection != LoginRule::Connection::kEncrypted)
        return Wrong("cert is for hostssl only", "Begin the rule with hostssl.");
      rule->method = LoginMethod::kCertificate;
      rule->certificate = LoginRule::ClientCertificate::kSameName;
    } else if (word.Is("password")) {
      return Wrong("the method password would send it unprotected",
                   "Write scram-sha-256, which asks for the same password.");
    } else {
      return Wrong(fmt::format("unknown method \"{}\"", word.text()), kMethods);
    }
    return Status::OK();
  }

  Status ReadOption(const Word& word, LoginRule* rule) const {
    std::string option = word.text();
    if (option != "clientcert=verify-ca" && option != "clientcert=verify-full") {
      return Wrong(fmt::format("unknown option \"{}\"", option),
                   "The options are clientcert=verify-ca and clientcert=verify-full.");
    }
    if (rule->connection != LoginRule::Connection::kEncrypted)
      return Wrong("clientcert is for hostssl only", "Begin the rule with hostssl.");
    if (option == "clientcert=verify-full") {
      rule->certificate = LoginRule::ClientCertificate::kSameName;
    } else if (rule->method == LoginMethod::kCertificate) {
      return Wrong("cert always compares the name", "Leave clientcert out.");
    } else {
      rule->certificate = LoginRule::ClientCertificate::kVerified;
    }
    return Status::OK();
  }

  size_t number_;
  std::string_view rest_;
  std::vector<Word> words_;
};

}  // namespace

bool LoginRule::Matches(const LoginRequest& request) const {
  switch (connection) {
    case Connection::kLocal:
      if (!IsLoopbackAddress(request.address)) return false;
      break;
    case Connection::kHost:
      break;
    case Connection::kEncrypted:
      if (!request.encrypted) return false;
      break;
    case Connection::kPlain:
      if (request.encrypted) return false;
      break;
  }
  if (connection != Connection::kLocal && prefix > 0) {
    bool is_v4 = false;
    auto bytes = AddressBytes(request.address, &is_v4);
    if (!bytes || !SameNetwork(*bytes, network, prefix)) return false;
  }
  bool any_database = databases.empty() && !same_user;
  bool database = any_database || (same_user && request.database == request.user) ||
                  (!databases.empty() && Lists(databases, request.database));
  return database && Lists(users, request.user);
}

Result<std::vector<LoginRule>> ParseLoginRules(std::string_view text) {
  if (text.size() > kMaxRulesFileBytes) {
    return errors::InvalidParameter(
        fmt::format("the rules file is larger than {} bytes", kMaxRulesFileBytes));
  }
  std::vector<LoginRule> rules;
  for (size_t number = 1; !text.empty(); ++number) {
    size_t end = std::min(text.find('\n'), text.size());
    SKEIN_ASSIGN_OR_RETURN(auto rule, LineReader(number, text.substr(0, end)).Read());
    if (rule) rules.push_back(*std::move(rule));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return rules;
}

const LoginRule* FindLoginRule(const std::vector<LoginRule>& rules, const LoginRequest& request) {
  for (const LoginRule& rule : rules) {
    if (rule.Matches(request)) return &rule;
  }
  return nullptr;
}

}  // namespace skein::security
