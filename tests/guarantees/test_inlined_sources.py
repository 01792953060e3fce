"""G1 and G2 where other clients keep rows of sources inlined in the catalog, whose tables DuckLake remembers by schema version."""
import unittest

from tests.harness.lake import Lake
from tests.harness.worker import RunningWorker

INLINING = "CALL lake.set_option('data_inlining_row_limit', 10, table_name => 't');"

QUERIES = {
    "joined": "SELECT a, count(*) AS c, sum(n) AS s FROM (SELECT b % 10 AS a, b AS n FROM t UNION ALL SELECT a, n FROM f) GROUP BY a",
    "one": "SELECT a, count(*) AS c, sum(n) AS s FROM f GROUP BY a",
    "ranked": "SELECT a, n, row_number() OVER (PARTITION BY a ORDER BY n) AS place FROM f",
    "inlined": "SELECT count(*) AS c, max(b) AS m FROM t",
}


class RememberedSchemas(unittest.TestCase):
    """The table of t's inlined rows is made in a later schema version than t, of which DuckLake remembers t's first moment."""

    def setUp(self):
        self.lake = Lake()
        self.addCleanup(self.lake.remove)

    def fill(self, more=""):
        self.lake.run("CREATE TABLE f (a INTEGER, n INTEGER); CREATE TABLE t (b INTEGER);" + more +
                      "INSERT INTO f SELECT i % 10, 100 + i FROM range(400) r (i); INSERT INTO t SELECT i FROM range(100) r (i);")
        self.lake.run(";".join(f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS {query}"
                               for name, query in QUERIES.items()))

    def changed(self, changes, *arguments):
        self.lake.run(changes)
        for name, entry in self.lake.refresh("--all", *arguments).items():
            self.assertEqual(entry["action"], "INCREMENTAL", (name, entry))
        self.lake.assert_all_equal(QUERIES)

    def go_through_versions(self, *arguments):
        self.changed(INLINING + "INSERT INTO t VALUES (7); INSERT INTO f SELECT i % 3, 900 + i FROM range(30) r (i)", *arguments)
        self.changed("CREATE TABLE other (y INTEGER); INSERT INTO t VALUES (8);"
                     "INSERT INTO f SELECT i % 3, 800 + i FROM range(30) r (i); DELETE FROM f WHERE n % 50 = 7", *arguments)
        self.changed("DELETE FROM f WHERE n % 50 = 9; DELETE FROM t WHERE b = 8; INSERT INTO t VALUES (NULL)", *arguments)
        self.lake.verify()

    def test_a_column_that_was_dropped_and_added(self):
        self.fill("ALTER TABLE f DROP COLUMN n; ALTER TABLE f ADD COLUMN n INTEGER DEFAULT 5;")
        self.go_through_versions()

    def test_columns_that_changed_their_names(self):
        self.fill("ALTER TABLE f RENAME COLUMN a TO x; ALTER TABLE f RENAME COLUMN n TO a; ALTER TABLE f RENAME COLUMN x TO n;")
        self.go_through_versions("--atomic")

    def test_a_table_that_was_not_there_yet(self):
        self.lake.run("CREATE TABLE t (b INTEGER);")
        self.lake.run("CREATE TABLE f (a INTEGER, n INTEGER); INSERT INTO f SELECT i % 10, 100 + i FROM range(400) r (i);"
                      "INSERT INTO t SELECT i FROM range(100) r (i);" +
                      ";".join(f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS {query}"
                               for name, query in QUERIES.items()))
        self.go_through_versions()

    def test_statements_read_before_refreshes_in_the_same_session(self):
        self.fill("ALTER TABLE f DROP COLUMN n; ALTER TABLE f ADD COLUMN n INTEGER DEFAULT 5;")
        self.lake.run(INLINING + "INSERT INTO t VALUES (7); INSERT INTO f SELECT i % 3, 900 + i FROM range(30) r (i)")
        self.lake.refresh("--all")
        self.lake.run("CREATE TABLE other (y INTEGER); INSERT INTO t VALUES (8); DELETE FROM f WHERE n % 50 = 7")
        self.lake.run("SELECT sum(b) FROM t; CALL ducklake_flush_inlined_data('lake'); INSERT INTO t VALUES (9); SELECT sum(b) FROM t;" +
                      ";".join(f"ALTER DYNAMIC TABLE {name} REFRESH" for name in QUERIES))
        self.lake.assert_all_equal(QUERIES)


