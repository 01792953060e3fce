"""G9: 0 only if everything asked for was done, 1 if anything failed, 2 for a usage error."""
import unittest

from tests.harness.lake import Lake


class ExitCodes(unittest.TestCase):
    def test_exit_codes(self):
        with Lake() as lake:
            self.assertEqual(lake.command("list").code, 1, "commands that only read don't make a lake")
            lake.run("CREATE TABLE t AS SELECT '1' AS v; CREATE DYNAMIC TABLE good TARGET_LAG = '1 minute' AS SELECT v FROM t;"
                     "CREATE DYNAMIC TABLE bad TARGET_LAG = '1 minute' AS SELECT v::INTEGER AS n FROM t;"
                     "CREATE DYNAMIC TABLE child TARGET_LAG = '1 minute' AS SELECT n FROM bad; INSERT INTO t VALUES ('x')")
            for code, *command in (
                    (2, "nonsense"), (2, "refresh", "--nonsense"), (2, "verify", "--nonsense"), (2, "graph", "--format", "png"),
                    (2, "sql", "--nonsense"), (2, "create"), (1, "refresh", "nothing"), (1, "verify", "x*"), (1, "describe", "nothing"),
                    (1, "sql", "SELECT nothing"), (1, "sql", "SELECT 1; SELEC 2; SELECT 3"), (0, "sql", "SELECT 1"), (0, "version"),
                    (1, "create", "-f", "missing.sql"), (1, "refresh", "--all"), (1, "refresh", "child"), (0, "refresh", "good"),
                    (0, "list"), (0, "verify", "good")):
                with self.subTest(command):
                    outcome = lake.command(*command)
                    self.assertEqual(outcome.code, code, outcome)
                    if code:
                        self.assertRegex(outcome.err, r"error\[FRS-\d{4}\]")
            lake.assert_all_equal({"good": "FROM t", "bad": "SELECT 1", "child": "SELECT 1"}, "the rest was refreshed:")
            lake.run("DELETE FROM t WHERE v = 'x'")
            self.assertEqual(lake.command("refresh", "--all").code, 0)


if __name__ == "__main__":
    unittest.main()
