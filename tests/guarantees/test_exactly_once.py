"""G2: content and frontier change in one commit. A process killed anywhere loses nothing and applies nothing twice, and
the next command needs no repair step; several processes may refresh one table at once."""
import unittest

from tests.harness.lake import Lake
from tests.harness.program import finish, start

SOURCE = "CREATE TABLE t AS SELECT i AS id, i % 5 AS g, i * 1.5::DECIMAL(9, 2) AS v FROM range(60) r (i)"
CHANGES = "INSERT INTO t SELECT i + 1000 * {n}, i % 5, i FROM range(7) r (i); UPDATE t SET v = v + {n} WHERE id % 11 = {n}; " \
          "DELETE FROM t WHERE id % 13 = {n}"
QUERIES = {
    "kept": "SELECT id, g, v FROM t WHERE v > 10",
    "sums": "SELECT g, count(*) AS n, sum(v) AS total, min(v) AS least FROM kept GROUP BY g",
}
CREATE = ";".join(f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS {query}"
                  for name, query in QUERIES.items())
BEFORE_COMMIT = ("after_snapshot", "after_compute", "after_delete", "after_insert", "after_state", "before_commit")
COMMITTED = ("after_commit", "between_tables")


class Killed(unittest.TestCase):
    def setUp(self):
        self.lake = Lake()
        self.addCleanup(self.lake.remove)

    def assert_right(self, action=None):
        """The next refresh makes both tables right, and there is nothing left after it."""
        entries = self.lake.refresh("sums")
        self.assertEqual(list(entries), ["main.kept", "main.sums"])
        if action:
            self.assertEqual({entry["action"] for entry in entries.values()}, {action}, entries)
        self.lake.assert_all_equal(QUERIES)
        return entries

    def test_a_refresh_killed_at_every_point(self):
        self.lake.run(f"{SOURCE}; {CREATE}")
        for n, point in enumerate(BEFORE_COMMIT + COMMITTED, 1):
            with self.subTest(point):
                self.lake.run(CHANGES.format(n=n))
                before = self.lake.snapshot()
                self.lake.kill(point, "refresh", "sums")
                if point in BEFORE_COMMIT:
                    self.assertEqual(self.lake.snapshot(), before, "nothing of it is in the lake")
                for table, entry in self.lake.verify().items():
                    self.assertEqual((entry["missing"], entry["extra"]), (0, 0), f"{table}: content and frontier fit")
                entries = self.assert_right()
                self.assertEqual(entries["main.sums"]["action"], "INCREMENTAL")
                self.assertEqual(entries["main.kept"]["action"], "INCREMENTAL" if point in BEFORE_COMMIT else "NO_DATA")

    def test_a_full_refresh_and_an_atomic_one_killed(self):
        self.lake.run(f"{SOURCE}; {CREATE}")
        n = 0
        for option in ("--full", "--atomic"):
            for point in ("after_compute", "after_insert", "before_commit", "after_commit"):
                with self.subTest(option, point=point):
                    n += 1
                    self.lake.run(CHANGES.format(n=n))
                    before = self.lake.snapshot()
                    self.lake.kill(point, "refresh", "kept", "sums", option)
                    if point != "after_commit":
                        self.assertEqual(self.lake.snapshot(), before)
                    self.assert_right("NO_DATA" if (option, point) == ("--atomic", "after_commit") else None)

    def test_a_first_fill_that_the_state_store_was_not_told_of(self):
        self.lake.run(f"{SOURCE}; CREATE DYNAMIC TABLE kept TARGET_LAG = '1 minute' INITIALIZE = ON_SCHEDULE AS {QUERIES['kept']}")
        self.lake.kill("after_commit", "refresh", "kept")
        listed = self.lake.done("list", "--json").json()[0]
        self.assertEqual((listed["state"], listed["data_timestamp"] is None), ("ACTIVE", False))

    def test_a_create_killed_at_every_point(self):
        self.lake.run(SOURCE)
        created = False
        for point in ("after_own_schema",) + BEFORE_COMMIT + ("after_commit", "after_create_commit", "between_tables"):
            if point == "after_delete":
                continue  # a first fill deletes nothing
            with self.subTest(point):
                table = f"d_{point}"
                create = f"CREATE DYNAMIC TABLE {table} TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL " \
                         "AS SELECT g, sum(v) AS total FROM t GROUP BY g"
                self.lake.kill_sql(point, create)
                code, results = self.lake.statements(create)
                committed = point in ("after_commit", "after_create_commit", "between_tables")
                self.assertEqual(code, 1 if committed else 0, results)
                if committed:
                    self.assertEqual(results[-1]["error"]["code"], "FRS-2010")
                names = [row[0] for row in self.lake.rows("SHOW DYNAMIC TABLES")]
                self.assertIn(table, names)
                self.lake.run("INSERT INTO t VALUES (-1, 2, 0.5)")
                self.lake.assert_refreshed(table, "SELECT g, sum(v) FROM t GROUP BY g", action="INCREMENTAL")
        left = self.lake.rows("SELECT count(*) FROM duckdb_tables() WHERE database_name = 'lake' AND schema_name = 'main'")
        self.assertEqual(left, [[1 + 9]], "no remains of killed attempts")

    def test_definition_changes_killed_between_their_two_commits(self):
        self.lake.run(f"{SOURCE}; {CREATE}")

        def shown(name):
            return dict(zip(("name", "state", "refresh_mode", "comment"),
                            self.lake.rows(f"SELECT name, state, refresh_mode, comment FROM freshet_tables() WHERE name = '{name}'")[0]))

        self.lake.kill_sql("after_ddl_commit", "ALTER DYNAMIC TABLE kept SUSPEND")
        self.assertRegex(shown("kept")["state"], "(?i)suspended")
        self.assertRegex(shown("sums")["state"], "(?i)suspended")
        self.lake.kill_sql("after_ddl_commit", "ALTER DYNAMIC TABLE kept RESUME")
        self.assertNotRegex(shown("kept")["state"], "(?i)suspended")
        self.lake.kill_sql("after_ddl_commit", "ALTER DYNAMIC TABLE sums SET COMMENT = 'new', REFRESH_MODE = AUTO")
        self.assertEqual((shown("sums")["comment"], shown("sums")["refresh_mode"]), ("new", "AUTO"))
        self.lake.run("INSERT INTO t VALUES (2000, 3, 20)")
        self.assert_right()

        self.lake.kill_sql("after_ddl_commit", "ALTER DYNAMIC TABLE sums RENAME TO totals")
        self.lake.run("INSERT INTO t VALUES (2001, 3, 20)")
        self.lake.assert_refreshed("totals", QUERIES["sums"])
        self.lake.error("SELECT * FROM sums")

        self.lake.kill_sql("after_commit", "ALTER DYNAMIC TABLE totals AS SELECT g, max(v) AS top FROM kept GROUP BY g")
        self.lake.run("INSERT INTO t VALUES (2002, 3, 2000)")
        self.lake.assert_refreshed("totals", "SELECT g, max(v) AS top FROM kept GROUP BY g")
        self.lake.kill_sql("before_commit", "ALTER DYNAMIC TABLE totals AS SELECT g, min(v) AS low FROM kept GROUP BY g")
        self.lake.assert_refreshed("totals", "SELECT g, max(v) AS top FROM kept GROUP BY g", action="NO_DATA")
        for point, query in (("before_commit", "SELECT g, max(v) AS top FROM kept GROUP BY g"),
                             ("after_commit", "SELECT DISTINCT g FROM kept")):
            self.lake.kill_sql(point, "CREATE OR REPLACE DYNAMIC TABLE totals TARGET_LAG = '1 hour' AS SELECT DISTINCT g FROM kept")
            self.lake.assert_refreshed("totals", query)

        self.lake.kill_sql("after_ddl_commit", "DROP DYNAMIC TABLE totals")
        self.assertEqual([row[0] for row in self.lake.rows("SHOW DYNAMIC TABLES")], ["kept"])
        self.lake.run("CREATE DYNAMIC TABLE totals TARGET_LAG = '1 minute' AS SELECT max(v) AS top FROM kept")
        self.lake.assert_equal("totals", "SELECT 2000")

    def test_a_lost_state_store(self):
        self.lake.run(f"{SOURCE}; {CREATE}; ALTER DYNAMIC TABLE sums SET COMMENT = 'mine'")
        self.lake.run(CHANGES.format(n=1))
        stores = [file for file in self.lake.folder.iterdir()
                  if file.is_file() and not file.name.startswith("lake.sqlite") and file.name != "freshet.yml"]
        stores += [file for file in self.lake.folder.glob("lake.sqlite.*")]
        self.assertTrue(stores, list(self.lake.folder.iterdir()))
        for file in stores:
            file.unlink()
        self.assert_right("INCREMENTAL")
        listed = {row["name"]: row for row in self.lake.done("list", "--json").json()}
        self.assertEqual(listed["sums"]["comment"], "mine")
        self.lake.run(CHANGES.format(n=2))
        self.assert_right("INCREMENTAL")


