"""The prompt, on a pseudo-terminal: editing, completion, history, commands, results that fit, Ctrl-C, odd input."""
import re
import signal
import stat
import subprocess
import time
import unittest

from tests.harness.lake import Lake
from tests.harness.program import environment, program
from tests.harness.terminal import Terminal

ENDLESS = "SELECT count(*) FROM range(10000000000) a, range(1000000) b;\n"


class Prompt(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lake = Lake()
        cls.addClassCleanup(cls.lake.remove)
        cls.lake.run("CREATE TABLE orders (order_id INTEGER, remark VARCHAR); INSERT INTO orders VALUES (7, 'seven'), (10, NULL);"
                     "CREATE TABLE zebras AS SELECT 1 AS stripes")

    def terminal(self, *arguments, **options):
        terminal = Terminal("sql", *arguments, folder=self.lake.folder, **options)
        self.addCleanup(terminal.__exit__)
        terminal.expect("freshet> ")
        return terminal

    def test_statements_over_several_lines(self):
        terminal = self.terminal()
        terminal.type("SELECT order_id,\n")
        terminal.expect("-> ")
        terminal.type("remark FROM orders ORDER BY ALL;\n")
        shown = terminal.expect("(2 rows)")
        self.assertIn("│        7 │ seven  │\n│       10 │ NULL   │", shown, "numbers on the right, NULL visible")
        terminal.expect("freshet> ")
        terminal.type("SELECT nothing;\n")
        terminal.expect("error[FRS-2003]")
        terminal.expect("freshet> ")
        terminal.type("SELECT 1 AS one;\n")
        terminal.expect("(1 row)")
        terminal.expect("freshet> ")  # a Ctrl-D typed before the prompt ends nothing: the terminal takes it for itself
        terminal.type("\x04")
        self.assertEqual(terminal.end(), 0)

    def test_completion(self):
        terminal = self.terminal()
        terminal.type("SEL\t1 AS a FROM zeb\t;\n")
        terminal.expect("SELECT 1 AS a FROM zebras")
        terminal.expect("(1 row)")
        terminal.expect("freshet> ")
        terminal.type("select zebras.str\tfrom zebras;\n")
        terminal.expect("zebras.stripes")
        terminal.expect("(1 row)")
        terminal.expect("freshet> ")
        terminal.type(".ti\ton\n")
        terminal.expect(".timer on")
        terminal.expect("freshet> ")
        terminal.type("SELECT 2 AS b;\n")
        self.assertRegex(terminal.expect(" ms"), r"time: \d+\.\d ms")

    def test_history_is_kept_with_its_lines(self):
        terminal = self.terminal()
        terminal.type("SELECT 4711\n")
        terminal.expect("-> ")
        terminal.type("AS kept;\n")
        terminal.expect("(1 row)")
        terminal.expect("freshet> ")
        terminal.type(".quit\n")
        self.assertEqual(terminal.end(), 0)
        again = self.terminal()
        again.type("\x1b[A\x1b[A")  # the command, then the statement
        again.expect("AS kept")
        again.type("\n")
        self.assertIn("4711", again.expect("(1 row)"))

    def test_history_outlives_a_signal_and_other_prompts(self):
        one, other = self.terminal(), self.terminal()
        for terminal, text in ((one, "SELECT 101 AS a;"), (other, "SELECT 102 AS b;"), (one, "SELECT 103\nAS c;")):
            terminal.type(text + "\n")
            terminal.expect("(1 row)")
            terminal.expect("freshet> ")
        one.process.send_signal(signal.SIGHUP)
        other.process.send_signal(signal.SIGTERM)
        one.end()
        other.end()
        file = self.lake.folder / ".freshet" / "history"
        self.assertRegex(file.read_text(errors="replace"), r"#\d+\nSELECT 101 AS a;\n#\d+\nSELECT 102 AS b;\n#\d+\nSELECT 103\nAS c;\n$")
        self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)

    def test_history_is_bounded(self):
        with Lake() as lake:
            lake.run("SELECT 1")
            file = lake.folder / ".freshet" / "history"
            file.parent.mkdir(exist_ok=True)
            file.write_text("".join(f"#1700000000\nSELECT {n};\n" for n in range(5100)))
            with Terminal("sql", folder=lake.folder) as terminal:
                terminal.expect("freshet> ")
                terminal.type(".quit\n")
                self.assertEqual(terminal.end(), 0)
            lines = file.read_text().splitlines()
        self.assertEqual((lines[1], lines[-1], len(lines)), ("SELECT 100;", ".quit", 2 * 5001))

    def test_commands(self):
        terminal = self.terminal()
        terminal.type(".help\n")
        self.assertIn(".timer", terminal.expect("FRS-2003"))
        terminal.type(".mode csv\nSELECT 1 AS a, 'x,y' AS b;\n")
        terminal.expect('1,"x,y"')
        terminal.type(".mode csw\n")
        self.assertIn('unknown form "csw"', terminal.expect('did you mean "csv"?'))
        terminal.type(".tabels\n")
        terminal.expect('did you mean ".tables"?')
        terminal.type(".tables\n")
        terminal.expect("main,orders")
        terminal.type("exit\n")
        self.assertEqual(terminal.end(), 0)

    def test_ctrl_c_drops_the_line_however_often(self):
        terminal = self.terminal()
        terminal.type("SELECT 1 AS\n")
        terminal.expect("-> ")
        for _ in range(2):
            terminal.type("abc\x03")
            time.sleep(0.02)
        terminal.type("\x03")
        terminal.expect("^C")
        time.sleep(0.5)
        terminal.type("SELECT 2 AS two;\n")
        self.assertNotIn("error", terminal.expect("(1 row)"))

    def test_ctrl_c_stops_a_statement(self):
        terminal = self.terminal()
        terminal.type(ENDLESS)
        time.sleep(1.5)
        terminal.type("\x03")
        terminal.expect("error[FRS-1007]: interrupted; nothing was written")
        terminal.expect("freshet> ")
        terminal.type("SELECT 3 AS three;\n")
        terminal.expect("(1 row)")

    def test_a_narrow_terminal(self):
        terminal = self.terminal(columns=20)
        terminal.type(".mode table\n")
        terminal.expect("freshet> ")
        terminal.type("SELECT\n")
        terminal.expect("-> ")
        terminal.type("*, 'some long text'\n")
        terminal.expect("-> ")
        terminal.type("x FROM orders;\n")
        shown = terminal.expect("columns)")
        table = [line for line in shown.splitlines() if re.match("[┌│├└]", line)]
        self.assertEqual(len(table), 6, shown)
        self.assertLessEqual(max(map(len, table)), 20)
        self.assertIn("of 3 columns)", shown)
        terminal.type(".mode wide\n")
        terminal.expect("freshet> ")
        terminal.type("FROM orders\n")
        terminal.expect("-> ")
        terminal.type(";\n")
        terminal.expect("(2 rows)")

    def test_long_results_are_paged(self):
        terminal = self.terminal(env={"PAGER": "sed 's/^/paged /'"}, lines=10)
        terminal.type("FROM range(30);\n")
        self.assertIn("paged │    29 │", terminal.expect("paged (30 rows)"))
        terminal.expect("freshet> ")
        terminal.type("FROM range(3);\n")
        self.assertNotIn("paged", terminal.expect("(3 rows)"))

    def test_a_pager_that_is_left_early_or_missing(self):
        terminal = self.terminal(env={"PAGER": "head -2"}, lines=10)
        terminal.type("FROM range(300000);\n")
        terminal.expect("range")
        terminal.expect("freshet> ")
        terminal.type("\x04")
        self.assertEqual(terminal.end(), 0)
        terminal = self.terminal(env={"PAGER": "/no/such/pager"}, lines=10)
        terminal.type("FROM range(30);\n")
        terminal.expect("(30 rows)")

    def test_odd_input(self):
        terminal = self.terminal()
        terminal.type("SELECT 1 AS\r\n")  # the line ends of Windows, as pasted
        terminal.expect("-> ")
        terminal.type("windows;\r\n")
        self.assertIn("windows", terminal.expect("(1 row)"))
        terminal.type(b"SELECT '\xff\xfe' AS broken;\n")
        terminal.expect("error[FRS-")
        terminal.expect("freshet> ")
        terminal.type("SELECT 'Grüße 表' AS text;\n")
        self.assertIn("│ Grüße 表 │", terminal.expect("(1 row)"))

    def test_ctrl_c_twice_ends_the_program(self):
        terminal = self.terminal()
        terminal.type("SELECT levenshtein(repeat('ab', 60000), repeat('ba', 60000));\n")  # one call: it does not notice the first
        time.sleep(1)
        terminal.type("\x03")
        time.sleep(0.3)
        terminal.type("\x03")
        self.assertEqual(terminal.end(20), 130)


    def test_secrets_do_not_reach_the_history_file(self):
        terminal = self.terminal()
        terminal.type("CREATE SECRET s (TYPE s3, SECRET 'topsecretvalue', NONSENSE 1);\n")
        self.assertNotIn("topsecret", terminal.expect("error[FRS-").split("\n", 1)[1])
        terminal.expect("freshet> ")
        terminal.type(".quit\n")
        terminal.end()
        history = (self.lake.folder / ".freshet" / "history").read_text(errors="replace")
        self.assertIn("CREATE SECRET s (TYPE s3, SECRET ***, NONSENSE 1);", history)
        self.assertNotIn("topsecret", history)

    def test_a_comment_over_several_lines(self):
        terminal = self.terminal()
        terminal.type("/* open\n")
        terminal.expect("-> ")
        terminal.type("*/ SELECT 7 AS seven;\n")
        self.assertIn("seven", terminal.expect("(1 row)"))
        terminal.expect("freshet> ")
        terminal.type("-- a remark\n")
        terminal.expect("freshet> ")

    def test_completion_of_tables(self):
        terminal = self.terminal()
        terminal.type("SELECT count(*) AS n FROM ord\t;\n")  # order_id, ORDER and functions begin so too
        terminal.expect("FROM orders")
        terminal.expect("(1 row)")
        terminal.expect("freshet> ")
        terminal.type("FROM lake.zeb\t;\n")
        terminal.expect("FROM lake.zebras")
        terminal.expect("(1 row)")
        terminal.expect("freshet> ")
        terminal.type("FROM lake.\t\t")
        offered = terminal.expect("zebras")
        self.assertIn("orders", offered)
        self.assertNotIn("stripes", offered)

    def test_completion_behind_an_alias(self):
        terminal = self.terminal()
        for typed in ("SELECT 1 FROM zebras AS z WHERE z.str\tIS NULL;\n", "FROM zebras z\nSELECT count(z.str\t);\n"):
            with self.subTest(typed):
                terminal.type(typed)
                terminal.expect("z.stripes")
                self.assertNotIn("error", terminal.expect("row"))
                terminal.expect("freshet> ")

    def test_completion_of_names_with_quotes(self):
        self.lake.run('CREATE TABLE "We ird, name" AS SELECT 1 AS "A b"')
        self.addCleanup(self.lake.run, 'DROP TABLE "We ird, name"')
        terminal = self.terminal()
        for typed in ('FROM "We\t;\n', 'FROM "we ird, na\t;\n', "FROM we\t;\n", 'SELECT "A\tFROM "We\t;\n'):
            with self.subTest(typed):
                terminal.type(typed)
                terminal.expect('ird, name" ;')
                self.assertNotIn("error", terminal.expect("(1 row)"))
                terminal.expect("freshet> ")


