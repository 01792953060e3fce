#include "refresh/shared_changes.hpp"

#include "lake/test_feed.hpp"

namespace freshet {

namespace {

class SharedChangesTest : public EveryCatalog {
protected:
    void SetUp() override {
        EveryCatalog::SetUp();
        if (!IsSkipped()) {
            Lake().Run("CREATE TABLE t AS SELECT 1 AS a, 'x' AS b");
            table_ = std::make_unique<WatchedTable>(Lake(), "t");
            shared_ = std::make_unique<SharedChanges>(Lake().Main());
        }
    }

    /// Reads the window in the open transaction; returns the TEMP table and its rows.
    std::pair<std::string, int64_t> Read(Snapshot from, Snapshot to) {
        CurrentSnapshot(Lake().Main());
        SharedChanges::Change change = shared_->Read(table_->Request(from, to));
        EXPECT_TRUE(change.result.usable) << change.result.problem;
        return {change.table, Lake().Number(fmt::format("SELECT count(*) FROM temp.main.{}", change.table))};
    }

    std::unique_ptr<WatchedTable> table_;
    std::unique_ptr<SharedChanges> shared_;
};

TEST_P(SharedChangesTest, WindowsThatBeginAtOtherSnapshotsAreReadOnceIfNothingHappenedBetween) {
    Snapshot first = Lake().Newest();
    Snapshot second = table_->After("CREATE TABLE other AS SELECT 1 AS a");
    Snapshot third = table_->After("INSERT INTO t VALUES (2, 'y')");
    Snapshot last = table_->After("INSERT INTO t VALUES (3, 'z')");
    Transaction transaction(Lake().Main());
    auto read = Read(first, last);
    EXPECT_EQ(read.second, 2);
    EXPECT_EQ(Read(second, last), read);
    EXPECT_EQ(Read(third, last).second, 1);
    EXPECT_EQ(Read(first, third).second, 1);
    transaction.Commit();
    shared_->Drop();
}

/// Deletes may be stamped with snapshots before that of their commit: only the version at the beginning tells.
TEST_P(SharedChangesTest, WindowsWithDeletesAreReadEach) {
    Snapshot first = Lake().Newest();
    Snapshot second = table_->After("CREATE TABLE other AS SELECT 1 AS a");
    Snapshot last = table_->After("UPDATE t SET b = 'y'");
    Transaction transaction(Lake().Main());
    auto read = Read(first, last);
    EXPECT_EQ(read.second, 2);
    EXPECT_EQ(Read(first, last), read);
    auto other = Read(second, last);
    EXPECT_EQ(other.second, 2);
    EXPECT_NE(other.first, read.first);
    transaction.Commit();
    shared_->Drop();
}

INSTANTIATE_TEST_SUITE_P(Lake, SharedChangesTest, EveryCatalogKind(), CatalogKindName);

} // namespace

} // namespace freshet
