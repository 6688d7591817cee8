// Input: what a client sends on an HTTP/2 connection, without the preface. How it is cut does not
// matter; what is answered stays within bounds; a connection that is over stays so.
#include "frontends/http/grpc_health.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "property.h"

namespace {

using skein::frontends::http::GrpcHealth;
using skein::frontends::http::kHttp2Preface;

std::optional<bool> Serves(std::string_view service) {
  PROPERTY(service.size() <= GrpcHealth::kMaxMessage);
  return service.empty() ? std::optional(true) : std::nullopt;
}

std::string Answer(std::string_view bytes, size_t piece) {
  GrpcHealth health(&Serves);
  PROPERTY(health.Receive(kHttp2Preface));
  bool good = true;
  while (good && !bytes.empty()) {
    good = health.Receive(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  health.StateChanged();
  std::string output = health.TakeOutput();
  health.Stop();
  output += health.TakeOutput();
  PROPERTY(health.TakeOutput().empty());
  return output;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::string whole = Answer(bytes, size + 1);
  // Each frame of the client is answered by a few small ones at most.
  PROPERTY(whole.size() <= 1000 + 100 * size);
  PROPERTY(Answer(bytes, 1).size() <= 1000 + 100 * size);
  return 0;
}
