#include "lake/inlined_schemas.hpp"
#include "lake/test_lake.hpp"

#include <duckdb.hpp>
#include <duckdb/storage/object_cache.hpp>
#include <limits>

namespace freshet {
namespace {

/// The table of t's inlined rows is made in a later schema version than t.
void MakeDoubtful(TestLake& lake) {
    lake.Run("CREATE TABLE t (b INTEGER); CREATE TABLE f (n INTEGER); INSERT INTO t SELECT i FROM range(20) r (i)");
    lake.Run("CALL lake.set_option('data_inlining_row_limit', 10, table_name => 't'); INSERT INTO t VALUES (1)");
    lake.Run("CREATE TABLE other (y INTEGER)");
}

void GiveUpCaches(Session& session) {
    duckdb::ObjectCache::GetObjectCache(*session.Raw().context)
        .EvictToReduceMemory(std::numeric_limits<int64_t>::max());
}

TEST(InlinedSchemas, AreInDoubtOnceTheEngineGaveUpCaches) {
    TestLake lake(CatalogKind::Sqlite);
    MakeDoubtful(lake);
    EXPECT_TRUE(LoadInlinedSchemas(lake.Main()));
    EXPECT_TRUE(LoadInlinedSchemas(lake.Main())) << "again";
    EXPECT_TRUE(KeptInlinedSchemas(lake.Main()));
    GiveUpCaches(lake.Main());
    EXPECT_FALSE(KeptInlinedSchemas(lake.Main()));
    EXPECT_FALSE(LoadInlinedSchemas(lake.Main()));
    lake.Main().Renew();
    EXPECT_TRUE(LoadInlinedSchemas(lake.Main()));
    EXPECT_TRUE(KeptInlinedSchemas(lake.Main()));
}

TEST(InlinedSchemas, OfALakeWithoutInlinedRowsAreNeverInDoubt) {
    TestLake lake(CatalogKind::Sqlite);
    lake.Run("CREATE TABLE t (b INTEGER); INSERT INTO t VALUES (1)");
    EXPECT_TRUE(LoadInlinedSchemas(lake.Main()));
    GiveUpCaches(lake.Main());
    EXPECT_TRUE(KeptInlinedSchemas(lake.Main()));
    EXPECT_TRUE(LoadInlinedSchemas(lake.Main()));
}

TEST(SessionRenewal, GoesOnWithTheLakeInAnotherInstance) {
    TestLake lake(CatalogKind::Sqlite);
    lake.Run(
        "CREATE TABLE t AS SELECT 1 AS a; CREATE TEMP TABLE gone AS SELECT 2 AS b; BEGIN; INSERT INTO t VALUES (3)");
    auto other = lake.NewSession();
    int64_t rolled_back = lake.Main().RolledBack();
    lake.Main().Renew();
    EXPECT_FALSE(lake.Main().InTransaction());
    EXPECT_GT(lake.Main().RolledBack(), rolled_back);
    EXPECT_EQ(lake.Number("SELECT count(*) FROM t"), 1);
    EXPECT_THROW(lake.Run("FROM gone"), EngineError);
    EXPECT_EQ(AsInt(other->QueryValue("SELECT count(*) FROM t")), 1) << "of the instance before";
    other->Renew();
    lake.Run("INSERT INTO t VALUES (4)");
    EXPECT_EQ(AsInt(other->QueryValue("SELECT count(*) FROM t")), 2);
}

} // namespace
} // namespace freshet
