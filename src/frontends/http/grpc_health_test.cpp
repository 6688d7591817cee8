#include "frontends/http/grpc_health.h"

#include <map>
#include <string>

#include <gtest/gtest.h>
#include <nghttp2/nghttp2.h>

namespace skein::frontends::http {
namespace {

/// A message of gRPC that holds a HealthCheckRequest.
std::string Request(const std::string& service) {
  std::string message;
  if (!service.empty())
    message = "\x0a" + std::string(1, static_cast<char>(service.size())) + service;
  return std::string(4, '\0') + static_cast<char>(message.size()) + message;
}

std::string Reply(char state) { return std::string("\0\0\0\0\2\x08", 6) + state; }

/// The other half of the connection, and what came of it.
class Client {
 public:
  struct Call {
    std::string to_send;
    std::map<std::string, std::string> fields;
    std::string body;
    bool closed = false;
  };

  explicit Client(GrpcHealth* server) : server_(server) {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(
        callbacks, [](nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name, size_t n,
                      const uint8_t* value, size_t v, uint8_t, void* self) {
          static_cast<Client*>(self)->calls[frame->hd.stream_id].fields.emplace(
              std::string(name, name + n), std::string(value, value + v));
          return 0;
        });
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
        callbacks,
        [](nghttp2_session*, uint8_t, int32_t id, const uint8_t* data, size_t size, void* self) {
          static_cast<Client*>(self)->calls[id].body.append(data, data + size);
          return 0;
        });
    nghttp2_session_callbacks_set_on_stream_close_callback(
        callbacks, [](nghttp2_session*, int32_t id, uint32_t, void* self) {
          static_cast<Client*>(self)->calls[id].closed = true;
          return 0;
        });
    nghttp2_session_client_new(&session_, callbacks, this);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, nullptr, 0);
  }
  ~Client() { nghttp2_session_del(session_); }

  Call& Ask(const std::string& path, const std::string& body,
            const std::string& type = "application/grpc") {
    std::map<std::string, std::string> fields = {{":authority", "x"},
                                                 {":method", "POST"},
                                                 {":scheme", "http"},
                                                 {":path", path},
                                                 {"content-type", type}};
    std::vector<nghttp2_nv> list;
    for (auto& [name, value] : fields) {
      auto bytes = [](const std::string& text) {
        return const_cast<uint8_t*>(reinterpret_cast<const uint8_t*>(text.data()));
      };
      list.push_back({bytes(name), bytes(value), name.size(), value.size(), 0});
    }
    auto rest = std::make_shared<std::string>(body);
    bodies_.push_back(rest);
    nghttp2_data_provider provider{
        {.ptr = rest.get()},
        [](nghttp2_session*, int32_t, uint8_t* buffer, size_t size, uint32_t* flags,
           nghttp2_data_source* source, void*) -> ssize_t {
          auto* text = static_cast<std::string*>(source->ptr);
          size_t count = std::min(size, text->size());
          std::copy_n(text->begin(), count, buffer);
          text->erase(0, count);
          if (text->empty()) *flags |= NGHTTP2_DATA_FLAG_EOF;
          return static_cast<ssize_t>(count);
        }};
    int32_t id =
        nghttp2_submit_request(session_, nullptr, list.data(), list.size(), &provider, nullptr);
    Talk();
    return calls[id];
  }

  /// Hands bytes over, both ways and one at a time, until there are none.
  void Talk() {
    for (bool moved = true; moved;) {
      moved = false;
      const uint8_t* piece = nullptr;
      for (ssize_t size; (size = nghttp2_session_mem_send(session_, &piece)) > 0; moved = true) {
        for (ssize_t i = 0; i < size; ++i) {
          char byte = static_cast<char>(piece[i]);
          EXPECT_TRUE(server_->Receive({&byte, 1}));
        }
      }
      std::string answer = server_->TakeOutput();
      moved = moved || !answer.empty();
      ASSERT_EQ(nghttp2_session_mem_recv(session_, reinterpret_cast<const uint8_t*>(answer.data()),
                                         answer.size()),
                static_cast<ssize_t>(answer.size()));
    }
  }

