"""Changes of definitions, and maintenance, beside a refresh that a worker is doing: they wait for it, or it loses."""
import signal
import threading
import time
import unittest

from tests.harness.lake import Lake
from tests.harness.program import finish, start
from tests.harness.worker import RunningWorker

SLOW = "SELECT count(*) AS n, sum(hash(a.i + b.i) % 10) AS s FROM t, range({rows}) a (i), range(1000) b (i)"


class BesideARefresh(unittest.TestCase):
    def setUp(self):
        self.lake = Lake()
        self.addCleanup(self.lake.remove)
        self.lake.run("CREATE TABLE t AS SELECT i AS id FROM range(10) r (i)")

    def slow(self, rows=8000, more=""):
        self.lake.run(f"CREATE DYNAMIC TABLE slow TARGET_LAG = '1 day' {more} INITIALIZE = ON_SCHEDULE AS {SLOW.format(rows=rows)}")

    def claimed(self):
        return any(table["refreshed_by"] for table in self.lake.done("status", "--json").json()["tables"])

    def test_a_change_waits_for_it(self):
        self.slow()
        with RunningWorker(self.lake) as worker:
            worker.wait("refresh_started")
            self.lake.run("ALTER DYNAMIC TABLE slow SET COMMENT = 'x'")
            self.assertTrue(worker.seen("refreshed", "main.slow"), "it came after the refresh")
        self.lake.verify("slow")

    def test_with_force_the_refresh_loses(self):
        self.slow()
        with RunningWorker(self.lake) as worker:
            started = worker.wait("refresh_started")
            worker.until(self.claimed, what="the claim")
            self.lake.done("sql", "--force", "ALTER DYNAMIC TABLE slow AS SELECT count(*) AS n FROM t")
            worker.until(lambda: worker.seen("claim_lost"), what="the worker to notice")
            self.lake.assert_equal("slow", "SELECT count(*) AS n FROM t")
            self.assertEqual([line for line in worker.seen("refreshed") if line["run_id"] == started["run_id"]], [])
            self.lake.run("INSERT INTO t VALUES (77)")
            self.assertEqual(worker.stop(), 0)
        self.lake.refresh("slow")
        self.lake.assert_equal("slow", "SELECT count(*) AS n FROM t")
        self.lake.verify("slow")

    def test_an_older_definition_never_comes_last(self):
        """Nobody claims anything here: the lake alone decides."""
        self.slow()
        by_hand = start("refresh", "slow", "--json", folder=self.lake.folder)
        time.sleep(1)
        self.lake.run("ALTER DYNAMIC TABLE slow AS SELECT count(*) AS n FROM t")
        outcome = finish(by_hand)
        self.assertEqual(outcome.code, 0, outcome.err)
        self.lake.assert_equal("slow", "SELECT count(*) AS n FROM t")
        self.lake.verify("slow")

    def test_dropped_with_force(self):
        self.slow()
        self.lake.run("CREATE DYNAMIC TABLE quick TARGET_LAG = '2 seconds' AS SELECT max(id) AS m FROM t")
        with RunningWorker(self.lake) as worker:
            worker.wait("refresh_started")
            self.lake.done("drop", "slow", "--force", "--yes")
            self.lake.run("INSERT INTO t VALUES (77)")
            worker.wait("refreshed", "main.quick")
            self.assertEqual(worker.stop(), 0)
            self.assertEqual(worker.seen("refresh_failed"), [])
        self.lake.verify()

    def test_it_waits_no_longer_than_the_timeout(self):
        self.slow(more="TIMEOUT = '1 second'")
        with RunningWorker(self.lake) as worker:
            worker.wait("refresh_started")
            worker.process.send_signal(signal.SIGSTOP)
            try:
                error = self.lake.error("DROP DYNAMIC TABLE slow")
                self.assertEqual(error["code"], "FRS-4011")
                self.assertIn("--force", error["hint"])
                self.lake.done("drop", "slow", "--force", "--yes")
            finally:
                worker.process.send_signal(signal.SIGCONT)
            self.assertEqual(worker.stop(), 0)
        self.assertEqual(self.lake.done("list", "--json").json(), [])

    def test_maintenance_waits(self):
        self.slow(rows=2000)
        self.lake.refresh("slow")
        for number in range(12):
            self.lake.run(f"INSERT INTO t VALUES ({100 + number})")
            self.lake.refresh("slow")
        self.lake.run(f"ALTER DYNAMIC TABLE slow AS {SLOW.format(rows=12000)}; INSERT INTO t VALUES (1000)")
        self.lake.run("ALTER DYNAMIC TABLE slow SET TARGET_LAG = '2 seconds'")
        with RunningWorker(self.lake) as worker:
            worker.wait("refresh_started")
            entries = self.lake.done("maintain", "--json").json()
            self.assertFalse([entry for entry in entries if entry.get("error")], entries)
            if any(entry["table"] == "main.slow" and entry["step"] in ("merge", "rewrite") for entry in entries):
                self.assertTrue(worker.seen("refreshed", "main.slow"), "it came after the refresh")
            self.assertEqual(worker.stop(), 0)
        self.lake.verify()

    def test_a_refresh_by_hand_answers_from_one_that_covers_what_it_asks_for(self):
        self.slow()
        with RunningWorker(self.lake) as worker:
            worker.wait("refresh_started")
            entries = []
            by_hand = threading.Thread(target=lambda: entries.append(self.lake.refresh("slow")))
            by_hand.start()
            worker.until(lambda: len(self.lake.done("status", "--json").json()["workers"]) == 2, what="the command to wait")
            time.sleep(0.5)
            self.lake.run("INSERT INTO t VALUES (77)")
            line = worker.wait("refreshed", "main.slow")
            by_hand.join(120)
        entry = entries[0]["main.slow"]
        self.assertEqual(entry["action"], "NO_DATA")
        self.assertEqual(entry["snapshot"], line["snapshot"], "what came while it waited was not asked for")
        self.assertIn("meanwhile", entry["reason"])
        self.lake.verify("slow")

    def test_the_status_shows_what_runs(self):
        self.slow(rows=30000)
        with RunningWorker(self.lake) as worker:
            worker.wait("refresh_started")
            step = worker.until(lambda: next((table["step"] for table in self.lake.done("status", "--json").json()["tables"]
                                              if table["step"]), None), what="a step")
            self.assertRegex(step, r"^(COMPUTING|WRITING) \d+\.\d seconds$")


