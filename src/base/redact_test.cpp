#include "base/error.hpp"
#include "base/redact.hpp"

#include <gtest/gtest.h>

namespace freshet {

TEST(Redact, LeavesNoSecret) {
    EXPECT_EQ(Redact("host=x password=hunter2 dbname=y"), "host=x password=*** dbname=y");
    EXPECT_EQ(Redact("ATTACH 'host=x password=hunter2' AS p"), "ATTACH 'host=x password=***' AS p");
    EXPECT_EQ(Redact("'password=''two words'' dbname=y'"), "'password=*** dbname=y'");
    EXPECT_EQ(Redact("postgresql://u:pw-123@host/db"), "postgresql://u:***@host/db");
    EXPECT_EQ(Redact("CREATE SECRET s (TYPE s3, KEY_ID 'a b', SECRET 'it''s', SESSION_TOKEN $$x y$$)"),
              "CREATE SECRET s (TYPE s3, KEY_ID ***, SECRET ***, SESSION_TOKEN ***)");
    EXPECT_EQ(Redact("SET s3_secret_access_key='abc'"), "SET s3_secret_access_key=***");
    EXPECT_EQ(Redact("{\"password\": \"abc\"}"), "{\"password\": ***}");
    EXPECT_EQ(Redact("MAP {'Authorization': 'Bearer abc'}"), "MAP {'Authorization': ***}");
    EXPECT_EQ(Redact("SECRET 'never closed"), "SECRET ***");
}

TEST(Redact, LeavesOtherTextAlone) {
    for (const char* text :
         {"CREATE SECRET s (TYPE s3)", "SELECT token::VARCHAR, secret FROM t", "WHERE kind IN ('secret', 'x')",
          "see https://example.com:80/a", "the password is wrong"}) {
        EXPECT_EQ(Redact(text), text);
    }
}

TEST(Redact, TakesLongTexts) {
    std::string text = "://" + std::string(1 << 20, 'a');
    EXPECT_EQ(Redact(text), text);
    EXPECT_EQ(Redact("SECRET '" + text + "'"), "SECRET ***");
}

TEST(Redact, ForgetsNoRememberedSecret) {
    RememberSecret("remembered-for-good");
    EXPECT_EQ(Redact("at \"remembered-for-good\""), "at \"***\"");
}

TEST(Redact, MessagesQuoteNoSecretOfTheirStatement) {
    EXPECT_EQ(RedactAlong("syntax error at or near \"'top'\"", "SET s3_secret_access_key 'top'"),
              "syntax error at or near \"'***'\"");
    EXPECT_EQ(RedactAlong("no column \"nope\"", "WHERE token = nope"), "no column \"nope\"");
}

TEST(Redact, TellsWhereThingsWent) {
    RedactedText redacted("password='a long one' x");
    EXPECT_EQ(redacted.Text(), "password=*** x");
    EXPECT_EQ(redacted.At(0), 0U);
    EXPECT_EQ(redacted.At(12), 9U);
    EXPECT_EQ(redacted.At(22), 13U);
}

TEST(Redact, ErrorsShowTheirPlaceWithoutSecrets) {
    std::string text = "SELECT 1;\nATTACH 'password=hunter2pw' AS\npgx";
    Error after = Error(Code::Syntax, "wrong").At({"f", text, text.find("AS"), 2});
    EXPECT_EQ(after.Render(), "error[FRS-2001]: wrong\n"
                              "  --> f:2:29\n"
                              "   2 | ATTACH 'password=***' AS\n"
                              "     |                       ^^\n");
    Error inside = Error(Code::Syntax, "wrong").At({"f", text, text.find("hunter"), 4});
    EXPECT_EQ(inside.Render(), "error[FRS-2001]: wrong\n"
                               "  --> f:2:18\n"
                               "   2 | ATTACH 'password=***' AS\n"
                               "     |                  ^\n");
}

TEST(Redact, ASecretOfSeveralLinesIsNotShownFromItsMiddle) {
    std::string text = "CREATE SECRET s (SECRET 'one\ntwo\nthree' nonsense)";
    Error error = Error(Code::Syntax, "wrong").At({"f", text, text.find("nonsense"), 8});
    EXPECT_EQ(error.Render(), "error[FRS-2001]: wrong\n"
                              "  --> f:3:8\n"
                              "   3 | CREATE SECRET s (SECRET *** nonsense)\n"
                              "     |                             ^^^^^^^^\n");
}

} // namespace freshet
