"""Several workers while a writer commits all the time: they are killed, their database is stopped, their connections break. In the
end every table is what its query says, and nothing was taken in twice. How much of it: FRESHET_TEST_LONG, or one number each:
FRESHET_TEST_KILLS, FRESHET_TEST_FAULTS (runs), FRESHET_TEST_TABLES, FRESHET_TEST_WORKERS."""
import collections
import os
import random
import sqlite3
import threading
import time
import unittest

from tests.harness import postgres
from tests.harness.lake import Failed, Lake
from tests.harness.worker import RunningWorker, long_run

SHORT_LIVES = ("--parallel", "1", "--heartbeat", "1 second", "--expiry", "3 seconds", "--retry-after", "1 second")
SOURCES = 4
QUERIES = {
    **{f"sums{n}": f"SELECT g, count(*) AS n, sum(v) AS s FROM s{n} GROUP BY g" for n in range(SOURCES)},
    "joined": "SELECT a.id, a.v, b.s FROM s0 a JOIN sums1 b ON a.g = b.g",
    "top": "SELECT max(s) AS m, sum(n) AS n FROM sums0",
    "all_rows": "SELECT 0 AS source, count(*) AS n FROM s0 UNION ALL SELECT 1, count(*) FROM s1",
    "distinct_g": "SELECT DISTINCT g FROM s2",
}


def wanted(name, usual, long):
    return int(os.environ.get(f"FRESHET_TEST_{name}") or long_run(usual, long))


class Writer:
    """Commits until it is told to stop; keeps account of what it has added."""

    def __init__(self, lake, forgiving=False):
        self.lake, self.forgiving, self.commits = lake, forgiving, 0
        self.rows, self.error = collections.Counter(), None
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._write)
        self._thread.start()

    def _write(self):
        number = 0
        while not self._ends.is_set():
            number += 1
            source = number % SOURCES
            try:
                self.lake.run(f"INSERT INTO s{source} VALUES ({1000 + number}, {number % 5}, {number}), ({100000 + number}, {number % 7}, 1);"
                              f"DELETE FROM s{source} WHERE id = {1000 + number - 4 * SOURCES}")
                self.commits += 1
                self.rows[source] += 1
            except Failed as failed:
                if not self.forgiving:
                    self.error = failed
                    return
                time.sleep(0.2)

    def stop(self):
        self._ends.set()
        self._thread.join()
        if self.error:
            raise self.error


