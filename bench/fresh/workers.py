#!/usr/bin/env python3
"""bench/fresh/workers.py: what whole workers do, as processes on real lakes. Prints a line per figure; asserts only that the tables
are right. From the repository's folder, with the program under test in FRESHET_BIN:

    python3 bench/fresh/workers.py [--tables N] [--seconds N] [--every N] [--catalog sqlite|postgres] [idle|lag|reaction ...]
"""
import argparse
import datetime
import os
import pathlib
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from bench.fresh.copies import copy_tables  # noqa: E402
from tests.harness.lake import Lake  # noqa: E402
from tests.harness.worker import RunningWorker  # noqa: E402


def make(lake, count, lag):
    """`count` tables over `count` / 20 sources: a source's change concerns 5 % of the tables where there are 20 sources."""
    sources = 20
    lake.run(";".join(f"CREATE TABLE s{n} AS SELECT i AS id, i % 5 AS g, i AS v FROM range(100) r (i)" for n in range(sources)))
    began = time.monotonic()
    for start in range(0, count, 200):
        lake.run(";".join(f"CREATE DYNAMIC TABLE d{k} TARGET_LAG = '{lag}' AS SELECT g, sum(v) + {k} AS s FROM s{k % sources} GROUP BY g"
                          for k in range(start, min(count, start + 200))))
    print(f"{count} dynamic tables created in {time.monotonic() - began:.0f} s", flush=True)
    return sources


def make_many(lake, count, lag):
    """The same, most of them as copies."""
    created = min(count, 200) if lake.kind == "sqlite" else count
    sources = make(lake, created, lag)
    copy_tables(lake, [f"d{k}" for k in range(created)], count - created)
    return sources


def processor_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return {line.split(":")[0]: int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith(("VmRSS", "VmHWM"))}


def idle(options):
    """Nothing changes: what a look at the lake costs."""
    with Lake(options.catalog) as lake:
        make_many(lake, options.tables, "1 hour")
        with RunningWorker(lake) as worker:
            began = time.monotonic()
            worker.wait("worker_started", seconds=600)
            time.sleep(30)
            before, at = processor_seconds(worker.process.pid), time.monotonic()
            time.sleep(options.seconds)
            used, passed = processor_seconds(worker.process.pid) - before, time.monotonic() - at
            mb = memory(worker.process.pid)
            print(f"idle, {options.tables} tables: {used / passed * 1000:.1f} ms of processor time per second, that is {used / passed / 2 * 1000:.1f} ms per pass "
                  f"(two per second); memory {mb['VmRSS']:.0f} MB, at most {mb['VmHWM']:.0f} MB; {len(worker.seen('refreshed'))} refreshes; started {at - began:.0f} s before")
            worker.stop()


def lag(options):
    """A commit every so often changes 5 % of the tables: the share of time that tables are within their lag of 10 seconds."""
    with Lake(options.catalog) as lake:
        sources = make_many(lake, options.tables, "10 seconds")
        with RunningWorker(lake) as worker:
            worker.wait("worker_started")
            time.sleep(30)
            lags, commits = [], 0
            began = time.monotonic()
            while (passed := time.monotonic() - began) < options.seconds:
                if passed >= commits * options.every:
                    commits += 1
                    lake.run(f"INSERT INTO s{commits % sources} VALUES ({1000 + commits}, {commits % 5}, {commits})")
                rows = lake.rows("SELECT epoch(now() - data_timestamp::TIMESTAMPTZ) FROM freshet_tables()")
                lags.extend(row[0] for row in rows)
                time.sleep(0.5)
            print(f"lag, {options.tables} tables, 10 s, {commits} commits in {options.seconds} s: "
                  f"{sum(value <= 10 for value in lags) / len(lags):.2%} within, worst {max(lags):.1f} s, {len(worker.seen('refreshed'))} refreshes")
            worker.stop()
        with RunningWorker(lake, "--drain") as last:
            last.ended()
        lake.verify()


def reaction(options):
    """From a source's commit to the end of a one-row refresh."""
    with Lake(options.catalog) as lake:
        lake.run("CREATE TABLE t AS SELECT i AS id, i AS v FROM range(1000) r (i)")
        lake.run("CREATE DYNAMIC TABLE d TARGET_LAG = '1 second' AS SELECT id, v FROM t WHERE v >= 0")
        times = []
        with RunningWorker(lake) as worker:
            worker.wait("worker_started")
            time.sleep(3)
            for number in range(20):
                count = len(worker.seen("refreshed", "main.d"))
                committed = lake.run(f"INSERT INTO t VALUES ({5000 + number}, {number}); SELECT epoch(max(snapshot_time)) FROM "
                                     "ducklake_snapshots('lake') WHERE author IS DISTINCT FROM 'freshet'")[-1]["rows"][0][0]
                line = worker.wait("refreshed", "main.d", count + 1)
                ended = datetime.datetime.fromisoformat(line["at"].replace(" ", "T").replace("+00", "+00:00")).timestamp()
                times.append(ended - committed)
                time.sleep(0.7)
            worker.stop()
        lake.verify()
        print(f"reaction, TARGET_LAG = '1 second', {options.catalog}: median {statistics.median(times):.2f} s, worst {max(times):.2f} s of {len(times)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--tables", type=int, default=1000)
    parser.add_argument("--every", type=float, default=10, help="seconds between the commits of lag")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--catalog", default="sqlite", choices=["sqlite", "postgres"])
    parser.add_argument("what", nargs="*", default=["reaction", "idle", "lag"])
    given = parser.parse_args()
    for name in given.what:
        {"idle": idle, "lag": lag, "reaction": reaction}[name](given)
