"""A table that fails stops no other one, is tried again later and later, and is suspended in the end."""
import signal
import time
import unittest

from tests.harness.lake import Lake
from tests.harness.postgres import new_guarded_database
from tests.harness.proxy import Proxy
from tests.harness.worker import RunningWorker

SOURCE = "CREATE TABLE t AS SELECT i AS id, i % 5 AS g, i::VARCHAR AS v FROM range(100) r (i)"
GOOD = "SELECT g, count(*) AS n FROM t GROUP BY g"
NUMBERS = "SELECT g, sum(v::INTEGER) AS s FROM t GROUP BY g"


def states(lake):
    return {row["name"]: row for row in lake.done("list", "--json").json()}


class Failing(unittest.TestCase):
    def setUp(self):
        self.lake = Lake()
        self.addCleanup(self.lake.remove)
        self.lake.run(SOURCE)
        self.lake.run(f"CREATE DYNAMIC TABLE good TARGET_LAG = '2 seconds' AS {GOOD};"
                      f"CREATE DYNAMIC TABLE numbers TARGET_LAG = '2 seconds' AS {NUMBERS};"
                      "CREATE DYNAMIC TABLE reader TARGET_LAG = '2 seconds' AS SELECT max(s) AS m FROM numbers")

    def test_suspended_after_five_failures_and_resumed(self):
        before = self.lake.rows("FROM reader")
        with RunningWorker(self.lake, "--retry-after", "1 second") as worker:
            worker.wait("worker_started")
            self.lake.run("INSERT INTO t VALUES (1000, 1, 'none')")
            worker.wait("suspended", "main.numbers")
            worker.wait("suspended", "main.reader")
            self.assertEqual(len(worker.seen("refresh_failed", "main.numbers")), 5)
            self.lake.run("INSERT INTO t VALUES (1001, 1, '7')")
            good = len(worker.seen("refreshed", "main.good"))
            worker.wait("refreshed", "main.good", good + 1)
            rows = states(self.lake)
            self.assertEqual(rows["numbers"]["state"], "SUSPENDED")
            self.assertIn("suspended after 5 failures in a row", rows["numbers"]["last_error"])
            self.assertIn("FRS-4001", rows["numbers"]["last_error"])
            self.assertEqual(rows["reader"]["state"], "SUSPENDED BY CASCADE")
            self.assertIn("main.numbers failed", rows["reader"]["last_error"])
            self.assertEqual(self.lake.rows("FROM reader"), before, "its content is kept")
            statuses = [row["status"] for row in self.lake.done("history", "numbers", "--json").json()]
            self.assertEqual(statuses[:6], ["SKIPPED"] + ["FAILED"] * 5)
            self.assertEqual(self.lake.done("history", "reader", "--json").json()[0]["status"], "UPSTREAM_FAILED")
            time.sleep(3)
            self.assertEqual(len(worker.seen("refresh_failed", "main.numbers")), 5, "it rests")
            self.lake.run("DELETE FROM t WHERE id = 1000")
            self.lake.done("resume", "numbers")
            worker.until(lambda: states(self.lake)["reader"]["state"] == "ACTIVE", what="both to be fresh again")
        with RunningWorker(self.lake, "--drain") as last:
            self.assertEqual(last.ended(), 0)
        self.lake.verify()
        self.lake.assert_all_equal({"good": GOOD, "numbers": NUMBERS, "reader": f"SELECT max(s) AS m FROM ({NUMBERS})"})

    def test_what_passes_by_itself_needs_no_hand(self):
        with RunningWorker(self.lake, "--retry-after", "1 second") as worker:
            worker.wait("worker_started")
            self.lake.run("INSERT INTO t VALUES (1000, 1, 'none')")
            worker.wait("refresh_failed", "main.numbers", 2)
            self.lake.run("DELETE FROM t WHERE id = 1000")
            worker.until(lambda: states(self.lake)["reader"]["state"] == "ACTIVE", what="both to be fresh again")
            self.assertEqual(worker.seen("suspended"), [])
        self.lake.verify()

    def test_failures_are_counted_across_workers(self):
        self.lake.run("INSERT INTO t VALUES (1000, 1, 'none')")
        failures = 0
        for _ in range(10):
            with RunningWorker(self.lake, "--retry-after", "1 second") as worker:
                worker.until(lambda: worker.seen("refresh_failed", "main.numbers") or worker.seen("suspended"))
            failures += len(worker.seen("refresh_failed", "main.numbers"))
            if worker.seen("suspended"):
                break
        self.assertLessEqual(failures, 5)
        self.assertEqual(states(self.lake)["numbers"]["state"], "SUSPENDED")

    def test_once_says_that_something_failed(self):
        time.sleep(2)  # until then nothing is due
        self.lake.run("INSERT INTO t VALUES (1000, 1, 'none')")
        with RunningWorker(self.lake, "--once") as worker:
            worker.wait("refresh_failed", "main.numbers")
            self.assertEqual(worker.ended(60), 1)
        self.lake.assert_equal("good", GOOD)
        with RunningWorker(self.lake, "--once", "--retry-after", "1 hour") as worker:
            self.assertEqual(worker.ended(60), 1, "it is left failing, though it is not tried")

    def test_values_are_no_conflicts(self):
        self.lake.run("INSERT INTO t VALUES (1000, 1, 'conflict')")
        error = self.lake.refresh("numbers", check=False)["main.numbers"]["error"]
        self.assertEqual(error["code"], "FRS-4001")
        self.assertIn("'conflict'", error["message"])

    def test_a_signal_before_it_is_connected(self):
        for pause in (0.01, 0.03, 0.1):
            worker = RunningWorker(self.lake)
            time.sleep(pause)
            self.assertIn(worker.stop(), (0, -signal.SIGTERM), "by default where Python starts the process")

    def test_a_signal_in_its_last_moment(self):
        for pause in range(0, 24, 3):
            worker = RunningWorker(self.lake, "--once")
            worker.wait("worker_ended")
            time.sleep(pause / 1000)
            self.assertEqual(worker.stop(), 0)


