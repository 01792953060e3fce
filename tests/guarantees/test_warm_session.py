"""What a process remembers between refreshes is no truth: another process changes data, definitions and sources meanwhile."""
import json
import subprocess
import unittest

from tests.guarantees.test_maintain import DAY, age, maintain
from tests.harness.lake import Lake
from tests.harness.program import environment, program

SETUP = """CREATE TABLE t AS SELECT i AS id, i % 4 AS g, i AS v FROM range(40) r (i);
CREATE TABLE other (a INTEGER);
CREATE VIEW w AS SELECT g, v FROM t;
CREATE DYNAMIC TABLE d TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS SELECT g, count(*) AS n, sum(v) AS s FROM t GROUP BY g;
CREATE DYNAMIC TABLE viewed TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS SELECT g, v FROM w WHERE v > 3;
CREATE DYNAMIC TABLE child TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS SELECT max(n) AS m FROM d"""


class Session:
    """A process that runs statements as they come."""

    def __init__(self, lake):
        self.process = subprocess.Popen([program(), "-C", str(lake.folder), "sql", "--json", "--keep-going"], env=environment(),
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def one(self, statement):
        self.process.stdin.write(statement + ";\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def end(self):
        self.process.communicate(timeout=60)


class WarmSession(unittest.TestCase):
    def setUp(self):
        self.lake = Lake()
        self.addCleanup(self.lake.remove)
        self.lake.run(SETUP)
        self.session = Session(self.lake)
        self.addCleanup(self.session.end)
        self.refreshed("d", "NO_DATA")
        self.refreshed("child", "NO_DATA")
        self.refreshed("viewed", "NO_DATA")

    def refreshed(self, table, actions):
        """Refreshes in the warm process, and verifies there and in a fresh one."""
        result = self.session.one(f"ALTER DYNAMIC TABLE {table} REFRESH")
        self.assertTrue(result["ok"], result)
        row = dict(zip(result["columns"], result["rows"][-1]))
        self.assertIn(row["action"], actions.split("|"), row)
        for verified in (self.session.one(f"VERIFY DYNAMIC TABLE {table}"), self.lake.run(f"VERIFY DYNAMIC TABLE {table}")[-1]):
            self.assertTrue(verified["ok"], verified)
            entry = dict(zip(verified["columns"], verified["rows"][0]))
            self.assertEqual((entry["missing"], entry["extra"]), (0, 0), row)
        return row

    def equal(self, table, query):
        self.lake.assert_equal(table, query)

    def test_maintained_meanwhile(self):
        for n in range(10):
            self.session.one(f"INSERT INTO t VALUES ({100 + n}, {n % 4}, {n + 10})")
            self.session.one(f"UPDATE t SET v = v + 1 WHERE id = {n}")
            self.session.one("ALTER DYNAMIC TABLE viewed REFRESH")
            self.session.one("ALTER DYNAMIC TABLE child REFRESH")
        age(self.lake, 30 * DAY)
        report = maintain(self.lake, "--retention", "0 days")
        self.assertIn("merge", report)
        self.assertGreater(report["expire"][0]["snapshots"], 20)
        for table in ("viewed", "child"):
            self.refreshed(table, "NO_DATA")
        for change in ("INSERT INTO t VALUES (200, 1, 50)", "DELETE FROM t WHERE id IN (3, 105)", "UPDATE t SET v = 9 WHERE id = 20"):
            self.session.one(change)
            self.refreshed("viewed", "INCREMENTAL")
            self.refreshed("child", "INCREMENTAL|NO_DATA")
        self.equal("viewed", "SELECT g, v FROM t WHERE v > 3")
        self.equal("d", "SELECT g, count(*), sum(v) FROM t GROUP BY g")

    def test_statements_run_as_they_come(self):
        self.assertEqual(self.session.one("SELECT 1 AS a")["rows"], [[1]])
        self.assertEqual(self.session.one("SELECT\n';' AS a")["rows"], [[";"]])
        self.assertFalse(self.session.one("SELECT nothing")["ok"])
        self.assertEqual(self.session.one("SELECT 2 AS a")["rows"], [[2]])

    def test_data(self):
        self.lake.run("INSERT INTO t VALUES (100, 1, 1); DELETE FROM t WHERE id = 3")
        self.refreshed("child", "INCREMENTAL")
        self.refreshed("d", "NO_DATA")
        self.lake.run("UPDATE t SET g = 9 WHERE id < 10")
        self.refreshed("d", "INCREMENTAL")
        self.refreshed("viewed", "INCREMENTAL")

    def test_refreshes_by_another_process(self):
        for step in range(3):
            self.lake.run(f"INSERT INTO t VALUES ({200 + step}, 1, 5)")
            self.lake.refresh("child")
            self.refreshed("d", "NO_DATA")
            self.refreshed("child", "NO_DATA")
            self.lake.run(f"DELETE FROM t WHERE id = {step}")
            self.refreshed("child", "INCREMENTAL|NO_DATA")

    def test_new_definitions(self):
        query = "SELECT g, min(v) AS n FROM t GROUP BY g"
        self.lake.run(f"ALTER DYNAMIC TABLE d AS {query}; INSERT INTO t VALUES (100, 1, -1)")
        self.refreshed("child", "INCREMENTAL|REINITIALIZE")
        self.equal("d", query)
        self.lake.run(f"DROP DYNAMIC TABLE child; DROP DYNAMIC TABLE d; CREATE DYNAMIC TABLE d TARGET_LAG = '1 minute' AS {query}")
        self.refreshed("d", "NO_DATA")
        self.lake.run("ALTER DYNAMIC TABLE d RENAME TO e; CREATE DYNAMIC TABLE d TARGET_LAG = '1 minute' AS SELECT id FROM t; INSERT INTO t VALUES (101, 1, 2)")
        self.refreshed("d", "INCREMENTAL|FULL")
        self.refreshed("e", "INCREMENTAL|FULL")
        self.equal("d", "SELECT id FROM t")
        self.equal("e", query)
        self.lake.run("DROP DYNAMIC TABLE d")
        self.assertFalse(self.session.one("ALTER DYNAMIC TABLE d REFRESH")["ok"])

    def test_views(self):
        self.lake.run("CREATE OR REPLACE VIEW w AS SELECT g, v + 1 AS v FROM t")
        self.refreshed("viewed", "REINITIALIZE")
        self.equal("viewed", "SELECT g, v + 1 AS v FROM t WHERE v + 1 > 3")
        self.lake.run("INSERT INTO t VALUES (100, 1, 1), (101, 1, 9)")
        self.refreshed("viewed", "INCREMENTAL")
        self.lake.run("DROP VIEW w; CREATE TABLE w AS SELECT 1 AS g, 10 AS v")
        self.refreshed("viewed", "REINITIALIZE")
        self.equal("viewed", "SELECT 1 AS g, 10 AS v")

    def test_sources(self):
        self.lake.run("CREATE OR REPLACE TABLE t AS SELECT 1 AS id, 1 AS g, 2 AS v")
        self.refreshed("d", "REINITIALIZE")
        self.lake.run("ALTER TABLE t ADD COLUMN x INTEGER; INSERT INTO t VALUES (2, 1, 3, 4)")
        self.refreshed("d", "INCREMENTAL")
        self.lake.run("ALTER TABLE t ALTER COLUMN v SET DATA TYPE BIGINT; INSERT INTO t VALUES (3, 2, 4, 4)")
        self.refreshed("d", "REINITIALIZE|INCREMENTAL")
        self.lake.run("DROP TABLE t")
        self.assertFalse(self.session.one("ALTER DYNAMIC TABLE d REFRESH")["ok"])
        self.lake.run("CREATE TABLE t (v INTEGER, g INTEGER, id INTEGER); INSERT INTO t VALUES (7, 8, 9)")
        self.refreshed("d", "REINITIALIZE")
        self.equal("d", "SELECT g, count(*) AS n, sum(v) AS s FROM t GROUP BY g")

    def test_maintenance(self):
        self.lake.run("DELETE FROM t WHERE id = 30; INSERT INTO t VALUES (100, 1, 1); DELETE FROM t WHERE id = 31; "
                      "CALL ducklake_expire_snapshots('lake', older_than => now() + INTERVAL 1 HOUR)")
        self.refreshed("child", "REINITIALIZE|INCREMENTAL")
        self.lake.run("CALL ducklake_rewrite_data_files('lake', 't', delete_threshold => 0.0); "
                      "CALL ducklake_merge_adjacent_files('lake')")
        self.refreshed("child", "NO_DATA")
        self.lake.run("INSERT INTO t VALUES (102, 1, 1); CALL ducklake_merge_adjacent_files('lake'); DELETE FROM t WHERE id = 102")
        self.refreshed("child", "INCREMENTAL|NO_DATA|REINITIALIZE")
        self.equal("d", "SELECT g, count(*) AS n, sum(v) AS s FROM t GROUP BY g")


if __name__ == "__main__":
    unittest.main()