def make_tables(lake):
    lake.run(";".join(f"CREATE TABLE s{n} AS SELECT i AS id, i % 4 AS g, i AS v FROM range(50) r (i)" for n in range(SOURCES)))
    lake.run(";".join(f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '2 seconds' AS {query}" for name, query in QUERIES.items()))


class Storm(unittest.TestCase):
    def worker(self, lake):
        worker = RunningWorker(lake, *SHORT_LIVES)
        self.addCleanup(lambda: worker.process.poll() is None and worker.process.kill())
        return worker

    def check(self, lake, workers):
        for worker in workers:
            self.assertEqual(worker.stop(), 0)
        with RunningWorker(lake, "--drain") as last:
            self.assertEqual(last.ended(), 0, "\n".join(map(str, last.lines)))
        lake.assert_all_equal(QUERIES)
        lake.verify()
        self.assertEqual({entry["action"] for entry in lake.refresh().values()}, {"NO_DATA"})

    def kill_at_random(self, kind, count, kills):
        lake = Lake(kind)
        self.addCleanup(lake.remove)
        make_tables(lake)
        randomly = random.Random(11)
        workers = [self.worker(lake) for _ in range(count)]
        writer = Writer(lake)
        try:
            for number in range(kills):
                if number % 10 == 0:
                    print(f"{kind}: {number} kills, {writer.commits} commits", flush=True)
                victim = randomly.randrange(count)
                workers[victim].wait("worker_started")
                time.sleep(randomly.uniform(0.1, 2))
                self.assertEqual(workers[victim].stop(9), -9)
                workers[victim] = self.worker(lake)
            for worker in workers:
                worker.wait("worker_started")
        finally:
            writer.stop()
        self.assertGreater(writer.commits, 0)
        self.check(lake, workers)
        for source in range(SOURCES): # the writer's own account: two rows in per commit, one out once there are enough
            rows = lake.value(f"SELECT count(*) FROM s{source}")
            self.assertEqual(rows, 50 + 2 * writer.rows[source] - max(0, writer.rows[source] - 4))
            self.assertEqual(lake.value(f"SELECT sum(n)::BIGINT FROM sums{source}"), rows)
        print(f"\n{kind}: {count} workers, {kills} kills, {writer.commits} commits, equal")

    def test_workers_killed_on_sqlite(self):
        self.kill_at_random("sqlite", wanted("WORKERS", 2, 4), wanted("KILLS", 3, 100))

    def test_workers_killed_on_postgres(self):
        self.kill_at_random("postgres", wanted("WORKERS", 3, 8), wanted("KILLS", 4, 100))

    def test_postgres_stopped_and_started(self):
        server = postgres.OwnServer()
        self.addCleanup(server.remove)
        lake = Lake("postgres", server=server)
        self.addCleanup(lake.remove)
        make_tables(lake)
        workers = [self.worker(lake) for _ in range(2)]
        for worker in workers:
            worker.wait("worker_started")
        writer = Writer(lake, forgiving=True)
        try:
            for _ in range(long_run(1, 10)):
                time.sleep(2)
                server.stop()
                time.sleep(2)
                server.start()
                time.sleep(2)
        finally:
            writer.stop()
        for worker in workers:
            self.assertIsNone(worker.code, "it waited")
        self.check(lake, workers)


class TransientFaults(unittest.TestCase):
    """Locks that others hold, connections that break: no hand is needed."""

    def runs(self, lake, fault):
        make_tables(lake)
        randomly = random.Random(3)
        runs, good = wanted("FAULTS", 2, 100), 0
        for number in range(runs):
            lake.run(";".join(f"INSERT INTO s{n} VALUES ({number + 1000}, {number % 6}, {number})" for n in range(SOURCES)))
            with RunningWorker(lake, "--drain", "--retry-after", "1 second") as worker:
                worker.wait("worker_started")
                for _ in range(randomly.randint(1, 4)): # it passes
                    time.sleep(randomly.uniform(0, 1))
                    fault(randomly)
                code = worker.ended()
            if code:
                print("\n".join(map(str, [f"run {number}"] + worker.seen("refresh_failed") + worker.seen("suspended"))))
            lake.assert_all_equal({} if code else QUERIES)
            good += code == 0
        lake.verify()
        print(f"\n{lake.kind}: {good} of {runs} runs ended right by themselves")
        self.assertGreaterEqual(good, 0.95 * runs)

    def test_locks_on_sqlite(self):
        lake = Lake("sqlite")
        self.addCleanup(lake.remove)

        def lock(randomly):
            with sqlite3.connect(lake.folder / "lake.sqlite", isolation_level=None, timeout=5) as catalog:
                try:
                    catalog.execute("BEGIN IMMEDIATE")
                    time.sleep(randomly.uniform(0, 0.7))
                    catalog.execute("ROLLBACK")
                except sqlite3.OperationalError:
                    pass # the worker has it
            catalog.close()

        self.runs(lake, lock)

    def test_broken_connections_on_postgres(self):
        lake = Lake("postgres")
        self.addCleanup(lake.remove)
        database = lake.catalog.split("dbname=")[-1]

        def disconnect(_):
            postgres.psql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}' AND random() < 0.5")

        self.runs(lake, disconnect)


class ManyTables(unittest.TestCase):
    def test_none_twice_and_evenly_spread(self):
        count, workers = wanted("TABLES", 24, 1000), wanted("WORKERS", 3, 8)
        lake = Lake("postgres")
        self.addCleanup(lake.remove)
        lake.run(";".join(f"CREATE TABLE s{n} AS SELECT i AS id, i AS v FROM range(50) r (i)" for n in range(10)))
        queries = {f"d{k}": f"SELECT sum(v) + {k} AS s, count(*) AS n FROM s{k % 10}" for k in range(count)}
        lake.run(";".join(f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 hour' INITIALIZE = ON_SCHEDULE AS {query}" for name, query in queries.items()))
        lake.done("suspend", "d*")
        running = [RunningWorker(lake, "--parallel", "1") for _ in range(workers)]
        for worker in running:
            self.addCleanup(lambda worker=worker: worker.process.poll() is None and worker.process.kill())
        for worker in running:
            worker.wait("worker_started")
        lake.done("resume", "d*")
        done = lambda: sum(len(worker.seen("refreshed")) for worker in running)
        running[0].until(lambda: done() >= count, seconds=3600, what="all to be filled")
        for worker in running:
            self.assertEqual(worker.stop(), 0)
        fills = collections.Counter(line["table"] for worker in running for line in worker.seen("refreshed"))
        self.assertEqual((len(fills), max(fills.values())), (count, 1), "none twice")
        spread = [len(worker.seen("refreshed")) for worker in running]
        print(f"\n{count} tables over {workers} workers: {spread}")
        if count >= 50 * workers:
            self.assertGreaterEqual(min(spread), 0.8 * count / workers, spread)
            self.assertLessEqual(max(spread), 1.2 * count / workers, spread)
        lake.assert_all_equal(dict(list(queries.items())[:24]))
        lake.verify()


if __name__ == "__main__":
    unittest.main()
