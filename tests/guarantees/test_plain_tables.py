"""G8: results are ordinary DuckLake tables with exactly the columns of the query, under the names the user gave."""
import unittest

from tests.harness.lake import Lake

TABLES = {
    "counts": ("SELECT g, count(*) AS n, sum(v) AS total, avg(v) AS mean FROM t GROUP BY g",
               [["g", "INTEGER"], ["n", "BIGINT"], ["total", "DECIMAL(38,2)"], ["mean", "DOUBLE"]]),
    "copies": ("SELECT * FROM t", [["g", "INTEGER"], ["v", "DECIMAL(9,2)"], ["Day Off", "DATE"]]),
    "top": ("SELECT v FROM t ORDER BY v DESC LIMIT 2", [["v", "DECIMAL(9,2)"]]),
    "outer_side": ("SELECT t.g, o.name FROM t LEFT JOIN o ON t.g = o.g", [["g", "INTEGER"], ["name", "VARCHAR"]]),
}


class PlainTables(unittest.TestCase):
    def setUp(self):
        self.lake = Lake()
        self.addCleanup(self.lake.remove)
        self.lake.run('CREATE TABLE t (g INTEGER, v DECIMAL(9, 2), "Day Off" DATE); CREATE TABLE o (g INTEGER, name VARCHAR);'
                      "INSERT INTO t VALUES (1, 1.5, '2024-01-01'), (1, 2.5, NULL), (2, 3, NULL); INSERT INTO o VALUES (1, 'one');"
                      + ";".join(f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS {query}"
                                 for name, (query, _) in TABLES.items())
                      + "; CREATE SCHEMA s; CREATE DYNAMIC TABLE s.named (a, \"b c\") TARGET_LAG = '1 hour' AS SELECT g, v FROM t;"
                        "INSERT INTO t VALUES (5, 5, NULL)")
        self.lake.refresh()

    def test_exact_columns(self):
        columns = self.lake.rows("SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns() WHERE database_name "
                                 "= 'lake' AND schema_name IN ('main', 's') ORDER BY table_name, column_index")
        for name, (_, expected) in TABLES.items():
            with self.subTest(name):
                self.assertEqual([row[2:] for row in columns if row[1] == name], expected)
        self.assertEqual([row[2:] for row in columns if row[1] == "named"], [["a", "INTEGER"], ["b c", "DECIMAL(9,2)"]])
        objects = self.lake.rows("SELECT table_name FROM information_schema.tables WHERE table_catalog = 'lake' AND table_schema "
                                 "IN ('main', 's') ORDER BY 1")
        self.assertEqual([row[0] for row in objects], sorted([*TABLES, "t", "o", "named"]), "no views, nothing hidden")
        schemas = self.lake.rows("SELECT DISTINCT schema_name FROM duckdb_tables() WHERE database_name = 'lake' ORDER BY 1")
        self.assertEqual([row[0] for row in schemas], ["__freshet", "main", "s"])

    def test_another_client_reads_them(self):
        """A session of another project, which knows nothing of this lake's dynamic tables, attaches its catalog."""
        with Lake() as client:
            attach = f"ATTACH 'ducklake:sqlite:{self.lake.folder}/lake.sqlite' AS other (READ_ONLY);\n"
            for name, (query, expected) in TABLES.items():
                with self.subTest(name):
                    *_, described, rows = client.run(f"{attach}DESCRIBE other.main.{name};\nSELECT count(*) FROM other.main.{name}")
                    self.assertEqual([row[:2] for row in described["rows"]], expected)
                    self.assertEqual(rows["rows"], self.lake.rows(f"SELECT count(*) FROM ({query})"))
            self.assertEqual(client.run(f'{attach}SELECT max("b c") FROM other.s.named')[-1]["rows"], [["5.00"]])


if __name__ == "__main__":
    unittest.main()
