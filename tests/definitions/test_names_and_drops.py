"""RENAME, SWAP WITH, UNDROP, CREATE OR ALTER, TAG and COMMENT."""
import unittest

from tests.harness.lake import CATALOGS, Lake

SUMS = "SELECT g, sum(v) AS s FROM t GROUP BY g"
COUNTS = "SELECT g, count(*) AS s FROM t GROUP BY g"


class Case(unittest.TestCase):
    def setUp(self):
        self.lake = self.new_lake("sqlite")

    def new_lake(self, kind):
        lake = Lake(kind)
        self.addCleanup(lake.remove)
        lake.run("CREATE TABLE t (g INTEGER, v INTEGER); INSERT INTO t VALUES (1, 10), (1, 20), (2, 5)")
        return lake

    def create(self, name, query, options="", verb="CREATE", lake=None):
        options = "REFRESH_MODE = INCREMENTAL " + options
        return (lake or self.lake).run(f"{verb} DYNAMIC TABLE {name} TARGET_LAG = '1 minute' {options} AS {query}")

    def table_id(self, name, lake=None):
        return (lake or self.lake).value("SELECT table_id FROM __ducklake_metadata_lake.ducklake_table "
                                         f"WHERE table_name = '{name}' AND end_snapshot IS NULL")

    def describe(self, name, lake=None):
        return dict((lake or self.lake).rows(f"DESCRIBE DYNAMIC TABLE {name}"))

    def option(self, name, option):
        return self.describe(name)["option " + option].removesuffix(" (default)")


class Rename(Case):
    def test_the_table_moves_with_its_state_and_history(self):
        self.create("a", SUMS)
        table_id, stable = self.table_id("a"), self.describe("a")["id"]
        self.lake.run("INSERT INTO t VALUES (3, 1)")
        self.lake.refresh("a")
        self.lake.run("INSERT INTO t VALUES (3, 2); ALTER DYNAMIC TABLE a RENAME TO b")
        self.assertEqual((self.table_id("b"), self.describe("b")["id"]), (table_id, stable))
        self.lake.assert_refreshed("b", SUMS, action="INCREMENTAL")
        self.assertEqual(self.lake.value("SELECT count(*) FROM freshet_refresh_history('b')"), 3)

    def test_refused_while_others_read_the_name(self):
        self.create("a", SUMS)
        self.lake.run("CREATE VIEW w AS FROM a")
        self.create("c", "SELECT sum(s) AS s FROM w")
        error = self.lake.error("ALTER DYNAMIC TABLE a RENAME TO b")
        self.assertEqual(error["code"], "FRS-2012")
        self.assertIn("main.c", error["message"])
        self.lake.run("DROP DYNAMIC TABLE c; CREATE VIEW over AS SELECT * FROM a; CREATE VIEW broken AS SELECT * FROM a; CREATE VIEW above AS SELECT s FROM over")
        error = self.lake.error("ALTER DYNAMIC TABLE a RENAME TO b")
        self.assertEqual(error["code"], "FRS-2012")
        self.assertIn("view", error["message"])
        self.lake.run("DROP VIEW over; DROP VIEW broken; DROP VIEW w; ALTER DYNAMIC TABLE a RENAME TO b")

    def test_older_snapshots_are_those_of_the_table(self):
        self.create("a", SUMS)
        self.create("b", COUNTS)
        old = self.lake.snapshot()
        self.lake.run("INSERT INTO t VALUES (3, 1)")
        self.lake.refresh("a", "b")
        self.lake.run("ALTER DYNAMIC TABLE a SWAP WITH b; ALTER DYNAMIC TABLE a RENAME TO c")
        for name in ("b", "c"):
            verified = self.lake.run(f"VERIFY DYNAMIC TABLE {name} AT (VERSION => {old})")[-1]
            self.assertEqual(verified["rows"][0][1:3], [0, 0], verified)
        error = self.lake.error("VERIFY DYNAMIC TABLE c AT (VERSION => 1)")
        self.assertEqual(error["code"], "FRS-4006")

    def test_taken_names_and_other_schemas(self):
        self.create("a", SUMS)
        self.lake.run("CREATE VIEW w AS FROM t; CREATE SCHEMA s")
        for name, code in (("t", "FRS-2010"), ("w", "FRS-2010"), ("a", "FRS-2010"), ("s.a", "FRS-2019")):
            self.assertEqual(self.lake.error(f"ALTER DYNAMIC TABLE a RENAME TO {name}")["code"], code)
        self.lake.assert_refreshed("a", SUMS, action="NO_DATA")

    def test_what_was_read_in_one_commit_is_not_forgotten(self):
        """The child read its parent as their common commit wrote it. The parent goes on; then the child is renamed."""
        self.create("parent", "SELECT g, v FROM t WHERE v > 0")
        self.create("child", "SELECT g, sum(v) AS s FROM parent GROUP BY g")
        self.lake.run("INSERT INTO t VALUES (7, 1); ALTER DYNAMIC TABLE parent, child REFRESH")
        self.lake.run("UPDATE t SET v = 100 WHERE g = 7")
        self.lake.refresh("parent")
        self.lake.run("ALTER DYNAMIC TABLE child RENAME TO grandchild")
        self.lake.assert_refreshed("grandchild", SUMS)

    def test_foreign_writes_before_are_seen_after(self):
        self.create("a", SUMS)
        with Lake() as client:
            client.run(f"ATTACH 'ducklake:sqlite:{self.lake.folder}/lake.sqlite' AS other; INSERT INTO other.a VALUES (99, 99)")
        self.lake.run("ALTER DYNAMIC TABLE a RENAME TO b")
        self.lake.assert_refreshed("b", SUMS)


