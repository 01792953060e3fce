#include "bind/lexical.hpp"
#include "bind/statement.hpp"

#include <gtest/gtest.h>

namespace freshet {
namespace {

std::vector<std::string> Texts(const std::string& text) {
    std::vector<std::string> texts;
    for (const auto& statement : SplitStatements(text)) {
        EXPECT_EQ(text.substr(statement.offset, statement.text.size()), statement.text);
        texts.push_back(statement.text);
    }
    return texts;
}

using Strings = std::vector<std::string>;

TEST(SplitStatements, DropsEmptyOnes) {
    EXPECT_EQ(Texts(""), Strings{});
    EXPECT_EQ(Texts(" ;; \n -- only a comment; here\n ; /* ; */ ;"), Strings{});
    EXPECT_EQ(Texts("SELECT 1;;\n SELECT 2 ;"), (Strings{"SELECT 1", "SELECT 2"}));
}

TEST(SplitStatements, SemicolonsInQuotesAndCommentsDoNotCut) {
    for (std::string one :
         {"SELECT 'a;b'", "SELECT 'it''s; so'", "SELECT E'a\\';b'", "SELECT \"a;\"\"b;\"", "SELECT $$a;b$$",
          "SELECT $q$ a;$$;$x$; $q$", "SELECT 1 -- a;b\n + 2", "SELECT /* a; /* b; */ c; */ 1", "SELECT a$$b",
          "SELECT 'a\\'", "SELECT $1 , '$$' || ';'"}) {
        EXPECT_EQ(Texts(one + ";SELECT 2"), (Strings{one, "SELECT 2"})) << one;
    }
}

TEST(SplitStatements, BrokenStatementsCostOnlyThemselves) {
    EXPECT_EQ(Texts("SELEC (1; SELECT 2"), (Strings{"SELEC (1", "SELECT 2"}));
    EXPECT_EQ(Texts("SELECT \"\"; SELECT 2"), (Strings{"SELECT \"\"", "SELECT 2"}));
    EXPECT_EQ(Texts("SELECT 1; SELECT 'open; SELECT 2"), (Strings{"SELECT 1", "SELECT 'open; SELECT 2"}));
    EXPECT_EQ(Texts("SELECT 1; /* open; SELECT 2"), (Strings{"SELECT 1", "/* open; SELECT 2"}));
}

TEST(SplitStatements, KeepsCommentsAndOffsets) {
    auto statements = SplitStatements("SELECT 1;\n\n  -- two\n SELECT 2 -- end");
    ASSERT_EQ(statements.size(), 2u);
    EXPECT_EQ(statements[1].text, "-- two\n SELECT 2 -- end");
    EXPECT_EQ(statements[1].offset, 13u);
}

TEST(SplitStatements, UnicodeBlanksAreBlanks) {
    EXPECT_EQ(Texts("\xEF\xBB\xBFSELECT 1;\xC2\xA0SELECT\xE3\x80\x80 2"),
              (Strings{"SELECT 1", "SELECT\xE3\x80\x80 2"}));
}

TEST(Unquote, EveryKindOfQuote) {
    EXPECT_EQ(Unquote("'it''s'"), "it's");
    EXPECT_EQ(Unquote("\"a\"\"b\""), "a\"b");
    EXPECT_EQ(Unquote("E'a\\n\\'b'"), "a\n'b");
    EXPECT_EQ(Unquote("$$a'b$$"), "a'b");
    EXPECT_EQ(Unquote("$tag$a$$b$tag$"), "a$$b");
    EXPECT_EQ(Unquote("''"), "");
}

} // namespace
} // namespace freshet
