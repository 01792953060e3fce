#include "lake/test_lake.hpp"

#include <gmock/gmock.h>

namespace freshet {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class CatalogTest : public EveryCatalog {
protected:
    TableInfo Find(const std::string& name, Snapshot at) {
        auto found = FindTable(Lake().Main(), {"main", name}, at);
        EXPECT_TRUE(found.has_value()) << name << " at " << at;
        return found.value_or(TableInfo{});
    }
    int64_t Id(const std::string& name) { return Find(name, Lake().Newest()).id; }
    std::optional<int64_t> VersionAt(Snapshot at) { return SchemaVersion(Lake().Main(), at); }
    ChangeLog Log(Snapshot after) { return ChangeLog::Read(Lake().Main(), after, Lake().Newest()); }
};

TEST_P(CatalogTest, FindsTablesAsTheyWereAtASnapshot) {
    Snapshot before = Lake().Newest();
    Snapshot created = Lake().After("CREATE TABLE t(a INTEGER, b VARCHAR)");
    Snapshot altered = Lake().After("ALTER TABLE t ADD COLUMN c DECIMAL(15,2)");
    Snapshot renamed = Lake().After("ALTER TABLE t RENAME TO u");
    EXPECT_FALSE(FindTable(Lake().Main(), {"main", "t"}, before));
    TableInfo first = Find("t", created);
    EXPECT_THAT(first.columns, ElementsAre(ColumnInfo{1, "a", "INTEGER", {}}, ColumnInfo{2, "b", "VARCHAR", {}}));
    EXPECT_EQ(Find("t", altered).columns.back(), (ColumnInfo{3, "c", "DECIMAL(15,2)", {}}));
    EXPECT_FALSE(FindTable(Lake().Main(), {"main", "t"}, renamed));
    EXPECT_EQ(Find("u", renamed).id, first.id);
    EXPECT_EQ(Find("u", renamed).uuid, first.uuid);
    EXPECT_EQ(first.uuid.size(), 36u);
}

TEST_P(CatalogTest, ViewsDisagreeWhereACommitLiesBetween) {
    auto reader = Lake().NewSession();
    reader->Begin();
    Snapshot seen = CurrentSnapshot(*reader);
    Lake().Run("CREATE TABLE t(a INTEGER)");
    EXPECT_FALSE(ViewsAgree(*reader));
    EXPECT_EQ(CurrentSnapshot(*reader), seen);
    reader->Rollback();
    reader->Begin();
    EXPECT_TRUE(ViewsAgree(*reader));
    Lake().Run("DROP TABLE t");
    EXPECT_TRUE(ViewsAgree(*reader)) << "both are fixed";
    reader->Rollback();
}

TEST_P(CatalogTest, ReplacedTableIsAnotherTable) {
    Lake().Run("CREATE TABLE t AS SELECT 1 AS a");
    TableInfo first = Find("t", Lake().Newest());
    Lake().Run("CREATE OR REPLACE TABLE t AS SELECT 1 AS a");
    TableInfo second = Find("t", Lake().Newest());
    EXPECT_NE(first.id, second.id);
    EXPECT_NE(first.uuid, second.uuid);
}

TEST_P(CatalogTest, ColumnDroppedAndAddedAgainIsAnotherColumn) {
    Lake().Run("CREATE TABLE t(a INTEGER, s STRUCT(x INTEGER, y INTEGER))");
    std::vector<ColumnInfo> first = Find("t", Lake().Newest()).columns;
    Lake().Run("ALTER TABLE t DROP COLUMN s.y; ALTER TABLE t ADD COLUMN s.y INTEGER");
    std::vector<ColumnInfo> second = Find("t", Lake().Newest()).columns;
    EXPECT_EQ(first[1].type, second[1].type);
    EXPECT_NE(first[1], second[1]);
    Lake().Run("ALTER TABLE t DROP COLUMN a; ALTER TABLE t ADD COLUMN a INTEGER");
    EXPECT_NE(Find("t", Lake().Newest()).columns[1].id, first[0].id);
}

TEST_P(CatalogTest, TypesReadAsDuckDbPrintsThem) {
    Lake().Run(R"(CREATE TABLE t(a BOOLEAN, b TINYINT, c SMALLINT, d BIGINT, e HUGEINT, f UTINYINT, g USMALLINT,
        h UINTEGER, i UBIGINT, j UHUGEINT, k FLOAT, l DOUBLE, m DECIMAL(38,10), n TIME, o TIMETZ, p DATE, q TIMESTAMP,
        r TIMESTAMPTZ, s TIMESTAMP_S, t TIMESTAMP_MS, u TIMESTAMP_NS, v INTERVAL, w BLOB, x UUID, y JSON,
        z STRUCT(a INTEGER, "B c" VARCHAR[], "select" MAP(VARCHAR, DOUBLE[])), aa INTEGER[][]))");
    TableInfo table = Find("t", Lake().Newest());
    Table described = Lake().Run("DESCRIBE t");
    ASSERT_EQ(table.columns.size(), described.rows.size());
    for (size_t i = 0; i < table.columns.size(); i++) {
        EXPECT_EQ(table.columns[i].name, AsText(described.rows[i][0]));
        EXPECT_EQ(table.columns[i].type, AsText(described.rows[i][1]));
    }
}

