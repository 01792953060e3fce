"""freshet maintain: files are compacted, snapshots expired and files removed, and every dynamic table goes on as before:
by change, exact, verifiable."""
import hashlib
import os
import sqlite3
import time
import unittest
import uuid

from tests.harness import postgres
from tests.harness.lake import Lake
from tests.harness.program import finish, start

HOUR = 3600
DAY = 24 * HOUR
SOURCES = ("CREATE TABLE t AS SELECT i AS id, i % 5 AS g, i * 1.5::DECIMAL(9, 2) AS v FROM range(400) r (i); "
           "CREATE TABLE still AS SELECT i AS g, 'name ' || i AS name FROM range(5) r (i)")
CHANGES = ("INSERT INTO t SELECT i + 10000 + 100 * {n}, i % 5, i FROM range(7) r (i); UPDATE t SET v = v + {n} WHERE id % 41 = {n}; "
           "DELETE FROM t WHERE id % 43 = {n}")
QUERIES = {
    "kept": "SELECT id, g, v FROM t WHERE v > 10",
    "sums": "SELECT g, count(*) AS n, sum(v) AS total, min(v) AS least FROM kept GROUP BY g",
    "named": "SELECT k.id, s.name FROM kept k JOIN still s USING (g)",
    "names": "SELECT upper(name) AS name FROM still",
}
CREATE = ";".join(f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS {query}"
                  for name, query in QUERIES.items())


def metadata(lake, sql):
    """Runs SQL on the lake's catalog itself."""
    if lake.kind == "sqlite":
        with sqlite3.connect(lake.folder / "lake.sqlite") as connection:
            connection.execute(sql)
        connection.close()
    elif lake.kind == "postgres":
        postgres.psql(sql, lake.catalog.removeprefix("postgres:"))
    else:
        with Lake() as client:
            client.run(f"ATTACH '{lake.folder}/lake.ducklake' AS meta; USE meta; {sql}")


def age(lake, seconds):
    """As if all that was done in the lake so far had been done so much earlier."""
    for table, column in (("ducklake_snapshot", "snapshot_time"), ("ducklake_files_scheduled_for_deletion", "schedule_start")):
        earlier = {"sqlite": f"strftime('%Y-%m-%d %H:%M:%f', substr({column}, 1, 23), '-{seconds} seconds') || '+00'"}.get(
            lake.kind, f"{column} - INTERVAL '{seconds} seconds'")
        metadata(lake, f"UPDATE {table} SET {column} = {earlier}")
    for file in data_files(lake):
        os.utime(file, (time.time() - seconds, time.time() - seconds))


def data_files(lake):
    return {file for file in (lake.folder / "data").rglob("*") if file.is_file()}


def snapshots(lake):
    return [row[0] for row in lake.rows("SELECT snapshot_id FROM ducklake_snapshots('lake') ORDER BY 1")]


def maintain(lake, *arguments):
    """Entries by step."""
    entries = {}
    for entry in lake.done("maintain", "--json", *arguments).json():
        assert list(entry) == ["step", "table", "files_before", "files_after", "bytes_before", "bytes_after", "snapshots", "detail"], entry
        entries.setdefault(entry["step"], []).append(entry)
    return entries


