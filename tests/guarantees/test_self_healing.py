"""G7: whatever happens to sources and results outside Freshet, the next refresh repairs it by difference and says why, or
fails with the cause while the old content stays readable."""
import contextlib
import sqlite3
import threading
import unittest

from tests.harness.lake import Failed, Lake

QUERY = "SELECT g, count(*) AS n, sum(v) AS s FROM t GROUP BY g"
SETUP = "CREATE TABLE t AS SELECT i AS id, i % 4 AS g, i AS v FROM range(40) r (i)"


class SelfHealing(unittest.TestCase):
    def setUp(self):
        self.lake = Lake()
        self.addCleanup(self.lake.remove)

    def heal(self, *steps, query=QUERY, setup=SETUP):
        """Creates d and refreshes it after each step (changes, expected actions), all in one session; returns the reasons."""
        texts = [f"{setup};\nCREATE DYNAMIC TABLE d TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS {query}"]
        for changes, _, *new_query in steps:
            now = new_query[0] if new_query else query
            texts.append(f"{changes};\nALTER DYNAMIC TABLE d REFRESH;\nFROM ({now}) EXCEPT ALL FROM d;\nFROM d EXCEPT ALL FROM ({now})")
        results = self.lake.run(";\n".join(texts))
        refreshes = [number for number, result in enumerate(results) if "action" in result["columns"]][1:]
        self.assertEqual(len(refreshes), len(steps))
        reasons = []
        for (changes, actions, *_), number in zip(steps, refreshes):
            with self.subTest(changes):
                _, action, _, reason, *_ = results[number]["rows"][-1]
                self.assertIn(action, actions.split("|"), f"{changes}: {reason}")
                self.assertTrue(reason)
                self.assertEqual([results[number + 1]["rows"], results[number + 2]["rows"]], [[], []], f"{changes}: {action} {reason}")
                reasons.append(reason)
        entries = self.lake.verify("d")
        self.assertEqual((entries["main.d"]["missing"], entries["main.d"]["extra"]), (0, 0))
        return reasons

    # --- sources -----------------------------------------------------------------------------------------------------

    def test_expired_snapshots(self):
        reasons = self.heal(("INSERT INTO t VALUES (100, 1, 1); DELETE FROM t WHERE id = 3; INSERT INTO t VALUES (101, 2, 1); "
                             "CALL ducklake_expire_snapshots('lake', older_than => now() + INTERVAL 1 HOUR)", "REINITIALIZE"),
                            ("INSERT INTO t VALUES (102, 1, 1)", "INCREMENTAL"))
        self.assertRegex(reasons[0], "(?i)expired|gone|no longer")

    def test_snapshots_that_expire_while_tables_are_refreshed(self):
        self.lake.run(f"{SETUP}; CREATE DYNAMIC TABLE d TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS {QUERY};"
                      "CREATE DYNAMIC TABLE e TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS SELECT id, row_number() OVER (PARTITION BY g ORDER BY id) AS r FROM t;"
                      "CREATE DYNAMIC TABLE f TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS SELECT d.g, e.id FROM d JOIN e ON d.n = e.r;"
                      "CREATE DYNAMIC TABLE bad TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS SELECT id, CAST(CASE WHEN id > 1000 THEN 'x' ELSE '1' END AS INTEGER) AS c FROM t;"
                      "CREATE DYNAMIC TABLE below TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS SELECT count(*) AS n FROM bad; INSERT INTO t VALUES (1001, 1, 1)")
        ended = threading.Event()

        def write():
            number = 1001
            while not ended.is_set():
                number += 1
                with contextlib.suppress(Failed):  # it loses against another commit
                    self.lake.run(f"INSERT INTO t VALUES ({number}, {number % 4}, 1); DELETE FROM t WHERE id = {number - 1020};"
                                  "CALL ducklake_expire_snapshots('lake', older_than => now())")

        writer = threading.Thread(target=write)
        writer.start()
        try:
            for _ in range(12):
                entries = self.lake.refresh(check=False)
                errors = {name: entry["error"]["code"] for name, entry in entries.items() if entry.get("error")}
                self.assertEqual(errors, {"main.bad": "FRS-4001", "main.below": "FRS-4002"}, entries)
        finally:
            ended.set()
            writer.join()
        self.lake.run("DROP DYNAMIC TABLE below; DROP DYNAMIC TABLE bad")
        self.lake.refresh()
        self.lake.assert_equal("d", QUERY)
        self.lake.verify()

    def test_lake_restored_from_a_backup_under_a_newer_state_store(self):
        self.lake.run(f"{SETUP}; CREATE TABLE other (a INTEGER); CREATE DYNAMIC TABLE d TARGET_LAG = '1 minute' AS {QUERY}")
        catalog, backup = self.lake.folder / "lake.sqlite", self.lake.folder / "backup"
        with contextlib.closing(sqlite3.connect(catalog)) as old, contextlib.closing(sqlite3.connect(backup)) as new:
            old.backup(new)
        stamp = self.lake.done("list", "--json").json()[0]["data_timestamp"]
        for n in range(3):
            self.lake.run(f"INSERT INTO other VALUES ({n})")
        self.assertEqual(self.lake.refresh("d")["main.d"]["action"], "NO_DATA")
        for file in self.lake.folder.glob("lake.sqlite-*"):
            file.unlink()
        backup.replace(catalog)
        for n in range(5):  # these get the numbers of snapshots up to which nothing had changed
            self.lake.run(f"INSERT INTO t VALUES ({1000 + n}, 1, 1)")
        self.assertEqual(self.lake.done("list", "--json").json()[0]["data_timestamp"], stamp)
        entry = self.lake.verify("d")["main.d"]
        self.assertEqual((entry["missing"], entry["extra"]), (0, 0), "at its frontier")
        self.lake.assert_refreshed("d", QUERY)

    def test_source_replaced(self):
        again = "AS SELECT i AS id, i % 3 AS g, i * 2 AS v FROM range(10) r (i)"
        self.heal((f"CREATE OR REPLACE TABLE t {again}", "REINITIALIZE"),
                  ("INSERT INTO t VALUES (100, 1, 1)", "INCREMENTAL"),
                  (f"DROP TABLE t; CREATE TABLE t {again}", "REINITIALIZE"),
                  ("DELETE FROM t WHERE id = 3", "INCREMENTAL"),
                  (f"ALTER TABLE t RENAME TO away; CREATE TABLE t {again}; INSERT INTO t VALUES (9, 9, 9)", "REINITIALIZE"),
                  ("UPDATE t SET v = v + 1", "INCREMENTAL"))

    def test_columns_that_are_not_named_come_and_go(self):
        self.heal(("ALTER TABLE t ADD COLUMN extra INTEGER DEFAULT 5; INSERT INTO t VALUES (100, 1, 1, 1)", "INCREMENTAL"),
                  ("ALTER TABLE t RENAME COLUMN extra TO other; DELETE FROM t WHERE id = 5", "INCREMENTAL"),
                  ("ALTER TABLE t DROP COLUMN other; UPDATE t SET v = 7 WHERE id = 7", "INCREMENTAL"),
                  ("ALTER TABLE t DROP COLUMN id; INSERT INTO t VALUES (1, 1)", "INCREMENTAL"))

    def test_named_columns(self):
        self.heal(("ALTER TABLE t DROP COLUMN v; ALTER TABLE t ADD COLUMN v BIGINT DEFAULT 3", "REINITIALIZE"),
                  ("INSERT INTO t VALUES (100, 1, 1)", "INCREMENTAL"))
        before = self.lake.rows("FROM d ORDER BY ALL")
        for change, undo, gone in (("ALTER TABLE t RENAME COLUMN v TO w", "ALTER TABLE t RENAME COLUMN w TO v", "v"),
                                   ("ALTER TABLE t RENAME TO away", "ALTER TABLE away RENAME TO t", "t")):
            with self.subTest(change):
                self.lake.run(change)
                error = self.lake.error("ALTER DYNAMIC TABLE d REFRESH")
                self.assertEqual(error["code"], "FRS-4004", error)
                self.assertIn(gone, error["message"])
                self.assertEqual(self.lake.rows("FROM d ORDER BY ALL"), before, "the old content stays readable")
                self.lake.run(f"{undo}; INSERT INTO t VALUES (200, 2, 2)")
                self.lake.assert_refreshed("d", QUERY)
                before = self.lake.rows("FROM d ORDER BY ALL")

    def test_widened_types_widen_the_result(self):
        self.heal(("ALTER TABLE t ALTER v TYPE BIGINT; INSERT INTO t VALUES (100, 5000000000)", "REINITIALIZE"),
                  ("DELETE FROM t WHERE id = 1", "INCREMENTAL"),
                  query="SELECT id, v FROM t WHERE v > 0", setup="CREATE TABLE t (id INTEGER, v INTEGER); INSERT INTO t VALUES (1, 1), (2, 2)")

    def test_a_replaced_view(self):
        self.heal(("CREATE OR REPLACE VIEW w AS SELECT g, v + 1 AS v FROM t", "REINITIALIZE", "SELECT g, sum(v + 1) AS s FROM t GROUP BY g"),
                  ("INSERT INTO t VALUES (100, 1, 1)", "INCREMENTAL", "SELECT g, sum(v + 1) AS s FROM t GROUP BY g"),
                  query="SELECT g, sum(v) AS s FROM w GROUP BY g", setup=f"{SETUP}; CREATE VIEW w AS SELECT g, v FROM t")

    def test_maintenance_between_refreshes(self):
        noise = ("CALL ducklake_flush_inlined_data('lake')", "CALL ducklake_merge_adjacent_files('lake')",
                 "CALL ducklake_rewrite_data_files('lake', 't', delete_threshold => 0.0)",
                 "CALL ducklake_rewrite_data_files('lake', 'd', delete_threshold => 0.0)", "CHECKPOINT lake")
        steps = []
        for number, call in enumerate(noise):
            steps.append((f"INSERT INTO t VALUES ({100 + number}, 1, 5); DELETE FROM t WHERE id IN ({number}, {20 + number}); {call}; "
                          f"UPDATE t SET v = v + 1 WHERE id = {30 + number}", "INCREMENTAL|REINITIALIZE"))
            steps.append((call, "NO_DATA|INCREMENTAL|REINITIALIZE"))
        self.heal(*steps)

    # --- results -----------------------------------------------------------------------------------------------------

    def test_foreign_writes_to_the_result(self):
        self.heal(("INSERT INTO t VALUES (100, 1, 1)", "INCREMENTAL"))
        for statement in ("INSERT INTO d VALUES (1, 1, 1)", "UPDATE d SET n = 0", "DELETE FROM d", "DROP TABLE d",
                          "CREATE OR REPLACE TABLE d AS SELECT 1", "ALTER TABLE d ADD COLUMN x INTEGER"):
            with self.subTest(statement):
                error = self.lake.error(statement)
                self.assertEqual(error["code"], "FRS-2013", error)
        self.lake.assert_equal("d", QUERY)

    def test_foreign_writes_by_another_client(self):
        """Another project's session attaches the lake by its catalog, as any DuckLake client would."""
        self.heal(("INSERT INTO t VALUES (100, 1, 1)", "INCREMENTAL"))
        client = Lake()
        self.addCleanup(client.remove)

        def other(sql):
            client.run(f"ATTACH 'ducklake:sqlite:{self.lake.folder}/lake.sqlite' AS other; USE other; {sql}")

        for statement, changes in (("INSERT INTO d VALUES (77, 1, 1)", "SELECT 1"), ("DELETE FROM d WHERE g = 2", "INSERT INTO t VALUES (101, 3, 9)"),
                                   ("UPDATE d SET s = s + 1", "SELECT 1"), ("DROP TABLE d", "SELECT 1"),
                                   ("CREATE OR REPLACE TABLE d AS SELECT 1 AS g, 2::BIGINT AS n, 3::HUGEINT AS s", "SELECT 1")):
            with self.subTest(statement):
                other(statement)
                self.lake.run(changes)
                entry = self.lake.assert_refreshed("d", QUERY, action="REINITIALIZE")
                self.assertTrue(entry["reason"])
        self.lake.run("INSERT INTO t VALUES (103, 3, 9)")
        self.lake.assert_refreshed("d", QUERY, action="INCREMENTAL")
        for statement in ("ALTER TABLE d ADD COLUMN more INTEGER", "ALTER TABLE d RENAME COLUMN n TO m", "ALTER TABLE d DROP COLUMN s"):
            with self.subTest(statement):
                other(statement)
                error = self.lake.verify("d", check=False)["main.d"]["error"]
                self.assertEqual(error["code"], "FRS-4006")
                self.assertIn("changed outside", error["message"])
                self.lake.assert_refreshed("d", QUERY, action="REINITIALIZE")

    def test_verify_after_columns_of_a_source_have_changed(self):
        """The content is what the query gave as of the frontier, whatever SELECT * means today."""
        self.lake.run(f"{SETUP}; CREATE DYNAMIC TABLE d TARGET_LAG = '1 hour' AS SELECT * FROM t")
        for change in ("ADD COLUMN x INTEGER", "RENAME COLUMN v TO w", "DROP COLUMN g", "ALTER COLUMN id TYPE BIGINT"):
            with self.subTest(change):
                self.lake.run(f"ALTER TABLE t {change}")
                entry = self.lake.verify("d")["main.d"]
                self.assertEqual((entry["missing"], entry["extra"]), (0, 0))
                self.lake.assert_refreshed("d", "SELECT * FROM t")
                self.lake.verify("d")

    def test_a_state_row_that_another_client_changed(self):
        self.heal(("INSERT INTO t VALUES (100, 1, 1)", "INCREMENTAL"))
        self.lake.run("CREATE DYNAMIC TABLE beside TARGET_LAG = '1 hour' AS SELECT id FROM t")
        client = Lake()
        self.addCleanup(client.remove)
        for number, damage in enumerate(("INSERT INTO {} FROM {}", "DELETE FROM {}", "UPDATE {} SET frontier = '{{}}'",
                                         "UPDATE {} SET frontier = 'x'", "ALTER TABLE {} RENAME COLUMN frontier TO other")):
            with self.subTest(damage):
                def strike():
                    row = "other.__freshet.state_" + self.lake.value("SELECT id FROM __freshet.dynamic_tables WHERE table_name = 'd'")
                    client.run(f"ATTACH 'ducklake:sqlite:{self.lake.folder}/lake.sqlite' AS other; {damage.format(row, row)}")

                strike()
                entry = self.lake.assert_refreshed("d", QUERY, action="REINITIALIZE")
                self.assertEqual(entry["reason"], "its state was changed outside Freshet")
                self.lake.run(f"INSERT INTO t VALUES ({200 + number}, 3, 9)")
                self.lake.assert_refreshed("d", QUERY, action="INCREMENTAL")
                strike()
                self.lake.refresh("beside")
                self.lake.done("list", "--json")
                self.lake.done("maintain", "--json")
                self.assertIn("refresh it first", self.lake.error("ALTER DYNAMIC TABLE d RENAME TO other")["hint"])
                self.assertIn("changed outside", self.lake.error("VERIFY DYNAMIC TABLE d")["message"])
                self.lake.run("DROP DYNAMIC TABLE d")
                left = self.lake.rows("SELECT table_name FROM duckdb_tables() WHERE schema_name = '__freshet' AND table_name LIKE 'acc_%'")
                self.assertEqual(left, [])
                self.lake.run(f"CREATE DYNAMIC TABLE d TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS {QUERY}")
                strike()
                self.lake.run(f"CREATE OR REPLACE DYNAMIC TABLE d TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS {QUERY}")
                self.lake.assert_equal("d", QUERY)

    def test_a_result_that_another_client_dropped_is_made_again_in_one_commit_with_what_it_reads(self):
        above = "SELECT g % 2 AS h, sum(s) AS s FROM d GROUP BY 1"
        self.heal(("INSERT INTO t VALUES (100, 1, 1)", "INCREMENTAL"))
        self.lake.run(f"CREATE DYNAMIC TABLE above TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS {above}; "
                      "CREATE DYNAMIC TABLE beside TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS SELECT h, s + 1 AS s FROM above")
        client = Lake()
        self.addCleanup(client.remove)
        client.run(f"ATTACH 'ducklake:sqlite:{self.lake.folder}/lake.sqlite' AS other; USE other; DROP TABLE above")
        self.lake.run("INSERT INTO t VALUES (101, 2, 9); DELETE FROM t WHERE id = 1; ALTER DYNAMIC TABLE d, above, beside REFRESH")
        self.lake.assert_all_equal({"d": QUERY, "above": above, "beside": "SELECT h, s + 1 AS s FROM above"})
        self.lake.verify()


if __name__ == "__main__":
    unittest.main()
