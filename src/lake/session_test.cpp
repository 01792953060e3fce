#include "lake/test_lake.hpp"

#include <duckdb.hpp>
#include <duckdb/main/valid_checker.hpp>

namespace freshet {

namespace {

class SessionTest : public EveryCatalog {
protected:
    /// What DuckDB does after an internal error: no statement runs any more.
    void Invalidate() { duckdb::ValidChecker::Invalidate(*Lake().Main().Raw().context->db, "tried out"); }
};

TEST_P(SessionTest, EndsQuietlyAfterAFatalErrorOfTheEngine) {
    auto reads = Lake().NewSession();
    auto writes = Lake().NewSession();
    auto idle = Lake().NewSession();
    Lake().Run("CREATE TABLE t AS SELECT 1 AS a");
    reads->Query("BEGIN; FROM t");
    writes->Query("BEGIN; INSERT INTO t VALUES (2)");
    Invalidate();
    EXPECT_THROW(reads->Query("FROM t"), EngineError);
    EXPECT_THROW(writes->Query("COMMIT"), EngineError);
    EXPECT_THROW(idle->Query("SELECT 1"), EngineError);
    reads.reset();
    writes.reset();
    idle.reset();
}

TEST_P(SessionTest, AnotherInstanceTakesTheOldOnesPlace) {
    Lake().Run("CREATE TABLE t AS SELECT 1 AS a");
    Invalidate();
    EXPECT_TRUE(Lake().Main().IsOver());
    auto session = Lake().NewSession();
    EXPECT_FALSE(session->IsOver());
    EXPECT_EQ(AsInt(session->QueryValue("SELECT a FROM t")), 1);
}

// A PostgreSQL database could not be dropped by this engine afterwards.
INSTANTIATE_TEST_SUITE_P(Lake, SessionTest, testing::Values(CatalogKind::DuckDbFile, CatalogKind::Sqlite),
                         CatalogKindName);

} // namespace

} // namespace freshet