class Swap(Case):
    def test_names_change_places_and_consumers_follow(self):
        for kind in CATALOGS:
            with self.subTest(kind):
                lake = self.new_lake(kind)
                self.create("a", SUMS, lake=lake)
                self.create("b", COUNTS, lake=lake)
                self.create("c", "SELECT sum(s) AS s FROM a", lake=lake)
                ids = self.table_id("a", lake), self.table_id("b", lake)
                lake.run("ALTER DYNAMIC TABLE a SWAP WITH b")
                self.assertEqual((self.table_id("b", lake), self.table_id("a", lake)), ids)
                lake.assert_all_equal({"a": COUNTS, "b": SUMS})
                entries = lake.refresh("c")
                self.assertEqual(entries["main.c"]["action"], "REINITIALIZE")
                self.assertEqual((entries["main.c"]["rows_inserted"], entries["main.c"]["rows_deleted"]), (1, 1))
                lake.assert_equal("c", f"SELECT sum(s) AS s FROM ({COUNTS})")
                lake.run("INSERT INTO t VALUES (1, 1)")
                entries = lake.refresh()
                self.assertEqual({entry["action"] for entry in entries.values()}, {"INCREMENTAL"})
                lake.assert_all_equal({"a": COUNTS, "b": SUMS})
                lake.verify()

    def test_history_moves_too(self):
        self.create("a", SUMS)
        self.create("b", COUNTS)
        self.lake.run("INSERT INTO t VALUES (1, 1)")
        self.lake.refresh("a")
        self.lake.run("ALTER DYNAMIC TABLE a SWAP WITH b")
        self.assertEqual(self.lake.value("SELECT count(*) FROM freshet_refresh_history('b')"), 2)
        self.assertEqual(self.lake.value("SELECT count(*) FROM freshet_refresh_history('a')"), 1)

    def test_refused(self):
        self.create("a", SUMS)
        self.create("b", "SELECT s FROM a")
        error = self.lake.error("ALTER DYNAMIC TABLE a SWAP WITH b")
        self.assertEqual(error["code"], "FRS-2009")
        self.assertEqual(self.lake.error("ALTER DYNAMIC TABLE a SWAP WITH a")["code"], "FRS-2018")
        self.assertEqual(self.lake.error("ALTER DYNAMIC TABLE a SWAP WITH t")["code"], "FRS-2011")
        self.assertEqual(self.lake.error("ALTER DYNAMIC TABLE a SWAP WITH bb")["code"], "FRS-2002")
        self.lake.assert_refreshed("b", f"SELECT s FROM ({SUMS})", action="NO_DATA")

    def test_a_kill_between_lake_and_store(self):
        self.create("a", SUMS)
        self.create("b", COUNTS)
        self.lake.kill_sql("after_ddl_commit", "ALTER DYNAMIC TABLE a SWAP WITH b")
        self.lake.assert_all_equal({"a": COUNTS, "b": SUMS})
        self.lake.verify()
        self.assertEqual(sorted(entry["name"] for entry in self.lake.done("list", "--json").json()), ["a", "b"])


