#include "base/unquoted.hpp"

#include <gtest/gtest.h>

namespace freshet {
namespace {

TEST(Unquoted, LeavesOutNamesAndValues) {
    EXPECT_EQ(Unquoted("Could not convert string 'conflict' to INT32"), "Could not convert string  to INT32");
    EXPECT_EQ(Unquoted("table \"conflict\" is gone"), "table  is gone");
    EXPECT_EQ(Unquoted("'it''s a conflict' is no number"), " is no number");
    EXPECT_EQ(Unquoted("Cannot open file \"/a b/c\": No such file"), "Cannot open file : No such file");
}

TEST(Unquoted, KeepsWordsWithApostrophes) {
    EXPECT_EQ(Unquoted("the store can't be reached: it isn't there"), "the store can't be reached: it isn't there");
    EXPECT_EQ(Unquoted("the tables' rows conflict"), "the tables' rows conflict");
    EXPECT_EQ(Unquoted("an open \"quote: timed out"), "an open \"quote: timed out");
    EXPECT_EQ(Unquoted(""), "");
}

} // namespace
} // namespace freshet