class Lanes(unittest.TestCase):
    def test_children_of_one_parent_are_refreshed_beside_each_other(self):
        lake = Lake()
        self.addCleanup(lake.remove)
        lake.run("CREATE TABLE t AS SELECT i AS id, i % 7 AS g FROM range(1000) r (i)")
        lake.run("CREATE DYNAMIC TABLE parent TARGET_LAG = DOWNSTREAM AS SELECT g, count(*) AS n FROM t GROUP BY g")
        queries = {f"c{k}": f"SELECT p.g, p.n, sum(hash(a.i + {k}) % 5) AS s FROM parent p, range(400000) a (i) GROUP BY p.g, p.n" for k in range(5)}
        lake.run(";".join(f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 hour' AS {query}" for name, query in queries.items()))
        lake.run("INSERT INTO t VALUES (5000, 3)")
        with RunningWorker(lake, "--drain", "--parallel", "3") as worker:
            self.assertEqual(worker.ended(), 0)
        lines = worker.seen("refreshed")
        self.assertEqual(sorted(line["table"] for line in lines), sorted(["main.parent"] + [f"main.{name}" for name in queries]), "each once")
        self.assertEqual(len({line["snapshot"] for line in lines}), 1, "one data snapshot")
        self.assertEqual(len({line["run_id"] for line in lines}), 1)
        beside = lake.value(f"""SELECT count(*) FROM freshet_refresh_history() a JOIN freshet_refresh_history() b ON a.run_id = b.run_id
            AND a."table" < b."table" AND a.started_at < b.finished_at AND b.started_at < a.finished_at
            WHERE a.run_id = '{lines[0]["run_id"]}'""")
        self.assertGreater(beside, 0)
        lake.assert_all_equal(queries)
        lake.verify()

    def test_a_failing_parent_is_tried_once_and_its_children_are_skipped(self):
        lake = Lake()
        self.addCleanup(lake.remove)
        lake.run("CREATE TABLE t AS SELECT i AS id, i::VARCHAR AS v FROM range(10) r (i)")
        lake.run("CREATE DYNAMIC TABLE parent TARGET_LAG = DOWNSTREAM AS SELECT id, v::INTEGER AS v FROM t")
        lake.run(";".join(f"CREATE DYNAMIC TABLE c{k} TARGET_LAG = '2 seconds' AS SELECT sum(v) + {k} AS s FROM parent" for k in range(3)))
        time.sleep(2)
        lake.run("INSERT INTO t VALUES (11, 'none')")
        with RunningWorker(lake, "--once") as worker:
            self.assertEqual(worker.ended(), 1)
        failed = sorted((line["table"], line["error_code"]) for line in worker.seen("refresh_failed"))
        self.assertEqual(failed, [(f"main.c{k}", "FRS-4002") for k in range(3)] + [("main.parent", "FRS-4001")])


if __name__ == "__main__":
    unittest.main()