TEST_P(CatalogTest, ListsTablesViewsAndSchemas) {
    Lake().Run(R"(CREATE SCHEMA "s,1"; CREATE TABLE "s,1"."t ""x"(a INTEGER); CREATE VIEW v AS SELECT 1 AS one)");
    Snapshot full = Lake().Newest();
    Lake().Run(R"(DROP VIEW v; DROP SCHEMA "s,1" CASCADE)");
    Session& session = Lake().Main();
    EXPECT_THAT(ListSchemas(session, full), ElementsAre("main", "s,1"));
    EXPECT_THAT(ListViews(session, full), ElementsAre(TableName{"main", "v"}));
    std::vector<TableInfo> tables = ListTables(session, full);
    ASSERT_EQ(tables.size(), 1u);
    EXPECT_EQ(tables[0].name, (TableName{"s,1", "t \"x"}));
    EXPECT_EQ(tables[0].columns.size(), 1u);
    EXPECT_THAT(ListSchemas(session, Lake().Newest()), ElementsAre("main"));
    EXPECT_THAT(ListViews(session, Lake().Newest()), IsEmpty());
    EXPECT_THAT(ListTables(session, Lake().Newest()), IsEmpty());
}

TEST_P(CatalogTest, CountsRowsOfAVersionAndOfFiles) {
    Snapshot filled = Lake().After("CREATE TABLE t AS FROM range(100) r(a)");
    Snapshot less = Lake().After("DELETE FROM t WHERE a < 40");
    EXPECT_EQ(CountRows(Lake().Main(), {"main", "t"}, filled), 100);
    EXPECT_EQ(CountRows(Lake().Main(), {"main", "t"}, less), 60);
    TableStatistics statistics = Statistics(Lake().Main(), Id("t"));
    EXPECT_EQ(statistics.rows, 60);
    EXPECT_EQ(statistics.files, 1);
    EXPECT_GT(statistics.bytes, 0);
    Lake().Run("UPDATE t SET a = a + 1"); // the file goes, its delete file stays
    EXPECT_EQ(Statistics(Lake().Main(), Id("t")).rows, 60);
    EXPECT_EQ(Statistics(Lake().Main(), 999).rows, 0);
}

TEST_P(CatalogTest, LogTellsInsertsFromDeletes) {
    Lake().Run("CREATE TABLE t(a INTEGER); CREATE TABLE other(a INTEGER)");
    Snapshot start = Lake().Newest();
    Snapshot inserted = Lake().After("INSERT INTO t FROM range(30)");
    Lake().Run("DELETE FROM t WHERE a = 3");
    ChangeLog log = Log(start);
    TableChanges all = log.Of(Id("t"));
    EXPECT_TRUE(all.inserted && all.deleted && all.Data());
    EXPECT_FALSE(all.altered || all.dropped || all.rewritten || all.merged || all.flushed || all.inlined || all.gaps);
    TableChanges later = log.Of(Id("t"), inserted);
    EXPECT_TRUE(later.deleted);
    EXPECT_FALSE(later.inserted);
    EXPECT_FALSE(log.Of(Id("other")).Any());
    EXPECT_FALSE(log.AnyDefinitionChange(Lake().Main()));
    EXPECT_FALSE(Log(Lake().Newest()).Of(Id("t")).Any());
}

