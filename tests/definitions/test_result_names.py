"""Result columns of one name are accepted, under the names that CREATE TABLE AS gives them."""
import collections
import unittest

from tests.harness.lake import Lake

QUERIES = {
    "SELECT a, a FROM t": ["a", "a_1"],
    "SELECT a, A, b AS A FROM t": ["a", "a_1", "A_2"],
    "SELECT a, b AS a_1, a FROM t": ["a", "a_1", "a_2"],
    "SELECT a, a, b AS a_1 FROM t": ["a", "a_1", "a_1_1"],
    "SELECT a, a, a AS a_1, b, b AS A_2, b AS B FROM t": ["a", "a_1", "a_1_1", "b", "A_2", "B_1"],
    "SELECT * FROM t JOIN u USING (a)": ["a", "b", "b_1"],
    "SELECT *, t.a + 1, t.a + 1 FROM t JOIN u ON t.a = u.a": ["a", "b", "a_1", "b_1", "(t.a + 1)", "(t.a + 1)_1"],
    "SELECT b, sum(a), sum(a) FROM t GROUP BY b": ["b", "sum(a)", "sum(a)_1"],
    "SELECT b, b, count(*) AS b FROM t GROUP BY b": ["b", "b_1", "b_2"],
    "SELECT DISTINCT b, b FROM t": ["b", "b_1"],
    "SELECT a, a, b FROM t ORDER BY a, b LIMIT 2": ["a", "a_1", "b"],
    "SELECT a, t.b AS s, u.b AS s FROM t LEFT JOIN u USING (a)": ["a", "s", "s_1"],
    "SELECT a, DATE '2026-01-01' + INTERVAL 3 DAY FROM t": # the engine's own cast is printed in another way than it is named
        ["a", "(CAST('2026-01-01' AS \"DATE\") + to_days(CAST(trunc(CAST(3 AS DOUBLE)) AS INTEGER)))"],
}


class ResultNames(unittest.TestCase):
    def setUp(self):
        self.lake = Lake()
        self.addCleanup(self.lake.remove)
        self.lake.run("CREATE TABLE t (a INTEGER, b INTEGER); INSERT INTO t VALUES (1, 10), (2, 10), (3, 30), (NULL, NULL); "
                      "CREATE TABLE u (a INTEGER, b INTEGER); INSERT INTO u VALUES (1, 7), (2, 8), (2, 9)")

    def names(self, table):
        return [row[0] for row in self.lake.rows(f"DESCRIBE {table}")]

    def test_names_are_those_of_create_table_as(self):
        for number, query in enumerate(QUERIES):
            self.lake.run(f"CREATE DYNAMIC TABLE d{number} TARGET_LAG = '1 minute' INITIALIZE = ON_SCHEDULE AS {query}; "
                          f"CREATE TABLE c{number} AS {query}")
        columns = collections.defaultdict(list)
        for table, name in self.lake.rows("SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = 'lake' "
                                          "AND schema_name = 'main' ORDER BY column_index"):
            columns[table].append(name)
        for number, (query, names) in enumerate(QUERIES.items()):
            with self.subTest(query):
                self.assertEqual((columns[f"d{number}"], columns[f"c{number}"]), (names, names))

    def test_refresh_verify_and_consumers(self):
        queries = {"twice": ("INCREMENTAL", "SELECT a, a, b AS a_1 FROM t"), "whole": ("FULL", "SELECT a, a, b AS a_1 FROM t"),
                   "joined": ("INCREMENTAL", "SELECT * FROM t LEFT JOIN u USING (a)"),
                   "grouped": ("INCREMENTAL", "SELECT b, b, sum(a), sum(a), count(*) AS b FROM t GROUP BY b"),
                   "first": ("INCREMENTAL", "SELECT a, a, b FROM t ORDER BY a, b LIMIT 2"),
                   "later": ("INCREMENTAL", "SELECT a, max(DATE '2026-01-01' + b + INTERVAL 3 DAY) FROM t GROUP BY a"),
                   "inside": ("FULL", "SELECT * FROM (SELECT a, DATE '2026-01-01' + INTERVAL 3 DAY FROM t)")}
        for name, (mode, query) in queries.items():
            self.lake.run(f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' REFRESH_MODE = {mode} AS {query}")
        self.lake.run("CREATE DYNAMIC TABLE copy TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS SELECT * FROM joined")
        for change in ("INSERT INTO t VALUES (1, 11), (4, 40); DELETE FROM t WHERE a = 2; UPDATE u SET b = b + 1 WHERE a = 1",
                       "INSERT INTO u VALUES (4, 4), (4, 5); DELETE FROM t WHERE a IS NULL; UPDATE t SET b = 1"):
            self.lake.run(change)
            entries = self.lake.refresh()
            for name, (mode, query) in queries.items():
                self.assertIn(entries[f"main.{name}"]["action"], (mode, "NO_DATA"), entries)
            self.lake.assert_all_equal({name: query for name, (_, query) in queries.items()} | {"copy": queries["joined"][1]})
            self.lake.verify()

    def test_a_column_list_names_the_first_and_the_rest_gives_way(self):
        self.lake.run("CREATE DYNAMIC TABLE d (x, a) TARGET_LAG = '1 minute' AS SELECT a, b, a FROM t")
        self.assertEqual(self.names("d"), ["x", "a", "a_1"])
        self.lake.assert_equal("d", "SELECT a, b, a FROM t")
        error = self.lake.error("CREATE DYNAMIC TABLE e (x, X) TARGET_LAG = '1 minute' AS SELECT a, b FROM t")
        self.assertEqual((error["code"], error["line"]), ("FRS-2018", 1))

    def test_an_undetermined_column_is_found_whatever_its_name(self):
        queries = {"same": "SELECT a AS n, row_number() OVER () AS n FROM t", "listed (x, y)": "SELECT b, first(a) FROM t GROUP BY b",
                   "behind": "SELECT *, row_number() OVER () AS b FROM t", "before": "SELECT row_number() OVER () AS a, * FROM t"}
        for name, query in queries.items():
            self.lake.run(f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' AS {query}")
        notes = {row[0]: [column["name"] for column in self.lake.done("describe", row[0], "--json").json()["columns"]
                          if column["undetermined"]] for row in self.lake.rows("SELECT name FROM freshet_tables()")}
        self.assertEqual(notes, {"same": ["n_1"], "listed": ["y"], "behind": ["b_1"], "before": ["a"]})
        self.lake.verify()


if __name__ == "__main__":
    unittest.main()