class Maintained(unittest.TestCase):
    """Rounds of changes with refreshes; small files and deletes accumulate."""

    def lake(self, kind="sqlite"):
        lake = Lake(kind)
        self.addCleanup(lake.remove)
        lake.run(f"{SOURCES}; {CREATE}")
        self.n = 0
        return lake

    def round(self, lake, actions=("INCREMENTAL",)):
        self.n += 1
        lake.run(CHANGES.format(n=self.n))
        entries = lake.refresh()
        for table in ("kept", "sums", "named"):
            entry = entries[f"main.{table}"]
            self.assertIn(entry["action"], actions, entry)
        self.assertEqual(entries["main.names"]["action"], "NO_DATA")
        return entries

    def rounds(self, lake, count):
        """The same several times, in one session."""
        refresh = "; ".join(f"ALTER DYNAMIC TABLE {table} REFRESH" for table in QUERIES)
        results = lake.run(";\n".join(f"{CHANGES.format(n=self.n + i)}; {refresh}" for i in range(1, count + 1)))
        self.n += count
        for result in results:
            for row in result["rows"] if "action" in result["columns"] else []:
                self.assertIn(row[1], ("INCREMENTAL", "NO_DATA"), row)

    def assert_right(self, lake):
        lake.assert_all_equal(QUERIES)
        for table, entry in lake.verify().items():
            self.assertEqual((entry["missing"], entry["extra"]), (0, 0), table)

    def maintained(self, kind):
        lake = self.lake(kind)
        self.rounds(lake, 10)
        live = "SELECT count(*) FROM __ducklake_metadata_lake.ducklake_data_file WHERE end_snapshot IS NULL"
        before = lake.value(live)
        age(lake, 30 * DAY)
        report = maintain(lake)
        compacted = {entry["table"] for step in ("rewrite", "merge") for entry in report.get(step, [])}
        self.assertIn("main.kept", compacted, report)
        for entry in report["merge"]:
            self.assertLess(entry["files_after"], entry["files_before"], entry)
        self.assertLess(lake.value(live), before)
        # every frontier moved past that, so that nothing old is needed, and nothing has to be read again
        self.assertEqual({entry["table"] for entry in report["advance"]}, {f"main.{name}" for name in QUERIES}, report)
        self.assertGreater(report["expire"][0]["snapshots"], 20)
        self.assert_right(lake)
        for entry in lake.refresh().values():
            self.assertEqual(entry["action"], "NO_DATA", entry)
        again = maintain(lake)
        self.assertEqual(set(again), {"expire", "clean up", "orphans"}, "there is nothing left to do")
        for _ in range(3):
            self.round(lake)
            self.assert_right(lake)
        age(lake, 3 * DAY)
        files = data_files(lake)
        report = maintain(lake)
        self.assertGreater(report["clean up"][0]["files_before"], 10)
        self.assertGreaterEqual(len(files - data_files(lake)), report["clean up"][0]["files_before"])
        self.round(lake)
        self.assert_right(lake)

    def test_on_sqlite(self):
        self.maintained("sqlite")

    def test_on_a_duckdb_file(self):
        self.maintained("duckdb")

    def test_on_postgres(self):
        self.maintained("postgres")

    def test_compaction_by_hand_in_a_session_that_refreshes(self):
        lake = self.lake()
        self.rounds(lake, 8)
        refresh = "ALTER DYNAMIC TABLE sums REFRESH; ALTER DYNAMIC TABLE named REFRESH"
        compact = "; ".join(f"CALL ducklake_{call}" for call in (
            "rewrite_data_files('lake', 'kept', delete_threshold => 0.01)", "merge_adjacent_files('lake', 'kept')",
            "merge_adjacent_files('lake')"))
        results = lake.run(f"{CHANGES.format(n=20)}; {refresh}; {compact}; {refresh}; {CHANGES.format(n=21)}; {refresh}")
        actions = [row[1] for result in results if "action" in result["columns"] for row in result["rows"]]
        self.assertNotIn("FULL", actions)
        self.assertNotIn("REINITIALIZE", actions)
        maintain(lake, "--retention", "0 days")
        self.n = 21
        self.round(lake)
        self.assert_right(lake)

    def test_dry_run_changes_nothing(self):
        lake = self.lake()
        self.rounds(lake, 10)
        age(lake, 30 * DAY)
        orphan = lake.folder / "data" / "main" / f"ducklake-{uuid.uuid4()}.parquet"
        orphan.write_bytes(b"x")
        os.utime(orphan, (time.time() - 2 * DAY, time.time() - 2 * DAY))
        with sqlite3.connect(lake.folder / "lake.sqlite") as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()

        def state():
            catalog = hashlib.sha256((lake.folder / "lake.sqlite").read_bytes()).hexdigest()
            return catalog, data_files(lake)

        before, newest = state(), lake.snapshot()
        report = maintain(lake, "--dry-run")
        self.assertEqual(state(), before)
        self.assertEqual(lake.snapshot(), newest)
        self.assertTrue({"merge", "advance", "expire", "orphans"} <= set(report), report)
        self.assertGreater(report["expire"][0]["snapshots"] + len(report["advance"]), 0)
        self.assertEqual(report["orphans"][0]["files_before"], 1)
        for entries in report.values():
            for entry in entries:
                self.assertIsNone(entry["files_after"], entry)
        shown = lake.done("maintain", "--dry-run")
        self.assertRegex(shown.out, r"merge +main\.kept")

    # --- the guard ---------------------------------------------------------------------------------------------------

    def test_a_lagging_table_is_refreshed_by_change(self):
        lake = self.lake()
        for table in ("named", "sums"):
            lake.run(f"ALTER DYNAMIC TABLE {table} {'SUSPEND' if table == 'sums' else 'REFRESH'}")
        needed = lake.snapshot()
        for n in range(10, 20):
            lake.run(CHANGES.format(n=n))
            lake.refresh("kept")
        age(lake, 30 * DAY)
        report = maintain(lake, "--retention", "0 days")
        self.assertRegex(report["expire"][0]["detail"], "kept for main.(sums|named)")
        self.assertTrue(set(range(needed, lake.snapshot() + 1)) <= set(snapshots(lake)))
        lake.run("ALTER DYNAMIC TABLE sums RESUME")
        for table, entry in lake.verify("sums", "named").items():
            self.assertEqual((entry["missing"], entry["extra"]), (0, 0), table)
        entries = lake.refresh("sums", "named")
        for table in ("sums", "named"):
            self.assertEqual(entries[f"main.{table}"]["action"], "INCREMENTAL", entries)
        self.assert_right(lake)
        lake.refresh()
        age(lake, 30 * DAY)
        self.assertGreater(maintain(lake, "--retention", "0 days")["expire"][0]["snapshots"], 20)
        self.n = 20
        self.round(lake)
        self.assert_right(lake)

    def test_what_is_young_stays(self):
        lake = self.lake()
        self.rounds(lake, 2)
        before = snapshots(lake)
        maintain(lake, "--retention", "0 days")
        self.assertTrue(set(before) <= set(snapshots(lake)), "whoever began within the hour may need them")
        age(lake, 3 * DAY)
        self.rounds(lake, 1)
        lake.refresh()
        maintain(lake)
        self.assertTrue(set(before) <= set(snapshots(lake)), "7 days are kept")
        maintain(lake, "--retention", "2 days")
        self.assertFalse(set(before) & set(snapshots(lake)[1:]))
        self.round(lake)
        self.assert_right(lake)

    def test_files_younger_than_a_day_stay(self):
        lake = self.lake()
        self.rounds(lake, 10)
        maintain(lake)
        files = data_files(lake)
        for seconds in (2 * HOUR, 20 * HOUR):
            age(lake, seconds)
            self.assertEqual(maintain(lake)["clean up"][0]["files_before"], 0)
            self.assertTrue(files <= data_files(lake))
            files = data_files(lake)
            lake.run("INSERT INTO t VALUES (-1, 1, 1)")
            age(lake, 0)
            metadata(lake, "UPDATE ducklake_files_scheduled_for_deletion SET schedule_start = "
                           "strftime('%Y-%m-%d %H:%M:%f', 'now') || '+00'")
        age(lake, 3 * DAY)
        self.assertGreater(maintain(lake)["clean up"][0]["files_before"], 0)
        lake.refresh()
        self.assert_right(lake)

    def test_orphans(self):
        lake = self.lake()
        folder = lake.folder / "data" / "main" / "kept"

        def left(name, seconds):
            file = folder / name
            file.write_bytes(b"left by a writer that was killed")
            os.utime(file, (time.time() - seconds, time.time() - seconds))
            return file

        old = left(f"ducklake-{uuid.uuid4()}.parquet", 25 * HOUR)
        deletes = left(f"ducklake-{uuid.uuid4()}-delete.parquet", 25 * HOUR)
        new = left(f"ducklake-{uuid.uuid4()}.parquet", 23 * HOUR)
        foreign = left("mine.parquet", 25 * HOUR)
        text = left("README.txt", 25 * HOUR)
        live = data_files(lake) - {old, deletes, new, foreign, text}
        for file in live:
            os.utime(file, (time.time() - 3 * DAY, time.time() - 3 * DAY))
        report = maintain(lake)["orphans"][0]
        self.assertEqual((report["files_before"], report["files_after"], report["bytes_before"], report["bytes_after"]), (2, 0, 64, 0))
        self.assertTrue(live | {new, foreign, text} <= data_files(lake))
        self.assertFalse({old, deletes} & data_files(lake))
        self.rounds(lake, 2)
        self.assert_right(lake)

    # --- others at the same time -------------------------------------------------------------------------------------

    def beside_writers(self, kind):
        lake = self.lake(kind)
        self.rounds(lake, 9)
        age(lake, 30 * DAY)
        writes = ";\n".join(CHANGES.format(n=n) for n in range(20, 26))
        refreshes = "ALTER DYNAMIC TABLE sums REFRESH;\nALTER DYNAMIC TABLE named REFRESH;\n" * 4
        started = [start("sql", "--json", "-f", "-", folder=lake.folder, input=writes),
                   start("sql", "--json", "-f", "-", folder=lake.folder, input=refreshes),
                   start("maintain", "--json", "--retention", "0 days", folder=lake.folder),
                   start("maintain", "--json", "--all-tables", folder=lake.folder)]
        writer, refresher, *maintainers = map(finish, started)
        self.assertEqual(writer.code, 0, writer.out[-2000:] + writer.err)
        self.assertEqual(refresher.code, 0, refresher.out[-2000:] + refresher.err)
        for outcome in maintainers:
            for entry in outcome.json():
                self.assertEqual(entry.get("error", {}).get("code", "FRS-3005"), "FRS-3005", entry)
            self.assertEqual(outcome.code, 1 if any("error" in entry for entry in outcome.json()) else 0, outcome)
        lake.refresh()
        self.assert_right(lake)
        ids = set(range(400))
        for n in (*range(1, 10), *range(20, 26)):
            ids |= {i + 10000 + 100 * n for i in range(7)}
            ids -= {i for i in ids if i % 43 == n}
        self.assertEqual({row[0] for row in lake.rows("SELECT id FROM t")}, ids, "no writer's change is lost")
        maintain(lake)
        self.n = 30
        self.round(lake)
        self.assert_right(lake)

    def test_beside_writers_on_sqlite(self):
        self.beside_writers("sqlite")

    def test_beside_writers_on_postgres(self):
        self.beside_writers("postgres")

    def test_killed(self):
        lake = self.lake()
        for point in ("after_compaction", "before_commit", "after_commit", "after_expiry", "after_removal"):
            with self.subTest(point):
                self.rounds(lake, 5)
                age(lake, 30 * DAY)
                lake.kill(point, "maintain", "--retention", "1 day")
                self.assert_right(lake)
                self.round(lake)
                self.assert_right(lake)
                maintain(lake)
                lake.refresh()
                self.assert_right(lake)

    def test_another_client_reads_on(self):
        lake = self.lake()
        self.rounds(lake, 9)
        age(lake, 30 * DAY)
        maintain(lake)
        age(lake, 3 * DAY)
        maintain(lake)
        with Lake() as client:
            for table, query in QUERIES.items():
                rows = client.rows(f"ATTACH 'ducklake:sqlite:{lake.folder}/lake.sqlite' AS other (READ_ONLY); USE other; "
                                   f"(FROM ({query}) EXCEPT ALL FROM {table}) UNION ALL (FROM {table} EXCEPT ALL FROM ({query}))")
                self.assertEqual(rows, [], table)

    # --- what is compacted -------------------------------------------------------------------------------------------

    def test_sources_only_where_asked_and_safe(self):
        lake = self.lake()
        for n in range(10):
            lake.run(f"INSERT INTO still VALUES ({n % 5}, 'more {n}')")
        lake.refresh()
        report = maintain(lake)
        self.assertNotIn("main.still", [entry["table"] for entry in report.get("merge", [])])
        report = maintain(lake, "--all-tables")
        left = next(entry for entry in report["merge"] if entry["table"] == "main.still")
        self.assertEqual(left["files_after"], left["files_before"])
        call = left["detail"].split("; ")[1].removesuffix(" turns it off")
        lake.run(call)
        report = maintain(lake, "--all-tables")
        merged = next(entry for entry in report["merge"] if entry["table"] == "main.still")
        self.assertEqual(merged["files_after"], 1)
        self.assertTrue({"main.names", "main.named"} <= {entry["table"] for entry in report["advance"]})
        lake.run("INSERT INTO still VALUES (3, 'x'); DELETE FROM still WHERE name = 'more 4'")
        for entry in lake.refresh("names", "named").values():
            self.assertIn(entry["action"], ("INCREMENTAL", "NO_DATA"), entry)
        self.assert_right(lake)

    def test_partitions_names_and_scattered_deletes(self):
        lake = Lake()
        self.addCleanup(lake.remove)
        queries = {'"a.b ""c\'d"': "SELECT id, g, v FROM t", "parts": "SELECT g, id FROM t"}
        lake.run("CREATE TABLE t AS SELECT i AS id, i % 10 AS g, 1 AS v FROM range(200) r (i)")
        for table, query in queries.items():
            layout = "PARTITIONED BY (g)" if table == "parts" else ""
            lake.run(f"CREATE DYNAMIC TABLE {table} TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL {layout} AS {query}")
        refresh = "; ".join(f"ALTER DYNAMIC TABLE {table} REFRESH" for table in queries)
        steps = [f"INSERT INTO t SELECT {n} * 1000 + i, i % 10, 1 FROM range(100) r (i); {refresh}; "
                 f"UPDATE t SET v = v + 1 WHERE id % 100 < 10 AND id >= {n} * 1000; {refresh}" for n in range(1, 10)]
        lake.run(";\n".join(steps))
        report = maintain(lake)
        self.assertIn("main.\"a.b \"\"c'd\"", [entry["table"] for entry in report["rewrite"]])
        self.assertEqual(report["merge"][-1]["table"], "main.parts")
        self.assertEqual(set(maintain(lake)), {"expire", "clean up", "orphans"}, "one small file per partition is no work")
        lake.run("DELETE FROM t WHERE id % 7 = 3")
        for entry in lake.refresh().values():
            self.assertEqual(entry["action"], "INCREMENTAL", entry)
        lake.assert_all_equal(queries)

    def test_rows_that_another_client_inlined(self):
        lake = self.lake()
        with Lake() as client:
            client.run(f"ATTACH 'ducklake:sqlite:{lake.folder}/lake.sqlite' AS other (DATA_INLINING_ROW_LIMIT 100); USE other; "
                       "INSERT INTO still VALUES (1, 'inlined'); DELETE FROM t WHERE id IN (50, 51)")
        lake.run("CALL lake.set_option('data_inlining_row_limit', 0, table_name => 'still'); "
                 "CALL lake.set_option('data_inlining_row_limit', 0, table_name => 't')")
        report = maintain(lake, "--all-tables")
        self.assertEqual({entry["table"] for entry in report["flush"]}, {"main.still", "main.t"})
        lake.refresh()
        self.assert_right(lake)

    # --- bad input ---------------------------------------------------------------------------------------------------

    def test_bad_input(self):
        lake = Lake()
        self.addCleanup(lake.remove)
        for arguments in (("--retention", "soon"), ("--retention", "-1 days"), ("--retention", "7"), ("--retention", ""),
                          ("--frobnicate",), ("surplus",), ("--retention",)):
            with self.subTest(arguments):
                outcome = lake.command("maintain", *arguments)
                self.assertEqual(outcome.code, 2, outcome)
                self.assertIn("error[FRS-1001]", outcome.err)
        outcome = lake.command("maintain", "--json")
        self.assertEqual((outcome.code, outcome.json()["error"]["code"]), (1, "FRS-3001"), "there is no lake yet")
        lake.run("SELECT 1")
        self.assertEqual(set(maintain(lake)), {"expire", "clean up", "orphans"}, "an empty lake")
        lake.run("CREATE TABLE t (a INTEGER)")
        age(lake, 30 * DAY)
        self.assertEqual(maintain(lake)["expire"][0]["snapshots"], 1)
        self.assertEqual(maintain(lake)["expire"][0]["snapshots"], 0)

    def test_one_failing_table_stops_no_other(self):
        lake = self.lake()
        lake.run("CREATE DYNAMIC TABLE other TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS SELECT id, v FROM t WHERE id >= 0; "
                 "CREATE DYNAMIC TABLE broken TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS SELECT id, v FROM t WHERE id >= 0")
        refresh = "ALTER DYNAMIC TABLE other REFRESH; ALTER DYNAMIC TABLE broken REFRESH"
        lake.run("; ".join(f"INSERT INTO t VALUES ({n}, 1, 1); {refresh}" for n in range(1000, 1010)))
        hidden = min((lake.folder / "data" / "main" / "broken").glob("*.parquet"))
        away = hidden.rename(lake.folder / "away")
        outcome = lake.command("maintain", "--json")
        self.assertEqual(outcome.code, 1)
        self.assertIn("error[FRS-", outcome.err)
        failed = [entry for entry in outcome.json() if "error" in entry]
        self.assertEqual([(entry["step"], entry["table"]) for entry in failed], [("merge", "main.broken")])
        done = [(entry["step"], entry["table"]) for entry in outcome.json() if "error" not in entry]
        self.assertIn(("merge", "main.other"), done)
        self.assertIn(("orphans", None), done)
        away.rename(hidden)
        self.assertEqual([entry["table"] for entry in maintain(lake)["merge"]], ["main.broken"])
        self.round(lake)
        self.assert_right(lake)


if __name__ == "__main__":
    unittest.main()
