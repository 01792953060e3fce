"""What a definition means: literals keep their types, new columns may change what a text says, and values that are equal but
not the same are not taken for one another."""
import unittest

from tests.harness.lake import Lake


class Meaning(unittest.TestCase):
    def setUp(self):
        self.lake = Lake()
        self.addCleanup(self.lake.remove)

    def create(self, query, mode="INCREMENTAL", name="d"):
        self.query = query
        self.lake.run(f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' REFRESH_MODE = {mode} AS {query}")
        self.lake.assert_equal(name, query)

    def change(self, sql, actions="INCREMENTAL"):
        self.lake.run(sql)
        entry = self.lake.refresh("d")["main.d"]
        self.assertIn(entry["action"], actions.split("|"), entry)
        self.lake.assert_equal("d", self.query)
        self.lake.assert_equal("(SELECT d::VARCHAR FROM d)", f"SELECT q::VARCHAR FROM ({self.query}) AS q")
        return entry

    def test_the_same_text_under_other_settings_is_another_definition(self):
        """Most settings act only when the query runs: what it binds to is the same."""
        self.lake.run("CREATE TABLE t AS SELECT '2024-03-10 00:00:00+00'::TIMESTAMPTZ + to_hours(i) AS tz, CASE WHEN i > 5 THEN i END AS b FROM range(48) r (i)")
        cases = {
            "TimeZone = 'America/New_York'": "SELECT tz::DATE AS d, count(*) AS n FROM t GROUP BY 1",
            "default_null_order = 'NULLS FIRST'": "SELECT list(b ORDER BY b)::VARCHAR AS l FROM t",
        }
        for number, (setting, query) in enumerate(cases.items()):
            for statement in ("CREATE OR ALTER DYNAMIC TABLE {} TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS {}",
                              "ALTER DYNAMIC TABLE {} AS {}",
                              "CREATE OR REPLACE DYNAMIC TABLE {} TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS {}"):
                with self.subTest(setting, statement=statement):
                    name = f"s{number}"
                    self.lake.run(f"SET {setting}; CREATE OR REPLACE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS {query}")
                    self.lake.run(statement.format(name, query))
                    self.lake.assert_equal(name, query)
                    self.lake.run("INSERT INTO t VALUES ('2024-03-10 01:30:00+00', 7)")
                    self.lake.refresh(name)
                    self.lake.assert_equal(name, query)

    def test_orders_of_structs_with_any_are_not_refreshed_by_change(self):
        """DuckDB's answer depends on where the rows lie."""
        self.lake.run("CREATE TABLE a AS SELECT {'x': i, 'y': NULL} AS o, [i] AS l, i FROM range(3) r (i)")
        for number, condition in enumerate(("o < ANY (SELECT o FROM a)", "o >= ALL (SELECT o FROM a)", "l > ANY (SELECT l FROM a)")):
            query = f"SELECT i, {condition} AS v FROM a"
            error = self.lake.error(f"CREATE DYNAMIC TABLE d TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS {query}")
            self.assertEqual(error["code"], "FRS-2014")
            self.assertIn("order of rows", error["message"])
            self.create(query, "AUTO", f"d{number}")
        self.create("SELECT i, o = ANY (SELECT o FROM a) AS v, i < ANY (SELECT i FROM a) AS w FROM a")
        self.change("DELETE FROM a WHERE i = 2")

    def test_double_literals_stay_double(self):
        self.lake.run("CREATE TABLE a (k INTEGER); INSERT INTO a VALUES (7)")
        for number, item in enumerate(("k * 1e-1", "0.1e0 + 0.2e0 > 0.3e0", "k * 1e9 * 1e9 * 1e9 * 1e9", "[1e0, 2.5e3]", "1e-300 + k")):
            for mode in ("AUTO", "FULL"):
                with self.subTest(item, mode=mode):
                    name = f"d{number}_{mode}"
                    self.create(f"SELECT {item} AS v FROM a", mode, name)
                    types = self.lake.rows(f"SELECT typeof(v) FROM {name} UNION SELECT typeof({item}) FROM a")
                    self.assertEqual(len(types), 1, types)
        self.create("SELECT k FROM a WHERE 0.1e0 + 0.2e0 > 0.3e0", name="filtered")
        self.assertEqual(self.lake.rows("FROM filtered"), [[7]])
        self.lake.run("CREATE DYNAMIC TABLE named TARGET_LAG = '1 minute' AS SELECT k * 1e3 FROM a")
        self.assertEqual(self.lake.run("FROM named")[0]["columns"], self.lake.run("SELECT k * 1e3 FROM a")[0]["columns"])

    def test_casts_in_decimal_arithmetic(self):
        self.lake.run("CREATE TABLE a (u INTEGER, v VARCHAR, d DECIMAL(4, 1), e DECIMAL(10, 2), q DOUBLE); INSERT INTO a VALUES (2, '3.5b', 1.5, 2.25, 1.5)")
        items = ("u::DECIMAL(5, 2) * d", "d * u::DECIMAL(5, 2)", "u::DECIMAL(5, 2) * e", "q::DECIMAL(5, 2) * d", "e::DECIMAL(5, 2) * d", "u::DECIMAL(5, 2) + d",
                 "(e * u)::DECIMAL(12, 2) * d", "e::DECIMAL(12, 2) * (1 - d)", "u::DECIMAL(18, 2) / d", "e::DECIMAL(10, 4) * d - 1", "position('b' IN v)")
        for number, item in enumerate(items):
            with self.subTest(item):
                self.create(f"SELECT {item} AS v FROM a", name=f"d{number}")
                types = self.lake.rows(f"SELECT typeof(v) FROM d{number} UNION SELECT typeof({item}) FROM a")
                self.assertEqual(len(types), 1, types)
        self.create("SELECT u, sum(e::DECIMAL(5, 2) * d) AS s FROM a GROUP BY u")
        self.change("INSERT INTO a VALUES (2, NULL, 99.9, 999.99, 0), (NULL, 'b', -1.1, -2.25, 0)")

    def test_the_order_that_is_the_default(self):
        """DuckDB's plain SET is global: DuckLake and Freshet would read the columns of the catalog in that order."""
        self.lake.run("CREATE TABLE f (c1 INTEGER, c2 INTEGER, c3 STRUCT(a INTEGER, b INTEGER)); INSERT INTO f VALUES (1, 2, NULL)")
        for setting in ("SET default_order = 'DESC'", "SET GLOBAL default_order = 'desc'", "SET SESSION default_order = 'DESCENDING'",
                        "PRAGMA default_order = 'DESC'"):
            with self.subTest(setting):
                self.assertIn("write DESC in ORDER BY", self.lake.error(setting)["hint"])
        self.lake.run("SET default_order = 'ASC'; SET default_null_order = 'NULLS_FIRST'; CREATE TABLE x (z INTEGER);"
                      "INSERT INTO f VALUES (7, 8, {a: 9, b: 10}); INSERT INTO f VALUES (NULL, 4, NULL);"
                      "CREATE DYNAMIC TABLE d TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS SELECT * FROM f ORDER BY c1, c2, c3 LIMIT 2")
        self.assertEqual(self.lake.rows("SELECT c1, c2, c3.a FROM f ORDER BY c2"), [[1, 2, None], [None, 4, None], [7, 8, 9]])
        self.lake.run("INSERT INTO f VALUES (0, 6, NULL)")
        entry = self.lake.refresh("d")["main.d"]
        self.assertEqual(entry["action"], "INCREMENTAL", entry)
        self.assertEqual(self.lake.rows("SELECT c1, c2 FROM d ORDER BY c2"), [[None, 4], [0, 6]])
        self.lake.verify()

    def test_arguments_that_binding_takes_away_from_a_join(self):
        self.lake.run("CREATE TABLE a (l VARCHAR[]); CREATE TABLE b (s VARCHAR); INSERT INTO a VALUES (['p', 'q']), (NULL); INSERT INTO b VALUES ('p|q'), ('p,q')")
        self.create("SELECT l, s FROM a JOIN b ON list_aggregate(l, 'string_agg', '|') = s")
        self.change("INSERT INTO a VALUES (['e', 'f']), (['p', 'q']), (NULL); INSERT INTO b VALUES ('e|f'), ('e,f'), (NULL)")
        self.change("DELETE FROM a WHERE l = ['p', 'q']; INSERT INTO b VALUES ('e|f')")

    def test_is_true(self):
        self.lake.run("CREATE TABLE a (k INTEGER, b BOOLEAN); INSERT INTO a VALUES (1, true), (2, false), (3, NULL)")
        for number, test in enumerate(("b IS TRUE", "b IS NOT TRUE", "b IS FALSE", "b IS NOT FALSE", "b IS NULL OR true", "NOT b")):
            with self.subTest(test):
                self.create(f"SELECT k, {test} AS t FROM a WHERE {test}", name=f"d{number}")

    def test_a_new_column_joins_naturally(self):
        for mode in ("INCREMENTAL", "FULL"):
            with self.subTest(mode):
                self.lake.run("CREATE OR REPLACE TABLE a (k INT, x INT); CREATE OR REPLACE TABLE b (k INT, y INT);"
                              "INSERT INTO a VALUES (1, 1), (2, 2); INSERT INTO b VALUES (1, 1), (2, 2); DROP DYNAMIC TABLE IF EXISTS d")
                self.create("SELECT x, y FROM a NATURAL JOIN b", mode)
                self.change("ALTER TABLE a ADD COLUMN c INT; ALTER TABLE b ADD COLUMN c INT", "REINITIALIZE")
                self.change("INSERT INTO a VALUES (1, 5, 7); INSERT INTO b VALUES (1, 6, 7)", "INCREMENTAL|FULL")

    def test_a_new_column_is_among_all(self):
        self.lake.run("CREATE TABLE a (k INT, x INT); INSERT INTO a VALUES (1, 1), (3, 3)")
        self.create("SELECT k, concat(*COLUMNS(*)) AS s FROM a")
        self.change("ALTER TABLE a ADD COLUMN c INT DEFAULT 5; INSERT INTO a VALUES (4, 4, 4)", "REINITIALIZE")
        self.change("INSERT INTO a VALUES (5, 5, 5)")

    def test_a_new_column_captures_an_outer_name(self):
        self.lake.run("CREATE TABLE a (k INT, k2 INT); CREATE TABLE b (k INT, y INT); INSERT INTO a VALUES (1, 1), (2, 2);"
                      "INSERT INTO b VALUES (1, 10), (2, 20)")
        self.create("SELECT k, (SELECT max(y) FROM b WHERE b.k = k2) AS m FROM a")
        self.change("ALTER TABLE b ADD COLUMN k2 INT DEFAULT 1; INSERT INTO a VALUES (3, 1)", "REINITIALIZE")

    def test_a_new_column_that_nothing_reads(self):
        self.lake.run("CREATE TABLE a (k INT, x INT); INSERT INTO a VALUES (1, 1)")
        self.create("SELECT k, x FROM a")
        self.change("ALTER TABLE a ADD COLUMN c INT; INSERT INTO a VALUES (2, 2, 2)")

    def test_equal_values_that_are_told_apart(self):
        self.lake.run("CREATE TABLE a (k INT, iv INTERVAL, x DOUBLE, l DOUBLE[]);"
                      "INSERT INTO a VALUES (1, INTERVAL 1 MONTH, 0.0, [0.0]), (2, INTERVAL 24 HOUR, 1.0, [1.0])")
        self.create("SELECT k, DATE '2024-02-01' + iv AS e, x::VARCHAR AS x, l::VARCHAR AS l FROM a")
        self.change("UPDATE a SET iv = INTERVAL 30 DAY WHERE k = 1")
        self.change("UPDATE a SET x = -x WHERE k = 1")
        self.change("UPDATE a SET l = [-0.0::DOUBLE] WHERE k = 1")
        self.change("UPDATE a SET iv = INTERVAL 1 DAY WHERE k = 2")

    def test_a_source_with_names_of_the_rules(self):
        self.lake.run("CREATE TABLE a (k INT, __freshet_w INT, __n INT); INSERT INTO a VALUES (1, 1, 1), (2, 2, 2)")
        for query in ("SELECT k, __freshet_w AS w FROM a", "SELECT __n, count(*) AS c FROM a GROUP BY __n"):
            self.lake.run("DROP DYNAMIC TABLE IF EXISTS d")
            self.create(query, "AUTO")
            self.change("DELETE FROM a WHERE k = 1", "FULL")
            self.change("INSERT INTO a VALUES (1, 1, 1)", "FULL")

    def test_a_source_with_the_columns_of_files(self):
        self.lake.run("CREATE TABLE a (filename INT, file_row_number INT, v INT); INSERT INTO a VALUES (1, 1, 1), (2, 2, 2), (1, 1, 3)")
        for query in ("SELECT filename AS f, file_row_number AS g, sum(v) AS s FROM a GROUP BY filename, file_row_number",
                      "SELECT filename, count(*) AS c FROM a GROUP BY filename",
                      "SELECT filename, file_row_number, v FROM a",
                      "SELECT DISTINCT file_row_number FROM a",
                      "SELECT filename, v FROM a ORDER BY filename, v LIMIT 4"):
            with self.subTest(query):
                self.lake.run("DROP DYNAMIC TABLE IF EXISTS d")
                self.create(query, "AUTO")
                for statement in ("INSERT INTO a VALUES (1, 2, 4), (3, 3, 5)", "INSERT INTO a VALUES (1, 1, 6), (NULL, NULL, 7)",
                                  "UPDATE a SET v = v + 1 WHERE filename = 1", "DELETE FROM a WHERE v > 4"):
                    self.change(statement, "FULL|INCREMENTAL")

    def test_a_frame_that_takes_ties_together_keeps_its_meaning(self):
        self.lake.run("CREATE TABLE a (f INT, g INT, v INT); INSERT INTO a VALUES (1, 1, 1), (1, 1, 2), (1, 2, 3), (2, 1, 4)")
        for number, call in enumerate(("sum(v) OVER (PARTITION BY f ORDER BY g ROWS BETWEEN 9 PRECEDING AND 9 FOLLOWING EXCLUDE GROUP)",
                                       "count(v) OVER (PARTITION BY f ORDER BY g ROWS BETWEEN 9 PRECEDING AND 9 FOLLOWING EXCLUDE TIES)",
                                       "last_value(v) OVER (PARTITION BY f ORDER BY g)")):
            query = f"SELECT f, g, {call} AS s FROM a"
            with self.subTest(call):
                self.lake.error(f"CREATE DYNAMIC TABLE d TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS {query}")
                self.lake.run(f"CREATE OR REPLACE DYNAMIC TABLE d TARGET_LAG = '1 minute' AS {query}; INSERT INTO a VALUES (1, 2, {number})")
                self.lake.refresh("d")
                if not call.startswith("last_value"):
                    self.lake.assert_equal("d", query)

    def test_a_parent_of_one_commit_is_widened(self):
        self.lake.run("CREATE TABLE a (k INT, x FLOAT); INSERT INTO a VALUES (1, 0.1)")
        self.create("SELECT k, x FROM a")
        self.create("SELECT k, x::VARCHAR AS s FROM d", name="e")
        self.lake.run("ALTER TABLE a ALTER COLUMN x SET DATA TYPE DOUBLE; INSERT INTO a VALUES (2, 0.2); ALTER DYNAMIC TABLE d, e REFRESH")
        self.lake.assert_equal("e", "SELECT k, x::VARCHAR AS s FROM a")
        self.lake.run("CREATE TABLE b (x INT); INSERT INTO b VALUES (1)")
        self.create("SELECT x FROM b", name="f")
        self.create("SELECT max(x) AS m FROM f", name="g")
        self.lake.run("ALTER TABLE b ALTER COLUMN x SET DATA TYPE BIGINT; INSERT INTO b VALUES (5000000000); ALTER DYNAMIC TABLE f, g REFRESH")
        self.lake.assert_equal("g", "SELECT max(x) AS m FROM b")
        self.assertEqual(self.lake.verify("g")["main.g"]["missing"], 0)

    def test_a_parent_of_one_commit_was_dropped_outside(self):
        self.lake.run("CREATE TABLE a (k INT); INSERT INTO a VALUES (1)")
        self.create("SELECT k FROM a")
        self.create("SELECT count(*) AS n FROM d", name="e")
        self.lake.run("INSERT INTO a VALUES (2)")
        self.drop_outside("d")
        self.lake.run("ALTER DYNAMIC TABLE d, e REFRESH")
        self.lake.assert_equal("d", "SELECT k FROM a")
        self.lake.assert_equal("e", "SELECT count(*) AS n FROM a")

    def test_a_macro_outside_the_lake_is_replaced(self):
        results = self.lake.run("CREATE TABLE a (k INT); INSERT INTO a VALUES (1); CREATE MACRO memory.main.m(v) AS v * 10;"
                                "CREATE DYNAMIC TABLE d TARGET_LAG = '1 minute' AS SELECT k, memory.main.m(k) AS v FROM a;"
                                "CREATE OR REPLACE MACRO memory.main.m(v) AS v * 100; INSERT INTO a VALUES (2);"
                                "ALTER DYNAMIC TABLE d REFRESH; FROM d ORDER BY k")
        self.assertEqual(results[-1]["rows"], [[1, 100], [2, 200]])

    def test_a_catalog_is_put_back_and_goes_another_way(self):
        self.lake.run("CREATE TABLE a (k INT); INSERT INTO a VALUES (1); CREATE TABLE other (k INT)")
        self.create("SELECT k FROM a")
        catalog = self.lake.folder / "lake.sqlite"
        saved = catalog.read_bytes()
        self.lake.run("INSERT INTO other VALUES (1); INSERT INTO other VALUES (2)")
        self.lake.refresh("d")
        for rest in self.lake.folder.glob("lake.sqlite-*"):
            rest.unlink()
        catalog.write_bytes(saved)
        self.lake.run("INSERT INTO a VALUES (2); INSERT INTO other VALUES (1)")
        self.lake.refresh("d")
        self.lake.assert_equal("d", "SELECT k FROM a")

    def drop_outside(self, table):
        """As a client would that doesn't know Freshet: the guard refuses it in our own sessions."""
        self.lake.run("ATTACH 'ducklake:sqlite:%s' AS other; DROP TABLE other.main.%s" % (self.lake.folder / "lake.sqlite", table))


if __name__ == "__main__":
    unittest.main()
