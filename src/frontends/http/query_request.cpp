#include "frontends/http/query_request.h"

#include <optional>

#include <nlohmann/json.hpp>

namespace skein::frontends::http {
namespace {

using Json = nlohmann::json;

/// FastAPI repeats what it was given; a large body is not worth repeating.
constexpr size_t kMaxEchoedBytes = 4096;

/// Keeps the text of the top object's member "sql" and nothing else.
class BodyReader : public nlohmann::json_sax<Json> {
 public:
  enum class Found { kNothing, kText, kOtherType };

  bool null() override { return Value(Found::kOtherType); }
  bool boolean(bool) override { return Value(Found::kOtherType); }
  bool number_integer(number_integer_t) override { return Value(Found::kOtherType); }
  bool number_unsigned(number_unsigned_t) override { return Value(Found::kOtherType); }
  bool number_float(number_float_t, const string_t&) override { return Value(Found::kOtherType); }
  bool binary(binary_t&) override { return Value(Found::kOtherType); }
  bool string(string_t& text) override {
    if (depth_ == 1 && at_sql_) sql = std::move(text);
    return Value(Found::kText);
  }
  bool start_object(size_t) override {
    if (depth_ == 0) is_object = true;
    return Open();
  }
  bool start_array(size_t) override { return Open(); }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }
  bool key(string_t& name) override {
    if (depth_ == 1) at_sql_ = name == "sql";
    return true;
  }
  bool parse_error(size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    error_position = position;
    return false;
  }

  std::string sql;
  Found found = Found::kNothing;
  bool is_object = false;
  size_t error_position = 0;

 private:
  bool Value(Found what) {
    if (depth_ == 1 && at_sql_) found = what;
    return true;
  }
  bool Open() {
    Value(Found::kOtherType);
    ++depth_;
    return true;
  }
  bool Close() {
    --depth_;
    return true;
  }

  size_t depth_ = 0;
  bool at_sql_ = false;
};

HttpError ValidationError(Json entry) {
  Json body = {{"detail", Json::array({std::move(entry)})}};
  HttpError error;
  error.status = 422;
  error.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
  return error;
}

/// Precondition: `body` is valid JSON.
Json Echo(std::string_view body) {
  if (body.size() > kMaxEchoedBytes) return nullptr;
  return Json::parse(body, nullptr, /*allow_exceptions=*/false);
}

std::optional<HttpError> CheckBody(std::string_view body, std::string* sql) {
  if (body.empty()) {
    return ValidationError(
        {{"type", "missing"}, {"loc", {"body"}}, {"msg", "Field required"}, {"input", nullptr}});
  }
  BodyReader reader;
  if (!Json::sax_parse(body, &reader)) {
    return ValidationError({{"type", "json_invalid"},
                            {"loc", {"body", reader.error_position}},
                            {"msg", "JSON decode error"},
                            {"input", Json::object()},
                            {"ctx", {{"error", "The body is not JSON in UTF-8"}}}});
  }
  if (!reader.is_object) {
    return ValidationError(
        {{"type", "model_attributes_type"},
         {"loc", {"body"}},
         {"msg", "Input should be a valid dictionary or object to extract fields from"},
         {"input", Echo(body)}});
  }
  if (reader.found == BodyReader::Found::kNothing) {
    return ValidationError({{"type", "missing"},
                            {"loc", {"body", "sql"}},
                            {"msg", "Field required"},
                            {"input", Echo(body)}});
  }
  if (reader.found == BodyReader::Found::kOtherType) {
    Json echo = Echo(body);
    return ValidationError({{"type", "string_type"},
                            {"loc", {"body", "sql"}},
                            {"msg", "Input should be a valid string"},
                            {"input", echo.is_object() ? echo["sql"] : Json()}});
  }
  if (reader.sql.find('\0') != std::string::npos) {
    return DetailError(400, "Invalid SQL syntax: the statement holds a NUL character");
  }
  *sql = std::move(reader.sql);
  return std::nullopt;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string Decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] == '%' && text.size() - i > 2 && HexDigit(text[i + 1]) >= 0 &&
               HexDigit(text[i + 2]) >= 0) {
      out += static_cast<char>(HexDigit(text[i + 1]) * 16 + HexDigit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace

std::map<std::string, std::string> DecodeQueryString(std::string_view query_string) {
  std::map<std::string, std::string> parameters;
  while (!query_string.empty()) {
    size_t end = query_string.find('&');
    std::string_view pair = query_string.substr(0, end);
    query_string.remove_prefix(end == std::string_view::npos ? query_string.size() : end + 1);
    if (pair.empty()) continue;
    size_t equals = pair.find('=');
    std::string_view value =
        equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    parameters[Decode(pair.substr(0, equals))] = Decode(value);
  }
  return parameters;
}

Target SplitTarget(std::string_view target) {
  target = target.substr(0, target.find('#'));
  size_t scheme = target.find("://");
  if (!target.empty() && target[0] != '/' && scheme != std::string_view::npos) {
    size_t path = target.find_first_of("/?", scheme + 3);
    target = path == std::string_view::npos ? std::string_view("/") : target.substr(path);
  }
  Target parts;
  size_t question = target.find('?');
  parts.path = std::string(target.substr(0, question));
  if (question != std::string_view::npos) parts.query = std::string(target.substr(question + 1));
  if (parts.path.empty()) parts.path = "/";
  return parts;
}

std::variant<QueryRequest, HttpError> DecodeQueryRequest(std::string_view query_string,
                                                         std::string_view body) {
  QueryRequest request;
  auto parameters = DecodeQueryString(query_string);
  if (auto format = parameters.find("format"); format != parameters.end()) {
    if (format->second == "arrow") {
      request.format = ResultFormat::kArrow;
    } else if (format->second != "json") {
      return DetailError(400, "Unknown format '" + format->second.substr(0, 100) +
                                  "': the formats are json and arrow");
    }
  }
  if (auto error = CheckBody(body, &request.sql)) return *std::move(error);
  return request;
}

}  // namespace skein::frontends::http
