#include "base/utf8.hpp"

#include <gtest/gtest.h>

namespace freshet {

TEST(Utf8, FindsTheFirstWrongByte) {
    EXPECT_EQ(FirstWrongByte("plain, Grüße, 表, 🌊"), std::nullopt);
    EXPECT_EQ(FirstWrongByte("ab\xff"), 2U);
    EXPECT_EQ(FirstWrongByte(std::string_view("a\0b", 3)), 1U);
    EXPECT_EQ(FirstWrongByte("\xC0\xAF"), 0U) << "overlong";
    EXPECT_EQ(FirstWrongByte("\xED\xA0\x80"), 0U) << "a surrogate";
    EXPECT_EQ(FirstWrongByte("x\xE8\xA1"), 1U) << "cut off";
}

TEST(Utf8, SaysWhereItIs) {
    Error error = NotUtf8("f.sql", "SELECT 1;\nSELECT '\xff'", 18);
    EXPECT_EQ(error.Render(), "error[FRS-6006]: f.sql is not UTF-8 text: byte 0xff\n"
                              "  --> f.sql:2:9\n"
                              "   2 | SELECT '?'\n"
                              "     |         ^\n"
                              "  help: save the file as UTF-8\n");
}

} // namespace freshet
