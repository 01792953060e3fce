#include "bind/write_targets.hpp"

#include "bind/small_lake_test.hpp"

namespace freshet {
namespace {

class WriteTargetsTest : public SmallLake {
protected:
    WriteTargetsTest() {
        Run("CREATE TABLE Orders(id INTEGER, x VARCHAR); CREATE SCHEMA s; CREATE TABLE s.t(a INTEGER);"
            "CREATE SCHEMA __freshet; CREATE TABLE __freshet.state(a INTEGER); CREATE VIEW v AS FROM orders;"
            "CREATE TEMP TABLE mine(a INTEGER); CREATE TABLE memory.main.other(a INTEGER)");
    }

    std::vector<WriteTarget> Targets(const std::string& text) {
        Source source{"", text};
        return WriteTargets(S(), {text, 0}, source);
    }
    /// "schema.name" of the only target, "" if there is none.
    std::string Target(const std::string& text) {
        auto targets = Targets(text);
        EXPECT_LE(targets.size(), 1u) << text;
        return targets.empty() ? "" : targets[0].table.schema + "." + targets[0].table.name;
    }
};

TEST_F(WriteTargetsTest, RowsAreWritten) {
    for (const char* text :
         {"INSERT INTO orders VALUES (1, 'a')", "INSERT INTO lake.orders VALUES (1, 'a')",
          "WITH c AS (SELECT 1) INSERT INTO main.ORDERS SELECT 1, 'a'", "UPDATE orders SET x = 'b'",
          "DELETE FROM \"Orders\" WHERE id = 1", "TRUNCATE orders", "COPY orders FROM 'f.csv'",
          "MERGE INTO orders USING s.t ON id = a WHEN MATCHED THEN DELETE", "EXPLAIN ANALYZE DELETE FROM orders",
          "PREPARE p AS DELETE FROM orders", "DELETE FROM orders o USING s.t WHERE o.id = t.a"}) {
        EXPECT_EQ(Target(text), "main.Orders") << text;
        EXPECT_EQ(Targets(text)[0].kind, WriteKind::Rows) << text;
    }
}

TEST_F(WriteTargetsTest, OtherStatementsHaveNone) {
    for (const char* text : {"SELECT * FROM orders", "EXPLAIN DELETE FROM orders", "COPY orders TO 'f.csv'",
                             "INSERT INTO mine VALUES (1)", "INSERT INTO memory.other VALUES (1)", "DROP TABLE nothing",
                             "CREATE TEMP TABLE orders(a INTEGER)", "CREATE TABLE memory.main.q(a INTEGER)", "SELEC 1",
                             "CALL lake.set_option('parquet_compression', 'zstd')", "BEGIN", "SET threads = 2"}) {
        EXPECT_EQ(Target(text), "") << text;
    }
}

TEST_F(WriteTargetsTest, DefinitionsAreChanged) {
    EXPECT_EQ(Target("CREATE OR REPLACE TABLE orders AS SELECT 1"), "main.Orders");
    EXPECT_EQ(Target("CREATE TABLE fresh AS SELECT 1"), "main.fresh");
    EXPECT_EQ(Target("CREATE OR REPLACE VIEW v AS SELECT 1"), "main.v");
    EXPECT_EQ(Target("ALTER TABLE orders ADD COLUMN y INTEGER"), "main.Orders");
    EXPECT_EQ(Target("ALTER TABLE orders RENAME TO z"), "main.Orders");
    EXPECT_EQ(Target("DROP TABLE orders"), "main.Orders");
    EXPECT_EQ(Target("DROP TABLE IF EXISTS s.t"), "s.t");
    EXPECT_EQ(Target("COMMENT ON TABLE orders IS 'x'"), "main.Orders");
    EXPECT_EQ(Target("COMMENT ON COLUMN orders.x IS 'x'"), "main.Orders");
    auto schema = Targets("DROP SCHEMA s CASCADE");
    ASSERT_EQ(schema.size(), 1u);
    EXPECT_EQ(schema[0].kind, WriteKind::DropSchema);
    EXPECT_EQ(schema[0].table.schema, "s");
    EXPECT_EQ(Targets("DROP SCHEMA lake.__freshet CASCADE").size(), 1u);
    EXPECT_EQ(Target("DELETE FROM __freshet.state"), "__freshet.state");
}

TEST_F(WriteTargetsTest, LayoutIsMaintenance) {
    EXPECT_EQ(Targets("ALTER TABLE orders SET PARTITIONED BY (id)")[0].kind, WriteKind::Maintenance);
    EXPECT_EQ(Targets("ALTER TABLE orders SET SORTED BY (id ASC)")[0].kind, WriteKind::Maintenance);
}

TEST_F(WriteTargetsTest, NamesFollowTheSession) {
    Run("USE lake.s");
    EXPECT_EQ(Target("DELETE FROM t"), "s.t");
    EXPECT_EQ(Target("CREATE TABLE fresh(a INTEGER)"), "s.fresh");
    Run("USE memory");
    EXPECT_EQ(Target("CREATE TABLE fresh(a INTEGER)"), "");
    EXPECT_EQ(Target("DELETE FROM lake.s.t"), "s.t");
    Run("USE lake; PREPARE del AS DELETE FROM orders");
    EXPECT_EQ(Target("EXECUTE del"), "main.Orders");
}

TEST_F(WriteTargetsTest, ThePlaceIsTheName) {
    auto target = Targets("UPDATE  orders SET x = 'b'")[0];
    EXPECT_EQ(target.place.offset, 8u);
    EXPECT_EQ(target.place.length, 6u);
    EXPECT_EQ(target.verb, "UPDATE");
}

TEST_F(WriteTargetsTest, InsideATransaction) {
    Run("BEGIN; CREATE TABLE fresh(a INTEGER)");
    EXPECT_EQ(Target("INSERT INTO fresh VALUES (1)"), "main.fresh");
    Run("ROLLBACK");
    EXPECT_EQ(Target("INSERT INTO fresh VALUES (1)"), "");
    EXPECT_TRUE(IsTransactionStatement({"begin transaction", 0}));
    EXPECT_FALSE(IsTransactionStatement({"select 1", 0}));
}

} // namespace
} // namespace freshet
