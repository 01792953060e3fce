"""The same small program on every kind of catalog."""
import concurrent.futures
import unittest

from tests.harness import postgres
from tests.harness.lake import Lake

QUERIES = {
    "kept": "SELECT id, g, v FROM t WHERE v > 1",
    "sums": "SELECT g, count(*) AS n, sum(v) AS s FROM kept GROUP BY g",
    "named": "SELECT id, name FROM t LEFT JOIN names USING (g)",
}


class Catalogs(unittest.TestCase):
    def the_same_program(self, kind):
        with Lake(kind) as lake:
            lake.run("CREATE TABLE t AS SELECT i AS id, i % 3 AS g, i AS v FROM range(12) r (i);"
                     "CREATE TABLE names AS SELECT 1 AS g, 'one' AS name;" + ";".join(
                         f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS {query}"
                         for name, query in QUERIES.items()))
            lake.run("INSERT INTO t VALUES (100, 1, 5); UPDATE t SET v = v + 1 WHERE g = 2; DELETE FROM t WHERE id = 4; "
                     "INSERT INTO names VALUES (2, 'two')")
            newest = lake.snapshot()
            entries = lake.refresh()
            self.assertEqual({(entry["action"], entry["snapshot"]) for entry in entries.values()}, {("INCREMENTAL", newest)})
            lake.assert_all_equal(QUERIES, kind)
            before = lake.snapshot()
            self.assertEqual({entry["action"] for entry in lake.refresh().values()}, {"NO_DATA"})
            self.assertEqual(lake.snapshot(), before)
            lake.run("DELETE FROM t WHERE g = 1; ALTER DYNAMIC TABLE kept, sums, named REFRESH")
            lake.assert_all_equal(QUERIES, kind)
            self.assertTrue(all(entry["missing"] == entry["extra"] == 0 for entry in lake.verify().values()))

    def test_sqlite(self):
        self.the_same_program("sqlite")

    def test_duckdb(self):
        self.the_same_program("duckdb")

    def test_commands_wait_for_a_duckdb_file(self):
        """It admits one process; the others wait until it is free."""
        with Lake("duckdb") as lake:
            lake.run("CREATE TABLE t (a INTEGER)")
            with concurrent.futures.ThreadPoolExecutor(2) as pool:
                list(pool.map(lambda i: lake.run(f"INSERT INTO t VALUES ({i})"), range(6)))
            self.assertEqual(lake.rows("SELECT count(*), sum(a) FROM t"), [[6, "15"]])

    def test_postgres(self):
        self.the_same_program("postgres")

    def test_a_database_that_may_only_be_read(self):
        with Lake("postgres", "state: sqlite:state.sqlite\n") as lake:
            lake.run("CREATE TABLE t AS SELECT 1 AS a; CREATE DYNAMIC TABLE d TARGET_LAG = '1 minute' AS SELECT a FROM t; "
                     "INSERT INTO t VALUES (2)")
            connection = lake.catalog.removeprefix("postgres:")
            postgres.psql(f"ALTER DATABASE {connection.rsplit('=', 1)[1]} SET default_transaction_read_only = on")
            self.assertEqual(lake.error("INSERT INTO t VALUES (3)")["code"], "FRS-3003")


if __name__ == "__main__":
    unittest.main()
