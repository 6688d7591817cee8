#include "frontends/pgwire/frame_reader.h"

#include <gtest/gtest.h>

#include "frontends/pgwire/wire_bytes.h"

namespace skein::frontends::pgwire {
namespace {

TEST(FrameReader, CutsOneMessageAndLeavesTheRest) {
  std::string bytes = WireBytes().CString("SELECT 1").Message('Q') + WireBytes().Message('S');
  Frame frame = ReadFrame(bytes);
  ASSERT_EQ(frame.status, FrameStatus::kOk);
  EXPECT_EQ(frame.type, 'Q');
  EXPECT_EQ(frame.payload, std::string_view("SELECT 1\0", 9));
  EXPECT_EQ(frame.consumed, 14u);
  frame = ReadFrame(std::string_view(bytes).substr(frame.consumed));
  ASSERT_EQ(frame.status, FrameStatus::kOk);
  EXPECT_EQ(frame.type, 'S');
  EXPECT_TRUE(frame.payload.empty());
  EXPECT_EQ(frame.consumed, 5u);
}

TEST(FrameReader, AsksForMoreAtEveryCut) {
  std::string bytes = WireBytes().CString("SELECT 1").Message('Q');
  for (size_t cut = 0; cut < bytes.size(); ++cut) {
    Frame frame = ReadFrame(bytes.substr(0, cut));
    EXPECT_EQ(frame.status, FrameStatus::kNeedMore) << cut;
    EXPECT_EQ(frame.needed, cut < 5 ? 5u : 14u) << cut;
    EXPECT_EQ(frame.consumed, 0u);
  }
}

TEST(FrameReader, RefusesALengthShorterThanItself) {
  for (uint32_t length : {0u, 1u, 3u}) {
    std::string bytes = WireBytes().Uint8('Q').Uint32(length).str();
    Frame frame = ReadFrame(bytes);
    EXPECT_EQ(frame.status, FrameStatus::kMalformed);
    EXPECT_EQ(FrameError(frame).sqlstate(), "08P01");
  }
}

TEST(FrameReader, RefusesAnUnknownTypeAtItsFirstByte) {
  for (int type = 0; type < 256; ++type) {
    Frame frame = ReadFrame(std::string(1, static_cast<char>(type)));
    bool known = type != 0 && std::string_view("BCDEFHPQSXcdfp").find(static_cast<char>(type)) !=
                                  std::string_view::npos;
    EXPECT_EQ(frame.status, known ? FrameStatus::kNeedMore : FrameStatus::kMalformed) << type;
  }
  EXPECT_EQ(FrameError(ReadFrame("\x01")).message(), "invalid frontend message type 1");
}

TEST(FrameReader, ChecksTheCapBeforeThePayloadCame) {
  auto read = [](char type, uint32_t payload, size_t cap) {
    return ReadFrame(WireBytes().Uint8(type).Uint32(payload + 4).str(), cap);
  };
  EXPECT_EQ(read('Q', kMaxMessageBytes, kMaxMessageBytes).status, FrameStatus::kNeedMore);
  EXPECT_EQ(read('Q', kMaxMessageBytes + 1, kMaxMessageBytes).status, FrameStatus::kTooLarge);
  EXPECT_EQ(read('Q', 0xfffffffbu, kMaxMessageBytes).status, FrameStatus::kTooLarge);
  EXPECT_EQ(read('p', 65535, kMaxMessageBytesBeforeAuthentication).status, FrameStatus::kNeedMore);
  Frame frame = read('p', 65536, kMaxMessageBytesBeforeAuthentication);
  EXPECT_EQ(frame.status, FrameStatus::kTooLarge);
  EXPECT_NE(FrameError(frame, kMaxMessageBytesBeforeAuthentication).message().find("65535"),
            std::string::npos);
}

TEST(FrameReader, CapsMessagesThatOnlyCarryAName) {
  for (char type : {'D', 'E', 'C', 'H', 'S', 'X', 'c'}) {
    EXPECT_EQ(ReadFrame(WireBytes().Uint8(type).Uint32(10005).str()).status, FrameStatus::kTooLarge)
        << type;
    EXPECT_EQ(ReadFrame(WireBytes().Uint8(type).Uint32(10004).str()).status, FrameStatus::kNeedMore)
        << type;
  }
}

}  // namespace
}  // namespace skein::frontends::pgwire
