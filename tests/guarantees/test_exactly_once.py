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
            for table, entry in lake.verify().items():
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
