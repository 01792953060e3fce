#include "base/line_difference.hpp"

#include <gtest/gtest.h>

namespace freshet {

namespace {

std::string Signs(const std::string& before, const std::string& after) {
    std::string signs;
    for (const auto& line : CompareLines(before, after)) {
        signs += line.sign + line.text;
    }
    return signs;
}

} // namespace

TEST(LineDifference, ShowsWhatLeavesBeforeWhatComes) {
    EXPECT_EQ(Signs("a\nb\nc", "a\nx\nc"), " a-b+x c");
    EXPECT_EQ(Signs("", "a\nb"), "+a+b");
    EXPECT_EQ(Signs("a\nb\n", ""), "-a-b");
    EXPECT_EQ(Signs("a\nb", "a\nb\n"), " a b");
    EXPECT_EQ(Signs("a\nb\nc\nd", "b\nd\ne"), "-a b-c d+e");
    EXPECT_EQ(Signs("", ""), "");
}

} // namespace freshet