class Undrop(Case):
    def test_content_and_state_come_back(self):
        for kind in CATALOGS:
            with self.subTest(kind):
                lake = self.new_lake(kind)
                self.create("a", SUMS, "COMMENT = 'sums' SORTED BY (g)", lake=lake)
                stable, table_id = self.describe("a", lake)["id"], self.table_id("a", lake)
                lake.run("DROP DYNAMIC TABLE a; INSERT INTO t VALUES (1, 100), (4, 4)")
                lake.run("UNDROP DYNAMIC TABLE a")
                self.assertEqual(sorted(lake.rows("FROM a")), [[1, "30"], [2, "5"]])
                self.assertNotEqual(self.table_id("a", lake), table_id)
                described = self.describe("a", lake)
                self.assertEqual((described["id"], described["comment"], described["state"]), (stable, "sums", "ACTIVE"))
                self.assertIsNotNone(described["data_timestamp"])
                entry = lake.assert_refreshed("a", SUMS, action="INCREMENTAL")
                self.assertEqual((entry["rows_inserted"], entry["rows_deleted"]), (2, 1))
                lake.verify("a")

    def test_expired_content_is_filled_anew(self):
        self.create("a", SUMS)
        self.lake.run("DROP DYNAMIC TABLE a; INSERT INTO t VALUES (1, 100)")
        self.lake.run("CALL ducklake_expire_snapshots('lake', older_than => now()::TIMESTAMPTZ)")
        result = self.lake.run("UNDROP DYNAMIC TABLE a")[-1]
        self.assertIn("has expired", result["warnings"][0])
        self.assertEqual(result["rows"][0][1], "REINITIALIZE")
        self.lake.assert_equal("a", SUMS)
        self.lake.run("DROP DYNAMIC TABLE a; UNDROP DYNAMIC TABLE a")

    def test_the_last_dropped_of_a_name_comes_first(self):
        self.create("a", SUMS)
        self.lake.run("DROP DYNAMIC TABLE a")
        self.create("a", COUNTS)
        self.lake.run("DROP DYNAMIC TABLE a; UNDROP DYNAMIC TABLE A")
        self.lake.assert_equal("a", COUNTS)
        self.assertEqual(self.lake.error("UNDROP DYNAMIC TABLE a")["code"], "FRS-2010")
        self.lake.run("ALTER DYNAMIC TABLE a RENAME TO b; UNDROP DYNAMIC TABLE a")
        self.lake.assert_all_equal({"a": SUMS, "b": COUNTS})
        self.lake.verify()

    def test_a_chain_comes_back(self):
        self.create("a", SUMS)
        self.create("b", "SELECT max(s) AS m FROM a")
        self.lake.run("DROP DYNAMIC TABLE a CASCADE; INSERT INTO t VALUES (9, 900)")
        self.lake.run("UNDROP DYNAMIC TABLE b; UNDROP DYNAMIC TABLE a")
        self.lake.assert_refreshed("b", f"SELECT max(s) AS m FROM ({SUMS})")
        self.lake.verify()

    def test_refused(self):
        error = self.lake.error("UNDROP DYNAMIC TABLE nothing")
        self.assertEqual((error["code"], error["line"], error["column"]), ("FRS-2002", 1, 22))
        self.create("a", SUMS)
        self.lake.run("DROP DYNAMIC TABLE a; CREATE TABLE a (x INTEGER)")
        self.assertEqual(self.lake.error("UNDROP DYNAMIC TABLE a")["code"], "FRS-2011")
        self.assertIn('"main.a"', self.lake.error("UNDROP DYNAMIC TABLE aa")["hint"])
        self.lake.run("DROP TABLE a; CREATE SCHEMA s")
        self.assertEqual(self.lake.error("UNDROP DYNAMIC TABLE s.a")["code"], "FRS-2002")

    def test_definitions_are_kept_for_30_days(self):
        self.create("a", SUMS)
        self.lake.run("DROP DYNAMIC TABLE a")
        self.drop_earlier(days=29)
        self.lake.run("UNDROP DYNAMIC TABLE a; DROP DYNAMIC TABLE a")
        self.drop_earlier(days=30.1)
        error = self.lake.error("UNDROP DYNAMIC TABLE a")
        self.assertEqual((error["code"], error["message"]), ("FRS-2002", "no dynamic table main.a was dropped within 30 days"))
        self.create("b", SUMS)
        self.lake.run("DROP DYNAMIC TABLE b")  # which forgets what is too old
        self.assertEqual(self.lake.rows("SELECT table_name FROM __freshet.dropped_tables"), [["b"]])

    def drop_earlier(self, days):
        """Moves the drops of the lake into the past, as another client can."""
        with Lake() as client:
            client.run(f"ATTACH 'ducklake:sqlite:{self.lake.folder}/lake.sqlite' AS other;"
                       f"UPDATE other.__freshet.dropped_tables SET dropped_at = dropped_at - {round(days * 86400 * 1000000)}")

    def test_a_cycle_is_refused(self):
        self.lake.run("CREATE VIEW src AS SELECT 1 AS s")
        self.create("a", "SELECT s FROM src")
        self.lake.run("DROP DYNAMIC TABLE a; CREATE TABLE a (s INTEGER)")
        self.create("b", "SELECT s FROM a")
        self.lake.run("DROP TABLE a; CREATE OR REPLACE VIEW src AS SELECT s FROM b")
        self.assertEqual(self.lake.error("UNDROP DYNAMIC TABLE a")["code"], "FRS-2009")

    def test_foreign_writes_before_the_drop_are_repaired(self):
        self.create("a", SUMS)
        with Lake() as client:
            client.run(f"ATTACH 'ducklake:sqlite:{self.lake.folder}/lake.sqlite' AS other; INSERT INTO other.a VALUES (99, 99)")
        self.lake.run("DROP DYNAMIC TABLE a; UNDROP DYNAMIC TABLE a")
        self.lake.assert_refreshed("a", SUMS)


