"""G4: only rows that really differ are written, so that consumers of the change feed see only true changes."""
import unittest

from tests.harness.lake import Lake


class MinimalWrites(unittest.TestCase):
    def setUp(self):
        self.lake = Lake()
        self.addCleanup(self.lake.remove)
        self.lake.run("CREATE TABLE t AS SELECT i AS id, i % 10 AS g, i AS v FROM range(200) r (i)")

    def create(self, name, query, options="REFRESH_MODE = INCREMENTAL"):
        self.lake.run(f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' {options} AS {query}")

    def assert_feed(self, table, query, changes, inserted, deleted, arguments=()):
        """A refresh after changes writes exactly these rows; both the feed and the entry say so."""
        self.lake.run(changes)
        before = self.lake.snapshot()
        entry = self.lake.assert_refreshed(table, query, arguments=arguments)
        written, removed = self.lake.feed(table, before)
        self.assertEqual((sorted(written), sorted(removed)), (sorted(inserted), sorted(deleted)), entry)
        self.assertEqual((entry["rows_inserted"], entry["rows_deleted"]), (len(inserted), len(deleted)), entry)
        return entry

    def test_nothing_changed_makes_no_snapshot(self):
        self.create("sums", "SELECT g, sum(v) AS s FROM t GROUP BY g")
        self.create("big", "SELECT id FROM t WHERE v > 190")
        for changes in ("SELECT 1", "CREATE TABLE other AS SELECT 1 AS a", "UPDATE t SET v = v WHERE g = 3",
                        "INSERT INTO t VALUES (900, 1, 1); DELETE FROM t WHERE id = 900",
                        "UPDATE t SET g = 5 WHERE id = 5 AND g = 5"):
            with self.subTest(changes):
                self.lake.run(changes)
                entries = self.lake.refresh()
                self.assertEqual({(e["rows_inserted"], e["rows_deleted"]) for e in entries.values()}, {(0, 0)}, entries)
                before = self.lake.snapshot()
                entries = self.lake.refresh()
                self.assertEqual({entry["action"] for entry in entries.values()}, {"NO_DATA"}, entries)
                self.assertEqual(self.lake.snapshot(), before, "a refresh that changes nothing makes no snapshot")

    def test_a_full_refresh_that_changes_nothing_makes_no_snapshot(self):
        for query in ("SELECT g, sum(v) AS s FROM t GROUP BY g", "SELECT sum(v) AS s, min(v) AS least FROM t",
                      "SELECT id, v FROM t ORDER BY v DESC, id LIMIT 3"):
            self.create("d", query)
            before = self.lake.snapshot()
            for arguments in (("--full",), ("--full", "--atomic")):
                entry = self.lake.assert_refreshed("d", query, action="FULL", arguments=arguments)
                self.assertEqual((entry["rows_inserted"], entry["rows_deleted"]), (0, 0))
            self.lake.run("ALTER DYNAMIC TABLE d REFRESH FULL")
            self.assertEqual(self.lake.snapshot(), before)
            self.lake.run("DROP DYNAMIC TABLE d")

    def test_a_full_refresh_writes_what_differs_of_the_accumulators(self):
        query = "SELECT g, avg(v) > 100 AS high FROM t GROUP BY g"
        self.create("d", query)
        kept = self.lake.value("SELECT table_name FROM duckdb_tables() WHERE table_name LIKE 'acc%' AND database_name = 'lake'")
        before = self.lake.snapshot()
        self.lake.run("UPDATE t SET v = v + 1 WHERE id = 7")  # changes a sum, but no row of the result
        entry = self.lake.assert_refreshed("d", query, action="FULL", arguments=("--full",))
        self.assertEqual((entry["rows_inserted"], entry["rows_deleted"]), (0, 0))
        self.assertGreater(self.lake.snapshot(), before + 1)
        window = f"'lake', '__freshet', '{kept}', {before + 1}, {self.lake.snapshot()}"
        self.assertEqual(len(self.lake.rows(f"FROM ducklake_table_insertions({window})")), 1)
        self.assertEqual(len(self.lake.rows(f"FROM ducklake_table_deletions({window})")), 1)
        self.lake.run("UPDATE t SET v = v - 1000 WHERE g = 7; DELETE FROM t WHERE g = 8")
        self.lake.assert_refreshed("d", query, action="INCREMENTAL")
        self.lake.run("UPDATE t SET v = -v")
        self.lake.assert_refreshed("d", query, action="FULL", arguments=("--full",))
        self.lake.run("INSERT INTO t VALUES (1000, 8, 3)")
        self.lake.assert_refreshed("d", query, action="INCREMENTAL")

    def test_only_true_changes_by_change(self):
        self.create("sums", "SELECT g, sum(v) AS s FROM t GROUP BY g")
        query = "SELECT g, sum(v) AS s FROM t GROUP BY g"
        entry = self.assert_feed("sums", query, "INSERT INTO t VALUES (500, 3, 7); UPDATE t SET v = v + 0 WHERE g = 4; "
                                 "UPDATE t SET v = v + (CASE id WHEN 5 THEN 1 ELSE -1 END) WHERE id IN (5, 15)",
                                 inserted=[[3, "1967"]], deleted=[[3, "1960"]])
        self.assertEqual(entry["action"], "INCREMENTAL")

    def test_only_true_changes_in_full(self):
        query = "SELECT g, sum(v) AS s FROM t GROUP BY g"
        self.create("sums", query, "REFRESH_MODE = FULL")
        entry = self.assert_feed("sums", query, "INSERT INTO t VALUES (500, 3, 7)", inserted=[[3, "1967"]], deleted=[[3, "1960"]])
        self.assertEqual(entry["action"], "FULL")
        self.assert_feed("sums", query, "DELETE FROM t WHERE id = 500", inserted=[[3, "1960"]], deleted=[[3, "1967"]],
                         arguments=("--full",))

    def test_only_as_many_equal_rows_as_differ(self):
        for mode in ("INCREMENTAL", "FULL"):
            with self.subTest(mode):
                self.create(f"groups_{mode.lower()}", "SELECT g FROM t", f"REFRESH_MODE = {mode}")
                self.assert_feed(f"groups_{mode.lower()}", "SELECT g FROM t", "DELETE FROM t WHERE id % 100 = 7 OR id = 8; INSERT INTO t VALUES "
                                 "(7, 1, 7), (107, 1, 107), (8, 8, 8)", inserted=[[1], [1]], deleted=[[7], [7]])
                self.lake.run("DELETE FROM t WHERE id IN (7, 107); INSERT INTO t VALUES (7, 7, 7), (107, 7, 107)")

    def test_what_a_join_does_not_show_is_not_written(self):
        self.lake.run("CREATE TABLE names AS SELECT i AS g, 'g' || i AS name, 0 AS unused FROM range(10) r (i)")
        query = "SELECT id, name FROM t JOIN names USING (g) WHERE id < 20"
        self.create("named", query)
        self.assert_feed("named", query, "UPDATE names SET unused = 1; UPDATE t SET v = v + 1", inserted=[], deleted=[])
        self.assert_feed("named", query, "UPDATE names SET name = 'x' WHERE g = 4", inserted=[[4, "x"], [14, "x"]],
                         deleted=[[4, "g4"], [14, "g4"]])

    def test_a_child_of_an_unchanged_parent_has_nothing_to_do(self):
        self.create("big", "SELECT id, g FROM t WHERE v > 190")
        self.create("counts", "SELECT g, count(*) AS n FROM big GROUP BY g")
        self.lake.run("UPDATE t SET v = v + 1 WHERE v < 100")
        entries = self.lake.refresh("counts")
        self.assertEqual(entries["main.counts"]["action"], "NO_DATA", entries)

    def test_where_most_rows_differ_the_feed_nets_to_the_change(self):
        query = "SELECT id, v FROM t"
        self.create("copy", query, "REFRESH_MODE = FULL")
        before = self.lake.rows("FROM copy")
        self.lake.run("UPDATE t SET v = v + 1 WHERE id >= 20")
        snapshot = self.lake.snapshot()
        self.lake.assert_refreshed("copy", query, action="FULL")
        inserted, deleted = self.lake.feed("copy", snapshot)
        after = self.lake.rows("FROM copy")

        def net(plus, minus):
            minus = [tuple(row) for row in minus]
            left = []
            for row in map(tuple, plus):
                minus.remove(row) if row in minus else left.append(row)
            return sorted(left), sorted(minus)

        self.assertEqual(net(inserted, deleted), net(after, before))


if __name__ == "__main__":
    unittest.main()
