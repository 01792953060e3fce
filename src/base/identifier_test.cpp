#include "base/identifier.hpp"

#include <gtest/gtest.h>

namespace freshet {
namespace {

TEST(Identifier, NamesAreQuotedWhereSqlNeedsIt) {
    EXPECT_EQ("main.orders_2", (TableName{"main", "orders_2"}.Text()));
    EXPECT_EQ("Sales.DailyRevenue", (TableName{"Sales", "DailyRevenue"}.Text()));
    EXPECT_EQ("main.\"my orders\"", (TableName{"main", "my orders"}.Text()));
    EXPECT_EQ("main.\"2nd\"", (TableName{"main", "2nd"}.Text()));
    EXPECT_EQ("\"Order\".\"a\"\"b\"", (TableName{"Order", "a\"b"}.Text()));
    EXPECT_EQ("\"\"", NameText(""));
    EXPECT_EQ("\"é\"", NameText("é"));
}

} // namespace
} // namespace freshet