TEST_P(CatalogTest, LogTellsInliningFlushMergeAndRewrite) {
    Lake().Run("CREATE TABLE t(a INTEGER)");
    Lake().SetInlining(10);
    Snapshot start = Lake().Newest();
    Lake().Run("INSERT INTO t VALUES (1), (2)");
    EXPECT_TRUE(Log(start).Of(Id("t")).inserted);
    EXPECT_FALSE(Log(start).Of(Id("t")).inlined);
    Snapshot inlined = Lake().After("DELETE FROM t WHERE a = 1");
    EXPECT_TRUE(Log(start).Of(Id("t")).deleted);
    EXPECT_TRUE(Log(start).Of(Id("t")).inlined);
    Lake().Flush();
    Snapshot flushed = Lake().Newest();
    EXPECT_TRUE(Log(inlined).Of(Id("t")).flushed);
    EXPECT_FALSE(Log(inlined).Of(Id("t")).Data());
    Lake().Run("INSERT INTO t FROM range(30); INSERT INTO t FROM range(30)");
    Snapshot filled = Lake().Newest();
    EXPECT_FALSE(Log(flushed).Of(Id("t")).inlined);
    Lake().Merge();
    Snapshot merged = Lake().Newest();
    EXPECT_TRUE(Log(filled).Of(Id("t")).merged);
    Lake().Run("DELETE FROM t WHERE a < 20");
    Lake().Rewrite("t");
    EXPECT_TRUE(Log(merged).Of(Id("t")).rewritten);
}

TEST_P(CatalogTest, LogFollowsNamesWithQuotesAndCommas) {
    Snapshot start = Lake().Newest();
    Lake().Run(R"(BEGIN; CREATE TABLE "a,""inserted_into_table:1"(x INTEGER); CREATE TABLE "b:,"(x INTEGER); COMMIT)");
    Lake().Run(R"(INSERT INTO "b:," VALUES (1))");
    ChangeLog log = Log(start);
    TableChanges first = log.Of(Id("a,\"inserted_into_table:1"));
    EXPECT_TRUE(first.altered);
    EXPECT_FALSE(first.Data());
    EXPECT_TRUE(log.Of(Id("b:,")).inserted);
}

TEST_P(CatalogTest, LogTellsDefinitionsFromTables) {
    Lake().Run("CREATE TABLE t(a INTEGER)");
    int64_t id = Id("t");
    for (const char* sql :
         {"CREATE VIEW v AS SELECT 1 AS one", "CREATE OR REPLACE VIEW v AS SELECT 2 AS one", "ALTER VIEW v RENAME TO w",
          "DROP VIEW w", "CREATE MACRO m(x) AS x + 1", "DROP MACRO m", "CREATE MACRO m(x) AS TABLE SELECT x",
          "DROP MACRO TABLE m", "CREATE SCHEMA s", "DROP SCHEMA s", "CREATE TABLE u(a INTEGER)"}) {
        Snapshot before = Lake().Newest();
        Lake().Run(sql);
        EXPECT_TRUE(Log(before).AnyDefinitionChange(Lake().Main())) << sql;
        std::string text = sql;
        bool view_or_macro = text.find(" VIEW ") != std::string::npos || text.find(" MACRO ") != std::string::npos;
        EXPECT_EQ(Log(before).AnyViewOrMacroChange(), view_or_macro) << sql;
        EXPECT_NE(VersionAt(before), VersionAt(Lake().Newest())) << sql;
        EXPECT_FALSE(Log(before).Of(id).Any()) << sql;
    }
    for (const char* sql : {"ALTER TABLE t RENAME TO r", "ALTER TABLE r ADD COLUMN b INTEGER"}) {
        Snapshot before = Lake().Newest();
        Lake().Run(sql);
        EXPECT_TRUE(Log(before).AnyDefinitionChange(Lake().Main())) << sql;
        EXPECT_NE(VersionAt(before), VersionAt(Lake().Newest())) << sql;
        EXPECT_TRUE(Log(before).Of(id).altered) << sql;
    }
    Snapshot before = Lake().Newest();
    Lake().Run("INSERT INTO r VALUES (1, 2)");
    EXPECT_EQ(VersionAt(before), VersionAt(Lake().Newest()));
    Lake().Run("DROP TABLE r");
    EXPECT_TRUE(Log(before).Of(id).dropped);
    EXPECT_NE(VersionAt(before), VersionAt(Lake().Newest()));
}

