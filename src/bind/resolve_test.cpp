#include "bind/resolve.hpp"

#include "bind/small_lake_test.hpp"

namespace freshet {
namespace {

class ResolveTest : public SmallLake {
protected:
    ResolveTest() { Run("CREATE SCHEMA Sales; CREATE TABLE Sales.Orders(a INTEGER); CREATE VIEW v AS SELECT 1"); }

    TableName New(const std::string& name) { return ResolveNew(S(), ParseName(name), {"", name}); }
    std::string Existing(const std::string& name) {
        auto found = ResolveExisting(S(), ParseName(name));
        return found ? found->schema + "." + found->name : "";
    }
};

TEST_F(ResolveTest, NewNames) {
    EXPECT_EQ(New("t"), (TableName{"main", "t"}));
    EXPECT_EQ(New("SALES.t"), (TableName{"Sales", "t"}));
    EXPECT_EQ(New("lake.sales.ORDERS"), (TableName{"Sales", "Orders"}));
    EXPECT_EQ(New("lake.t"), (TableName{"main", "t"}));
    Run("USE lake.sales");
    EXPECT_EQ(New("T"), (TableName{"Sales", "T"}));
    EXPECT_EQ(New("lake.t"), (TableName{"Sales", "t"}));
}

TEST_F(ResolveTest, UnknownSchema) {
    try {
        New("sale.t");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.GetCode(), Code::UnknownSchema);
        EXPECT_EQ(error.Hint(), "did you mean \"Sales\"?");
        EXPECT_EQ(error.Where()->length, 6u);
    }
}

TEST_F(ResolveTest, AnotherCurrentDatabase) {
    Run("USE memory");
    EXPECT_THROW(New("t"), Error);
    EXPECT_EQ(New("lake.main.t"), (TableName{"main", "t"}));
    EXPECT_EQ(Existing("orders"), "");
}

TEST_F(ResolveTest, ExistingNames) {
    EXPECT_EQ(Existing("orders"), "");
    EXPECT_EQ(Existing("sales.orders"), "Sales.Orders");
    EXPECT_EQ(Existing("V"), "main.v");
    EXPECT_EQ(Existing("nowhere.orders"), "");
    Run("CREATE TEMP TABLE v(a INTEGER); SET search_path = 'lake.main,lake.Sales'");
    EXPECT_EQ(Existing("orders"), "Sales.Orders");
    EXPECT_EQ(Existing("v"), "main.v");
}

TEST_F(ResolveTest, SearchPathText) {
    EXPECT_EQ(CurrentSearchPath(S()), "lake.main");
    Run("USE lake.sales");
    EXPECT_EQ(CurrentSearchPath(S()), "lake.sales");
}

} // namespace
} // namespace freshet
