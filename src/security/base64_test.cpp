#include "security/base64.h"

#include <gtest/gtest.h>

namespace skein::security {
namespace {

TEST(Base64, EncodesTheVectorsOfTheRfc) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (auto [bytes, text] : vectors) {
    EXPECT_EQ(Base64Encode(bytes), text);
    EXPECT_EQ(Base64Decode(text), bytes);
  }
  std::string all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
  EXPECT_EQ(Base64Decode(Base64Encode(all)), all);
}

TEST(Base64, RefusesEverythingElse) {
  for (const char* bad : {"Z", "Zg", "Zg=", "Zg===", "=", "====", "Z===", "Zh==", "Zm9=", "Zm9v\n",
                          "Zm-_", "Zg==Zg==", "Z g=", "=Zg="}) {
    EXPECT_EQ(Base64Decode(bad), std::nullopt) << bad;
  }
}

TEST(Base64Test, PaddingMayBeLeftOutWhereDriversDo) {
  EXPECT_EQ(Base64DecodeUnpadded("YW5uOnNlY3JldA"), "ann:secret");
  EXPECT_EQ(Base64DecodeUnpadded("YW5uOnNlY3JldA=="), "ann:secret");
  EXPECT_EQ(Base64Decode("YW5uOnNlY3JldA"), std::nullopt);
}

}  // namespace
}  // namespace skein::security