TEST_P(CatalogTest, OwnTablesAreNoDefinitionChange) {
    Lake().Run("CREATE SCHEMA __freshet");
    Snapshot before = Lake().Newest();
    Lake().Run("CREATE TABLE __freshet.acc(a INTEGER); ALTER TABLE __freshet.acc ADD COLUMN b INTEGER; "
               "DROP TABLE __freshet.acc");
    EXPECT_FALSE(Log(before).AnyDefinitionChange(Lake().Main()));
    Lake().Run("CREATE TABLE acc(a INTEGER)");
    EXPECT_TRUE(Log(before).AnyDefinitionChange(Lake().Main()));
}

TEST_P(CatalogTest, WhatWasRememberedSurvivesExpiry) {
    Lake().Run("CREATE TABLE t AS FROM range(30) r(a)");
    Snapshot start = Lake().Newest();
    Snapshot hidden = Lake().After("DELETE FROM t WHERE a < 20");
    EXPECT_TRUE(ChangeLog::Remembered(Lake().Main(), start, hidden).Of(Id("t")).deleted);
    Snapshot last = Lake().After("INSERT INTO t VALUES (1)");
    Lake().Expire(hidden);
    TableChanges changes = ChangeLog::Remembered(Lake().Main(), start, last).Of(Id("t"));
    EXPECT_TRUE(changes.deleted && changes.inserted && !changes.gaps);
    EXPECT_TRUE(ChangeLog::Read(Lake().Main(), start, last).Of(Id("t")).gaps);
}

TEST_P(CatalogTest, ExpiredSnapshotsAreGapsThatMayHideAnything) {
    Lake().Run("CREATE TABLE t AS FROM range(30) r(a)");
    Snapshot start = Lake().Newest();
    Snapshot hidden = Lake().After("DELETE FROM t WHERE a < 20");
    Snapshot last = Lake().After("CREATE TABLE other(a INTEGER)");
    Lake().Expire(hidden);
    EXPECT_FALSE(SnapshotExists(Lake().Main(), hidden));
    EXPECT_TRUE(SnapshotExists(Lake().Main(), last));
    ChangeLog log = Log(start);
    EXPECT_TRUE(log.Of(Id("t")).gaps);
    EXPECT_TRUE(log.Of(Id("t")).deleted);
    EXPECT_FALSE(log.Of(Id("t"), hidden).Any());
    EXPECT_TRUE(log.AnyDefinitionChange(Lake().Main()));
}

/// More schema versions than are remembered, asked for from the newest to the oldest.
TEST_P(CatalogTest, FindsTablesOfForgottenSchemas) {
    constexpr int kVersions = 230;
    std::vector<Snapshot> snapshots;
    for (int i = 0; i < kVersions; i++) {
        Lake().Run(fmt::format("CREATE OR REPLACE TABLE t (a_column_with_a_long_name_{} INTEGER)", i));
        snapshots.push_back(Lake().Newest());
    }
    for (int i = kVersions - 1; i >= 0; i--) {
        auto table = FindTable(Lake().Main(), {"main", "t"}, snapshots[static_cast<size_t>(i)]);
        ASSERT_TRUE(table);
        EXPECT_EQ(table->columns.at(0).name, fmt::format("a_column_with_a_long_name_{}", i));
    }
}

INSTANTIATE_TEST_SUITE_P(Lake, CatalogTest, EveryCatalogKind(), CatalogKindName);

} // namespace

} // namespace freshet
