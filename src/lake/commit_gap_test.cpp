#include "lake/test_lake.hpp"

#include <gtest/gtest.h>

namespace freshet {
namespace {

class CommitGapTest : public EveryCatalog {};

/// Another client commits twice and expires the first of the two, while a transaction is open: its number is free.
TEST_P(CommitGapTest, ATransactionNeverCommitsUnderAnExpiredNumber) {
    if (GetParam() == CatalogKind::DuckDbFile) {
        return; // belongs to one process, which expires nothing that young
    }
    Lake().Run("CREATE TABLE a (i INTEGER); CREATE TABLE b (i INTEGER)");
    Lake().SetInlining(100);
    auto other = Lake().NewSession();
    Lake().Main().Begin();
    Snapshot before = CurrentSnapshot(Lake().Main());
    EXPECT_FALSE(WouldFillGap(Lake().Main()));
    other->Query("INSERT INTO b VALUES (1)");
    EXPECT_FALSE(WouldFillGap(Lake().Main())) << "the commit fails by itself";
    other->Query("INSERT INTO b VALUES (2)");
    other->Query(fmt::format("CALL ducklake_expire_snapshots('lake', versions => [{}])", before + 1));
    Lake().Run("SET SESSION ducklake_max_retry_count = 0; INSERT INTO a VALUES (1)");
    if (WouldFillGap(Lake().Main())) {
        Lake().Main().Rollback();
        return;
    }
    EXPECT_THROW(Lake().Main().Commit(), EngineError);
}

INSTANTIATE_TEST_SUITE_P(Lake, CommitGapTest, EveryCatalogKind(), CatalogKindName);

} // namespace
} // namespace freshet
