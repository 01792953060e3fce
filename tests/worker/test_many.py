"""Several workers on one lake: each table is refreshed by one at a time, and exactly."""
import signal
import threading
import time
import unittest

from tests.harness.lake import Lake
from tests.harness.worker import RunningWorker, long_run

SLOW = "SELECT count(*) AS n, sum(hash(a.i + b.i) % 10) AS s FROM t, range({rows}) a (i), range(1000) b (i)"


def overlaps(lake):
    """Pairs of attempts on one table that ran at the same time."""
    return lake.rows("""SELECT a."table", a.started_at, b.started_at FROM freshet_refresh_history() a JOIN freshet_refresh_history() b
        ON a."table" = b."table" AND a.run_id <> b.run_id AND a.trigger = 'SCHEDULED' AND b.trigger = 'SCHEDULED'
        AND a.started_at < b.finished_at AND b.started_at < a.finished_at WHERE a.action IS DISTINCT FROM 'NO_DATA'
        AND b.action IS DISTINCT FROM 'NO_DATA'""")


class Many(unittest.TestCase):
    def tables(self, lake, count):
        queries = {}
        lake.run("; ".join(f"CREATE TABLE s{n} AS SELECT i AS id, i % 4 AS g, i AS v FROM range(50) r (i)" for n in range(count)))
        for n in range(count):
            queries[f"a{n}"] = f"SELECT g, count(*) AS n, sum(v) AS s FROM s{n} GROUP BY g"
            if n % 3 == 0:
                queries[f"b{n}"] = f"SELECT sum(s) AS s, max(n) AS n FROM a{n}"
        lake.run(";".join(f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '3 seconds' AS {query}" for name, query in queries.items()))
        return queries

    def share(self, kind, workers, count):
        lake = Lake(kind)
        self.addCleanup(lake.remove)
        queries = self.tables(lake, count)
        running = [RunningWorker(lake, "--parallel", "1") for _ in range(workers)]
        for worker in running:
            worker.wait("worker_started")
        end = time.monotonic() + long_run(12, 300)
        number = 0
        while time.monotonic() < end:
            number += 1
            lake.run(";".join(f"INSERT INTO s{n} VALUES ({1000 + number}, {number % 5}, {number})" for n in range(count) if n % 2 == number % 2))
        for worker in running:
            self.assertEqual(worker.stop(), 0)
        with RunningWorker(lake, "--drain") as last:
            self.assertEqual(last.ended(120), 0)
        lake.assert_all_equal(queries)
        lake.verify()
        self.assertEqual(overlaps(lake), [])
        failed = [line for worker in running for line in worker.seen("refresh_failed")]
        self.assertEqual(failed, [])
        busy = [len(worker.seen("refresh_started")) for worker in running]
        self.assertGreater(min(busy), 0, busy)

    def test_on_sqlite(self):
        self.share("sqlite", long_run(3, 4), 4)

    def test_on_postgres(self):
        self.share("postgres", long_run(3, 8), 6)


class BesideCommands(unittest.TestCase):
    def setUp(self):
        self.lake = Lake()
        self.addCleanup(self.lake.remove)
        self.lake.run("CREATE TABLE t AS SELECT i AS id FROM range(10) r (i)")

    def slow(self, rows):
        self.lake.run(f"CREATE DYNAMIC TABLE slow TARGET_LAG = '1 day' INITIALIZE = ON_SCHEDULE AS {SLOW.format(rows=rows)}")

    def test_a_refresh_by_hand_waits_and_answers_from_it(self):
        self.slow(20000)
        with RunningWorker(self.lake) as worker:
            worker.wait("refresh_started")
            entries = []
            by_hand = threading.Thread(target=lambda: entries.append(self.lake.refresh("slow")))
            by_hand.start()
            line = worker.wait("refreshed", "main.slow")
            by_hand.join(60)
            self.assertEqual(line["action"], "REINITIALIZE")
            self.assertEqual(entries[0]["main.slow"]["action"], "NO_DATA")

    def test_a_refresh_by_hand_does_not_wait_for_the_dead(self):
        self.slow(4000)
        with RunningWorker(self.lake) as worker:
            worker.wait("refresh_started")
            self.assertEqual(worker.stop(9), -9)
        began = time.monotonic()
        entry = self.lake.refresh("slow")["main.slow"]
        self.assertEqual(entry["action"], "REINITIALIZE")
        self.assertLess(time.monotonic() - began, entry["duration_ms"] / 1000 + 5)

    def test_a_worker_that_sleeps_through_its_claim(self):
        """It is taken for dead, another one does its work, and what it wakes up with is not applied a second time."""
        self.slow(30000)
        short = ["--heartbeat", "1 second", "--expiry", "2 seconds"]
        with RunningWorker(self.lake, *short) as sleeper:
            sleeper.wait("refresh_started")
            sleeper.process.send_signal(signal.SIGSTOP)
            try:
                with RunningWorker(self.lake, *short) as other:
                    line = other.wait("refreshed", "main.slow")
                    self.assertEqual(line["action"], "REINITIALIZE")
            finally:
                sleeper.process.send_signal(signal.SIGCONT)
            # It notices that the claim is gone, or finds at its commit that the work is done: whichever comes first.
            sleeper.until(lambda: sleeper.seen("claim_lost") or sleeper.seen("refreshed", "main.slow"),
                          what="the end of what it slept through")
            self.lake.run("INSERT INTO t VALUES (77)")
            self.assertEqual(sleeper.stop(), 0)
        self.assertNotIn("REINITIALIZE", [line["action"] for line in sleeper.seen("refreshed")])
        self.lake.verify("slow")

    def test_two_of_one_name(self):
        with RunningWorker(self.lake, "--id", "w") as worker:
            worker.wait("worker_started")
            outcome = self.lake.command("worker", "--id", "w", "--once", "--json")
            self.assertEqual(outcome.code, 1)
            self.assertIn("FRS-5004", outcome.err)
            worker.process.kill()
            worker.ended()
        with RunningWorker(self.lake, "--id", "w", "--once") as worker:
            self.assertEqual(worker.ended(60), 0, "the name of a dead one is free")


if __name__ == "__main__":
    unittest.main()