  std::map<int32_t, Call> calls;

 private:
  GrpcHealth* server_;
  nghttp2_session* session_ = nullptr;
  std::vector<std::shared_ptr<std::string>> bodies_;
};

constexpr char kCheck[] = "/grpc.health.v1.Health/Check";
constexpr char kWatch[] = "/grpc.health.v1.Health/Watch";

class GrpcHealthTest : public testing::Test {
 protected:
  bool serves_ = true;
  GrpcHealth server_{[this](std::string_view service) -> std::optional<bool> {
    if (service.empty() || service == "flight") return serves_;
    return std::nullopt;
  }};
  Client client_{&server_};
};

TEST_F(GrpcHealthTest, Check) {
  for (const char* service : {"", "flight"}) {
    serves_ = true;
    auto& good = client_.Ask(kCheck, Request(service));
    EXPECT_EQ(good.fields[":status"], "200");
    EXPECT_EQ(good.fields["grpc-status"], "0");
    EXPECT_EQ(good.body, Reply(1));
    EXPECT_TRUE(good.closed);
    serves_ = false;
    EXPECT_EQ(client_.Ask(kCheck, Request(service)).body, Reply(2));
  }
  auto& unknown = client_.Ask(kCheck, Request("other"));
  EXPECT_EQ(unknown.fields["grpc-status"], "5");
  EXPECT_EQ(unknown.body, "");
}

TEST_F(GrpcHealthTest, WatchTellsWhatChanges) {
  auto& call = client_.Ask(kWatch, Request("flight"));
  auto& unknown = client_.Ask(kWatch, Request("other"));
  EXPECT_EQ(call.body, Reply(1));
  EXPECT_EQ(unknown.body, Reply(3));
  server_.StateChanged();
  client_.Talk();
  EXPECT_EQ(call.body, Reply(1));
  serves_ = false;
  server_.StateChanged();
  client_.Talk();
  EXPECT_EQ(call.body, Reply(1) + Reply(2));
  EXPECT_FALSE(call.closed);
  server_.Stop();
  client_.Talk();
  EXPECT_TRUE(call.closed);
  EXPECT_EQ(call.fields["grpc-status"], "14");
  EXPECT_EQ(unknown.fields["grpc-status"], "14");
  EXPECT_TRUE(server_.finished());
}

TEST_F(GrpcHealthTest, WhatIsWrongIsAnswered) {
  EXPECT_EQ(client_.Ask("/grpc.health.v1.Health/List", Request("")).fields["grpc-status"], "12");
  EXPECT_EQ(client_.Ask("/other", Request("")).fields["grpc-status"], "12");
  EXPECT_EQ(client_.Ask(kCheck, Request(""), "text/html").fields[":status"], "415");
  for (const std::string& body :
       {std::string(), std::string("\0\0\0", 3), Request("flight").substr(0, 8),
        Request("") + Request(""), std::string("\0\0\0\0\2\x0a\x7f", 7)}) {
    EXPECT_EQ(client_.Ask(kCheck, body).fields["grpc-status"], "3");
  }
  EXPECT_EQ(client_.Ask(kCheck, "\1" + Request("").substr(1)).fields["grpc-status"], "12");
  EXPECT_EQ(client_.Ask(kCheck, std::string(1 << 20, 'x')).fields["grpc-status"], "8");
  // And the connection still serves.
  EXPECT_EQ(client_.Ask(kCheck, Request("")).body, Reply(1));
}

TEST_F(GrpcHealthTest, GarbageEndsTheConnection) {
  GrpcHealth one([](std::string_view) { return true; });
  EXPECT_FALSE(one.Receive("GET / HTTP/1.1\r\nHost: somewhere\r\n\r\n"));
  GrpcHealth two([](std::string_view) { return true; });
  EXPECT_TRUE(two.Receive(kHttp2Preface));
  (void)two.Receive(std::string(1000, '\xff'));
  (void)two.TakeOutput();
  EXPECT_TRUE(two.finished());
}

}  // namespace
}  // namespace skein::frontends::http
