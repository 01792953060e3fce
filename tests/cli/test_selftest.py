"""freshet selftest: its report, and that a case is repeatable."""
import pathlib
import tempfile
import unittest

from tests.harness.program import freshet

TALLY = ["queries", "by_change", "in_full"]


class Selftest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="freshet-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def selftest(self, *arguments):
        """Runs to its end; it must succeed and leave nothing."""
        outcome = freshet("selftest", *arguments, folder=self.folder, env={"TMPDIR": str(self.folder)})
        self.assertEqual(outcome.code, 0, outcome.out + outcome.err)
        self.assertEqual([path for path in self.folder.rglob("*") if path.is_file()], [])
        return outcome

    def test_report(self):
        report = self.selftest("--cases", 2, "--json", "--keep", "failures").json()
        self.assertEqual(list(report), [
            "passed", "complete", "seed", "cases", "seconds", "queries", "shapes", "refreshes", "comparisons", "skipped", "refused",
            "features", "reasons", "repairs", "failures"])
        self.assertEqual((report["passed"], report["complete"], report["seed"], report["cases"], report["failures"]),
                         (True, True, 1, 2, []))
        self.assertEqual(list(report["refreshes"]), ["by_change", "in_full", "no_data", "repaired"])
        for tally in (report["queries"], report["shapes"], *report["features"].values()):
            self.assertEqual(list(tally), TALLY)
            self.assertGreaterEqual(tally["queries"], tally["by_change"] + tally["in_full"])
        self.assertGreater(report["refreshes"]["by_change"], 0)
        self.assertGreater(report["comparisons"], report["queries"]["queries"])

    def test_one_case_is_the_same_again(self):
        def counts():
            report = self.selftest("--seed", 5, "--case", 3, "--json").json()
            # Not how tables with REFRESH_MODE = AUTO were refreshed: that follows from measured times.
            same = {key: report[key] for key in ("cases", "skipped", "refused", "reasons")}
            return same | {feature: tally["queries"] for feature, tally in report["features"].items()}

        first = counts()
        self.assertEqual(first["cases"], 1)
        self.assertEqual(counts(), first)

    def test_for_people(self):
        outcome = self.selftest("--case", 1, "--verbose")
        self.assertIn("every table equals its query after every refresh", outcome.out)
        self.assertIn("refreshed by change:", outcome.out)
        self.assertIn("case 1", outcome.err)

    def test_usage(self):
        for arguments in (["--case", "0"], ["--case", "x"], ["--minutes", "-1"], ["--minutes", "soon"],
                          ["--case", "1", "--minutes", "1"], ["--cases", "-1"], ["--sead", "1"]):
            with self.subTest(arguments):
                self.assertEqual(freshet("selftest", *arguments, folder=self.folder).code, 2)


if __name__ == "__main__":
    unittest.main()
