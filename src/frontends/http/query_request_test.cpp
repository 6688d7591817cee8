#include "frontends/http/query_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace skein::frontends::http {
namespace {

using Json = nlohmann::json;

QueryRequest Good(std::string_view query, std::string_view body) {
  auto decoded = DecodeQueryRequest(query, body);
  EXPECT_TRUE(std::holds_alternative<QueryRequest>(decoded)) << std::get<HttpError>(decoded).body;
  return std::holds_alternative<QueryRequest>(decoded) ? std::get<QueryRequest>(decoded)
                                                       : QueryRequest();
}

HttpError Bad(std::string_view query, std::string_view body) {
  auto decoded = DecodeQueryRequest(query, body);
  EXPECT_TRUE(std::holds_alternative<HttpError>(decoded)) << body;
  return std::holds_alternative<HttpError>(decoded) ? std::get<HttpError>(decoded) : HttpError();
}

Json Entry(std::string_view body) {
  HttpError error = Bad("", body);
  EXPECT_EQ(error.status, 422) << body;
  return Json::parse(error.body)["detail"][0];
}

TEST(QueryRequestTest, TakesSqlAndFormat) {
  EXPECT_EQ(Good("", R"({"sql": "SELECT 1"})").sql, "SELECT 1");
  EXPECT_EQ(Good("", R"({"sql": "SELECT 1"})").format, ResultFormat::kJson);
  EXPECT_EQ(Good("format=json", R"({"sql": ""})").sql, "");
  EXPECT_EQ(Good("x=1&form%61t=arro%77&", R"({"sql": "S"})").format, ResultFormat::kArrow);
  EXPECT_EQ(Good("", R"( {"other":{"sql":1},"sql":"a","sql":"é\n\u00e9","z":[{"sql":2}]} )").sql,
            "é\né");
  EXPECT_EQ(Bad("format=xml", R"({"sql": "S"})").status, 400);
  EXPECT_EQ(Bad("format", R"({"sql": "S"})").status, 400);
}

TEST(QueryRequestTest, WrongBodiesAreNamedAsFastApiDoes) {
  Json missing = Entry(R"({"q": 1})");
  EXPECT_EQ(
      missing,
      Json::parse(
          R"({"type":"missing","loc":["body","sql"],"msg":"Field required","input":{"q":1}})"));
  EXPECT_EQ(Entry("")["loc"], Json::parse(R"(["body"])"));
  EXPECT_EQ(Entry(R"({"sql": 5})")["type"], "string_type");
  EXPECT_EQ(Entry(R"({"sql": 5})")["input"], 5);
  EXPECT_EQ(Entry(R"({"sql": null})")["type"], "string_type");
  EXPECT_EQ(Entry(R"({"sql": ["x"]})")["type"], "string_type");
  EXPECT_EQ(Entry("[1]")["type"], "model_attributes_type");
  EXPECT_EQ(Entry("\"sql\"")["type"], "model_attributes_type");
  for (const char* broken :
       {"{", "SELECT 1", "{\"sql\":\"a\"} x", "{\"sql\":\"\xff\"}", R"({"sql":"\ud800"})", "nul"}) {
    EXPECT_EQ(Entry(broken)["type"], "json_invalid") << broken;
  }
}

TEST(QueryRequestTest, ANulIsNotSqlAndLargeBodiesAreNotRepeated) {
  EXPECT_EQ(Bad("", R"({"sql":"SELECT 1\u0000; DROP TABLE t"})").status, 400);
  EXPECT_LT(Bad("", R"({"q":")" + std::string(1 << 20, 'x') + "\"}").body.size(), 1000u);
}

TEST(QueryRequestTest, DeepNestingCostsLittle) {
  EXPECT_EQ(Bad("", std::string(10 << 20, '[')).status, 422);
  std::string deep = std::string(1 << 20, '[') + std::string(1 << 20, ']');
  EXPECT_EQ(Good("", "{\"x\":" + deep + ",\"sql\":\"S\"}").sql, "S");
}

TEST(QueryRequestTest, Targets) {
  EXPECT_EQ(SplitTarget("/query?format=json").path, "/query");
  EXPECT_EQ(SplitTarget("/query?format=json").query, "format=json");
  EXPECT_EQ(SplitTarget("http://host:1/query?a=b#c").path, "/query");
  EXPECT_EQ(SplitTarget("http://host").path, "/");
  EXPECT_EQ(SplitTarget("*").path, "*");
  EXPECT_EQ(DecodeQueryString("a=%zz&b=1+2&c")["a"], "%zz");
  EXPECT_EQ(DecodeQueryString("a=%zz&b=1+2&c")["b"], "1 2");
}

}  // namespace
}  // namespace skein::frontends::http
