"""A definition is written down again by DuckDB, with its tables at a version: what that text binds to must be the query, in whatever order DuckDB
writes grouping sets, types and outer columns. And VALUES that hold columns of the outer query, or subqueries."""
import unittest

from tests.harness.lake import Lake

QUERIES = {
    "bucket": "SELECT time_bucket(INTERVAL 1 DAY, d) AS m, count(*) AS c FROM t GROUP BY m ORDER BY m",
    "next_day": "SELECT a, d + INTERVAL 1 DAY AS m FROM t ORDER BY m",
    "days_on": "SELECT a, d + INTERVAL (a) DAY AS m FROM t ORDER BY m",
    "latest": "SELECT a, (SELECT max(d + INTERVAL 1 DAY) FROM t u WHERE u.a = t.a) AS m FROM t ORDER BY m",
    "one_each": "SELECT DISTINCT ON (m) d + INTERVAL 1 DAY AS m, a FROM t ORDER BY m, a",
    "framed": "SELECT a, sum(a) OVER (ORDER BY d RANGE BETWEEN INTERVAL 3 DAY PRECEDING AND CURRENT ROW) AS m FROM t ORDER BY m",
    "rolled": "SELECT a, b, sum(a) AS s FROM t GROUP BY ROLLUP (a), b",
    "both_rolled": "SELECT a, b, sum(a) AS s FROM t GROUP BY ROLLUP (a), ROLLUP (b)",
    "cubes": "SELECT a, b, sum(a) AS s, grouping(b) AS g, grouping(a, b) AS h FROM t GROUP BY CUBE (a), CUBE (b)",
    "sets": "SELECT b, a, count(*) AS n FROM t GROUP BY GROUPING SETS ((a), (b)), d",
    "lateral_values": "SELECT v.k FROM t x, LATERAL (VALUES (x.a)) v(k)",
    "unpivoted": "SELECT x.a, y.c, y.n FROM t x CROSS JOIN LATERAL (VALUES ('a', x.a), ('b', x.b)) y(n, c)",
    "greatest": "SELECT * FROM (VALUES ((SELECT max(a) FROM t)), (3)) z(q)",
    "own_value": "SELECT a, (VALUES (a)) AS m FROM t",
    "in_values": "SELECT * FROM t WHERE a IN (VALUES ((SELECT min(b) FROM t)), (1))",
    "values_then_view": "SELECT * FROM (VALUES (1), (2)) v(q) JOIN named ON q = k",
    "values_then_with": "SELECT * FROM (VALUES (1), (2)) v(q), (WITH r AS (SELECT a FROM t) SELECT a AS k FROM r) w",
    "values_among": "SELECT * FROM (VALUES (1), (2)) v(q) WHERE q IN (WITH r AS (SELECT a FROM t) FROM r)",
    "values_beside": "SELECT q, (WITH r AS (SELECT a FROM t) SELECT max(a) FROM r) AS m FROM (VALUES (1), (2)) v(q)",
    "values_above": "SELECT * FROM (VALUES (1), (2)) v(q) UNION ALL (WITH r AS (SELECT a FROM t) FROM r)",
    "values_named": "WITH v(q) AS (VALUES (1), (2)), w AS (WITH r AS (SELECT a FROM t) FROM r) SELECT q, a FROM v JOIN w ON q = a",
    "two_withs": "SELECT * FROM (VALUES (1), (2)) v(q), (WITH r AS (SELECT a FROM t), s AS (SELECT b FROM t) SELECT r.a, s.b FROM r, s, r AS again WHERE again.a = s.b) w",
    "joined_values": "SELECT count(*) AS n FROM t x, t y JOIN LATERAL (VALUES (x.a)) ss(x) ON y.b = ss.x",
}
FULL = {"framed"}


class QueriesWrittenAgain(unittest.TestCase):
    def test_each_follows_its_table(self):
        with Lake() as lake:
            lake.run("CREATE TABLE t (a INTEGER, b INTEGER, d DATE); INSERT INTO t VALUES (1, 2, '2024-01-01'), (2, NULL, NULL), (3, 3, '2024-02-01'), (NULL, 1, '2024-01-01'); "
                     "CREATE VIEW named AS WITH r AS (SELECT a AS k FROM t) SELECT * FROM r")
            for name, query in QUERIES.items():
                mode = "AUTO" if name in FULL else "INCREMENTAL"
                lake.run(f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 hour' REFRESH_MODE = {mode} AS {query}")
            for changes in ("INSERT INTO t VALUES (5, 6, '2024-03-03'), (1, 2, '2024-01-01')", "DELETE FROM t WHERE a = 2; UPDATE t SET b = a WHERE a = 3",
                            "UPDATE t SET a = 7 WHERE a IS NULL; INSERT INTO t VALUES (NULL, NULL, NULL)", "DELETE FROM t", "INSERT INTO t VALUES (1, 1, '2024-01-01')"):
                lake.run(changes)
                for name, entry in lake.refresh().items():
                    self.assertIn(entry["action"], ("INCREMENTAL", "NO_DATA") if name.split(".")[1] not in FULL else ("FULL", "INCREMENTAL", "NO_DATA"), (name, entry))
                lake.assert_all_equal(QUERIES, changes)
            lake.verify()

    def test_how_a_query_is_written(self):
        with Lake() as lake:
            lake.run("CREATE TABLE t AS SELECT 1 AS a; CREATE DYNAMIC TABLE d TARGET_LAG = '1 hour' AS SELECT alias(a), a FROM t")
            self.assertIn("alias()", lake.error("CREATE DYNAMIC TABLE e TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS SELECT alias(a) FROM t")["message"])
            lake.run("INSERT INTO t VALUES (2)")
            lake.refresh()
            lake.assert_equal("d", "SELECT alias(a), a FROM t")

    def test_a_scalar_subquery_that_gives_one_of_several_rows(self):
        with Lake() as lake:
            lake.run("CREATE TABLE t AS SELECT unnest([1, 2]) AS i")
            query = "SELECT i, (SELECT 42 + x.i FROM t) AS j FROM t x"
            setting = "SET scalar_subquery_error_on_multiple_rows = false; "
            self.assertIn("scalar_subquery_error", lake.error(f"{setting}CREATE DYNAMIC TABLE e TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS {query}")["message"])
            lake.run(f"{setting}CREATE DYNAMIC TABLE d TARGET_LAG = '1 hour' AS {query}; INSERT INTO t VALUES (3)")
            lake.refresh()
            self.assertEqual(sorted(lake.rows("FROM d")), [[1, 43], [2, 44], [3, 45]])


if __name__ == "__main__":
    unittest.main()
