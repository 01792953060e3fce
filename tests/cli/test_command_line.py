"""The command line: common options, exit codes, what goes to which output."""
import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time
import unittest

from tests.harness.lake import Lake
from tests.harness.program import environment, freshet, program


class Usage(unittest.TestCase):
    def assert_usage_error(self, *arguments, says):
        outcome = freshet(*arguments, folder="/")
        self.assertEqual(outcome.code, 2, outcome)
        self.assertEqual(outcome.out, "")
        self.assertIn("error[FRS-1001]: ", outcome.err)
        self.assertIn(says, outcome.err)

    def test_usage_errors_exit_with_2(self):
        self.assert_usage_error(says="no command given")
        self.assert_usage_error("--profile", says="--profile")
        self.assert_usage_error("lst", says='did you mean "list"?')
        self.assert_usage_error("frobnicate", says='unknown command "frobnicate"')
        self.assert_usage_error("--frobnicate", says="unknown option --frobnicate")
        self.assert_usage_error("list", "--frobnicate", says="unknown option --frobnicate")
        self.assert_usage_error("refresh", "--ful", "a", says='did you mean "--full"?')
        self.assert_usage_error("version", "surplus", says='unexpected argument "surplus"')
        self.assert_usage_error("describe", says="NAME")
        self.assert_usage_error("create", says="--file")
        self.assert_usage_error("refresh", says="no table named")
        self.assert_usage_error("refresh", "--all", "a", says="both")
        self.assert_usage_error("verify", says="no table named")
        self.assert_usage_error("suspend", says="no table named")
        self.assert_usage_error("graph", "--format", "png", says="--format")
        self.assert_usage_error("explain", "t", "--stage", "all", says="--stage")
        self.assert_usage_error("lineage", says="NAME")
        self.assert_usage_error("config", says="config show")
        self.assert_usage_error("history", "--limit", "-1", says='--limit: a whole number, zero or above, is expected, not "-1"')
        self.assert_usage_error("worker", "--parallel", "x", says='--parallel: a whole number, zero or above, is expected, not "x"')
        self.assert_usage_error("demo", "--scale", "x", says='--scale: a number above zero is expected, not "x"')
        self.assert_usage_error("sql", "-f", "a", "SELECT 1", says="both")

    def test_repeatable_options_take_one_value_each(self):
        with Lake() as lake:
            outcome = lake.done("sql", "--set", "engine.threads=1", "--set", "engine.memory_limit=1GB", "SELECT current_setting('threads') AS n")
            self.assertEqual(outcome.out, "n\n1\n")
            lake.write("elsewhere/models/a.sql", "-- freshet: TARGET_LAG = '1 hour'\nSELECT 1 AS a")
            lake.write("elsewhere/freshet.yml", (lake.folder / "freshet.yml").read_text())
            lake.done("sql", "-C", "elsewhere", "SELECT 1")
            self.assertIn("main.a", lake.done("plan", "--select", "a", "elsewhere").out)

    def test_usage_error_as_json(self):
        for arguments in (("--json", "frobnicate"), ("list", "--frobnicate", "--json")):
            outcome = freshet(*arguments)
            self.assertEqual(outcome.code, 2)
            error = outcome.json()["error"]
            self.assertEqual(list(error), ["code", "message", "file", "line", "column", "hint"])
            self.assertEqual(error["code"], "FRS-1001")

    def test_help(self):
        outcome = freshet("--help")
        self.assertEqual(outcome.code, 0)
        for command in ("init", "demo", "sql", "create", "validate", "list", "describe", "history", "graph", "lineage", "config", "refresh",
                        "explain", "verify", "suspend", "resume", "drop", "maintain", "doctor", "version"):
            self.assertRegex(outcome.out, rf"(?m)^  {command} ")
        self.assertEqual(freshet("refresh", "--help").code, 0)
        self.assertEqual(freshet("help").out, outcome.out)
        self.assertEqual(freshet("help", "refresh").out, freshet("refresh", "--help").out)
        self.assertEqual(freshet("help", "refrsh").code, 2)
        self.assertRegex(freshet("--version").out, r"^freshet \d+\.\d+\.\d+\n$")

    def test_help_that_can_not_be_written(self):
        with open("/dev/full", "wb") as full:
            self.assertEqual(subprocess.run([program(), "--help"], stdout=full, stderr=subprocess.DEVNULL, check=False).returncode, 1)


