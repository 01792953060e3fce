"""G1 at the edges of rows: NULL keys, duplicates, empty tables, rows that leave and come back. Every table is kept by
change (REFRESH_MODE = INCREMENTAL), and its action is asserted after each step."""
import unittest

from tests.harness.lake import Lake

JOINS = {
    "filtered": "SELECT k, v FROM t WHERE v > 1",
    "united": "SELECT k FROM t UNION ALL SELECT k FROM u",
    "null_joined": "SELECT t.k, v, w FROM t JOIN u ON t.k IS NOT DISTINCT FROM u.k",
    "self_joined": "SELECT a.k, a.v AS av, b.v AS bv FROM t a JOIN t b ON a.k = b.k",
    "left_joined": "SELECT t.k, v, w FROM t LEFT JOIN u ON t.k = u.k",
    "full_joined": "SELECT t.k, u.k AS uk, v, w FROM t FULL JOIN u ON t.k = u.k",
}

AGGREGATES = {
    "sums": "SELECT k, count(*) AS n, count(v) AS c, sum(v) AS s, avg(v) AS a FROM t GROUP BY k",
    "extremes": "SELECT k, min(v) AS low, max(v) AS high, count(DISTINCT v) AS d FROM t GROUP BY k",
    "total": "SELECT count(*) AS n, sum(v) AS s, max(v) AS m FROM t",
    "distinct_rows": "SELECT DISTINCT k, v FROM t",
    "grouped_join": "SELECT u.w, sum(t.v) AS s FROM t JOIN u ON t.k = u.k GROUP BY u.w",
}

SUBQUERIES = {
    "absent": "SELECT k, v FROM t WHERE NOT EXISTS (SELECT 1 FROM u WHERE u.k = t.k)",
    "not_contained": "SELECT k, v FROM t WHERE k NOT IN (SELECT k FROM u)",
    "looked_up": "SELECT k, v, (SELECT sum(length(w)) FROM u WHERE u.k = t.k) AS l FROM t",
}

WINDOWS_AND_SETS = {
    "ranked": "SELECT k, v, rank() OVER (PARTITION BY k ORDER BY v) AS r, sum(v) OVER (PARTITION BY k) AS s FROM t",
    "first_of_each": "SELECT DISTINCT ON (k) k, v FROM t ORDER BY k, v DESC",
    "running": "SELECT k, v, sum(v) OVER (PARTITION BY k ORDER BY v ROWS UNBOUNDED PRECEDING) AS s FROM t",
    "excepted": "SELECT k FROM t EXCEPT ALL SELECT k FROM u",
    "intersected": "SELECT k FROM t INTERSECT SELECT k FROM u",
    "rolled_up": "SELECT k, v, count(*) AS n, grouping(k, v) AS g FROM t GROUP BY ROLLUP (k, v)",
    "extremes_rolled_up": "SELECT low % 2 AS p, high, count(*) AS n, list(high ORDER BY high) AS l FROM (SELECT max(v) AS high, min(v) AS low FROM t) GROUP BY ROLLUP (low % 2, high)",
    "distinct_values": "SELECT count(DISTINCT v) AS d, count(*) AS n FROM t",
}

STEPS = (
    ("first rows", "INSERT INTO t VALUES (1, 1), (2, 2), (2, 3); INSERT INTO u VALUES (1, 'a'), (3, 'c')"),
    ("NULL keys", "INSERT INTO t VALUES (NULL, 5), (NULL, NULL), (4, NULL); INSERT INTO u VALUES (NULL, 'n'), (2, NULL)"),
    ("no NULL key on the right any more", "DELETE FROM u WHERE k IS NULL"),
    ("duplicates", "INSERT INTO t VALUES (2, 2), (2, 2), (NULL, NULL); INSERT INTO u VALUES (2, NULL), (2, 'b'), (2, 'b')"),
    ("one of several equal rows", "DELETE FROM t WHERE rowid IN (SELECT min(rowid) FROM t WHERE k = 2 AND v = 2)"),
    ("deleted and inserted again", "DELETE FROM t WHERE k = 2; INSERT INTO t VALUES (2, 3), (2, 2), (2, 2)"),
    ("delete and reinsert in one transaction",
     "BEGIN; DELETE FROM u WHERE k = 2; INSERT INTO u VALUES (2, 'b'), (2, NULL), (2, NULL), (2, 'b'); COMMIT"),
    ("a row comes and goes", "INSERT INTO t VALUES (77, 77); DELETE FROM t WHERE k = 77"),
    ("a row leaves and comes back", "UPDATE t SET k = 50 WHERE k = 1; UPDATE t SET k = 1 WHERE k = 50"),
    ("an update of nothing", "UPDATE t SET v = v"),
    ("keys move", "UPDATE t SET k = k + 1 WHERE k IS NOT NULL; UPDATE u SET k = 3 WHERE k = 2"),
    ("keys become NULL", "UPDATE t SET k = NULL WHERE k = 3; UPDATE u SET k = NULL WHERE w = 'a'"),
    ("keys are no more NULL", "UPDATE t SET k = 9 WHERE k IS NULL; UPDATE u SET k = 9 WHERE k IS NULL"),
    ("everything is replaced", "DELETE FROM t; INSERT INTO t SELECT i % 4, i FROM range(12) r (i)"),
    ("everything is replaced at once", "BEGIN; DELETE FROM t; INSERT INTO t SELECT i % 3, i % 5 FROM range(15) r (i); COMMIT"),
    ("the right side becomes empty", "DELETE FROM u"),
    ("both are empty", "TRUNCATE t"),
    ("and are filled again", "INSERT INTO u VALUES (0, 'z'), (NULL, 'n'); INSERT INTO t VALUES (0, 0), (NULL, NULL)"),
)


class RowEdges(unittest.TestCase):
    def every_step_by_change(self, queries):
        with Lake() as lake:
            lake.run("CREATE TABLE t (k INTEGER, v INTEGER); CREATE TABLE u (k INTEGER, w VARCHAR);" + ";".join(
                f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS {query}"
                for name, query in queries.items()))
            lake.assert_all_equal(queries, "first fill of empty tables:")
            for step, changes in STEPS:
                with self.subTest(step):
                    lake.run(changes)
                    for entry in lake.refresh().values():
                        self.assertIn(entry["action"], ("INCREMENTAL", "NO_DATA"), entry)
                    lake.assert_all_equal(queries, f"{step}:")
            for table, entry in lake.verify().items():
                self.assertEqual((entry["missing"], entry["extra"]), (0, 0), table)

    def test_joins(self):
        self.every_step_by_change(JOINS)

    def test_aggregates(self):
        self.every_step_by_change(AGGREGATES)

    def test_windows_and_sets(self):
        self.every_step_by_change(WINDOWS_AND_SETS)

    def test_subqueries(self):
        self.every_step_by_change(SUBQUERIES)


if __name__ == "__main__":
    unittest.main()
