"""SIGKILL at the failure points and at random moments: a new worker begins where the old one was, and nothing is lost or applied twice."""
import random
import time
import unittest

from tests.harness.lake import Lake
from tests.harness.worker import RunningWorker, long_run

SOURCE = "CREATE TABLE t AS SELECT i AS id, i % 5 AS g, i::VARCHAR AS v FROM range(100) r (i)"


class Killed(unittest.TestCase):
    POINTS = ("after_snapshot", "after_compute", "after_insert", "before_commit", "after_commit", "between_tables")
    QUERIES = {"sums": "SELECT g, count(*) AS n, sum(v::INTEGER) AS s FROM t GROUP BY g",
               "top": "SELECT max(s) AS m, sum(n) AS n FROM sums"}

    def setUp(self):
        self.lake = Lake()
        self.addCleanup(self.lake.remove)
        self.lake.run(SOURCE)
        for name, query in self.QUERIES.items():
            self.lake.run(f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '2 seconds' REFRESH_MODE = INCREMENTAL AS {query}")

    def caught_up(self):
        with RunningWorker(self.lake, "--drain") as worker:
            self.assertEqual(worker.ended(120), 0)
        self.lake.assert_all_equal(self.QUERIES)
        self.lake.verify()
        return worker

    def test_at_every_point(self):
        for number, point in enumerate(self.POINTS):
            with self.subTest(point):
                self.lake.run(f"INSERT INTO t VALUES ({1000 + number}, {number}, '{number + 500}'); DELETE FROM t WHERE id = {number}")
                with RunningWorker(self.lake, env={"FRESHET_FAIL_AT": point}) as worker:
                    self.assertEqual(worker.ended(60), -9)
                began = time.monotonic()
                after = self.caught_up()
                self.assertTrue(after.seen("worker_removed"), "the dead one's claims are free at once")
                self.assertLess(time.monotonic() - began, 60)

    def test_at_random(self):
        randomly = random.Random(7)
        for number in range(long_run(6, 100)):
            with RunningWorker(self.lake) as worker:
                worker.wait("worker_started")
                end = time.monotonic() + randomly.uniform(0.2, 2.5)
                while time.monotonic() < end:
                    number += 100
                    self.lake.run(f"INSERT INTO t VALUES ({1000 + number}, {number % 9}, '{number}')")
                self.assertEqual(worker.stop(9), -9)
        self.caught_up()
        entries = self.lake.refresh()
        self.assertEqual({entry["action"] for entry in entries.values()}, {"NO_DATA"})


if __name__ == "__main__":
    unittest.main()
