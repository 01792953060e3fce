#include "service/test_service.hpp"

#include <gtest/gtest.h>

namespace freshet {
namespace {

class StatementsTest : public testing::Test {
protected:
    void SetUp() override { lake_.Run("CREATE TABLE t AS SELECT i AS id, i % 3 AS g FROM range(9) AS r(i)"); }
    void Create(const std::string& name, const std::string& query) {
        lake_.Run("CREATE DYNAMIC TABLE " + name + " TARGET_LAG = '1 hour' AS " + query);
    }
    TestService lake_;
};

TEST_F(StatementsTest, ExistingNames) {
    Create("d", "SELECT id FROM t");
    EXPECT_EQ(lake_.ErrorOf("CREATE DYNAMIC TABLE d TARGET_LAG = '1 hour' AS SELECT 1 AS x"), Code::AlreadyExists);
    lake_.Run("CREATE DYNAMIC TABLE IF NOT EXISTS d TARGET_LAG = '1 hour' AS SELECT 1 AS x");
    EXPECT_EQ(lake_.Number("SELECT count(*) FROM d"), 9);
    lake_.Run("CREATE OR REPLACE DYNAMIC TABLE d TARGET_LAG = '1 hour' AS SELECT id, g FROM t WHERE id > 2");
    lake_.Check("d");
    lake_.Run("CREATE VIEW v AS SELECT 1 AS x");
    for (const char* prefix : {"CREATE DYNAMIC TABLE", "CREATE OR REPLACE DYNAMIC TABLE"}) {
        for (const char* name : {"t", "v"}) {
            EXPECT_EQ(lake_.ErrorOf(std::string(prefix) + " " + name + " TARGET_LAG = '1 hour' AS SELECT 1 AS x"),
                      Code::NotADynamicTable);
        }
    }
    EXPECT_EQ(lake_.ErrorOf("DROP DYNAMIC TABLE t"), Code::NotADynamicTable);
    EXPECT_EQ(lake_.ErrorOf("ALTER DYNAMIC TABLE t SUSPEND"), Code::NotADynamicTable);
    EXPECT_EQ(lake_.ErrorOf("ALTER DYNAMIC TABLE nothing SUSPEND"), Code::UnknownTable);
    lake_.Run("ALTER DYNAMIC TABLE IF EXISTS nothing SUSPEND; DROP DYNAMIC TABLE IF EXISTS nothing");
}

TEST_F(StatementsTest, Adoption) {
    lake_.Run("CREATE TABLE a AS SELECT id FROM t WHERE id < 5");
    EXPECT_EQ(lake_.ErrorOf("CREATE DYNAMIC TABLE a TARGET_LAG = '1 hour' ADOPT = TRUE AS SELECT id, g FROM t"),
              Code::NotADynamicTable);
    StatementResult result =
        lake_.Run("CREATE DYNAMIC TABLE a TARGET_LAG = '1 hour' ADOPT = TRUE AS SELECT id FROM t WHERE id < 6");
    EXPECT_EQ(AsInt(result.rows[0][4]), 1);
    EXPECT_EQ(AsInt(result.rows[0][5]), 0);
    lake_.Check("a");
}

TEST_F(StatementsTest, Cycles) {
    EXPECT_EQ(lake_.ErrorOf("CREATE DYNAMIC TABLE a TARGET_LAG = '1 hour' AS SELECT * FROM a"), Code::Cycle);
    Create("a1", "SELECT id FROM t");
    Create("a2", "SELECT id FROM a1");
    Create("a3", "SELECT id FROM a2");
    Create("a4", "SELECT id FROM a3");
    Create("a5", "SELECT id FROM a4");
    EXPECT_EQ(lake_.ErrorOf("CREATE OR REPLACE DYNAMIC TABLE a1 TARGET_LAG = '1 hour' AS SELECT id FROM a5"),
              Code::Cycle);
    EXPECT_NE(lake_.LastError().find("main.a1 -> main.a5 -> main.a4 -> main.a3 -> main.a2 -> main.a1"),
              std::string::npos)
        << lake_.LastError();
    EXPECT_EQ(lake_.ErrorOf("ALTER DYNAMIC TABLE a1 AS SELECT id FROM a2"), Code::Cycle);
    EXPECT_EQ(lake_.ErrorOf("CREATE OR REPLACE DYNAMIC TABLE a1 TARGET_LAG = '1 hour' AS SELECT id FROM a1"),
              Code::Cycle);
    lake_.Refresh("a5");
}

TEST_F(StatementsTest, ARefusedCreateLeavesNothing) {
    EXPECT_EQ(lake_.ErrorOf("CREATE DYNAMIC TABLE d TARGET_LAG = '1 hour' AS SELECT ('x' || id)::INTEGER AS n FROM t"),
              Code::RefreshFailed);
    EXPECT_EQ(lake_.ErrorOf("FROM d"), Code::UnknownTable);
    EXPECT_TRUE(lake_.Get().List().empty());
    Create("d", "SELECT id FROM t");
    EXPECT_EQ(lake_.ErrorOf("ALTER DYNAMIC TABLE d AS SELECT ('x' || id)::INTEGER AS n FROM t"), Code::RefreshFailed);
    lake_.Check("d");
}

TEST_F(StatementsTest, RefusedDefinitions) {
    auto create = [](const std::string& query) { return "CREATE DYNAMIC TABLE d TARGET_LAG = '1 hour' AS " + query; };
    EXPECT_EQ(lake_.ErrorOf(create("SELECT nothing FROM t")), Code::UnknownColumn);
    EXPECT_EQ(lake_.ErrorOf(create("SELECT * FROM nothing")), Code::UnknownTable);
    EXPECT_EQ(lake_.ErrorOf("CREATE DYNAMIC TABLE d (x, X) TARGET_LAG = '1 hour' AS SELECT id, id FROM t"),
              Code::BadName);
    EXPECT_EQ(lake_.ErrorOf(create("SELECT 'a'::ENUM('a', 'b') AS e")), Code::UnsupportedType);
    EXPECT_EQ(lake_.ErrorOf(create("INSERT INTO t VALUES (1, 2)")), Code::NotAQuery);
    EXPECT_EQ(lake_.ErrorOf("CREATE DYNAMIC TABLE nothing.d TARGET_LAG = '1 hour' AS SELECT 1 AS x"),
              Code::UnknownSchema);
    EXPECT_EQ(
        lake_.ErrorOf("CREATE DYNAMIC TABLE d TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS SELECT random() AS "
                      "r FROM t"),
        Code::NotIncremental);
}

TEST_F(StatementsTest, WritesToDynamicTablesAreRefused) {
    Create("d", "SELECT id FROM t");
    for (const char* sql : {"INSERT INTO d VALUES (1)", "DELETE FROM d", "UPDATE d SET id = 1", "DROP TABLE d",
                            "ALTER TABLE d ADD COLUMN x INTEGER", "CREATE OR REPLACE TABLE d AS SELECT 1 AS id",
                            "DELETE FROM __freshet.dynamic_tables", "DROP SCHEMA __freshet CASCADE"}) {
        EXPECT_EQ(lake_.ErrorOf(sql), Code::WriteRefused) << sql;
    }
    EXPECT_EQ(lake_.ErrorOf("BEGIN; ALTER DYNAMIC TABLE d REFRESH"), Code::InTransaction);
    lake_.Run("ROLLBACK");
    lake_.Check("d");
}

TEST_F(StatementsTest, SuspendAndResumeCascade) {
    Create("a", "SELECT id FROM t");
    Create("b", "SELECT id FROM a");
    Create("c", "SELECT id FROM b");
    lake_.Run("ALTER DYNAMIC TABLE b SUSPEND");
    lake_.Run("ALTER DYNAMIC TABLE a SUSPEND");
    EXPECT_EQ(lake_.Text("SELECT string_agg(state, ',' ORDER BY name) FROM freshet_tables()"),
              "SUSPENDED,SUSPENDED,SUSPENDED BY CASCADE");
    EXPECT_EQ(lake_.ErrorOf("ALTER DYNAMIC TABLE c REFRESH"), Code::Suspended);
    lake_.Run("ALTER DYNAMIC TABLE a REFRESH");
    lake_.Run("ALTER DYNAMIC TABLE a RESUME");
    EXPECT_EQ(lake_.Text("SELECT string_agg(state, ',' ORDER BY name) FROM freshet_tables()"),
              "ACTIVE,SUSPENDED,SUSPENDED BY CASCADE");
    lake_.Run("ALTER DYNAMIC TABLE b RESUME");
    EXPECT_EQ(lake_.Text("SELECT string_agg(state, ',' ORDER BY name) FROM freshet_tables()"), "ACTIVE,ACTIVE,ACTIVE");
}

TEST_F(StatementsTest, DropWithAndWithoutCascade) {
    Create("a", "SELECT id FROM t");
    Create("b", "SELECT id FROM a");
    EXPECT_EQ(lake_.ErrorOf("DROP DYNAMIC TABLE a"), Code::DependentsExist);
    lake_.Run("DROP DYNAMIC TABLE a CASCADE");
    EXPECT_TRUE(lake_.Get().List().empty());
    EXPECT_EQ(lake_.Number("SELECT count(*) FROM duckdb_tables() WHERE schema_name = '__freshet' AND table_name LIKE "
                           "'state%'"),
              0);
}

TEST_F(StatementsTest, OptionsAndNames) {
    Create("a", "SELECT id FROM t");
    lake_.Run("ALTER DYNAMIC TABLE a SET TARGET_LAG = '5 minutes', COMMENT = 'it''s', SORTED BY = (id)");
    EXPECT_EQ(lake_.Text("SELECT target_lag || comment FROM freshet_tables()"), "5 minutesit's");
    lake_.Run("ALTER DYNAMIC TABLE a UNSET COMMENT");
    lake_.Run("ALTER DYNAMIC TABLE a RENAME TO b");
    lake_.Run("INSERT INTO t VALUES (100, 1)");
    lake_.Refresh("b");
    EXPECT_EQ(lake_.ErrorOf("FROM a"), Code::UnknownTable);
}

TEST_F(StatementsTest, Relations) {
    Create("a", "SELECT id FROM t");
    Create("b", "SELECT id FROM a");
    EXPECT_EQ(lake_.Number("SELECT count(*) FROM freshet_refresh_history() h JOIN freshet_tables() f ON h.\"table\" = "
                           "f.\"schema\" || '.' || f.name"),
              3);
    EXPECT_EQ(lake_.Number("SELECT count(*) FROM freshet_refresh_history('b')"), 1);
    EXPECT_EQ(lake_.Number("SELECT count(*) FROM freshet_graph()"), 2);
    EXPECT_EQ(lake_.Run("SHOW DYNAMIC TABLES LIKE 'B%'").rows.size(), 1U);
}

TEST_F(StatementsTest, ErrorsPointIntoTheText) {
    try {
        lake_.Run("SELECT 1;\nSELECT nothing\nFROM t");
        FAIL();
    } catch (const Error& error) {
        ASSERT_TRUE(error.Where());
        EXPECT_EQ(error.Where()->Line(), 2U);
        EXPECT_EQ(error.Where()->Column(), 8U);
    }
}

} // namespace
} // namespace freshet