class Maintained(unittest.TestCase):
    """Flushing and expiring make DuckLake forget schemas, after which it would load those of another moment."""

    QUERY = "SELECT a % 3 AS g, sum(n) AS s FROM f GROUP BY 1"

    def setUp(self):
        self.lake = Lake()
        self.addCleanup(self.lake.remove)
        self.lake.run("CREATE TABLE t (b INTEGER); CREATE TABLE f (a INTEGER, n INTEGER); INSERT INTO f SELECT i, i FROM range(30) r (i);"
                      "ALTER TABLE f DROP COLUMN n; ALTER TABLE f ADD COLUMN n INTEGER DEFAULT 5;"
                      f"CREATE DYNAMIC TABLE d TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS {self.QUERY}")
        self.lake.run("CALL lake.set_option('data_inlining_row_limit', 10, schema => 'main'); INSERT INTO t VALUES (1)")
        self.lake.run("ALTER TABLE t ADD COLUMN c INTEGER; INSERT INTO t VALUES (2, 2); INSERT INTO f VALUES (1, 42), (2, 43);"
                      "CREATE TABLE later (y INTEGER)")

    def is_right(self):
        self.lake.assert_equal("d", self.QUERY)
        self.lake.verify()

    def test_rows_of_several_tables_are_flushed_as_they_are(self):
        before = self.lake.rows("FROM f ORDER BY ALL")
        self.lake.refresh("d")
        self.lake.run("CALL lake.set_option('data_inlining_row_limit', 0, schema => 'main')")
        self.lake.done("maintain", "--all-tables", "--json")
        self.assertEqual(self.lake.rows("FROM f ORDER BY ALL"), before)
        self.lake.refresh("d")
        self.is_right()

    def test_a_session_that_expires_and_reads_in_a_transaction(self):
        metadata = "__ducklake_metadata_lake"
        made = self.lake.value(f"SELECT max(schema_version) FROM {metadata}.ducklake_inlined_data_tables")
        last = self.lake.value(f"SELECT max(snapshot_id) FROM {metadata}.ducklake_snapshot WHERE schema_version = {made}")
        self.lake.run(f"BEGIN; SELECT count(*) FROM ducklake_expire_snapshots('lake', versions => [{last}]); SELECT count(n) FROM f; ROLLBACK;"
                      "INSERT INTO f VALUES (50, 1000); ALTER DYNAMIC TABLE d REFRESH FULL")
        self.is_right()


class FlushedElsewhere(unittest.TestCase):
    def test_a_worker_goes_on(self):
        """DuckLake's cache of the worker names a table of inlined rows that another client's flush has dropped."""
        with Lake() as lake:
            lake.run("CREATE TABLE t (g INTEGER, v INTEGER); CREATE DYNAMIC TABLE d TARGET_LAG = '1 second' AS "
                     "SELECT g, count(*) AS n FROM t GROUP BY g")
            with RunningWorker(lake, "--retry-after", "1 second") as worker:
                worker.wait("worker_started")

                def refreshed_after(statements):
                    before = len(worker.seen("refreshed", "main.d"))
                    lake.run(statements)
                    worker.wait("refreshed", "main.d", before + 1)

                refreshed_after(INLINING + "INSERT INTO t VALUES (1, 1)")
                refreshed_after("ALTER TABLE t ADD COLUMN w INTEGER; INSERT INTO t VALUES (2, 2, 2)")
                refreshed_after("CALL ducklake_flush_inlined_data('lake'); INSERT INTO t VALUES (3, 1, 1)")
                refreshed_after("INSERT INTO t VALUES (3, 2, 1)")
                self.assertEqual(worker.seen("refresh_failed"), [])
            lake.refresh("--all")
            lake.assert_equal("d", "SELECT g, count(*) AS n FROM t GROUP BY g")


if __name__ == "__main__":
    unittest.main()
