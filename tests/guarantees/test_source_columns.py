"""Columns that a definition doesn't name may come, go and be renamed; those that it does may not change unseen."""
import unittest

from tests.harness.lake import Lake


class SourceColumns(unittest.TestCase):
    def setUp(self):
        self.lake = Lake()
        self.addCleanup(self.lake.remove)
        self.lake.run("CREATE TABLE t (id INTEGER, g INTEGER, v INTEGER, note VARCHAR, more STRUCT(x INTEGER, y INTEGER)); "
                      "INSERT INTO t SELECT i, i % 3, i, 'n', {'x': i, 'y': i} FROM range(12) r (i); "
                      "CREATE TABLE o (k INTEGER, name VARCHAR); INSERT INTO o VALUES (0, 'zero'), (1, 'one'), (5, 'five')")

    def create(self, name, query, mode="AUTO"):
        self.lake.run(f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' REFRESH_MODE = {mode} AS {query}")

    def test_columns_that_are_not_named(self):
        self.change_columns_that_are_not_named()

    def test_columns_that_are_not_named_of_a_table_in_buckets(self):
        """Files of before are in no bucket: the table is read through a subquery that has all of its columns."""
        self.lake.run("ALTER TABLE t ADD COLUMN b INTEGER; ALTER TABLE t SET PARTITIONED BY (bucket(4, b))")
        self.change_columns_that_are_not_named()

    def change_columns_that_are_not_named(self):
        queries = {"sums": "SELECT g, sum(v) AS s FROM t GROUP BY g", "joined": "SELECT t.v, o.name FROM t JOIN o ON t.g = o.k",
                   "counted": "SELECT count(*) AS n FROM t", "counts": "SELECT o.name, (SELECT count(*) FROM t) AS n FROM o"}
        for name, query in queries.items():
            self.create(name, query, "INCREMENTAL" if name != "counts" else "AUTO")
        for change in ("ALTER TABLE t RENAME COLUMN id TO number", "ALTER TABLE t ALTER COLUMN number SET DATA TYPE BIGINT",
                       "ALTER TABLE t DROP COLUMN note", "ALTER TABLE t ADD COLUMN extra INTEGER DEFAULT 7",
                       "ALTER TABLE t RENAME COLUMN extra TO other", "ALTER TABLE t DROP COLUMN other", "ALTER TABLE t DROP COLUMN number",
                       "ALTER TABLE t RENAME COLUMN more TO id"):
            with self.subTest(change):
                self.lake.run(change)
                entries = self.lake.refresh()
                self.assertEqual({entry["action"] for entry in entries.values()}, {"NO_DATA"}, entries)
                self.lake.run("INSERT INTO t (g, v) VALUES (1, 100), (2, NULL); DELETE FROM t WHERE v IN (SELECT min(v) FROM t)")
                self.lake.run(change.replace("ALTER TABLE t ADD COLUMN extra", "ALTER TABLE t ADD COLUMN second") if "ADD" in change else "SELECT 1")
                entries = self.lake.refresh()
                self.assertEqual({entry["action"] for name, entry in entries.items() if name != "main.counts"}, {"INCREMENTAL"}, entries)
                self.assertNotEqual(entries["main.counts"]["action"], "REINITIALIZE", entries)
                self.lake.assert_all_equal(queries, change)
        self.lake.verify()

    def test_changes_and_renames_in_one_window(self):
        query = "SELECT count(*) AS n, sum(v) AS s FROM t"
        self.create("d", query, "INCREMENTAL")
        self.create("n", "SELECT count(*) AS n FROM t", "INCREMENTAL")
        self.lake.run("DELETE FROM t WHERE id < 3; ALTER TABLE t RENAME COLUMN id TO number; UPDATE t SET v = v + 1 WHERE number = 5; "
                      "ALTER TABLE t DROP COLUMN number; DELETE FROM t WHERE v = 9; INSERT INTO t (v) VALUES (7)")
        entries = self.lake.refresh()
        self.assertEqual({entry["action"] for entry in entries.values()}, {"INCREMENTAL"}, entries)
        self.lake.assert_all_equal({"d": query, "n": "SELECT count(*) AS n FROM t"})

    def test_columns_that_are_named(self):
        self.create("d", "SELECT g, sum(v) AS s FROM t GROUP BY g")
        self.lake.run("ALTER TABLE t RENAME COLUMN v TO w")
        error = self.lake.refresh("d", check=False)["main.d"]["error"]
        self.assertEqual(error["code"], "FRS-4004", error)
        self.lake.run("ALTER TABLE t RENAME COLUMN note TO w2; ALTER TABLE t RENAME COLUMN id TO v")
        entry = self.lake.assert_refreshed("d", "SELECT g, sum(v) AS s FROM t GROUP BY g", action="REINITIALIZE")
        self.assertRegex(entry["reason"], "column (v|id) of main.t")
        self.lake.run("ALTER TABLE t ALTER COLUMN v SET DATA TYPE BIGINT")
        self.lake.assert_refreshed("d", "SELECT g, sum(v) AS s FROM t GROUP BY g", action="REINITIALIZE")

    def test_all_columns(self):
        self.create("d", "SELECT * FROM o")
        self.lake.run("ALTER TABLE o ADD COLUMN third INTEGER DEFAULT 3")
        self.lake.assert_refreshed("d", "SELECT * FROM o", action="REINITIALIZE")
        self.assertEqual(len(self.lake.rows("DESCRIBE d")), 3)
        self.lake.run("ALTER TABLE o RENAME COLUMN third TO fourth")
        self.lake.assert_refreshed("d", "SELECT * FROM o", action="REINITIALIZE")
        self.assertEqual([row[0] for row in self.lake.rows("DESCRIBE d")], ["k", "name", "fourth"])

    def test_a_name_that_means_another_column_now(self):
        """In a subquery the inner table's column goes before the outer one's: a new column can change what a query means."""
        queries = {"inner_first": "SELECT k, (SELECT count(*) FROM t WHERE g = depth) AS n FROM (SELECT *, 1 AS depth FROM o)",
                   "listed": "SELECT k, k IN (SELECT g FROM t WHERE v > k) AS found FROM o"}
        for name, query in queries.items():
            self.create(name, query)
        for change in ("ALTER TABLE t ADD COLUMN depth INTEGER DEFAULT 2", "ALTER TABLE t ADD COLUMN k INTEGER DEFAULT 100",
                       "ALTER TABLE t RENAME COLUMN depth TO deep", "ALTER TABLE t RENAME COLUMN k TO kk", "INSERT INTO t (g, v) VALUES (5, 5)"):
            with self.subTest(change):
                self.lake.run(change)
                entries = self.lake.refresh()
                self.lake.assert_all_equal(queries, f"{change} {entries}")

    def test_dynamic_sources(self):
        self.create("first", "SELECT g, v, id FROM t")
        self.create("second", "SELECT g, count(*) AS n FROM first GROUP BY g")
        self.lake.run("CREATE OR REPLACE DYNAMIC TABLE first TARGET_LAG = '1 minute' AS SELECT g, v, note FROM t")
        self.lake.refresh()
        self.lake.run("INSERT INTO t (g, v) VALUES (1, 1)")
        for arguments in ((), ("--atomic",), ()):
            self.lake.run("INSERT INTO t (g, v) VALUES (1, 1), (4, 4); DELETE FROM t WHERE v = 2; ALTER TABLE t ADD COLUMN "
                          f"extra{len(self.lake.rows('DESCRIBE t'))} INTEGER")
            entries = self.lake.refresh("--all", *arguments)
            self.assertNotIn("REINITIALIZE", [entry["action"] for entry in entries.values()], entries)
            self.lake.assert_all_equal({"first": "SELECT g, v, note FROM t", "second": "SELECT g, count(*) AS n FROM t GROUP BY g"})


if __name__ == "__main__":
    unittest.main()