class CommonOptions(unittest.TestCase):
    def test_before_and_after_the_command(self):
        before, after = freshet("--json", "version"), freshet("version", "--json")
        self.assertEqual(before.json(), after.json())
        with tempfile.TemporaryDirectory() as folder:
            for arguments in (("-C", folder, "init"), ("init", "-C", folder)):
                self.assertEqual(freshet(*arguments, folder="/").code, 0)
            self.assertTrue(os.path.exists(os.path.join(folder, "freshet.yml")))

    def test_c_means_as_if_started_there(self):
        with Lake() as lake:
            lake.write("statements.sql", "SELECT 42 AS answer")
            outcome = freshet("-C", lake.folder, "sql", "--json", "-f", "statements.sql", folder="/")
            self.assertEqual(outcome.lines()[0]["rows"], [[42]])
            self.assertEqual(sorted(path.name for path in lake.folder.iterdir() if path.name.startswith("lake.sqlite"))[0],
                             "lake.sqlite")

    def test_c_with_a_missing_folder(self):
        outcome = freshet("-C", "/does/not/exist", "version")
        self.assertEqual(outcome.code, 1)
        self.assertIn("error[FRS-1004]", outcome.err)

    def test_no_colour_into_pipes(self):
        self.assertNotIn("\033", freshet("frobnicate").err)

    def test_quiet(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(freshet("init", "--quiet", folder=folder).err, "")
        with tempfile.TemporaryDirectory() as folder:
            self.assertNotEqual(freshet("init", folder=folder).err, "")


class Version(unittest.TestCase):
    def test_names_program_library_and_extension(self):
        self.assertRegex(freshet("version").out, r"^freshet \d+\.\d+\.\d+ \(DuckDB v1\.5\.5, DuckLake [0-9a-f]{6,}\)\n$")
        self.assertEqual(set(freshet("version", "--json").json()), {"freshet", "duckdb", "ducklake"})

    def test_needs_no_configuration_environment_or_folder(self):
        done = subprocess.run([program(), "version"], cwd="/", env={}, capture_output=True, check=False)
        self.assertEqual(done.returncode, 0)


class Outputs(unittest.TestCase):
    def test_a_reader_that_went_away_is_no_crash(self):
        with Lake() as lake:
            lake.run("CREATE TABLE t AS SELECT 1 AS a")
            command = f"'{program()}' sql 'FROM range(200000)' | head -1; echo \"${{PIPESTATUS[0]}}\""
            done = subprocess.run(["bash", "-c", command], cwd=lake.folder, env=environment(), capture_output=True,
                                  text=True, check=False)
            self.assertEqual(done.stderr, "")
            self.assertEqual(done.stdout.splitlines()[-1], "0")

    def test_a_full_disk_is_a_failure(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([program(), "version"], stdout=full, stderr=subprocess.PIPE, env=environment(),
                                  check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"standard output can't be written", done.stderr)

    def test_results_on_standard_output_all_else_on_standard_error(self):
        with Lake() as lake:
            outcome = lake.command("sql", "SELECT 1 AS one; SELECT nonsense")
            self.assertEqual(outcome.code, 1)
            self.assertEqual(outcome.out, "one\n  1\n")
            self.assertRegex(outcome.err, r"^error\[FRS-\d{4}\]: ")

    def test_errors_have_one_shape(self):
        with Lake() as lake:
            lake.write("model.sql", "SELECT 1;\nSELECT sum(amount)\nFRM orders;\n")
            outcome = lake.command("sql", "-f", "model.sql")
            lines = outcome.err.splitlines()
            self.assertRegex(lines[0], r"^error\[FRS-2001\]: \S")
            self.assertRegex(lines[1], r"^  --> model\.sql:3:\d+$")
            self.assertEqual(lines[2], "   3 | FRM orders;")
            self.assertRegex(lines[3], r"^     \| +\^+$")

    def test_tables_align_numbers_and_show_null(self):
        with Lake() as lake:
            out = lake.command("sql", "SELECT * FROM (VALUES (1, 'a', NULL), (1000, 'long text', 2.5)) t (n, s, x)").out
            self.assertEqual(out, "   n  s             x\n   1  a          NULL\n1000  long text   2.5\n")


class Interrupt(unittest.TestCase):
    def test_ctrl_c_ends_the_running_statement(self):
        with Lake() as lake:
            lake.run("SELECT 1")
            endless = "SELECT count(*) FROM range(10000000000) a, range(1000000) b"
            run = subprocess.Popen([program(), "sql", "--json", "--keep-going", f"SELECT 1; {endless}; SELECT 2"],
                                   cwd=lake.folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True)
            self.assertTrue(json.loads(run.stdout.readline())["ok"])
            time.sleep(0.5)
            run.send_signal(signal.SIGINT)
            out, _ = run.communicate(timeout=60)
            self.assertEqual(run.returncode, 1)
            results = [json.loads(line) for line in out.splitlines()]
            self.assertEqual([result["ok"] for result in results], [False])
            self.assertIn("nterrupt", results[0]["error"]["message"])


    def test_ctrl_c_begins_no_further_table(self):
        query = "SELECT a, (SELECT count(*) FROM range(9999999999) r WHERE r.range < CASE WHEN t.a = 1 THEN 1 ELSE 2 END) AS n FROM t WHERE a > 1"
        with Lake() as lake:
            lake.run("CREATE TABLE t AS SELECT 1 AS a")
            lake.run(";".join(f"CREATE DYNAMIC TABLE d{n} TARGET_LAG = '1 hour' AS {query}" for n in range(3)) + "; INSERT INTO t VALUES (2)")
            run = subprocess.Popen([program(), "refresh", "--all", "--json"], cwd=lake.folder, env=environment(), stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
            time.sleep(3)
            run.send_signal(signal.SIGINT)
            out, err = run.communicate(timeout=60)
            self.assertEqual(run.returncode, 1)
            self.assertEqual([entry["error"]["code"] for entry in json.loads(out)], ["FRS-1007"] * 3)
            self.assertIn("refresh of main.d0 was interrupted; nothing was written", err)


class Explain(unittest.TestCase):
    def test_every_error_number_is_explained(self):
        header = (pathlib.Path(__file__).resolve().parents[2] / "src" / "base" / "error.hpp").read_text()
        numbers = re.findall(r"= (\d{4}),\s+///<", header)
        self.assertGreater(len(numbers), 30)
        for number in numbers:
            outcome = freshet("explain", f"FRS-{number}", folder="/")
            self.assertEqual(outcome.code, 0, f"FRS-{number} has no page")
        page = freshet("explain", "frs-2003", "--json").json()
        self.assertEqual(page["code"], "FRS-2003")

    def test_unknown_number(self):
        self.assertEqual(freshet("explain", "FRS-0000", folder="/").code, 1)


if __name__ == "__main__":
    unittest.main()
