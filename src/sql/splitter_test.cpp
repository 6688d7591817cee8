#include "sql/splitter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/token.h"

namespace skein::sql {
namespace {

std::vector<std::string> Texts(std::string_view text) {
  std::vector<std::string> texts;
  for (const Piece& piece : Split(text)) {
    EXPECT_EQ(text.substr(piece.offset, piece.text.size()), piece.text);
    texts.emplace_back(piece.text);
  }
  return texts;
}

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Splitter, CutsAtSemicolonsOutsideOfQuotes) {
  EXPECT_THAT(Texts("SELECT 1; SELECT 2 ;"), ElementsAre("SELECT 1", "SELECT 2"));
  EXPECT_THAT(Texts("SELECT ';'; SELECT \"a;b\""), ElementsAre("SELECT ';'", "SELECT \"a;b\""));
  EXPECT_THAT(Texts("SELECT 'it''s; one'; x"), ElementsAre("SELECT 'it''s; one'", "x"));
  EXPECT_THAT(Texts("SELECT $$a;b$$; x"), ElementsAre("SELECT $$a;b$$", "x"));
  EXPECT_THAT(Texts("SELECT $t$a;$$;$t$; x"), ElementsAre("SELECT $t$a;$$;$t$", "x"));
  EXPECT_THAT(Texts("SELECT a$b;c$b"), ElementsAre("SELECT a$b", "c$b"));
  EXPECT_THAT(Texts("SELECT $1;SELECT $2$3"), ElementsAre("SELECT $1", "SELECT $2$3"));
}

TEST(Splitter, BackslashesCountInEscapeStringsOnly) {
  EXPECT_THAT(Texts(R"(SELECT 'a\'; b)"), ElementsAre(R"(SELECT 'a\')", "b"));
  EXPECT_THAT(Texts(R"(SELECT E'a\'; b'; c)"), ElementsAre(R"(SELECT E'a\'; b')", "c"));
  EXPECT_THAT(Texts(R"(SELECT e'\\'; b)"), ElementsAre(R"(SELECT e'\\')", "b"));
  EXPECT_THAT(Texts(R"(SELECT range'\'; b)"), ElementsAre(R"(SELECT range'\')", "b"));
}

TEST(Splitter, CommentsAreNoStatements) {
  EXPECT_THAT(Texts("-- a; b\nSELECT 1 -- c; d"), ElementsAre("SELECT 1"));
  EXPECT_THAT(Texts("/* a; /* b; */ c; */ SELECT 1"), ElementsAre("SELECT 1"));
  EXPECT_THAT(Texts("SELECT 1 /* ; */ + 2; x"), ElementsAre("SELECT 1 /* ; */ + 2", "x"));
  EXPECT_THAT(Texts(" ;; /* nothing */ ; -- here"), IsEmpty());
  EXPECT_THAT(Texts(""), IsEmpty());
}

TEST(Splitter, WhatIsNotClosedReachesToTheEnd) {
  EXPECT_THAT(Texts("SELECT 1; SELECT 'a; b"), ElementsAre("SELECT 1", "SELECT 'a; b"));
  EXPECT_THAT(Texts("SELECT \"a; b"), ElementsAre("SELECT \"a; b"));
  EXPECT_THAT(Texts("SELECT $$a; b"), ElementsAre("SELECT $$a; b"));
  EXPECT_THAT(Texts("SELECT 1 /* a; b"), ElementsAre("SELECT 1 /* a; b"));
  EXPECT_THAT(Texts("SELECT E'\\"), ElementsAre("SELECT E'\\"));
}

std::vector<TokenKind> Kinds(std::string_view text) {
  std::vector<TokenKind> kinds;
  Tokenizer tokenizer(text);
  for (Token token = tokenizer.Next(); token.kind != TokenKind::kEnd; token = tokenizer.Next())
    kinds.push_back(token.kind);
  return kinds;
}

TEST(Tokenizer, NamesTheKinds) {
  EXPECT_THAT(Kinds("a \"b\" 'c' 1.5e-3 .5 $1 $name ? :"),
              ElementsAre(TokenKind::kWord, TokenKind::kQuotedName, TokenKind::kString,
                          TokenKind::kNumber, TokenKind::kNumber, TokenKind::kParameter,
                          TokenKind::kParameter, TokenKind::kParameter, TokenKind::kOperator));
  EXPECT_THAT(Kinds("größe x'1F' u&'a' U&\"b\""),
              ElementsAre(TokenKind::kWord, TokenKind::kString, TokenKind::kString,
                          TokenKind::kQuotedName));
}

std::string Value(std::string_view text) { return StringValue(Tokenizer(text).Next()); }

TEST(Tokenizer, StringValues) {
  EXPECT_EQ(Value("'it''s'"), "it's");
  EXPECT_EQ(Value("''"), "");
  EXPECT_EQ(Value(R"('a\n')"), R"(a\n)");
  EXPECT_EQ(Value(R"(E'a\n\'\x41\102\u00e4\q''')"), "a\n'AB\xc3\xa4q'");
  EXPECT_EQ(Value("$$it's$$"), "it's");
  EXPECT_EQ(Value("$t$a$$b$t$"), "a$$b");
  EXPECT_EQ(NameOf(Tokenizer("\"A\"\"b\"").Next()), "A\"b");
  EXPECT_EQ(NameOf(Tokenizer("AbC").Next()), "abc");
}

}  // namespace
}  // namespace skein::sql
