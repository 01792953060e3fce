"""One worker keeps tables within their target lag while others commit, and does nothing while nobody does."""
import random
import time
import unittest

from tests.harness.lake import Lake
from tests.harness.worker import RunningWorker, long_run

SOURCE = "CREATE TABLE t AS SELECT i AS id, i % 5 AS g, i AS v FROM range(100) r (i)"
CHAIN = {
    "kept": "SELECT id, g, v FROM t WHERE v > 5",
    "sums": "SELECT g, count(*) AS n, sum(v) AS total FROM kept GROUP BY g",
    "whole": "SELECT count(*) AS groups, sum(total) AS total FROM sums",
}
CREATE = ";".join(f"CREATE DYNAMIC TABLE {name} TARGET_LAG = {lag} AS {CHAIN[name]}"
                  for name, lag in (("kept", "DOWNSTREAM"), ("sums", "'1 hour'"), ("whole", "'4 seconds'")))
SLOW = "SELECT sum(hash(a.i * 7 + b.i)::DOUBLE) AS s FROM t, range(100000) a (i), range(100000) b (i)"


def listed(lake):
    return {row["name"]: row for row in lake.done("list", "--json").json()}


class Fresh(unittest.TestCase):
    def setUp(self):
        self.lake = Lake()
        self.addCleanup(self.lake.remove)
        self.lake.run(SOURCE)

    def test_a_chain_follows_a_writer(self):
        self.lake.run(CREATE)
        randomly = random.Random(1)
        with RunningWorker(self.lake) as worker:
            worker.wait("worker_started")
            end = time.monotonic() + long_run(12, 300)
            number, worst = 0, 0.0
            while time.monotonic() < end:
                number += 1
                self.lake.run(f"INSERT INTO t VALUES ({1000 + number}, {number % 7}, {randomly.randrange(100)}); "
                              f"DELETE FROM t WHERE id = {randomly.randrange(100)}")
                worst = max(worst, self.lags()["whole"])
            refreshed = len(worker.seen("refreshed", "main.whole"))
            worker.until(self.all_fresh, what="the last commit to arrive")
            self.assertEqual(worker.stop(), 0)
        self.assertGreaterEqual(refreshed, 2)
        self.assertLess(worst, 8, "twice the target, on a machine that does other things")
        self.lake.assert_all_equal(CHAIN)
        self.lake.verify()
        for line in worker.seen("refreshed"):
            for field in ("run_id", "refresh_id", "action", "reason", "snapshot", "duration_ms", "worker"):
                self.assertIn(field, line)
        history = {row["run_id"] for row in self.lake.done("history", "--json", "--limit", "0").json()}
        self.assertLessEqual({line["run_id"] for line in worker.seen("refreshed")}, history)

    def lags(self):
        """Seconds since the data timestamp, by table."""
        return dict(self.lake.rows("SELECT name, epoch(now() - data_timestamp::TIMESTAMPTZ) FROM freshet_tables()"))

    def all_fresh(self):
        return all(not any(self.lake.differences(table, query)) for table, query in CHAIN.items())

    def test_idle_it_refreshes_nothing_and_stays_fresh(self):
        self.lake.run(CREATE)
        with RunningWorker(self.lake) as worker:
            worker.wait("worker_started")
            time.sleep(6)
            before, snapshot = len(worker.seen("refresh_started")), self.lake.snapshot()
            time.sleep(long_run(8, 60))
            self.assertEqual(len(worker.seen("refresh_started")), before)
            self.assertEqual(self.lake.snapshot(), snapshot)
            self.assertLess(max(self.lags().values()), 5)

    def test_short_lags_are_followed_within_seconds(self):
        self.lake.run("CREATE DYNAMIC TABLE d TARGET_LAG = '1 second' AS SELECT sum(v) AS s FROM t")
        with RunningWorker(self.lake) as worker:
            worker.wait("worker_started")
            time.sleep(3)
            count = len(worker.seen("refreshed", "main.d"))
            self.lake.run("INSERT INTO t VALUES (5000, 1, 1)")
            committed = time.monotonic()
            worker.wait("refreshed", "main.d", count + 1)
            self.assertLess(time.monotonic() - committed, 10)
        self.lake.assert_equal("d", "SELECT sum(v) AS s FROM t")

    def test_first_fills_on_schedule_and_new_tables(self):
        with RunningWorker(self.lake) as worker:
            worker.wait("worker_started")
            self.lake.run("CREATE DYNAMIC TABLE a TARGET_LAG = DOWNSTREAM INITIALIZE = ON_SCHEDULE AS SELECT g, sum(v) AS s FROM t GROUP BY g;"
                          "CREATE DYNAMIC TABLE alone TARGET_LAG = DOWNSTREAM INITIALIZE = ON_SCHEDULE AS SELECT g FROM t")
            self.lake.run("CREATE DYNAMIC TABLE b TARGET_LAG = '1 day' INITIALIZE = ON_SCHEDULE AS SELECT max(s) AS m FROM a")
            line = worker.wait("refreshed", "main.b")
            self.assertEqual(line["action"], "REINITIALIZE")
            self.lake.assert_equal("b", "SELECT max(s) AS m FROM (SELECT sum(v) AS s FROM t GROUP BY g)")
            self.assertEqual(worker.seen("refreshed", "main.alone"), [], "nobody asks for it")
        self.assertEqual(listed(self.lake)["alone"]["state"], "NOT FILLED")

    def test_once_and_drain(self):
        self.lake.run(CREATE)
        self.lake.run("INSERT INTO t VALUES (7000, 1, 1)")
        with RunningWorker(self.lake, "--drain") as worker:
            self.assertEqual(worker.ended(60), 0)
        self.lake.assert_all_equal(CHAIN)
        self.lake.run("INSERT INTO t VALUES (7001, 1, 1); CREATE DYNAMIC TABLE new TARGET_LAG = '1 hour' INITIALIZE = ON_SCHEDULE AS SELECT g FROM t")
        with RunningWorker(self.lake, "--once") as worker:
            self.assertEqual(worker.ended(60), 0)
        self.lake.assert_equal("new", "SELECT g FROM t")

    def test_an_empty_lake_and_suspended_tables(self):
        with RunningWorker(self.lake, "--once") as worker:
            self.assertEqual(worker.ended(60), 0)
        self.lake.run(CREATE)
        self.lake.done("suspend", "kept")
        self.lake.run("INSERT INTO t VALUES (7000, 1, 1)")
        with RunningWorker(self.lake, "--drain") as worker:
            self.assertEqual(worker.ended(60), 0)
        self.assertEqual(worker.seen("refresh_started"), [])

    def test_what_it_does_not_take(self):
        for arguments in (["--parallel", "0"], ["--once", "--drain"], ["--grace", "soon"], ["--heartbeat", "0 seconds"],
                          ["--heartbeat", "1 hour"], ["--id", ""], ["--parallel", "x"]):
            outcome = self.lake.command("worker", *arguments)
            self.assertEqual(outcome.code, 2, arguments)
            self.assertIn("FRS-1001", outcome.err)


