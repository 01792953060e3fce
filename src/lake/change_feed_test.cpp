#include "lake/test_feed.hpp"

#include <gmock/gmock.h>

namespace freshet {

namespace {

using testing::HasSubstr;

constexpr FeedMethod kReading[] = {FeedMethod::ByPosition, FeedMethod::Feed, FeedMethod::VersionDifference};

class ChangeFeedTest : public EveryCatalog {
protected:
    WatchedTable& Watch(const std::string& definition) {
        Lake().Run("CREATE TABLE t" + definition);
        table_ = std::make_unique<WatchedTable>(Lake(), "t");
        return *table_;
    }
    /// Every method that applies to the window must be exact.
    void CheckEveryMethod(Snapshot from, Snapshot to) {
        table_->Check(from, to);
        for (FeedMethod method : kReading) {
            FeedRequest request = table_->Request(from, to);
            request.force = method;
            FeedResult result = table_->Read(request);
            EXPECT_TRUE(!result.usable || table_->Differences(request) == 0) << FeedMethodName(method);
        }
    }
    int64_t Change(const std::string& condition) {
        return Lake().Number("SELECT count(*) FROM temp.main.change WHERE " + condition);
    }

    std::unique_ptr<WatchedTable> table_;
};

TEST_P(ChangeFeedTest, QuietWindowIsUnchanged) {
    WatchedTable& table = Watch(" AS FROM range(5) r(a)");
    Snapshot from = Lake().Newest();
    Snapshot to = table.After("CREATE TABLE other AS SELECT 1 AS a");
    FeedResult result = table.Check(from, to);
    EXPECT_EQ(result.method, FeedMethod::Unchanged);
    EXPECT_EQ(result.rows_at_to, 5);
    EXPECT_EQ(table.Check(to, to).method, FeedMethod::Unchanged);
}

TEST_P(ChangeFeedTest, InsertsAloneAreReadAsInsertions) {
    WatchedTable& table = Watch(" AS SELECT 1 AS a UNION ALL SELECT NULL");
    Snapshot from = Lake().Newest();
    Lake().Run("INSERT INTO t VALUES (1), (1), (NULL)");
    FeedResult result = table.Check(from, table.After("INSERT INTO t FROM range(3)"));
    EXPECT_EQ(result.method, FeedMethod::AppendOnly);
    EXPECT_EQ(result.inserted, 6);
    EXPECT_EQ(result.deleted, 0);
    EXPECT_EQ(result.rows_at_to, 8);
}

TEST_P(ChangeFeedTest, ChangeIsNetByValueAndCountsAreRaw) {
    WatchedTable& table = Watch("(a INTEGER, b VARCHAR)");
    Snapshot from = table.After("INSERT INTO t VALUES (1, 'x'), (2, NULL), (2, NULL), (3, 'z')");
    Lake().Run("UPDATE t SET b = 'y' WHERE a = 1");
    Lake().Run("UPDATE t SET b = b");
    Lake().Run("INSERT INTO t VALUES (9, 'born')");
    Lake().Run("DELETE FROM t WHERE a = 9");
    FeedRequest request = table.Request(from, table.After("DELETE FROM t WHERE a = 2"));
    request.force = FeedMethod::Feed;
    FeedResult result = table.Check(request);
    EXPECT_EQ(result.inserted, 6);
    EXPECT_EQ(result.deleted, 8);
    EXPECT_EQ(Change("true"), 4);
    EXPECT_EQ(Change("w = -1 AND a = 2 AND b IS NULL"), 2);
    CheckEveryMethod(from, request.to);
    EXPECT_EQ(table.Check(from, request.to).method, FeedMethod::ByPosition);
}

/// DuckDB 1.5.5 loses a large INSERT into a table to which its transaction has appended nothing before.
TEST_P(ChangeFeedTest, DeletionsBeyondARowGroupAreAllRead) {
    WatchedTable& table = Watch(" AS SELECT a, a::SMALLINT AS b FROM range(10) r(a)");
    Snapshot from = table.After("INSERT INTO t SELECT a, NULL FROM range(10, 200010) r(a)");
    Snapshot to = table.After("DELETE FROM t WHERE a >= 10");
    EXPECT_EQ(table.Check(from, to).deleted, 200000);
    EXPECT_EQ(Change("w = -1 AND b IS NULL"), 200000);
    CheckEveryMethod(from, to);
    Snapshot widened = table.After("ALTER TABLE t ALTER COLUMN b SET DATA TYPE INTEGER; DELETE FROM t WHERE a > 4");
    CheckEveryMethod(from, widened);
}

TEST_P(ChangeFeedTest, OnlyNeededColumnsAreNetted) {
    WatchedTable& table = Watch(" AS SELECT a, a AS b FROM range(4) r(a)");
    Snapshot from = Lake().Newest();
    FeedRequest request = table.Request(from, table.After("UPDATE t SET b = b + 1"));
    request.columns = request.columns_at_from = {"a"};
    FeedResult result = table.Check(request);
    EXPECT_EQ(result.inserted, 4);
    EXPECT_EQ(Change("true"), 0);
}

TEST_P(ChangeFeedTest, WithoutColumnsOnlyCopiesAreLeft) {
    WatchedTable& table = Watch(" AS FROM range(10) r(a)");
    Snapshot from = Lake().Newest();
    Lake().Run("DELETE FROM t WHERE a < 5");
    FeedRequest request = table.Request(from, table.After("INSERT INTO t VALUES (1), (2)"));
    request.columns = request.columns_at_from = {};
    for (FeedMethod method : kReading) {
        request.force = method;
        if (table.Read(request).usable) {
            EXPECT_EQ(Change("w = -1"), 3);
            EXPECT_EQ(Change("w = 1"), 0);
        }
    }
}

TEST_P(ChangeFeedTest, NestedValuesAndFloatsAreNetted) {
    WatchedTable& table =
        Watch("(a INTEGER, s STRUCT(x INTEGER, y VARCHAR[]), m MAP(VARCHAR, DOUBLE), d DOUBLE, j JSON)");
    Snapshot from =
        table.After("INSERT INTO t VALUES (1, {x: 1, y: ['a', NULL]}, MAP {'k': 'nan'::DOUBLE}, 'nan', '{}'), "
                    "(2, {x: NULL, y: NULL}, NULL, NULL, NULL), (3, NULL, NULL, -0.0, '[1]')");
    Lake().Run("UPDATE t SET a = a");
    Snapshot to = table.After("UPDATE t SET s = {x: 1, y: ['b']} WHERE a = 2");
    CheckEveryMethod(from, to);
    EXPECT_EQ(table.Check(from, to).usable, true);
    EXPECT_EQ(Change("true"), 2);
}

TEST_P(ChangeFeedTest, OddNamesAreQuoted) {
    Lake().Run(R"(CREATE SCHEMA "s 'x"; CREATE TABLE "t""a,b"("select" INTEGER, "w" INTEGER, "a ""b" INTEGER))");
    WatchedTable table(Lake(), "t\"a,b");
    Snapshot from = table.After(R"(INSERT INTO "t""a,b" VALUES (1, 2, 3), (4, 5, 6))");
    FeedRequest request = table.Request(from, table.After(R"(UPDATE "t""a,b" SET w = 9 WHERE w = 2)"));
    request.weight = "weight";
    for (FeedMethod method : kReading) {
        request.force = method;
        if (table.Read(request).usable) {
            EXPECT_EQ(Change("weight = 1 AND w = 9"), 1) << FeedMethodName(method);
            EXPECT_EQ(Change("weight = -1 AND w = 2"), 1) << FeedMethodName(method);
        }
    }
}

// A table may have columns of the names of DuckLake's virtual columns, which then can't be reached.
TEST_P(ChangeFeedTest, ColumnsThatHideTheIdentityOfRows) {
    WatchedTable& table = Watch("(snapshot_id INTEGER, \"Filename\" VARCHAR, file_row_number INTEGER)");
    Snapshot from = table.After("INSERT INTO t SELECT 0, 'f', 0 FROM range(20)");
    Snapshot appended = table.After("INSERT INTO t VALUES (99, 'g', 1)");
    EXPECT_EQ(table.Check(from, appended).method, FeedMethod::AppendOnly);
    Snapshot to = table.After("UPDATE t SET snapshot_id = 5 WHERE \"Filename\" = 'g'");
    CheckEveryMethod(from, to);
    FeedRequest request = table.Request(from, to);
    request.force = FeedMethod::VersionDifference;
    FeedResult result = table.Check(request);
    EXPECT_EQ(result.inserted, 1);
    EXPECT_EQ(result.deleted, 0);
}

// A2: DuckLake reports a deleted row twice when its file is deleted from and then ended in one transaction.
TEST_P(ChangeFeedTest, DeletesReportedTwiceCountOnce) {
    WatchedTable& table = Watch("(a INTEGER)");
    Snapshot from = table.After("INSERT INTO t VALUES (1), (2), (3), (3)");
    Snapshot to = table.After("BEGIN; DELETE FROM t WHERE a = 1; DELETE FROM t WHERE a > 1; COMMIT");
    EXPECT_EQ(Lake().Number(
                  fmt::format("SELECT count(*) FROM ducklake_table_deletions('lake', 'main', 't', {}, {})", to, to)),
              5)
        << "DuckLake no longer reports the row twice";
    FeedRequest request = table.Request(from, to);
    request.force = FeedMethod::Feed;
    EXPECT_EQ(table.Check(request).deleted, 4);
    CheckEveryMethod(from, to);
}

// A transaction that deletes some of the rows it inserted is logged as an insert, but the feed reports all of them.
TEST_P(ChangeFeedTest, RowsBornAndGoneInOneTransactionAreNotInserted) {
    for (int inlining : {0, 10}) {
        Lake().SetInlining(inlining);
        Lake().Run("DROP TABLE IF EXISTS t");
        WatchedTable& table = Watch("(a INTEGER)");
        Snapshot from = table.After("INSERT INTO t FROM range(20)");
        Snapshot to = table.After("BEGIN; INSERT INTO t FROM range(100, 130); DELETE FROM t WHERE a >= 110; COMMIT");
        EXPECT_FALSE(table.Request(from, to).changes.deleted) << "DuckLake logs the delete now";
        FeedResult result = table.Check(from, to);
        EXPECT_EQ(result.method, FeedMethod::AppendOnly);
        EXPECT_EQ(result.inserted, 10);
        CheckEveryMethod(from, to);
    }
}

// A2: rows inserted and updated in one transaction all get one row id.
TEST_P(ChangeFeedTest, RepeatingRowIdsDoNotMultiplyRows) {
    WatchedTable& table = Watch("(a INTEGER, b VARCHAR)");
    for (int i = 0; i < 2; i++) {
        Lake().Run(
            fmt::format("BEGIN; INSERT INTO t VALUES ({0}, 'x'); UPDATE t SET b = 'y' WHERE a = {0}; COMMIT", i));
    }
    Snapshot from = table.Remember();
    EXPECT_EQ(Lake().Number("SELECT count(DISTINCT rowid) FROM t"), 1) << "DuckLake no longer repeats row ids";
    Snapshot to = table.After("UPDATE t SET b = b || a");
    CheckEveryMethod(from, to);
}

// A6: after a flush, deletions of a window of several snapshots are reported at a wrong snapshot.
TEST_P(ChangeFeedTest, FlushKeepsTheNetChange) {
    Lake().SetInlining(10);
    WatchedTable& table = Watch("(a INTEGER, b INTEGER)");
    Snapshot from = table.After("INSERT INTO t VALUES (1, 0), (2, 0)");
    Lake().Run("UPDATE t SET b = 1 WHERE a = 1");
    Snapshot middle = table.After("UPDATE t SET b = 2 WHERE a = 1");
    Lake().Flush();
    Snapshot flushed = table.Remember();
    CheckEveryMethod(from, middle);
    CheckEveryMethod(from, flushed);
    CheckEveryMethod(middle, flushed);
    EXPECT_EQ(table.Check(middle, flushed).method, FeedMethod::Unchanged);
}

// A delete file that a flush makes has positions of several snapshots, though its metadata names one.
TEST_P(ChangeFeedTest, DeletesFlushedLaterAreOfTheirWindow) {
    Lake().SetInlining(10);
    WatchedTable& table = Watch("(a INTEGER, b INTEGER)");
    Lake().Run("INSERT INTO t SELECT r, 0 FROM range(8) s(r); INSERT INTO t SELECT r, 1 FROM range(30) s(r)");
    std::vector<Snapshot> versions = {table.Remember()};
    for (int a = 0; a < 4; a++) {
        versions.push_back(table.After(fmt::format("DELETE FROM t WHERE a = {}", a)));
    }
    Lake().Flush();
    for (size_t i = 0; i < 4; i++) {
        FeedRequest request = table.Request(versions[i], versions[i + 1]);
        request.force = FeedMethod::ByPosition;
        EXPECT_EQ(table.Check(request).deleted, 2);
        CheckEveryMethod(versions[i], versions.back());
    }
}

// Delete files are written anew with each delete, and hold those of all versions.
TEST_P(ChangeFeedTest, VersionsBeforeLaterDeletesAreCountedByTheirDeleteFiles) {
    WatchedTable& table = Watch("(a INTEGER)");
    Lake().Run("INSERT INTO t FROM range(50); INSERT INTO t FROM range(50, 100)");
    std::vector<Snapshot> versions = {table.Remember()};
    for (int a : {1, 2, 60, 3, 61}) {
        versions.push_back(table.After(fmt::format("DELETE FROM t WHERE a = {}", a)));
    }
    for (size_t i = 0; i < versions.size(); i++) {
        FeedRequest request = table.Request(versions[i], versions.back());
        EXPECT_EQ(RowsByMetadata(Lake().Main(), request.table_id, versions[i]), 100 - static_cast<int64_t>(i));
    }
    for (size_t i = 0; i + 1 < versions.size(); i++) {
        CheckEveryMethod(versions[i], versions[i + 1]);
        EXPECT_EQ(table.Check(versions[i], versions.back()).method, FeedMethod::ByPosition);
    }
}

// Of a delete file that a flush makes of several snapshots metadata tell the first only, and all of its positions.
TEST_P(ChangeFeedTest, VersionsBeforeAFlushOfDeletesAreCountedRight) {
    Lake().SetInlining(10);
    WatchedTable& table = Watch("(a INTEGER)");
    std::vector<Snapshot> versions = {table.After("INSERT INTO t FROM range(5)")};
    versions.push_back(table.After("UPDATE t SET a = a + 10"));
    versions.push_back(table.After("INSERT INTO t VALUES (20)"));
    versions.push_back(table.After("DELETE FROM t WHERE a < 13"));
    Lake().Flush();
    for (size_t i = 0; i + 1 < versions.size(); i++) {
        CheckEveryMethod(versions[i], versions[i + 1]);
    }
}

// A scan for positions opens all files, the feed those with deletes.
TEST_P(ChangeFeedTest, FewDeletesAmongManyFilesAreReadByTheFeed) {
    WatchedTable& table = Watch("(a INTEGER, p INTEGER)");
    Lake().Run("ALTER TABLE t SET PARTITIONED BY (p)");
    std::vector<Snapshot> versions = {table.After("INSERT INTO t SELECT r, r // 2 FROM range(2100) s(r)")};
    versions.push_back(table.After("DELETE FROM t WHERE a = 7"));
    versions.push_back(table.After("DELETE FROM t WHERE a IN (6, 8, 11); INSERT INTO t VALUES (-1, 3), (NULL, NULL)"));
    versions.push_back(table.After("UPDATE t SET a = a + 1 WHERE p < 5 OR p IS NULL"));
    for (size_t i = 0; i + 1 < versions.size(); i++) {
        for (size_t j = i + 1; j < versions.size(); j++) {
            EXPECT_EQ(table.Check(versions[i], versions[j]).method, FeedMethod::Feed);
        }
    }
    CheckEveryMethod(versions.front(), versions.back());
    Snapshot before = versions.back();
    Snapshot scattered = table.After("DELETE FROM t WHERE a % 2 = 0 AND p > 40");
    EXPECT_EQ(table.Check(before, scattered).method, FeedMethod::ByPosition);
}

TEST_P(ChangeFeedTest, MergedFilesKeepTheNetChange) {
    WatchedTable& table = Watch("(a INTEGER, b INTEGER)");
    Snapshot from = table.After("INSERT INTO t FROM range(20) r(a), range(2) s(b)");
    Lake().Run("UPDATE t SET b = 5 WHERE a = 3");
    Snapshot middle = table.After("INSERT INTO t VALUES (1, 1)");
    Lake().Merge();
    Snapshot merged = table.Remember();
    Snapshot to = table.After("DELETE FROM t WHERE a = 4");
    EXPECT_EQ(table.Check(middle, merged).method, FeedMethod::Unchanged);
    for (Snapshot start : {from, middle, merged}) {
        CheckEveryMethod(start, to);
    }
}

// A6: a rewrite over inlined deletions makes the feed report rows that were not inserted.
TEST_P(ChangeFeedTest, RewriteOverInlinedDeletionsIsReadAsDifference) {
    Lake().SetInlining(10);
    WatchedTable& table = Watch("(a INTEGER)");
    Snapshot from = table.After("INSERT INTO t FROM range(12)");
    Lake().Run("DELETE FROM t WHERE a = 1");
    Lake().Rewrite("t");
    Snapshot rewritten = table.Remember();
    FeedResult result = table.Check(from, rewritten);
    EXPECT_EQ(result.method, FeedMethod::VersionDifference);
    EXPECT_EQ(Change("true"), 1);
    FeedRequest forced = table.Request(from, rewritten);
    forced.force = FeedMethod::Feed;
    EXPECT_FALSE(table.Read(forced).usable);
}

// A12: a rewrite narrows the column statistics, which DuckDB would apply to old versions.
TEST_P(ChangeFeedTest, OldVersionsAreNotReadWithTodaysStatistics) {
    WatchedTable& table = Watch("(i INTEGER, j INTEGER)");
    Snapshot from = table.After("INSERT INTO t VALUES (NULL, 5), (1, 6), (1000000, 7)");
    Lake().Run("DELETE FROM t WHERE j <> 6");
    Snapshot deleted = table.Remember();
    Lake().Rewrite("t");
    Snapshot rewritten = table.Remember();
    CheckEveryMethod(from, deleted);
    CheckEveryMethod(from, rewritten);
    table.Check(from, deleted);
    EXPECT_EQ(Change("i = 1000000 AND j = 7 AND w = -1"), 1);
}

// A11: a delete whose commit is retried is stamped with an older snapshot, which may have been consumed.
TEST_P(ChangeFeedTest, RewrittenHistoryIsNotUsable) {
    WatchedTable& table = Watch(" AS FROM range(40) r(a)");
    Lake().Run("CREATE TABLE other(a INTEGER); DELETE FROM t WHERE a < 12");
    auto late = Lake().NewSession();
    late->Begin();
    late->Query("DELETE FROM t WHERE a BETWEEN 12 AND 14");
    Snapshot from = table.After("INSERT INTO other VALUES (1)");
    if (GetParam() == CatalogKind::Sqlite) {
        EXPECT_THROW(late->Commit(), EngineError);
        GTEST_SKIP() << "SQLite refuses the second writer's commit";
    }
    late->Commit();
    Snapshot to = table.Remember();
    FeedResult result = table.Read(table.Request(from, to));
    EXPECT_FALSE(result.usable);
    EXPECT_THAT(result.problem, HasSubstr("had 28 rows when it was read and has 25 now"));
}

// A11: what is stamped into a window that ended before the delete was committed belongs to its end all the same.
TEST_P(ChangeFeedTest, WindowWhoseEndIsRewrittenLeadsToWhatItIsNow) {
    WatchedTable& table = Watch(" AS FROM range(40) r(a)");
    Lake().Run("CREATE TABLE other(a INTEGER)");
    Snapshot from = table.After("DELETE FROM t WHERE a < 12");
    auto late = Lake().NewSession();
    late->Begin();
    late->Query("DELETE FROM t WHERE a BETWEEN 12 AND 14");
    Snapshot to = table.After("INSERT INTO other VALUES (1)");
    if (GetParam() == CatalogKind::Sqlite) {
        GTEST_SKIP() << "SQLite refuses the second writer's commit";
    }
    late->Commit();
    FeedResult result = table.Read(table.Request(from, to));
    EXPECT_TRUE(result.usable) << result.problem;
    EXPECT_EQ(table.Differences(table.Request(from, to)), 0);
    EXPECT_EQ(result.rows_at_to, 25);
}

// A10: of two deletes of one file at once both commit, and the deleted rows are back, double.
TEST_P(ChangeFeedTest, RowsThatComeBackAreNotMissed) {
    WatchedTable& table = Watch(" AS FROM range(20) r(a)");
    Lake().Run("DELETE FROM t WHERE a = 19");
    auto late = Lake().NewSession();
    late->Begin();
    late->Query("DELETE FROM t WHERE a = 2");
    Snapshot from = table.After("DELETE FROM t WHERE a = 1");
    if (GetParam() == CatalogKind::Sqlite) {
        GTEST_SKIP() << "SQLite refuses the second writer's commit";
    }
    late->Commit();
    Snapshot to = table.Remember();
    EXPECT_EQ(Lake().Number("SELECT count(*) FROM t WHERE a = 1"), 1) << "DuckLake no longer brings rows back";
    FeedResult result = table.Read(table.Request(from, to));
    EXPECT_TRUE(!result.usable || table.Differences(table.Request(from, to)) == 0);
    Snapshot later = table.After("DELETE FROM t WHERE a = 5"); // it goes once, and was there twice
    EXPECT_FALSE(table.Read(table.Request(to, later)).usable);
    Snapshot inserted = table.After("INSERT INTO t VALUES (100)");
    table.Check(later, inserted);
    Snapshot rewritten = table.After("CALL ducklake_rewrite_data_files('lake', 't', delete_threshold => 0.0)");
    EXPECT_FALSE(table.Read(table.Request(inserted, rewritten)).usable);
    table.Check(rewritten, table.After("DELETE FROM t WHERE a = 8"));
}

// A4: a table's replacement has no change rows for what the former one held.
TEST_P(ChangeFeedTest, ReplacedTableIsNotUsable) {
    WatchedTable& table = Watch(" AS FROM range(20) r(a)");
    Snapshot from = Lake().Newest();
    FeedRequest old = table.Request(from, from);
    for (const char* sql : {"CREATE OR REPLACE TABLE t AS FROM range(20) r(a)",
                            "ALTER TABLE t RENAME TO u; CREATE TABLE t AS FROM range(20) r(a)"}) {
        FeedRequest request = table.Request(from, table.After(sql));
        EXPECT_NE(request.table_id, old.table_id);
        EXPECT_THAT(table.Read(request).problem, HasSubstr("another table"));
        request.table_id = old.table_id;
        request.changes = ChangeLog::Read(Lake().Main(), from, request.to).Of(old.table_id);
        EXPECT_THAT(table.Read(request).problem, HasSubstr("another table"));
    }
}

// A6: without the version that was consumed, the feed loses deletions and says nothing.
TEST_P(ChangeFeedTest, ExpiredVersionIsNotUsable) {
    WatchedTable& table = Watch("(a INTEGER)");
    Snapshot from = table.After("INSERT INTO t FROM range(20)");
    Lake().Run("DELETE FROM t");
    Snapshot to = table.After("INSERT INTO t VALUES (1)");
    Lake().Expire(from);
    FeedResult result = table.Read(table.Request(from, to));
    EXPECT_FALSE(result.usable);
    EXPECT_THAT(result.problem, HasSubstr("has expired"));
}

TEST_P(ChangeFeedTest, HoleInTheWindowIsReadAsDifference) {
    for (int hole = 1; hole <= 3; hole++) {
        Lake().Run("DROP TABLE IF EXISTS t");
        WatchedTable& table = Watch("(a INTEGER)");
        Snapshot from = table.After("INSERT INTO t FROM range(20)");
        Lake().Run("DELETE FROM t WHERE a < 5");
        Lake().Run("INSERT INTO t FROM range(2)");
        Lake().Run("DELETE FROM t WHERE a > 15");
        Snapshot to = table.After("INSERT INTO t VALUES (100)");
        Lake().Expire(from + hole);
        EXPECT_EQ(table.Check(from, to).method, FeedMethod::VersionDifference);
        CheckEveryMethod(from, to);
    }
}

TEST_P(ChangeFeedTest, RenamedTableAndColumnKeepTheirChange) {
    WatchedTable& old = Watch("(a INTEGER, b INTEGER)");
    Snapshot from = old.After("INSERT INTO t FROM range(20) r(a), range(2) s(b)");
    FeedRequest request = old.Request(from, from);
    Lake().Run("ALTER TABLE t RENAME COLUMN b TO c; ALTER TABLE t RENAME TO u; UPDATE u SET c = 9 WHERE a = 3");
    request.to = Lake().Newest();
    request.table = {"main", "u"};
    request.columns = {"a", "c"};
    request.changes = ChangeLog::Read(Lake().Main(), from, request.to).Of(request.table_id);
    for (FeedMethod method : kReading) {
        request.force = method;
        if (old.Read(request).usable) {
            EXPECT_EQ(Change("w = -1 AND a = 3 AND c < 2"), 2) << FeedMethodName(method);
            EXPECT_EQ(Change("w = 1 AND a = 3 AND c = 9"), 2) << FeedMethodName(method);
            EXPECT_EQ(Change("true"), 4) << FeedMethodName(method);
        }
    }
}

TEST_P(ChangeFeedTest, ColumnAddedInTheWindowReadsAsItsDefaultOrNotAtAll) {
    WatchedTable& old = Watch("(a INTEGER)");
    Snapshot from = old.After("INSERT INTO t FROM range(20)");
    FeedRequest request = old.Request(from, from);
    Lake().Run("ALTER TABLE t ADD COLUMN b INTEGER DEFAULT 7; UPDATE t SET b = 8 WHERE a = 3");
    request.to = Lake().Newest();
    request.columns = {"a", "b"};
    request.columns_at_from = {"a", ""};
    request.changes = ChangeLog::Read(Lake().Main(), from, request.to).Of(request.table_id);
    EXPECT_EQ(old.Read(request).method, FeedMethod::Feed);
    EXPECT_EQ(Change("w = -1 AND a = 3 AND b = 7"), 1);
    EXPECT_EQ(Change("w = 1 AND a = 3 AND b = 8"), 1);
    request.force = FeedMethod::VersionDifference;
    EXPECT_FALSE(old.Read(request).usable);
}

TEST_P(ChangeFeedTest, WidenedColumnHasTheNewType) {
    WatchedTable& old = Watch("(a INTEGER, b FLOAT)");
    Snapshot from = old.After("INSERT INTO t SELECT r, r / 3 FROM range(20) s(r)");
    Lake().Run("ALTER TABLE t ALTER COLUMN a TYPE BIGINT; ALTER TABLE t ALTER COLUMN b TYPE DOUBLE");
    Lake().Run("UPDATE t SET a = 5000000000 WHERE a = 5");
    FeedRequest request = old.Request(from, Lake().Newest());
    for (FeedMethod method : kReading) {
        request.force = method;
        if (old.Read(request).usable) {
            EXPECT_EQ(Change("typeof(a) = 'BIGINT' AND typeof(b) = 'DOUBLE'"), 2) << FeedMethodName(method);
        }
    }
}

TEST_P(ChangeFeedTest, WrongSumOfAWindowFallsBackToTheNextMethod) {
    WatchedTable& table = Watch(" AS FROM range(10) r(a)");
    Snapshot from = Lake().Newest();
    FeedRequest request = table.Request(from, table.After("DELETE FROM t WHERE a = 1"));
    request.changes.deleted = false;
    request.changes.inserted = true;
    FeedResult result = table.Check(request);
    EXPECT_EQ(result.method, FeedMethod::Feed);
    EXPECT_THAT(result.note, HasSubstr("append only leads from 10 to 10 rows"));
    request.force = FeedMethod::AppendOnly;
    result = table.Read(request);
    EXPECT_FALSE(result.usable);
    EXPECT_THAT(result.problem, HasSubstr("but version"));
}

INSTANTIATE_TEST_SUITE_P(Lake, ChangeFeedTest, EveryCatalogKind(), CatalogKindName);

} // namespace

} // namespace freshet
