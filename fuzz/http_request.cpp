// Input: a request target, a line feed, a body. What is understood is text that the engine may be
// given.
#include <cstdint>
#include <string_view>

#include "common/utf8.h"
#include "frontends/http/query_request.h"
#include "property.h"

namespace {

using namespace skein::frontends::http;  // NOLINT(google-build-using-namespace)

void CheckRequest(std::string_view bytes) {
  size_t line = bytes.find('\n');
  std::string_view head = bytes.substr(0, line);
  std::string_view body =
      line == std::string_view::npos ? std::string_view() : bytes.substr(line + 1);
  Target target = SplitTarget(head);
  PROPERTY(!target.path.empty());
  auto decoded = DecodeQueryRequest(target.query, body);
  if (const auto* request = std::get_if<QueryRequest>(&decoded)) {
    PROPERTY(request->sql.size() <= body.size());
    PROPERTY(request->sql.find('\0') == std::string::npos);
    PROPERTY(skein::IsValidUtf8(request->sql));
  } else {
    const auto& error = std::get<HttpError>(decoded);
    PROPERTY(error.status == 400 || error.status == 422);
    PROPERTY(error.body.starts_with("{\"detail\":"));
    PROPERTY(skein::IsValidUtf8(error.body));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  CheckRequest(std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
