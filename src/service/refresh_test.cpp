#include "refresh/definition_changes.hpp"
#include "refresh/lake_state.hpp"
#include "service/test_service.hpp"

#include <gtest/gtest.h>

namespace freshet {
namespace {

class RefreshTest : public testing::TestWithParam<CatalogKind> {
protected:
    void SetUp() override {
        lake_.Run("CREATE TABLE orders(id INTEGER, customer VARCHAR, amount DECIMAL(10,2));"
                  "INSERT INTO orders VALUES (1, 'ann', 10), (2, 'bob', 20), (3, NULL, 30), (4, 'ann', NULL)");
    }
    TestService lake_{GetParam()};
};

constexpr const char* kTotals =
    "CREATE DYNAMIC TABLE totals TARGET_LAG = '1 minute' REFRESH_MODE = FULL AS SELECT customer, sum(amount) AS total, "
    "count(*) AS n FROM orders GROUP BY customer";

TEST_P(RefreshTest, FirstFill) {
    StatementResult result = lake_.Run(kTotals);
    ASSERT_EQ(result.rows.size(), 1U);
    EXPECT_EQ(AsText(result.rows[0][0]), "main.totals");
    EXPECT_EQ(AsText(result.rows[0][1]), "REINITIALIZE");
    EXPECT_EQ(AsInt(result.rows[0][4]), 3);
    lake_.Check("totals");
}

TEST_P(RefreshTest, OnlyTheDifferenceIsWritten) {
    lake_.Run("INSERT INTO orders SELECT i, 'c' || i, i FROM range(100, 150) AS r(i)");
    lake_.Run(kTotals);
    lake_.Run("UPDATE orders SET amount = amount + 1 WHERE id = 2; DELETE FROM orders WHERE id = 3");
    RefreshEntry entry = lake_.Refresh("totals");
    EXPECT_EQ(entry.action, "FULL");
    EXPECT_EQ(entry.strategy, "difference");
    EXPECT_EQ(entry.rows_inserted, 1);
    EXPECT_EQ(entry.rows_deleted, 2);
}

TEST_P(RefreshTest, TellsHowMuchItHadToTouch) {
    lake_.Run("INSERT INTO orders SELECT i, 'c' || i, i FROM range(100, 107) AS r(i)");
    lake_.Run(kTotals);
    lake_.Run("CREATE DYNAMIC TABLE most TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS SELECT customer, "
              "max(amount) AS most FROM orders GROUP BY customer; "
              "CREATE DYNAMIC TABLE plain TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS SELECT id FROM orders");
    lake_.Run("INSERT INTO orders VALUES (9, 'ann', 99), (10, 'bob', 1)");
    RefreshExtent by_change = lake_.Refresh("most").extent; // the groups of ann and bob, of which only ann's differs
    EXPECT_EQ(by_change.affected_keys, 2);
    EXPECT_EQ(by_change.result_keys, 10);
    EXPECT_EQ(by_change.recomputed_rows, 2);
    EXPECT_EQ(by_change.equal_rows, 1);
    RefreshExtent in_full = lake_.Refresh("totals").extent;
    EXPECT_FALSE(in_full.affected_keys);
    EXPECT_EQ(in_full.recomputed_rows, 10);
    EXPECT_EQ(in_full.equal_rows, 8);
    RefreshExtent linear = lake_.Refresh("plain").extent; // nothing is recomputed
    EXPECT_FALSE(linear.affected_keys);
    EXPECT_FALSE(linear.recomputed_rows);
    lake_.Run("ALTER DYNAMIC TABLE most SET DEDUPLICATION = FALSE; INSERT INTO orders VALUES (11, 'bob', 1)");
    RefreshExtent uncompared = lake_.Refresh("most").extent;
    EXPECT_EQ(uncompared.recomputed_rows, 1);
    EXPECT_FALSE(uncompared.equal_rows);
}

TEST_P(RefreshTest, NothingChangedMakesNoSnapshot) {
    lake_.Run(kTotals);
    int64_t before = lake_.Newest();
    RefreshEntry entry = lake_.Refresh("totals");
    EXPECT_EQ(entry.action, "NO_DATA");
    EXPECT_EQ(entry.snapshot, before);
    EXPECT_EQ(lake_.Newest(), before);
    lake_.Run("INSERT INTO orders VALUES (9, 'zed', 0); DELETE FROM orders WHERE id = 9");
    before = lake_.Newest();
    entry = lake_.Refresh("totals");
    EXPECT_EQ(entry.action, "FULL");
    EXPECT_EQ(entry.rows_inserted + entry.rows_deleted, 0);
    EXPECT_EQ(lake_.Newest(), before);
    EXPECT_EQ(lake_.Refresh("totals").action, "NO_DATA") << "what was compared once is not compared again";
}

TEST_P(RefreshTest, MostRowsDiffer) {
    lake_.Run(kTotals);
    lake_.Run("UPDATE orders SET amount = 99");
    RefreshEntry entry = lake_.Refresh("totals");
    EXPECT_EQ(entry.strategy, "replace");
    EXPECT_NE(entry.reason.find("differ"), std::string::npos) << entry.reason;
}

TEST_P(RefreshTest, DynamicTablesOnDynamicTables) {
    lake_.Run(kTotals);
    lake_.Run("CREATE DYNAMIC TABLE big TARGET_LAG = DOWNSTREAM AS SELECT t.customer, o.id FROM totals t JOIN orders o "
              "USING (customer) WHERE t.total > 5");
    lake_.Run("CREATE DYNAMIC TABLE top TARGET_LAG = '1 hour' AS SELECT count(*) AS n, max(id) AS m FROM big");
    lake_.Run("INSERT INTO orders VALUES (10, 'bob', 5), (11, 'eve', 50)");
    RefreshRequest request;
    request.names = {"top"};
    auto entries = lake_.Get().Refresh(request);
    ASSERT_EQ(entries.size(), 3U);
    EXPECT_EQ(entries[0].table.name, "totals");
    EXPECT_EQ(entries[2].table.name, "top");
    for (const auto& entry : entries) {
        EXPECT_EQ(entry.snapshot, entries[0].snapshot);
        EXPECT_FALSE(entry.error) << entry.error->Message();
        lake_.Check(entry.table.name);
    }
    request.all = true;
    for (const auto& entry : lake_.Get().Refresh(request)) {
        EXPECT_EQ(entry.action, "NO_DATA") << entry.table.name << " " << entry.reason;
    }
}

TEST_P(RefreshTest, AtomicListIsOneCommit) {
    lake_.Run(kTotals);
    lake_.Run("CREATE DYNAMIC TABLE names TARGET_LAG = '1 hour' AS SELECT customer FROM totals WHERE total > 5");
    lake_.Run("CREATE DYNAMIC TABLE other TARGET_LAG = '1 hour' AS SELECT DISTINCT customer FROM orders");
    lake_.Run("INSERT INTO orders VALUES (10, 'joe', 500)");
    int64_t before = lake_.Newest();
    StatementResult result = lake_.Run("ALTER DYNAMIC TABLE names, other REFRESH");
    EXPECT_EQ(result.rows.size(), 3U);
    EXPECT_EQ(lake_.Newest(), before + 1);
    for (const char* name : {"totals", "names", "other"}) {
        lake_.Check(name);
    }
    lake_.Run("DELETE FROM orders WHERE id = 10");
    for (const char* name : {"names", "other"}) {
        lake_.Refresh(name);
    }
}

TEST_P(RefreshTest, OnSchedule) {
    lake_.Run("CREATE DYNAMIC TABLE later TARGET_LAG = '1 hour' INITIALIZE = ON_SCHEDULE AS SELECT * FROM orders");
    EXPECT_EQ(lake_.Number("SELECT count(*) FROM later"), 0);
    lake_.Run("CREATE DYNAMIC TABLE reader TARGET_LAG = '1 hour' AS SELECT count(*) AS n FROM later");
    EXPECT_EQ(lake_.Number("SELECT n FROM reader"), 4);
    lake_.Check("later");
}

TEST_P(RefreshTest, ASourceThatIsReplacedOrGone) {
    lake_.Run(kTotals);
    lake_.Run("CREATE OR REPLACE TABLE orders AS SELECT 1 AS id, 'new' AS customer, 5::DECIMAL(10,2) AS amount");
    RefreshEntry entry = lake_.Refresh("totals");
    EXPECT_EQ(entry.action, "REINITIALIZE");
    lake_.Run("DROP TABLE orders");
    auto entries = lake_.Get().Refresh({{"totals"}});
    ASSERT_TRUE(entries[0].error);
    EXPECT_EQ(entries[0].error->GetCode(), Code::SourceGone);
    EXPECT_EQ(lake_.Number("SELECT count(*) FROM totals"), 1);
    lake_.Run("CREATE TABLE orders AS SELECT 2 AS id, 'again' AS customer, 6::DECIMAL(10,2) AS amount");
    EXPECT_EQ(lake_.Refresh("totals").action, "REINITIALIZE");
}

TEST_P(RefreshTest, ColumnsOfSourcesMayChange) {
    lake_.Run(kTotals);
    lake_.Run("ALTER TABLE orders ADD COLUMN note VARCHAR");
    lake_.Refresh("totals");
    lake_.Run("ALTER TABLE orders ALTER id SET DATA TYPE BIGINT");
    lake_.Run("CREATE DYNAMIC TABLE ids TARGET_LAG = '1 hour' AS SELECT note, id FROM orders");
    lake_.Run("ALTER TABLE orders RENAME COLUMN note TO remark");
    auto entries = lake_.Get().Refresh({{"ids"}});
    ASSERT_TRUE(entries[0].error);
    EXPECT_EQ(entries[0].error->GetCode(), Code::SourceGone);
    lake_.Run("ALTER DYNAMIC TABLE ids AS SELECT remark, id FROM orders");
    lake_.Check("ids");
}

TEST_P(RefreshTest, WidenedTypesWidenTheResult) {
    lake_.Run("CREATE DYNAMIC TABLE ids TARGET_LAG = '1 hour' AS SELECT id FROM orders");
    lake_.Run("ALTER TABLE orders ALTER id SET DATA TYPE BIGINT; INSERT INTO orders VALUES (12345678901, 'x', 1)");
    RefreshEntry entry = lake_.Refresh("ids");
    EXPECT_EQ(entry.action, "REINITIALIZE");
    EXPECT_EQ(entry.rows_inserted, 1);
    EXPECT_EQ(entry.rows_deleted, 0);
    EXPECT_EQ(lake_.Text("SELECT typeof(id) FROM ids LIMIT 1"), "BIGINT");
}

TEST_P(RefreshTest, AChangedViewReinitializes) {
    lake_.Run("CREATE VIEW v AS SELECT id, amount FROM orders WHERE id > 1");
    lake_.Run("CREATE DYNAMIC TABLE over_view TARGET_LAG = '1 hour' AS SELECT * FROM v");
    lake_.Run("CREATE OR REPLACE VIEW v AS SELECT id, amount FROM orders WHERE id > 2");
    EXPECT_EQ(lake_.Refresh("over_view").action, "REINITIALIZE");
}

TEST_P(RefreshTest, AFailingTableStopsOnlyItsReaders) {
    lake_.Run("CREATE TABLE texts AS SELECT '1' AS x");
    lake_.Run("CREATE DYNAMIC TABLE numbers TARGET_LAG = '1 hour' AS SELECT x::INTEGER AS n FROM texts");
    lake_.Run("CREATE DYNAMIC TABLE reader TARGET_LAG = '1 hour' AS SELECT sum(n) AS s FROM numbers");
    lake_.Run(kTotals);
    lake_.Run("INSERT INTO texts VALUES ('no number'); INSERT INTO orders VALUES (7, 'eve', 1)");
    RefreshRequest request;
    request.all = true;
    auto entries = lake_.Get().Refresh(request);
    ASSERT_EQ(entries.size(), 3U);
    EXPECT_EQ(entries[0].error->GetCode(), Code::RefreshFailed);
    EXPECT_EQ(entries[1].error->GetCode(), Code::ParentFailed);
    EXPECT_EQ(entries[2].action, "FULL");
    lake_.Run("DELETE FROM texts WHERE x = 'no number'; INSERT INTO texts VALUES ('5')");
    lake_.Refresh("reader");
}

TEST_P(RefreshTest, TheStateStoreIsDispensable) {
    lake_.Run(kTotals);
    lake_.Run("INSERT INTO orders VALUES (7, 'eve', 1)");
    lake_.LoseStateStore();
    EXPECT_EQ(lake_.Get().List().size(), 1U);
    lake_.Refresh("totals");
    EXPECT_EQ(lake_.Get().List()[0].last_action, "FULL");
}

TEST_P(RefreshTest, ValuesThatStorageWouldChange) {
    lake_.Run("CREATE TABLE big AS SELECT 9007199254740992::HUGEINT AS h");
    lake_.Run("CREATE DYNAMIC TABLE sums TARGET_LAG = '1 hour' AS SELECT sum(h::BIGINT) AS s FROM big");
    lake_.Run("INSERT INTO big VALUES (1)");
    auto entries = lake_.Get().Refresh({{"sums"}});
    ASSERT_TRUE(entries[0].error);
    EXPECT_EQ(entries[0].error->GetCode(), Code::InexactValue);
    EXPECT_EQ(lake_.Text("SELECT s::VARCHAR FROM sums"), "9007199254740992");
}

TEST_P(RefreshTest, NamesOfEveryKind) {
    lake_.Run("CREATE SCHEMA \"my schema\"");
    lake_.Run(
        "CREATE DYNAMIC TABLE \"my schema\".\"Sélect \"\" . t\" TARGET_LAG = '1 hour' AS SELECT id AS \"select\", "
        "amount AS \"a \"\" b\" FROM orders");
    lake_.Run("INSERT INTO orders VALUES (7, 'eve', 1)");
    lake_.Refresh("\"my schema\".\"Sélect \"\" . t\"");
}

/// What --force does beside a running refresh. The child read its parent as their common commit wrote it, and the
/// parent has gone on since.
TEST(OvertakenRefresh, ForgetsNothingOfWhatWasReadInOneCommit) {
    TestService lake;
    lake.Run(
        "CREATE TABLE t AS SELECT range AS id, range % 3 AS g FROM range(9);"
        "CREATE DYNAMIC TABLE parent TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS SELECT g, id FROM t;"
        "CREATE DYNAMIC TABLE child TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS SELECT g, sum(id) AS s FROM "
        "parent GROUP BY g;"
        "INSERT INTO t VALUES (100, 1); ALTER DYNAMIC TABLE parent, child REFRESH; INSERT INTO t VALUES (1000, 1)");
    lake.Refresh("parent");
    auto engine = Engine::Open(lake.Options().lake);
    auto session = engine->NewSession();
    std::vector<std::string> ids;
    for (const auto& table : ReadRegistry(*session).Tables()) {
        ids.push_back(table.id);
    }
    OvertakeRefreshes(*session, ids);
    lake.Reopen();
    EXPECT_EQ(lake.Refresh("child").action, "INCREMENTAL");
    EXPECT_EQ(AsText(lake.Run("SELECT CAST(s AS VARCHAR) FROM child WHERE g = 1").rows.at(0)[0]), "1112");
}

INSTANTIATE_TEST_SUITE_P(Catalogs, RefreshTest, testing::Values(CatalogKind::Sqlite, CatalogKind::DuckDbFile),
                         [](const auto& kind) { return kind.param == CatalogKind::Sqlite ? "Sqlite" : "DuckDbFile"; });

} // namespace
} // namespace freshet