class Ends(unittest.TestCase):
    def setUp(self):
        self.lake = Lake()
        self.addCleanup(self.lake.remove)
        self.lake.run(SOURCE)
        self.lake.run(f"CREATE DYNAMIC TABLE slow TARGET_LAG = '1 day' INITIALIZE = ON_SCHEDULE AS {SLOW};"
                      "CREATE DYNAMIC TABLE quick TARGET_LAG = '2 seconds' INITIALIZE = ON_SCHEDULE AS SELECT g, sum(v) AS s FROM t GROUP BY g")

    def test_sigterm_during_the_first_fill(self):
        with RunningWorker(self.lake, "--grace", "1 second") as worker:
            worker.wait("refreshed", "main.quick")
            asked = time.monotonic()
            self.assertEqual(worker.stop(), 0)
            self.assertLess(time.monotonic() - asked, 20)
        rows = listed(self.lake)
        self.assertEqual((rows["slow"]["state"], rows["slow"]["last_error"]), ("NOT FILLED", None))
        history = self.lake.done("history", "slow", "--json").json()
        self.assertEqual([row["trigger"] for row in history], ["CREATE"], "an attempt that was stopped is none")
        self.lake.verify("quick")

    def test_a_refresh_by_hand_does_not_wait_for_the_dead(self):
        with RunningWorker(self.lake) as worker:
            worker.wait("refreshed", "main.quick")
            self.assertEqual(worker.stop(9), -9)
        self.lake.run("INSERT INTO t VALUES (7000, 1, 1)")
        started = time.monotonic()
        self.lake.refresh("quick")
        self.assertLess(time.monotonic() - started, 20)
        self.lake.verify("quick")

    def test_a_timeout_stops_a_refresh_by_hand(self):
        self.lake.run("ALTER DYNAMIC TABLE slow SET TIMEOUT = '1 second'; INSERT INTO t VALUES (7001, 1, 1)")
        outcome = self.lake.command("refresh", "slow", "--json")
        self.assertEqual(outcome.code, 1, outcome.err)
        self.assertIn("FRS-4009", outcome.out)
        self.lake.refresh("quick")
        self.lake.verify("quick")

    def test_a_timeout_stops_the_query_and_nothing_else(self):
        self.lake.run("ALTER DYNAMIC TABLE slow SET TIMEOUT = '1 second'")
        with RunningWorker(self.lake) as worker:
            line = worker.wait("refresh_failed", "main.slow")
            self.assertEqual(line["error_code"], "FRS-4009")
            self.lake.run("INSERT INTO t VALUES (7000, 1, 1)")
            worker.wait("refreshed", "main.quick", 2)
        self.lake.verify("quick")


if __name__ == "__main__":
    unittest.main()
