#include "state/storable_text.hpp"

#include <gtest/gtest.h>

namespace freshet {

TEST(StorableText, KeepsUtf8) {
    for (const char* text : {"", "plain", "täglich 表 😀", "\xF4\x8F\xBF\xBF", "\xED\x9F\xBF", "\x7F"}) {
        EXPECT_EQ(StorableText(text), text);
    }
}

TEST(StorableText, ReplacesEveryOtherByte) {
    constexpr const char* kMark = "\xEF\xBF\xBD";
    EXPECT_EQ(StorableText(std::string("a\0b", 3)), std::string("a") + kMark + "b");
    EXPECT_EQ(StorableText("a\xFFz"), std::string("a") + kMark + "z");
    EXPECT_EQ(StorableText("\xC3"), kMark);
    EXPECT_EQ(StorableText("\xC0\xAF"), std::string(kMark) + kMark) << "overlong";
    EXPECT_EQ(StorableText("\xED\xA0\x80"), std::string(kMark) + kMark + kMark) << "surrogate";
    EXPECT_EQ(StorableText("\xF4\x90\x80\x80").size(), 12U) << "above U+10FFFF";
}

} // namespace freshet
