"""freshet diff: what a new definition would change, and what changed between two snapshots."""
import unittest

from tests.harness.lake import Lake


class Diff(unittest.TestCase):
    def setUp(self):
        self.lake = Lake()
        self.addCleanup(self.lake.remove)
        self.lake.run("CREATE TABLE t (g INTEGER, v INTEGER); INSERT INTO t VALUES (1, 10), (1, 20), (2, 5), (3, 1);"
                      "CREATE DYNAMIC TABLE a TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS SELECT g, sum(v) AS s FROM t GROUP BY g")

    def diff(self, *arguments):
        return self.lake.done("diff", "a", "--json", *arguments).json()

    def diff_as(self, query, *arguments):
        return self.diff("--as", self.lake.write("new.sql", query), *arguments)

    def test_a_new_definition(self):
        self.lake.run("INSERT INTO t VALUES (9, 9)")  # not yet refreshed: no part of the difference
        snapshot = self.lake.snapshot()
        report = self.diff_as("SELECT g, sum(v) + (CASE WHEN g = 2 THEN 1 ELSE 0 END) AS s FROM t WHERE g <> 3 GROUP BY g UNION ALL SELECT 7, 7")
        self.assertEqual((report["added"], report["removed"], report["changed"]), (1, 1, 1))
        self.assertEqual((report["rows_before"], report["rows_after"], report["key"]), (3, 3, ["g"]))
        self.assertEqual([(row["diff"], row["g"], row["s"]) for row in report["sample"]],
                         [("-", 2, "5"), ("+", 2, "6"), ("-", 3, "1"), ("+", 7, "7")])
        self.assertEqual(self.lake.snapshot(), snapshot)
        same = self.diff_as("CREATE DYNAMIC TABLE a TARGET_LAG = '1 hour' AS SELECT g, sum(v) AS s FROM t GROUP BY g")
        self.assertEqual((same["added"], same["removed"], same["changed"], same["sample"]), (0, 0, 0, []))

    def test_columns(self):
        report = self.diff_as("SELECT g, count(*) AS n, sum(v) AS s FROM t GROUP BY g")
        self.assertEqual((report["columns_added"], report["columns_removed"], report["changed"]), (["n BIGINT"], [], 0))
        report = self.diff_as("SELECT g AS h FROM t")
        self.assertEqual((report["added"], report["removed"], report["columns_removed"]), (4, 3, ["g INTEGER", "s HUGEINT"]))

    def test_between_snapshots(self):
        before = self.lake.snapshot()
        self.lake.run("INSERT INTO t VALUES (1, 1), (4, 4); DELETE FROM t WHERE g = 3")
        self.lake.refresh()
        for arguments in ((), ("--to", self.lake.snapshot())):
            report = self.diff("--from", before, *arguments)
            self.assertEqual((report["added"], report["removed"], report["changed"]), (1, 1, 1))
        back = self.diff("--from", self.lake.snapshot(), "--to", before)
        self.assertEqual((back["added"], back["removed"], back["changed"]), (1, 1, 1))
        shown = self.lake.done("diff", "a", "--from", before, "--sample", 1).out
        self.assertIn("main.a: 1 rows added, 1 removed, 1 changed; 3 rows before, 3 after", shown)
        self.assertEqual(len(self.diff("--from", before, "--sample", 1)["sample"]), 1)

    def test_between_snapshots_of_other_names(self):
        before = self.lake.snapshot()
        self.lake.run("ALTER DYNAMIC TABLE a RENAME TO b; INSERT INTO t VALUES (4, 4)")
        self.lake.refresh()
        report = self.lake.done("diff", "b", "--json", "--from", before).json()
        self.assertEqual((report["added"], report["removed"], report["changed"]), (1, 0, 0))

    def test_a_table_that_was_never_filled(self):
        self.lake.run("CREATE DYNAMIC TABLE b TARGET_LAG = '1 minute' INITIALIZE = ON_SCHEDULE AS SELECT g FROM t")
        report = self.lake.done("diff", "b", "--json", "--as", self.lake.write("new.sql", "SELECT g FROM t WHERE v <> 20")).json()
        self.assertEqual((report["rows_before"], report["rows_after"], report["added"]), (0, 3, 3))
        self.assertIn("never filled", report["basis"])

    def test_bags_without_a_key(self):
        self.lake.run("CREATE DYNAMIC TABLE b TARGET_LAG = '1 minute' AS SELECT g FROM t")
        report = self.lake.done("diff", "b", "--json", "--as", self.lake.write("new.sql", "SELECT g FROM t WHERE v <> 20")).json()
        self.assertEqual((report["added"], report["removed"], report["changed"], report["key"]), (0, 1, 0, []))

    def test_expired_versions(self):
        self.lake.run("INSERT INTO t VALUES (9, 9); CALL ducklake_expire_snapshots('lake', older_than => now()::TIMESTAMPTZ)")
        report = self.diff_as("SELECT g, sum(v) AS s FROM t WHERE g <> 9 GROUP BY g")
        self.assertEqual((report["added"], report["removed"], report["changed"]), (0, 1, 0))
        self.assertIn("both definitions", report["basis"])
        outcome = self.lake.command("diff", "a", "--from", 1)
        self.assertEqual(outcome.code, 1)
        self.assertIn("FRS-4006", outcome.err)

    def test_refused(self):
        self.assertEqual(self.lake.command("diff", "a").code, 2)
        self.assertEqual(self.lake.command("diff", "a", "--from", "x").code, 2)
        self.assertEqual(self.lake.command("diff", "a", "--as", "no.sql").code, 1)
        outcome = self.lake.command("diff", "a", "--as", self.lake.write("new.sql", "SELECT\n nothing FROM t"))
        self.assertIn("--> new.sql:2:2", outcome.err)
        outcome = self.lake.command("diff", "a", "--as", self.lake.write("new.sql", "SELECT 1 AS g"), "--key", "nothing")
        self.assertIn("FRS-2003", outcome.err)


if __name__ == "__main__":
    unittest.main()
