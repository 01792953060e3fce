"""A STRUCT whose fields have no names can't be a table's column: inside a query it is no obstacle, as a result it is refused."""
import unittest

from tests.harness.lake import Lake

QUERIES = ["SELECT count(*) AS n FROM (SELECT DISTINCT (a, b) AS x FROM t)",
           "SELECT x::VARCHAR AS x, count(*) AS n FROM (SELECT (a, b) AS x FROM t) GROUP BY ALL",
           "SELECT t.a FROM t JOIN t AS u ON (t.a, t.b) = (u.a, u.b)",
           "SELECT a FROM t WHERE (a, b) IN (SELECT (x.a, x.b) FROM t AS x WHERE x.b > 2)",
           "SELECT a, b FROM t ORDER BY (a, b), a, b LIMIT 2"]


class UnnamedStructs(unittest.TestCase):
    def setUp(self):
        self.lake = Lake()
        self.addCleanup(self.lake.remove)
        self.lake.run("CREATE TABLE t (a INTEGER, b INTEGER); INSERT INTO t VALUES (1, 2), (1, 3), (1, 3), (NULL, 4)")

    def test_inside_a_query(self):
        for number, query in enumerate(QUERIES):
            self.lake.run(f"CREATE DYNAMIC TABLE d{number} TARGET_LAG = '1 minute' AS {query}")
            explained = self.lake.explain(f"d{number}")
            self.assertEqual(explained["mode"], "INCREMENTAL" if " ON (t.a, t.b) = " in query else "FULL", query)
        self.lake.run("INSERT INTO t VALUES (5, 6); DELETE FROM t WHERE b = 2")
        self.lake.refresh()
        self.lake.assert_all_equal({f"d{number}": query for number, query in enumerate(QUERIES)})
        self.lake.verify()

    def test_where_no_column_holds_it(self):
        query = "SELECT a, b FROM t WHERE (a, b) IN ((1, 2), (1, 3)) AND (a, b) < (1, 3)"
        self.lake.run(f"CREATE DYNAMIC TABLE d TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS {query}")
        self.lake.run("INSERT INTO t VALUES (1, 2)")
        self.lake.assert_refreshed("d", query, action="INCREMENTAL")

    def test_read_from_an_aggregate(self):
        for value in ("map_from_entries(list((a, b) ORDER BY a, b))", "max((a, b))::VARCHAR"):
            query = f"SELECT a, {value} AS x FROM t GROUP BY a"
            error = self.lake.error(f"CREATE DYNAMIC TABLE d TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS {query}")
            self.assertEqual(error["code"], "FRS-2014")
            self.assertIn("whose fields have no names", error["message"])
        query = "SELECT a, map_from_entries(list({'k': b, 'v': a} ORDER BY b, a)) AS x FROM t WHERE b < 3 GROUP BY a"
        self.lake.run(f"CREATE DYNAMIC TABLE d TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS {query}")
        self.lake.run("INSERT INTO t VALUES (2, 1), (2, NULL), (1, 0)")
        self.lake.assert_refreshed("d", query, action="INCREMENTAL")

    def test_as_a_result(self):
        for query in ("SELECT a, (a, b) AS x FROM t WHERE a > 5", "SELECT [(a, b)] AS x FROM t", "SELECT {'p': (a, b)} AS x FROM t"):
            for mode in ("AUTO", "FULL"):
                error = self.lake.error(f"CREATE DYNAMIC TABLE d TARGET_LAG = '1 minute' REFRESH_MODE = {mode} AS {query}")
                self.assertEqual(error["code"], "FRS-2015", error)
                self.assertIn("column x", error["message"])
                self.assertIn("struct_pack(a := a, b := b)", error["hint"])
                self.assertEqual(error["line"], 1)
        query = "SELECT struct_pack(a := a, b := b) AS x FROM t"
        self.lake.run(f"CREATE DYNAMIC TABLE d TARGET_LAG = '1 minute' AS {query}")
        self.lake.assert_equal("d", query)


if __name__ == "__main__":
    unittest.main()
