#include "frontends/http/grpc_health.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include <grpc_health.pb.h>
#include <nghttp2/nghttp2.h>

namespace skein::frontends::http {
namespace {

using grpc_health::HealthCheckRequest;
using grpc_health::HealthCheckResponse;

constexpr std::string_view kServicePath = "/grpc.health.v1.Health/";
/// In front of each message of gRPC: whether it is compressed, and its length.
constexpr size_t kMessageHead = 5;

// Codes of gRPC.
constexpr int kOk = 0;
constexpr int kInvalidArgument = 3;
constexpr int kNotFound = 5;
constexpr int kResourceExhausted = 8;
constexpr int kUnimplemented = 12;
constexpr int kUnavailable = 14;

nghttp2_nv Field(std::string_view name, std::string_view value) {
  // nghttp2 copies both, and does not write to them.
  auto bytes = [](std::string_view text) {
    return const_cast<uint8_t*>(reinterpret_cast<const uint8_t*>(text.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

std::string Framed(HealthCheckResponse::ServingStatus state) {
  HealthCheckResponse response;
  response.set_status(state);
  std::string message = response.SerializeAsString();
  std::string framed(kMessageHead, '\0');
  framed.back() = static_cast<char>(message.size());
  return framed + message;
}

}  // namespace

class GrpcHealth::Impl {
 public:
  explicit Impl(Lookup lookup) : lookup_(std::move(lookup)) {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, &OnBeginHeaders);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, &OnHeader);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, &OnData);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, &OnFrame);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, &OnClose);
    nghttp2_session_server_new(&session_, callbacks, this);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_settings_entry settings[] = {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, kMaxStreams}};
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings, std::size(settings));
  }
  ~Impl() { nghttp2_session_del(session_); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  bool Receive(std::string_view bytes) {
    ssize_t taken = nghttp2_session_mem_recv(
        session_, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
    return taken == static_cast<ssize_t>(bytes.size());
  }

  void StateChanged() {
    for (auto& [id, call] : calls_) {
      if (call.watching) Tell(id, call);
    }
  }

  void Stop() {
    for (auto& [id, call] : calls_) {
      if (!call.watching) continue;
      call.watching = false;
      call.end = {kUnavailable, "the server is stopping"};
      nghttp2_session_resume_data(session_, id);
    }
    nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE,
                          nghttp2_session_get_last_proc_stream_id(session_), NGHTTP2_NO_ERROR,
                          nullptr, 0);
  }

  std::string TakeOutput() {
    std::string output;
    const uint8_t* piece = nullptr;
    ssize_t size = 0;
    while ((size = nghttp2_session_mem_send(session_, &piece)) > 0)
      output.append(reinterpret_cast<const char*>(piece), static_cast<size_t>(size));
    return output;
  }

  bool finished() const {
    return !nghttp2_session_want_read(session_) && !nghttp2_session_want_write(session_);
  }

 private:
  struct End {
    int code;
    std::string message;
  };
  struct Call {
    std::string path;
    std::string content_type;
    std::string received;
    bool answered = false;
    std::string service;
    /// The client is told each time the state is another one.
    bool watching = false;
    HealthCheckResponse::ServingStatus told = HealthCheckResponse::UNKNOWN;
    /// Messages on their way to the client, and how the call ends behind them.
    std::string sending;
    std::optional<End> end;
  };

  static Impl* Of(void* self) { return static_cast<Impl*>(self); }
  Call* Find(int32_t id) {
    auto found = calls_.find(id);
    return found == calls_.end() ? nullptr : &found->second;
  }

  static int OnBeginHeaders(nghttp2_session*, const nghttp2_frame* frame, void* self) {
    if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST)
      Of(self)->calls_.try_emplace(frame->hd.stream_id);
    return 0;
  }

  static int OnHeader(nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name,
                      size_t name_size, const uint8_t* value, size_t value_size, uint8_t,
                      void* self) {
    Call* call = Of(self)->Find(frame->hd.stream_id);
    if (!call) return 0;
    std::string_view key(reinterpret_cast<const char*>(name), name_size);
    std::string_view text(reinterpret_cast<const char*>(value), value_size);
    if (key == ":path") call->path = text.substr(0, 256);
    if (key == "content-type") call->content_type = text.substr(0, 256);
    return 0;
  }

  static int OnData(nghttp2_session*, uint8_t, int32_t id, const uint8_t* data, size_t size,
                    void* self) {
    Call* call = Of(self)->Find(id);
    if (!call || call->answered) return 0;
    if (call->received.size() + size > kMessageHead + kMaxMessage) {
      Of(self)->Refuse(id, *call, {kResourceExhausted, "the request is too large"});
      // The rest is read and forgotten: a reset could overtake the answer.
      return 0;
    }
    call->received.append(reinterpret_cast<const char*>(data), size);
    return 0;
  }

  static int OnFrame(nghttp2_session*, const nghttp2_frame* frame, void* self) {
    bool ends = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    if (!ends || !(frame->hd.flags & NGHTTP2_FLAG_END_STREAM)) return 0;
    Call* call = Of(self)->Find(frame->hd.stream_id);
    if (call && !call->answered) Of(self)->Answer(frame->hd.stream_id, *call);
    return 0;
  }

  static int OnClose(nghttp2_session*, int32_t id, uint32_t, void* self) {
    Of(self)->calls_.erase(id);
    return 0;
  }

  void Answer(int32_t id, Call& call) {
    if (!call.content_type.starts_with("application/grpc")) {
      call.answered = true;
      nghttp2_nv fields[] = {Field(":status", "415")};
      nghttp2_submit_response(session_, id, fields, std::size(fields), nullptr);
      return;
    }
    std::string_view path = call.path;
    bool check = path == std::string(kServicePath) + "Check";
    bool watch = path == std::string(kServicePath) + "Watch";
    if (!check && !watch) {
      return Refuse(id, call,
                    {kUnimplemented, "only grpc.health.v1.Health/Check and /Watch are here"});
    }
    std::string_view received = call.received;
    HealthCheckRequest request;
    if (received.size() >= kMessageHead && received[0] != 0)
      return Refuse(id, call, {kUnimplemented, "compressed requests are not supported"});
    size_t length = 0;
    for (size_t i = 1; i < kMessageHead && received.size() >= kMessageHead; ++i)
      length = length << 8 | static_cast<uint8_t>(received[i]);
    if (received.size() < kMessageHead || received.size() - kMessageHead != length ||
        !request.ParseFromArray(received.data() + kMessageHead, static_cast<int>(length))) {
      return Refuse(id, call, {kInvalidArgument, "the request is not one HealthCheckRequest"});
    }
    call.service = request.service();
    auto serves = lookup_(call.service);
    if (check && !serves) return Refuse(id, call, {kNotFound, "there is no such service"});
    call.answered = true;
    call.watching = watch;
    Tell(id, call);
    if (check) call.end = {kOk, ""};
    nghttp2_nv fields[] = {Field(":status", "200"), Field("content-type", "application/grpc")};
    nghttp2_data_provider body{{.fd = 0}, &ReadBody};
    nghttp2_submit_response(session_, id, fields, std::size(fields), &body);
  }

  /// Adds a message to what is sent, when there is news.
  void Tell(int32_t id, Call& call) {
    auto serves = lookup_(call.service);
    auto state = !serves   ? HealthCheckResponse::SERVICE_UNKNOWN
                 : *serves ? HealthCheckResponse::SERVING
                           : HealthCheckResponse::NOT_SERVING;
    if (state == call.told) return;
    call.told = state;
    call.sending += Framed(state);
    // Fails when the body waits for nothing, and then it will be asked anyhow.
    (void)nghttp2_session_resume_data(session_, id);
  }

  void Refuse(int32_t id, Call& call, const End& end) {
    call.answered = true;
    std::string code = std::to_string(end.code);
    nghttp2_nv fields[] = {Field(":status", "200"), Field("content-type", "application/grpc"),
                           Field("grpc-status", code), Field("grpc-message", end.message)};
    nghttp2_submit_response(session_, id, fields, std::size(fields), nullptr);
  }

  static ssize_t ReadBody(nghttp2_session* session, int32_t id, uint8_t* buffer, size_t size,
                          uint32_t* flags, nghttp2_data_source*, void* self) {
    Call* call = Of(self)->Find(id);
    if (!call) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    size_t count = std::min(size, call->sending.size());
    if (count == 0 && !call->end) return NGHTTP2_ERR_DEFERRED;
    std::copy_n(call->sending.begin(), count, buffer);
    call->sending.erase(0, count);
    if (call->sending.empty() && call->end) {
      *flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
      std::string code = std::to_string(call->end->code);
      std::vector<nghttp2_nv> fields = {Field("grpc-status", code)};
      if (!call->end->message.empty()) fields.push_back(Field("grpc-message", call->end->message));
      nghttp2_submit_trailer(session, id, fields.data(), fields.size());
    }
    return static_cast<ssize_t>(count);
  }

  const Lookup lookup_;
  nghttp2_session* session_ = nullptr;
  std::map<int32_t, Call> calls_;
};

GrpcHealth::GrpcHealth(Lookup lookup) : impl_(std::make_unique<Impl>(std::move(lookup))) {}
GrpcHealth::~GrpcHealth() = default;
bool GrpcHealth::Receive(std::string_view bytes) { return impl_->Receive(bytes); }
void GrpcHealth::StateChanged() { impl_->StateChanged(); }
void GrpcHealth::Stop() { impl_->Stop(); }
std::string GrpcHealth::TakeOutput() { return impl_->TakeOutput(); }
bool GrpcHealth::finished() const { return impl_->finished(); }

}  // namespace skein::frontends::http