class Questions(unittest.TestCase):
    def test_ctrl_c_means_that_nothing_is_done(self):
        with Lake() as lake:
            lake.run("CREATE TABLE t (a INTEGER); CREATE DYNAMIC TABLE d TARGET_LAG = '1 hour' AS FROM t")
            lake.write("models/m.sql", "CREATE DYNAMIC TABLE m TARGET_LAG = '1 hour' AS FROM t")
            for command in (("drop", "d"), ("apply",)):
                with self.subTest(command), Terminal(*command, folder=lake.folder) as terminal:
                    terminal.expect("[y/N]")
                    time.sleep(0.2)
                    terminal.type("\x03")
                    terminal.expect("interrupted; nothing was done")
                    self.assertEqual(terminal.end(10), 130)
            self.assertEqual([entry["name"] for entry in lake.done("list", "--json").json()], ["d"])


class OnATerminal(unittest.TestCase):
    """What commands show there besides their results."""

    LONG = "SELECT levenshtein(repeat('ab', 20000), repeat('ba', 20000)) AS distance"

    def shown(self, *arguments, **options):
        with Lake() as lake, Terminal(*arguments, folder=lake.folder, **options) as terminal:
            terminal.end()
            return terminal.raw

    def test_long_work_is_told_and_erased_before_its_result(self):
        raw = self.shown("sql", self.LONG)
        self.assertRegex(raw, rb"[|/\\-] running \d\.\d s")
        before, result = raw.split("┌".encode(), 1)
        self.assertTrue(before.endswith(b"\r\x1b[K"), before[-50:])
        self.assertNotIn(b"running", result)

    def test_long_work_tells_how_far_it_is(self):
        with Lake() as lake:
            lake.run("CREATE TABLE numbers AS SELECT i, hash(i) AS h FROM range(5000000) r (i)")
            query = "SELECT count(*) FROM numbers WHERE md5(h::VARCHAR) < md5(i::VARCHAR)"
            with Terminal("sql", query, folder=lake.folder, columns=100) as terminal:
                terminal.end()
                self.assertRegex(terminal.raw, rb"running \d+\.\d s, \d+ % of 5\.0 million rows")
                self.assertRegex(terminal.raw, rb" % of 5\.0 million rows, \d+ s left")
                self.assertRegex(terminal.raw, rb"\d+ MB read")
            with Terminal("sql", query, folder=lake.folder, columns=30) as narrow:
                narrow.end()
                self.assertRegex(narrow.raw, rb"running \d+\.\d s\r")

    def test_plain_lines_where_there_is_no_terminal(self):
        with Lake() as lake:
            process = subprocess.Popen([program(), "sql", "--json", ENDLESS], cwd=lake.folder, env=environment(), text=True,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            try:
                self.assertRegex(process.stderr.readline(), r"^running \d\d\.\d s(, \d+ MB read)?\n$")
            finally:
                process.kill()
                self.assertEqual(process.communicate()[0], "")

    def test_apply_tells_what_runs(self):
        with Lake() as lake:
            lake.run("CREATE TABLE t AS SELECT 1 AS a")
            lake.write("models/slow.sql", "-- freshet: TARGET_LAG = '1 hour'\n"
                       "SELECT levenshtein(repeat('ab', 9999 + a), repeat('ba', 10000)) AS distance FROM t")
            with Terminal("apply", "--yes", folder=lake.folder) as terminal:
                terminal.end()
            self.assertRegex(terminal.raw, rb"[|/\\-] create dynamic table main.slow \d\.\d s")
            self.assertRegex(terminal.raw, rb"\r\x1b\[K1 of 1  DONE ")

    def test_narrow_terminals_keep_what_matters(self):
        with Lake() as lake:
            lake.run("CREATE TABLE t (a INTEGER); CREATE DYNAMIC TABLE d TARGET_LAG = '1 hour' AS FROM t")
            for columns, command, wanted in ((20, ("describe", "d"), "value"), (20, ("verify", "d"), "result"), (80, ("list",), "lag "),
                                             (80, ("list",), "data_timest"), (80, ("refresh", "d"), "reason")):
                with self.subTest(command), Terminal(*command, folder=lake.folder, columns=columns) as terminal:
                    terminal.end()
                    lines = terminal.raw.decode().split("\x1b[K")[-1].splitlines()
                    self.assertIn(wanted, lines[1])
                    self.assertLessEqual(max(map(len, lines[:3])), columns)

    def test_no_line_of_progress_where_it_is_not_wanted(self):
        self.assertNotIn(b"running", self.shown("sql", "--quiet", self.LONG))
        self.assertNotIn(b"running", self.shown("sql", self.LONG, env={"TERM": "dumb"}))
        self.assertNotIn(b"running", self.shown("sql", self.LONG, columns=12))

    def test_colours(self):
        wrong = ("sql", "SELECT nothing")
        self.assertIn(b"\x1b[31;1merror[FRS-2003]\x1b[0m", self.shown(*wrong))
        self.assertIn(b"error[FRS-2003]:", self.shown(*wrong, env={"NO_COLOR": "1"}))
        self.assertIn(b"error[FRS-2003]:", self.shown(*wrong, "--no-color"))


class Forms(unittest.TestCase):
    """Results of statements that are not typed."""

    def output(self, form, sql="SELECT * FROM (VALUES (1, 'a,\"b\"', NULL), (20, '', 2.5)) t (n, s, x)"):
        with Lake() as lake:
            return lake.done("sql", "-o", form, sql).out

    def test_forms(self):
        self.assertEqual(self.output("csv"), 'n,s,x\n1,"a,""b""",\n20,"",2.5\n')
        self.assertEqual(self.output("jsonl"), '{"n":1,"s":"a,\\"b\\"","x":null}\n{"n":20,"s":"","x":"2.5"}\n')
        self.assertEqual(self.output("json", "SELECT 1 AS a, 2 AS a; SELECT 3 AS b"), '[{"a":1,"a_1":2}]\n[{"b":3}]\n')
        self.assertEqual(self.output("markdown", "SELECT 1 AS n, 'a|b' AS s"), "| n | s |\n| ---: | --- |\n| 1 | a\\|b |\n")
        self.assertEqual(self.output("markdown", "SELECT 1 AS a; SET threads = 2; SELECT 2 AS b"),
                         "| a |\n| ---: |\n| 1 |\n\n| b |\n| ---: |\n| 2 |\n")
        self.assertEqual(self.output("wide"), self.output("table"))

    def test_explain_is_a_picture(self):
        for form in ("table", "wide"):
            shown = self.output(form, "EXPLAIN SELECT count(*) FROM range(3)")
            self.assertIn("│\n", shown)
            self.assertNotIn("\\n", shown)
            self.assertNotIn("explain_value", shown)

    def test_files_from_elsewhere(self):
        with Lake() as lake:
            (lake.folder / "windows.sql").write_bytes(b"SELECT 1\r\n AS a;\r\nSELECT nope\r\nFROM t;\r\n")
            outcome = lake.command("sql", "-f", "windows.sql")
            self.assertEqual((outcome.code, outcome.out), (1, "a\n1\n"))
            self.assertIn("windows.sql:4:6\n   4 | FROM t;\n", outcome.err)
            (lake.folder / "latin.sql").write_bytes(b"SELECT 'caf\xe9' AS a;\nSELECT 2 AS b;\n")
            outcome = lake.command("sql", "--json", "--keep-going", "-f", "latin.sql")
            first, second = outcome.lines()
            self.assertEqual((first["error"]["file"], first["error"]["line"], first["error"]["column"]), ("latin.sql", 1, 12))
            self.assertEqual((first["error"]["code"], second["rows"]), ("FRS-6006", [[2]]))

    def test_forms_that_do_not_exist(self):
        with Lake() as lake:
            self.assertEqual(lake.command("sql", "-o", "xml", "SELECT 1").code, 2)


if __name__ == "__main__":
    unittest.main()
