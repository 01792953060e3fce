"""What a worker does with impossible wishes, foreign stores, jumping clocks and full disks."""
import pathlib
import resource
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
import unittest

from tests.harness.lake import Lake
from tests.harness.worker import RunningWorker

SOURCE = "CREATE TABLE t AS SELECT i AS id, i % 5 AS g, i AS v FROM range(100) r (i)"
GOOD = "SELECT g, count(*) AS n, sum(v) AS s FROM t GROUP BY g"

# Shifts the system's clock, not the steady one, by the seconds that a file says.
SHIFTED_CLOCK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
static long shift(void) {
    long seconds = 0;
    FILE *file = fopen(getenv("CLOCK_SHIFT"), "r");
    if (file) { if (fscanf(file, "%ld", &seconds) != 1) seconds = 0; fclose(file); }
    return seconds;
}
int clock_gettime(clockid_t clock, struct timespec *time) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(clock, time);
    if (clock == CLOCK_REALTIME) time->tv_sec += shift();
    return result;
}
"""


def states(lake):
    return {row["name"]: row for row in lake.done("list", "--json").json()}


class Wishes(unittest.TestCase):
    def setUp(self):
        self.lake = Lake()
        self.addCleanup(self.lake.remove)
        self.lake.run(SOURCE)

    def test_intervals_and_tables_that_are_none(self):
        for lag in ("0 seconds", "-1 minutes", "1 fortnight", "soon", "99999999999999999999 days", "1.5 hours", ""):
            error = self.lake.error(f"CREATE DYNAMIC TABLE d TARGET_LAG = '{lag}' AS {GOOD}")
            self.assertEqual(error["code"], "FRS-2006", lag)
        for option in ("--heartbeat", "--expiry", "--retry-after"):
            for span in ("0 seconds", "-1 seconds", "1 fortnight", "soon"):
                outcome = self.lake.command("worker", f"{option}={span}")
                self.assertEqual((outcome.code, "FRS-1001" in outcome.err), (2, True), (option, span))
        self.lake.run(f"CREATE DYNAMIC TABLE d TARGET_LAG = '1 hour' AS {GOOD}")
        for arguments in (("refresh", "none"), ("suspend", "none"), ("drop", "none", "--force", "--yes"), ("history", "none")):
            outcome = self.lake.command(*arguments)
            self.assertEqual((outcome.code, "FRS-1005" in outcome.err), (1, True), arguments)
        self.assertEqual(self.lake.error("ALTER DYNAMIC TABLE d SET PARTITIONED BY (nowhere)")["code"][:4], "FRS-")
        self.lake.verify("d")

    def test_a_lag_shorter_than_a_refresh(self):
        slow = "SELECT count(*) AS n, sum(hash(a.i + b.i) % 10) AS s FROM t, range(1500) a (i), range(1000) b (i)"
        self.lake.run(f"CREATE DYNAMIC TABLE slow TARGET_LAG = '1 second' REFRESH_MODE = FULL AS {slow}")
        with RunningWorker(self.lake) as worker:
            worker.wait("worker_started")
            number = 1000
            while not worker.seen("lag_too_short") or len(worker.seen("refreshed", "main.slow")) < 3:
                number += 1
                self.assertLess(number, 1400)
                self.lake.run(f"INSERT INTO t VALUES ({number}, 1, 1)")
            self.assertEqual(len(worker.seen("lag_too_short")), 1, "told once")
            self.assertEqual(worker.stop(), 0)
        self.lake.refresh()
        self.lake.verify()

    def test_all_suspended(self):
        self.lake.run(f"CREATE DYNAMIC TABLE d TARGET_LAG = '1 second' AS {GOOD};"
                      "CREATE DYNAMIC TABLE e TARGET_LAG = '1 second' AS SELECT max(n) AS m FROM d")
        self.lake.done("suspend", "d", "e")
        self.lake.run("INSERT INTO t VALUES (1000, 1, 1)")
        with RunningWorker(self.lake) as worker:
            worker.wait("worker_started")
            time.sleep(3)
            self.assertEqual(worker.seen("refresh_started"), [])
            self.lake.done("resume", "d", "e")
            worker.wait("refreshed", "main.e")
        self.lake.verify()


class Stores(unittest.TestCase):
    def setUp(self):
        self.lake = Lake()
        self.addCleanup(self.lake.remove)
        self.lake.run(SOURCE)
        self.lake.run(f"CREATE DYNAMIC TABLE d TARGET_LAG = '1 second' AS {GOOD}")

    def change(self, *statements):
        with sqlite3.connect(self.lake.folder / "lake.sqlite.freshet") as store:
            for statement in statements:
                store.execute(statement)
        store.close()

    def test_of_a_newer_version(self):
        self.change("INSERT INTO migration VALUES (99, 'from the future', 0)")
        outcome = self.lake.command("worker", "--once")
        self.assertEqual(outcome.code, 1)
        self.assertIn("FRS-5002", outcome.err)
        self.assertIn("newer", outcome.err)

    def test_of_an_older_version(self):
        self.change("DROP TABLE worker", "DROP TABLE claim", "DROP TABLE failure", "DELETE FROM migration WHERE version > 1")
        self.lake.run("INSERT INTO t VALUES (1000, 1, 1)")
        with RunningWorker(self.lake, "--drain") as worker:
            self.assertEqual(worker.ended(), 0)
            self.assertTrue(worker.seen("refreshed", "main.d"))
        self.lake.verify()

    def test_a_clock_that_was_ahead(self):
        """The store's clock stands still until the system's has come up to it; tables are refreshed all the same."""
        self.change(f"UPDATE clock SET high_water = {int((time.time() + 86400) * 1e6)}")
        self.assertIn("the state store's clock is 86", self.lake.command("doctor").out, "lags are too short by that")
        with RunningWorker(self.lake) as worker:
            worker.wait("worker_started")
            for number in range(3):
                count = len(worker.seen("refreshed", "main.d"))
                self.lake.run(f"INSERT INTO t VALUES ({1000 + number}, 1, 1)")
                worker.wait("refreshed", "main.d", count + 1)
            self.assertEqual(worker.stop(), 0)
        self.lake.verify()

    @unittest.skipUnless(shutil.which("cc"), "needs a C compiler")
    def test_a_clock_that_jumps(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="freshet-clock-"))
        self.addCleanup(shutil.rmtree, folder)
        (folder / "clock.c").write_text(SHIFTED_CLOCK, encoding="utf-8")
        subprocess.run(["cc", "-shared", "-fPIC", "-o", folder / "clock.so", folder / "clock.c", "-ldl"], check=True)
        shift = folder / "shift"
        shift.write_text("0", encoding="utf-8")
        with RunningWorker(self.lake, env={"LD_PRELOAD": str(folder / "clock.so"), "CLOCK_SHIFT": str(shift)}) as worker:
            worker.wait("worker_started")
            for number, seconds in enumerate((0, 7200, -7200, 0)):
                shift.write_text(str(seconds), encoding="utf-8")
                self.lake.run(f"INSERT INTO t VALUES ({1000 + number}, 1, 1)")
                worker.until(lambda: not any(self.lake.differences("d", GOOD)), seconds=60, what="the last commit to arrive")
            self.assertEqual(worker.stop(), 0)
            self.assertEqual(worker.seen("refresh_failed"), [])
        self.lake.assert_equal("d", GOOD)
        self.lake.verify()

    def test_a_duckdb_file_admits_one_process(self):
        with Lake("duckdb") as lake:
            lake.run(SOURCE)
            lake.run(f"CREATE DYNAMIC TABLE d TARGET_LAG = '1 second' AS {GOOD}")
            with RunningWorker(lake) as worker:
                worker.wait("worker_started")
                outcome = lake.command("list")
                self.assertEqual(outcome.code, 1)
                self.assertIn("FRS-3002", outcome.err)
                self.assertIn(str(worker.process.pid), outcome.err, "it names the holder")
                self.assertIn("SQLite or PostgreSQL", outcome.err)
                self.assertEqual(worker.stop(), 0)
            lake.verify()


def limited(size):
    """For a process that may write no file beyond that size: to it the disk is full."""
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    return limit


class FullDisk(unittest.TestCase):
    def setUp(self):
        self.lake = Lake(more="engine:\n  memory_limit: 200MB\n  threads: 1\n  temp_directory: spill\n")
        self.addCleanup(self.lake.remove)
        self.lake.run(SOURCE)

    def fill_up(self, query, size):
        """A worker on a full disk fails and keeps the content; one with room does the same work."""
        self.lake.run(f"CREATE DYNAMIC TABLE small TARGET_LAG = '2 seconds' AS {GOOD}")
        self.lake.run(f"CREATE DYNAMIC TABLE large TARGET_LAG = '2 seconds' AS {query.format(rows=10)}")
        self.lake.run(f"CREATE TABLE n AS SELECT 10 AS rows")
        self.lake.run(f"CREATE OR REPLACE DYNAMIC TABLE large TARGET_LAG = '2 seconds' REFRESH_MODE = FULL AS {query}".replace("{rows}", "(SELECT max(rows) FROM n)"))
        before = self.lake.rows("SELECT count(*) FROM large")
        with RunningWorker(self.lake, "--retry-after", "1 second", prepare=limited(size)) as worker:
            worker.wait("worker_started")
            self.lake.run("INSERT INTO n VALUES (1500000); INSERT INTO t VALUES (1000, 1, 1)")
            line = worker.wait("refresh_failed", "main.large")
            self.assertRegex(line["error"].lower(), "too large|no space|offload|memory")
            worker.wait("refreshed", "main.small")
            self.assertEqual(worker.stop(), 0)
        self.assertEqual(self.lake.rows("SELECT count(*) FROM large"), before, "nothing half-done")
        self.lake.done("resume", "large")
        with RunningWorker(self.lake, "--drain") as worker:
            self.assertEqual(worker.ended(), 0)
        self.lake.verify()

    def test_during_the_commit(self):
        self.fill_up("SELECT i, hash(i) AS h FROM range({rows}) r (i)", 4_000_000)

    def test_during_a_spill(self):
        self.lake.configure(self.lake.folder.joinpath("freshet.yml").read_text(encoding="utf-8").replace("200MB", "60MB"))
        self.fill_up("SELECT count(*) AS n, max(h) AS m FROM (SELECT h, row_number() OVER (ORDER BY h, i) AS k FROM (SELECT i, hash(i)::VARCHAR || 'abcdefghijklmnop' AS h FROM range({rows}) r (i)))", 4_000_000)


if __name__ == "__main__":
    unittest.main()
