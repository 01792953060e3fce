"""What DuckDB and DuckLake answer wrongly by themselves must not reach a table: correlated EXISTS, files that are left aside because of
what their statistics look like as text. Expected contents are written out, since the query itself would be answered alike."""
import unittest

from tests.harness.lake import Lake


class EngineAnswers(unittest.TestCase):
    def setUp(self):
        self.lake = Lake()
        self.addCleanup(self.lake.remove)

    def create(self, name, query, mode):
        self.lake.run(f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' REFRESH_MODE = {mode} AS {query}")

    def refresh(self, name, mode):
        entry = self.lake.refresh(name)[f"main.{name}"]
        self.assertEqual(entry["action"], mode, entry)

    def assert_rows(self, query, rows, note=""):
        key = lambda row: [(value is None, str(value)) for value in row]
        self.assertEqual(sorted(self.lake.rows(query), key=key), sorted(rows, key=key), note or query)

    def test_exists_as_a_value_with_an_inequality(self):
        for mode in ("INCREMENTAL", "FULL"):
            with self.subTest(mode):
                self.lake.run("CREATE OR REPLACE TABLE o (id INT, k INT, v INT); CREATE OR REPLACE TABLE p (k INT, v INT)")
                self.create(f"d_{mode}", "SELECT id, EXISTS (SELECT 1 FROM p WHERE p.k = o.k AND p.v <> o.v) AS m FROM o", mode)
                self.lake.run("INSERT INTO o VALUES (1, 1, 1), (2, 1, NULL), (3, 2, 2); INSERT INTO p VALUES (1, 2), (1, 1), (2, 1), (2, NULL), (NULL, 1)")
                self.refresh(f"d_{mode}", mode)
                self.assert_rows(f"FROM d_{mode}", [[1, True], [2, False], [3, True]], mode)
                self.lake.run("DELETE FROM p WHERE k = 1 AND v = 2; UPDATE o SET v = 1 WHERE id = 3")
                self.refresh(f"d_{mode}", mode)
                self.assert_rows(f"FROM d_{mode}", [[1, False], [2, False], [3, False]], mode)

    def test_exists_with_three_conditions(self):
        query = "SELECT id, EXISTS (SELECT 1 FROM p WHERE p.s = o.s AND p.k <> o.k AND p.t <= o.t) AS m FROM o"
        self.lake.run("CREATE TABLE o (id INT, k INT, t INT, s VARCHAR); CREATE TABLE p (k INT, t INT, s VARCHAR);"
                      "INSERT INTO o VALUES (1, 2, 3, 'b'); INSERT INTO p VALUES (1, 1, 'b')")
        for mode in ("INCREMENTAL", "FULL"):
            self.create(f"d_{mode}", query, mode)
            self.assert_rows(f"FROM d_{mode}", [[1, True]], mode)

    def test_not_exists_over_the_same_table(self):
        query = "SELECT id FROM o a WHERE NOT EXISTS (SELECT 1 FROM o b WHERE b.k = a.k AND b.t > a.t AND b.s <> a.s)"
        for mode in ("INCREMENTAL", "FULL"):
            with self.subTest(mode):
                self.lake.run("CREATE OR REPLACE TABLE o (id INT, k INT, t INT, s VARCHAR); INSERT INTO o VALUES (1, 1, 1, 'a'), (2, 1, 2, 'b')")
                self.create(f"d_{mode}", query, mode)
                self.assert_rows(f"FROM d_{mode}", [[2]], mode)
                self.lake.run("DELETE FROM o WHERE id = 2")
                self.refresh(f"d_{mode}", mode)
                self.assert_rows(f"FROM d_{mode}", [[1]], mode)

    def test_keys_whose_statistics_read_otherwise(self):
        """BLOBs with escapes, FLOATs with an exponent."""
        for column, value in (("BLOB", r"'\x80'::BLOB"), ("BLOB", r"'a\x00\x27'::BLOB"), ("FLOAT", "1e-5::FLOAT"), ("FLOAT", "3e20::FLOAT")):
            with self.subTest(value):
                self.lake.run(f"CREATE OR REPLACE TABLE s (k {column}, id INT); INSERT INTO s SELECT {value}, i FROM range(40) r (i);"
                              f"CREATE OR REPLACE TABLE u (k {column}); INSERT INTO u VALUES ({value}), ({value})")
                self.create("groups", "SELECT k, count(DISTINCT id) AS n FROM s GROUP BY k", "INCREMENTAL")
                self.create("counts", "SELECT id, (SELECT count(*) FROM u WHERE u.k = s.k) AS n FROM s WHERE id % 20 = 0", "INCREMENTAL")
                self.create("pairs", "SELECT x.id, count(*) AS n FROM s x JOIN s y USING (k) WHERE x.id = 1 GROUP BY 1", "FULL")
                self.assert_rows("SELECT n FROM groups", [[40]])
                self.assert_rows("FROM counts", [[0, 2], [20, 2]])
                self.assert_rows("FROM pairs", [[1, 40]])
                self.lake.run(f"INSERT INTO s VALUES ({value}, 99); INSERT INTO u VALUES ({value})")
                self.refresh("groups", "INCREMENTAL")
                self.refresh("counts", "INCREMENTAL")
                self.refresh("pairs", "FULL")
                self.assert_rows("SELECT n FROM groups", [[41]])
                self.assert_rows("FROM counts", [[0, 3], [20, 3]])
                self.assert_rows("FROM pairs", [[1, 41]])
                self.lake.run("DROP DYNAMIC TABLE groups; DROP DYNAMIC TABLE counts; DROP DYNAMIC TABLE pairs")

    def test_casts_behind_the_filter_that_makes_them_safe(self):
        self.lake.run("CREATE TABLE e (id INT, val VARCHAR); INSERT INTO e VALUES (1, '1'), (2, 'x'), (3, '2'), (4, NULL)")
        safe = "TRY_CAST(val AS INTEGER) IS NOT NULL"
        queries = {
            "grouped": f"SELECT val::INTEGER AS v, median(id) AS m FROM e WHERE {safe} GROUP BY 1",
            "matched": "SELECT val::INTEGER AS v, count(DISTINCT id) AS n FROM e WHERE regexp_matches(val, '^[0-9]+$') GROUP BY 1",
            "ranked": f"SELECT id, rank() OVER (PARTITION BY val::INTEGER ORDER BY id) AS r FROM e WHERE {safe}",
            "joined": f"SELECT a.id, b.id AS other FROM e a LEFT JOIN (SELECT id, val::INTEGER AS v FROM e WHERE {safe}) b ON b.v = a.id",
        }
        for name, query in queries.items():
            self.create(name, query, "INCREMENTAL")
        for change in ("INSERT INTO e VALUES (5, '1'), (6, 'y')", "DELETE FROM e WHERE id = 1", "UPDATE e SET val = '2' WHERE id = 2"):
            self.lake.run(change)
            for name, query in queries.items():
                with self.subTest(name, change=change):
                    self.lake.assert_refreshed(name, query, action="INCREMENTAL")


if __name__ == "__main__":
    unittest.main()
