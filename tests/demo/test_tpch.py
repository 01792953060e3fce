"""freshet demo on generated TPC-H data."""
import pathlib
import tempfile
import unittest

from tests.harness import postgres
from tests.harness.program import freshet

KEYS = ["table", "action", "strategy", "reason", "rows_inserted", "rows_deleted", "refresh_ms", "recompute_ms", "missing",
        "extra", "equal", "error"]
TABLES = [f"main.q{number:02}" for number in range(1, 23)] + [
    "main.customer_revenue", "main.nation_revenue", "main.region_revenue", "main.customer_orders", "main.customer_overview"]


class Tpch(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="freshet-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def demo(self, *arguments):
        """Runs a small demo that must succeed and leave nothing; returns its report."""
        outcome = freshet("demo", "--scale", "0.01", "--json", *arguments, folder=self.folder,
                          env={"TMPDIR": str(self.folder)})
        self.assertEqual(outcome.code, 0, outcome.out + outcome.err)
        self.assertEqual(list(self.folder.iterdir()), [])
        return outcome.json()

    def assert_complete(self, report, rounds):
        self.assertTrue(report["equal"])
        self.assertGreater(report["peak_memory_mb"], 0)
        self.assertEqual([entry["round"] for entry in report["rounds"]], list(range(rounds + 1)))
        for entry in report["rounds"]:
            self.assertEqual([line["table"] for line in entry["tables"]], TABLES)
            for line in entry["tables"]:
                with self.subTest(round=entry["round"], table=line["table"]):
                    self.assert_line(line, first=entry["round"] == 0)

    def assert_line(self, line, first):
        self.assertEqual(list(line), KEYS)
        actions = ("REINITIALIZE",) if first else ("INCREMENTAL", "FULL", "NO_DATA")
        self.assertIn(line["action"], actions)
        self.assertEqual((line["equal"], line["missing"], line["extra"], line["error"]), (True, 0, 0, None))
        self.assertTrue(line["strategy"] and line["reason"])
        self.assertGreater(line["refresh_ms"], 0)
        self.assertGreater(line["recompute_ms"], 0)

    def test_every_kind_of_round(self):
        self.assert_complete(self.demo(), 4)

    def test_duckdb_file(self):
        self.assert_complete(self.demo("--catalog", "duckdb", "--rounds", "2"), 2)

    def test_postgres(self):
        catalog = "postgres:" + postgres.server()
        self.assert_complete(self.demo("--catalog", catalog, "--rounds", "2"), 2)
        left = postgres.psql("SELECT count(*) FROM pg_database WHERE datname LIKE 'freshet_demo%'")
        self.assertEqual(left.strip(), "0")

    def test_by_change(self):
        report = self.demo("--mode", "incremental")
        self.assert_complete(report, 4)
        actions = {line["action"] for entry in report["rounds"][1:] for line in entry["tables"]}
        self.assertLessEqual(actions, {"INCREMENTAL", "NO_DATA"})

    def test_report_for_people(self):
        outcome = freshet("demo", "--scale", "0.001", "--rounds", "1", folder=self.folder)
        self.assertEqual(outcome.code, 0, outcome.err)
        self.assertIn("round 1: RF1", outcome.out)
        self.assertIn("every table equals its query after every round", outcome.out)
        self.assertEqual(outcome.err, "")

    def test_a_lake_that_is_kept(self):
        freshet("demo", "--scale", "0.001", "--rounds", "0", "--keep", "kept", "--json", folder=self.folder)
        verified = freshet("-C", "kept", "verify", "--all", "--json", folder=self.folder)
        self.assertEqual(verified.code, 0, verified.err)
        self.assertEqual(sorted(entry["table"] for entry in verified.json()), sorted(TABLES))
        again = freshet("demo", "--keep", "kept", folder=self.folder)
        self.assertEqual(again.code, 1)
        self.assertIn("it must be empty", again.err)
        self.assertTrue((self.folder / "kept" / "freshet.yml").exists())


class BadInput(unittest.TestCase):
    def assert_usage_error(self, *arguments):
        outcome = freshet("demo", *arguments)
        self.assertEqual(outcome.code, 2, (arguments, outcome))
        self.assertEqual(outcome.out, "")
        self.assertIn("error[FRS-1001]: ", outcome.err)

    def test_numbers(self):
        for scale in ("0", "-1", "0.0", "nan", "inf", "1e9", "101", "one", "1x", "", "99999999999999999999"):
            with self.subTest(scale=scale):
                self.assert_usage_error("--scale", scale)
        for rounds in ("-1", "1.5", "many", "101", "99999999999999999999"):
            with self.subTest(rounds=rounds):
                self.assert_usage_error("--rounds", rounds)

    def test_words(self):
        self.assert_usage_error("tpcds")
        self.assert_usage_error("--catalog", "mysql")
        self.assert_usage_error("--catalog", "")
        self.assert_usage_error("--mode", "sometimes")
        self.assert_usage_error("--data", "/")
        self.assert_usage_error("--frobnicate")

    def test_server_that_is_not_there(self):
        outcome = freshet("demo", "--catalog", "postgres:host=/nonexistent password=hunter2")
        self.assertEqual(outcome.code, 1)
        self.assertNotIn("hunter2", outcome.out + outcome.err)

    def test_folder_that_cannot_be_made(self):
        with tempfile.NamedTemporaryFile() as file:
            outcome = freshet("demo", "--keep", file.name + "/lake")
        self.assertEqual(outcome.code, 1)
        self.assertIn("error[FRS-", outcome.err)


if __name__ == "__main__":
    unittest.main()
