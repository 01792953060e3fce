"""G3: dynamic tables that read one another see one data snapshot; a list is refreshed in one lake commit."""
import unittest

from tests.harness.lake import Lake

QUERIES = {
    "base_sums": "SELECT g, sum(v) AS s FROM t GROUP BY g",
    "left_side": "SELECT g, s FROM base_sums WHERE s > 0",
    "right_side": "SELECT g, count(*) AS n FROM t GROUP BY g",
    "joined": "SELECT g, s, n, v FROM left_side JOIN right_side USING (g) JOIN t USING (g)",
}
FLAT = "SELECT g, s, n, v FROM (SELECT g, sum(v) AS s, count(*) AS n FROM t GROUP BY g HAVING sum(v) > 0) JOIN t USING (g)"


class OneTimestamp(unittest.TestCase):
    def test_a_diamond(self):
        with Lake() as lake:
            lake.run("CREATE TABLE t AS SELECT i % 4 AS g, i AS v FROM range(20) r (i);" + ";".join(
                f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS {query}"
                for name, query in QUERIES.items()))

            lake.run("INSERT INTO t VALUES (1, 100), (9, 9); DELETE FROM t WHERE v = 2")
            newest = lake.snapshot()
            entries = lake.refresh("joined")
            order = list(entries)
            self.assertEqual(set(order), {f"main.{name}" for name in QUERIES}, "everything that it reads is reported")
            self.assertEqual((order[-1], order.index("main.base_sums") < order.index("main.left_side")), ("main.joined", True))
            self.assertEqual({entry["snapshot"] for entry in entries.values()}, {newest}, "one data snapshot")
            self.assertEqual({entry["action"] for entry in entries.values()}, {"INCREMENTAL"})
            lake.assert_all_equal({**QUERIES, "joined": FLAT}, "the child sees its parents' new state:")

            lake.run("INSERT INTO t VALUES (2, -1000); UPDATE t SET g = 3 WHERE v = 4")
            newest = lake.snapshot()
            entries = lake.refresh("--all", "--atomic")
            self.assertEqual(lake.snapshot(), newest + 1, "one lake commit")
            self.assertEqual({entry["snapshot"] for entry in entries.values()}, {newest})
            lake.assert_all_equal({**QUERIES, "joined": FLAT}, "atomic:")

            lake.run("INSERT INTO t VALUES (3, 3)")
            newest = lake.snapshot()
            results = lake.run("INSERT INTO t VALUES (1, 7); ALTER DYNAMIC TABLE right_side, left_side REFRESH")
            self.assertEqual(lake.snapshot(), newest + 2, "a list is one atomic commit")
            self.assertEqual({row[7] for row in results[-1]["rows"]}, {newest + 1})
            stale = lake.verify()
            self.assertTrue(all(entry["missing"] == entry["extra"] == 0 for entry in stale.values()), stale)
            lake.refresh("joined")
            lake.assert_all_equal({**QUERIES, "joined": FLAT}, "after a part:")

            # Between a base table and a dynamic one there is no snapshot at which the definition held otherwise.
            snapshot = lake.refresh("joined")["main.joined"]["snapshot"]
            lake.run("DELETE FROM t WHERE g = 0")
            at = FLAT.replace("FROM t ", f"FROM t AT (VERSION => {snapshot}) ").replace("JOIN t ", f"JOIN t AT (VERSION => {snapshot}) ")
            lake.assert_equal("joined", at)

    def test_nothing_of_an_atomic_list_is_written_where_one_fails(self):
        with Lake() as lake:
            lake.run("CREATE TABLE t AS SELECT '1' AS v; CREATE DYNAMIC TABLE good TARGET_LAG = '1 minute' AS SELECT v FROM t; "
                     "CREATE DYNAMIC TABLE bad TARGET_LAG = '1 minute' AS SELECT v::INTEGER AS n FROM t; INSERT INTO t VALUES ('x')")
            before = lake.snapshot()
            outcome = lake.command("refresh", "good", "bad", "--atomic", "--json")
            self.assertEqual(outcome.code, 1)
            self.assertEqual([entry["action"] for entry in outcome.json()], [None, None])
            self.assertEqual(lake.snapshot(), before)
            lake.assert_all_equal({"good": "SELECT '1'", "bad": "SELECT 1"}, "old content stays:")


if __name__ == "__main__":
    unittest.main()