class CreateOrAlter(Case):
    def change(self, query, options=""):
        return self.create("a", query, options, "CREATE OR ALTER")[-1]

    def test_creates_then_changes_only_what_differs(self):
        self.assertEqual(self.change(SUMS)["rows"][0][1], "REINITIALIZE")
        stable, snapshot = self.describe("a")["id"], self.lake.snapshot()
        self.assertEqual(self.change(SUMS)["rows"], [])
        self.assertEqual(self.lake.snapshot(), snapshot)
        self.assertEqual(self.change(SUMS, "COMMENT = 'x' PRIORITY = 2")["rows"], [])
        self.assertEqual((self.option("a", "COMMENT"), self.option("a", "PRIORITY")), ("x", "2"))
        before = self.lake.snapshot()
        self.change("SELECT g, sum(v) AS s FROM t WHERE g <> 2 GROUP BY g", "PRIORITY = 2")
        inserted, deleted = self.lake.feed("a", before)
        self.assertEqual((inserted, [row[0] for row in deleted]), ([], [2]))
        self.assertEqual(self.option("a", "COMMENT"), "")
        self.assertEqual(self.describe("a")["id"], stable)

    def test_what_a_refused_change_leaves(self):
        self.change(SUMS)
        error = self.lake.error("CREATE OR ALTER DYNAMIC TABLE a TARGET_LAG = '2 minutes' AS SELECT nothing FROM t")
        self.assertEqual(error["code"], "FRS-2003")
        self.assertEqual(self.option("a", "TARGET_LAG"), "1 minute")
        self.assertEqual(self.lake.error("CREATE OR ALTER DYNAMIC TABLE t TARGET_LAG = '2 minutes' AS SELECT 1")["code"], "FRS-2011")

    def test_it_keeps_what_it_does_not_name(self):
        self.change(SUMS)
        self.lake.run("ALTER DYNAMIC TABLE a SUSPEND")
        self.change(COUNTS, "PARTITIONED BY (g)")
        self.lake.assert_equal("a", COUNTS)
        self.assertEqual(self.describe("a")["state"], "SUSPENDED")
        self.assertEqual(self.option("a", "PARTITIONED BY"), "g")
        self.lake.run("INSERT INTO t VALUES (5, 5)")
        self.lake.assert_refreshed("a", COUNTS, action="INCREMENTAL")


class TagAndComment(Case):
    def test_tags(self):
        self.create("a", SUMS, "TAG = 'finance'")
        self.assertEqual(self.option("a", "TAG"), "finance")
        self.lake.run("ALTER DYNAMIC TABLE a SET TAG = ('finance', 'daily')")
        self.assertEqual(self.option("a", "TAG"), "finance, daily")
        self.lake.run("ALTER DYNAMIC TABLE a UNSET TAG")
        self.assertEqual(self.option("a", "TAG"), "")
        for value in ("'two words'", "''", "5", "('a', )", "()"):
            self.assertIn(self.lake.error(f"ALTER DYNAMIC TABLE a SET TAG = {value}")["code"], ("FRS-2006", "FRS-2001"))

    def test_comments(self):
        self.create("a", SUMS, "COMMENT = 'it''s fine'")
        self.assertEqual(self.describe("a")["comment"], "it's fine")
        self.lake.run("ALTER DYNAMIC TABLE a SET COMMENT = 'other'")
        self.assertEqual(self.lake.value("SELECT comment FROM freshet_tables()"), "other")
        self.lake.run("ALTER DYNAMIC TABLE a UNSET COMMENT")
        self.assertFalse(self.describe("a")["comment"])


if __name__ == "__main__":
    unittest.main()