class StoreAway(unittest.TestCase):
    """The state store goes away while a refresh runs, and comes back when that has ended."""

    def test_what_ended_meanwhile_is_told_and_given_back(self):
        host, port, database, password = new_guarded_database()
        proxy = Proxy(host, port)
        lake = Lake(more=f'state: "postgres:host=127.0.0.1 port={proxy.port} dbname={database} user=postgres password={password}"\n')
        self.addCleanup(lake.remove)
        slow = "SELECT count(*) AS n, sum(hash(a.i * 7 + b.i) % 10) AS s FROM t, range(2000) a (i), range(1000) b (i)"
        lake.run(f"{SOURCE}; CREATE DYNAMIC TABLE slow TARGET_LAG = '4 seconds' REFRESH_MODE = FULL AS {slow}")
        with RunningWorker(lake, "--heartbeat", "1 second", "--expiry", "1 hour", "--retry-after", "1 second") as worker:
            worker.wait("worker_started")
            lake.run("INSERT INTO t VALUES (1000, 1, '1')")
            worker.wait("refresh_started")
            time.sleep(1)
            proxy.cut()
            worker.wait("store_unreachable")
            time.sleep(8)
            proxy.mend()
            worker.wait("store_reachable")
            lake.run("INSERT INTO t VALUES (1001, 1, '1')")
            worker.until(lambda: lake.rows("SELECT n FROM slow") == [[102 * 2000 * 1000]], what="it to be refreshed again")
            ended = worker.seen("refreshed", "main.slow") + worker.seen("refresh_failed", "main.slow")
            self.assertGreaterEqual(len(ended), len(worker.seen("refresh_started")) - 1)
        self.assertGreaterEqual(lake.value("SELECT count(*) FROM freshet_refresh_history('slow')"), 3, "the first fill, and both attempts")
        lake.verify()
        proxy.cut()


if __name__ == "__main__":
    unittest.main()
