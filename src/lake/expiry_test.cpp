#include "lake/expiry.hpp"

#include "lake/compaction.hpp"
#include "lake/test_lake.hpp"

#include <gmock/gmock.h>

namespace freshet {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr Timestamp kHour = Timestamp{3'600} * 1'000'000;

class ExpiryTest : public EveryCatalog {
protected:
    /// Ten small files of table t.
    int64_t ManyFiles() {
        Lake().Run("CREATE TABLE t(a INTEGER)");
        for (int i = 0; i < 10; i++) {
            Lake().Run(fmt::format("INSERT INTO t SELECT {} + i FROM range(10) r (i)", 10 * i));
        }
        return FindTable(Lake().Main(), {"main", "t"}, Lake().Newest())->id;
    }
    FileLayout Layout(int64_t table_id) {
        Lake().Newest();
        return ReadFileLayout(Lake().Main(), table_id);
    }
};

TEST_P(ExpiryTest, LayoutSaysWhatIsWorthDoing) {
    int64_t id = ManyFiles();
    FileLayout fresh = Layout(id);
    EXPECT_EQ(fresh.files, 10);
    EXPECT_TRUE(fresh.WorthMerging());
    EXPECT_FALSE(fresh.WorthRewriting());
    EXPECT_FALSE(fresh.WorthFlushing());
    Lake().Run("DELETE FROM t WHERE a % 10 = 3");
    EXPECT_FALSE(Layout(id).WorthMerging());
    EXPECT_TRUE(Layout(id).WorthRewriting());
    RewriteFiles(Lake().Main(), {"main", "t"}, FileLayout::kWornShare);
    EXPECT_EQ(Layout(id).files, 10) << "a tenth of each file is less than half";
    RewriteFiles(Lake().Main(), {"main", "t"}, FileLayout::kNibbledShare);
    EXPECT_EQ(Layout(id).files, 1);
    EXPECT_EQ(Lake().Number("SELECT count(*) FROM t"), 90);
}

TEST_P(ExpiryTest, InlinedRowsAndDeletionsAreSeen) {
    int64_t id = ManyFiles();
    Lake().SetInlining(5);
    Lake().Run("CALL lake.set_option('data_inlining_row_limit', 5, table_name => 't')");
    Lake().Run("DELETE FROM t WHERE a = 7");
    Lake().Run("INSERT INTO t VALUES (1000)");
    EXPECT_EQ(Layout(id).inlined, 2);
    FlushInlinedRows(Lake().Main(), {"main", "t"});
    EXPECT_FALSE(Layout(id).WorthFlushing());
    EXPECT_EQ(Lake().Number("SELECT count(*) FROM t"), 100);
}

TEST_P(ExpiryTest, FilesScheduledAMomentAgoAreNotOld) {
    int64_t id = ManyFiles();
    MergeSmallFiles(Lake().Main(), {"main", "t"});
    EXPECT_EQ(Layout(id).files, 1);
    for (Timestamp age : {kHour / 60, kHour, 10 * kHour, 24 * kHour}) {
        OldFiles files = FindOldFiles(Lake().Main(), Now() - age);
        EXPECT_EQ(files.count, 0) << age;
        EXPECT_EQ(files.waiting, 10) << age;
    }
    OldFiles all = FindOldFiles(Lake().Main(), Now() + 24 * kHour);
    EXPECT_EQ(all.count, 10);
    RemoveOldFiles(Lake().Main(), all);
    EXPECT_EQ(FindOldFiles(Lake().Main(), Now() + 24 * kHour).count, 0);
    EXPECT_EQ(Lake().Number("SELECT count(*) FROM t"), 100);
}

TEST_P(ExpiryTest, SnapshotsAreChosenByNumberAndTime) {
    Lake().Run("CREATE TABLE t(a INTEGER)");
    Snapshot newest = Lake().After("INSERT INTO t VALUES (1)");
    Snapshot any = newest + 100;
    EXPECT_THAT(SnapshotsBefore(Lake().Main(), any, Now() - kHour), IsEmpty());
    EXPECT_THAT(SnapshotsBefore(Lake().Main(), newest - 1, Now() + kHour), ElementsAre(0));
    std::vector<Snapshot> old = SnapshotsBefore(Lake().Main(), any, Now() + kHour);
    EXPECT_THAT(old, ElementsAre(0, 1)) << "never the newest";
    EXPECT_EQ(OldestSince(Lake().Main(), Now() - kHour), 0);
    EXPECT_EQ(OldestSince(Lake().Main(), Now() + kHour), newest);
    ExpireSnapshots(Lake().Main(), old);
    ExpireSnapshots(Lake().Main(), old);
    EXPECT_FALSE(SnapshotExists(Lake().Main(), 1));
    EXPECT_TRUE(SnapshotExists(Lake().Main(), newest));
}

INSTANTIATE_TEST_SUITE_P(Lake, ExpiryTest, EveryCatalogKind(), CatalogKindName);

} // namespace

} // namespace freshet