class AtOnce(unittest.TestCase):
    """Two processes refresh one table while a third writes its source."""

    ROUNDS = 4

    def together(self, kind):
        with Lake(kind) as lake:
            lake.run(f"{SOURCE}; {CREATE}")
            refreshes = "ALTER DYNAMIC TABLE sums REFRESH;\n" * self.ROUNDS
            writes = ";\n".join(CHANGES.format(n=n) for n in range(1, self.ROUNDS + 1))
            started = [start("sql", "--json", "-f", "-", folder=lake.folder, input=text) for text in (refreshes, refreshes, writes)]
            for what, outcome in zip(("first refresher", "second refresher", "writer"), map(finish, started)):
                self.assertEqual(outcome.code, 0, f"{what}: {outcome.out[-2000:]}{outcome.err}")
                for line in outcome.lines():
                    self.assertNotIn("FULL", [value for row in line["rows"] for value in row])
            for table, entry in lake.verify(check=False).items():
                if entry.get("error"):  # DuckLake may stamp the writer's deletes with the snapshot that was read
                    self.assertEqual(entry["error"]["code"], "FRS-4006", entry)
                else:
                    self.assertEqual((entry["missing"], entry["extra"]), (0, 0), table)
            lake.refresh("sums")
            lake.assert_all_equal(QUERIES)
            lake.refresh("sums", "--full")
            lake.assert_all_equal(QUERIES)

    def test_on_sqlite(self):
        self.together("sqlite")

    def test_on_postgres(self):
        self.together("postgres")


if __name__ == "__main__":
    unittest.main()
