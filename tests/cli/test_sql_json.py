"""Machine interface: sql --json."""
import json
import math
import os
import pty
import select
import subprocess
import time
import unittest

from tests.harness.lake import Lake
from tests.harness.program import environment, program


class SqlJson(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lake = Lake()
        cls.lake.run("CREATE TABLE t AS SELECT 1 AS a")

    @classmethod
    def tearDownClass(cls):
        cls.lake.remove()

    # --- cutting -----------------------------------------------------------------------------------------------------

    def assert_cut(self, sql, *rows):
        self.assertEqual([result["rows"] for result in self.lake.run(sql)], [[[row]] for row in rows])

    def test_semicolons_outside_quotes_dollar_quotes_and_comments(self):
        self.assert_cut("SELECT 1; SELECT 2", 1, 2)
        self.assert_cut("SELECT 'a;b'; SELECT 'it''s;'", "a;b", "it's;")
        self.assert_cut('SELECT 1 AS "x;y"; SELECT 2', 1, 2)
        self.assert_cut("SELECT $$a;b$$; SELECT $tag$;$$;$tag$", "a;b", ";$$;")
        self.assert_cut("SELECT 1 -- one; two\n; SELECT 2", 1, 2)
        self.assert_cut("SELECT 1 /* one; /* nested; */ two; */; SELECT 2", 1, 2)
        self.assert_cut("SELECT e'a\\';b'; SELECT 2", "a';b", 2)

    def test_empty_statements_do_not_count(self):
        results = self.lake.run(";;  ; -- nothing\n; SELECT 1;; /* nothing */ ; SELECT 2;;")
        self.assertEqual([result["statement"] for result in results], [1, 2])
        self.assertEqual(self.lake.run(""), [])
        self.assertEqual(self.lake.run(" ;\n"), [])

    def test_a_syntax_error_costs_its_own_statement_only(self):
        for wrong in ("SELEKT 1", "SELECT (1", "SELECT 1)", "CREATE DYNAMIC", "SELECT 1 +", "FROM (SELECT"):
            with self.subTest(wrong):
                code, results = self.lake.statements(f"SELECT 1; {wrong}; SELECT 3", "--keep-going")
                self.assertEqual(code, 1)
                self.assertEqual([(result["statement"], result["ok"]) for result in results],
                                 [(1, True), (2, False), (3, True)])
                self.assertEqual(results[2]["rows"], [[3]])

    def test_an_unclosed_quote_is_an_error(self):
        for wrong in ("SELECT 'abc", 'SELECT "abc', "SELECT $$abc", "SELECT 1 /* abc"):
            with self.subTest(wrong):
                code, results = self.lake.statements(f"SELECT 1; {wrong}")
                self.assertEqual(results[0]["rows"], [[1]])
                if not wrong.endswith("/* abc"):
                    self.assertEqual((code, len(results), results[-1]["ok"]), (1, 2, False))

    # --- one line per statement --------------------------------------------------------------------------------------

    def test_each_statement_of_any_kind_gives_exactly_one_line(self):
        sql = """CREATE TABLE kinds (a INTEGER); INSERT INTO kinds VALUES (1), (2); UPDATE kinds SET a = 3 WHERE a = 2;
                 DELETE FROM kinds WHERE a = 3; SELECT * FROM kinds; FROM kinds; VALUES (1); EXPLAIN SELECT 1; SET threads = 1;
                 RESET threads; PRAGMA table_info('kinds'); DESCRIBE kinds; SHOW TABLES; BEGIN; COMMIT; CHECKPOINT lake;
                 CREATE VIEW kinds_view AS FROM kinds; DROP VIEW kinds_view; DROP TABLE kinds; SELECT 1 WHERE false"""
        outcome = self.lake.command("sql", "--json", "--keep-going", sql)
        results = outcome.lines()
        self.assertEqual([result["statement"] for result in results], list(range(1, 21)))
        for result in results:
            if result["ok"]:
                self.assertEqual(list(result), ["statement", "ok", "columns", "rows"])
        self.assertEqual((results[0]["columns"], results[0]["rows"]), ([], []))
        self.assertEqual((results[4]["columns"], results[4]["rows"]), (["a"], [[1]]))
        self.assertEqual((results[19]["columns"], results[19]["rows"]), (["1"], []))

    def test_a_line_is_written_when_its_statement_ends(self):
        run = subprocess.Popen([program(), "sql", "--json",
                                "SELECT 1; SELECT count(*) FROM range(10000000000) a, range(1000000) b"],
                               cwd=self.lake.folder, env=environment(), stdout=subprocess.PIPE, text=True)
        try:
            self.assertEqual(json.loads(run.stdout.readline())["rows"], [[1]])
        finally:
            run.kill()
            run.communicate()

    def test_the_form_of_failures(self):
        code, results = self.lake.statements("SELECT 1;\nSELECT nonsense FROM t;\nSELECT 3")
        self.assertEqual(code, 1)
        self.assertEqual(len(results), 2, "it stops after a failure")
        self.assertEqual(list(results[1]), ["statement", "ok", "error"])
        error = results[1]["error"]
        self.assertEqual(set(error), {"code", "message", "file", "line", "column", "hint"})
        self.assertRegex(error["code"], r"^FRS-\d{4}$")
        self.assertEqual((error["line"], error["column"]), (2, 8))

    def test_keep_going(self):
        code, results = self.lake.statements("SELECT nonsense; SELECT 2", "--keep-going")
        self.assertEqual((code, [result["ok"] for result in results]), (1, [False, True]))
        code, results = self.lake.statements("SELECT 1; SELECT 2", "--keep-going")
        self.assertEqual(code, 0)

    def test_errors_in_files_name_the_file(self):
        self.lake.write("bad.sql", "\n\nSELECT nonsense")
        outcome = self.lake.command("sql", "--json", "-f", "bad.sql")
        error = outcome.lines()[0]["error"]
        self.assertEqual((error["file"], error["line"], error["column"]), ("bad.sql", 3, 8))
        self.assertIn("--> bad.sql:3:8", outcome.err)

    def test_a_file_that_is_missing(self):
        outcome = self.lake.command("sql", "--json", "-f", "missing.sql")
        self.assertEqual(outcome.code, 1)
        self.assertEqual(outcome.json()["error"]["code"], "FRS-1004")

    def test_nothing_but_json_on_standard_output(self):
        outcome = self.lake.command("sql", "--json", "--keep-going", "SELECT 1; SELEKT; CREATE TABLE t (b INTEGER); SELECT 2")
        self.assertEqual(len(outcome.lines()), 4)

    # --- where the text comes from -----------------------------------------------------------------------------------

    def test_argument_file_and_standard_input(self):
        self.lake.write("one.sql", "SELECT 1;")
        self.assertEqual(self.lake.command("sql", "--json", "SELECT 1").lines()[0]["rows"], [[1]])
        self.assertEqual(self.lake.command("sql", "--json", "-f", "one.sql").lines()[0]["rows"], [[1]])
        self.assertEqual(self.lake.command("sql", "--json", input="SELECT 1").lines()[0]["rows"], [[1]])
        self.assertEqual(self.lake.command("sql", "--json", "-f", "-", input="SELECT 1").lines()[0]["rows"], [[1]])
        self.assertEqual(self.lake.command("sql", "--json", "-- a comment\nSELECT 1").lines()[0]["rows"], [[1]])

    # --- one session -------------------------------------------------------------------------------------------------

    def test_statements_share_one_session(self):
        self.assertEqual(self.lake.rows("CREATE TEMP TABLE x AS SELECT 5 AS a; SELECT a FROM x"), [[5]])
        self.assertEqual(self.lake.rows("SET threads = 1; SELECT current_setting('threads')"), [[1]])
        self.assertEqual(self.lake.rows("CREATE TABLE shared (a INTEGER); BEGIN; INSERT INTO shared VALUES (1); ROLLBACK;"
                                        "SELECT count(*) FROM shared"), [[0]])
        self.assertEqual(self.lake.rows("BEGIN; INSERT INTO shared VALUES (1); COMMIT; SELECT count(*) FROM shared"), [[1]])
        self.assertEqual(self.lake.rows("CREATE SCHEMA other; USE lake.other; CREATE TABLE o AS SELECT 9 AS a; FROM o"), [[9]])

    def test_an_open_transaction_is_undone_at_the_end(self):
        self.lake.run("CREATE TABLE undone (a INTEGER)")
        self.lake.run("BEGIN; INSERT INTO undone VALUES (1)")
        self.assertEqual(self.lake.value("SELECT count(*) FROM undone"), 0)

    def test_sessions_have_utc_and_parquet_json_and_icu(self):
        self.assertEqual(self.lake.value("SELECT current_setting('TimeZone')"), "UTC")
        loaded = {row[0] for row in self.lake.rows("SELECT extension_name FROM duckdb_extensions() WHERE loaded")}
        self.assertLessEqual({"parquet", "json", "icu", "ducklake"}, loaded)

    # --- values ------------------------------------------------------------------------------------------------------

    def test_integers(self):
        row = self.lake.rows("SELECT '-128'::TINYINT, 255::UTINYINT, '-9223372036854775808'::BIGINT, "
                             "9223372036854775807::BIGINT, 18446744073709551615::UBIGINT, 0::USMALLINT")[0]
        self.assertEqual(row, [-128, 255, -2**63, 2**63 - 1, 2**64 - 1, 0])
        self.assertTrue(all(isinstance(value, int) for value in row))

    def test_doubles_come_back_to_the_bit(self):
        numbers = [0.1, 1 / 3, 1e300, 5e-324, 1.7976931348623157e308, -0.0, 123456789.123456789, 2.0**53 + 2]
        for number in numbers:
            value = self.lake.value(f"SELECT '{number!r}'::DOUBLE")
            self.assertEqual(value, number)
            self.assertEqual(math.copysign(1, value), math.copysign(1, number))

    def test_numbers_that_are_not_finite_are_text(self):
        self.assertEqual(self.lake.rows("SELECT 'nan'::DOUBLE, 'inf'::DOUBLE, '-inf'::DOUBLE, 'inf'::FLOAT"),
                         [["nan", "inf", "-inf", "inf"]])

    def test_booleans_and_null(self):
        self.assertEqual(self.lake.rows("SELECT true, false, NULL, NULL::INTEGER, NULL::VARCHAR"),
                         [[True, False, None, None, None]])

    def test_all_else_is_the_text_that_duckdb_casts_it_to(self):
        expressions = ["1.50::DECIMAL(10, 2)", "170141183460469231731687303715884105727::HUGEINT", "DATE '2026-02-03'",
                       "TIMESTAMP '2026-02-03 04:05:06.789'", "TIMESTAMPTZ '2026-02-03 04:05:06+00'", "TIME '04:05:06'",
                       "INTERVAL 3 DAY", "[1, 2, NULL]", "{'a': 1, 'b': 'x'}", "MAP {'k': 1}", "'a\\x00b'::BLOB",
                       "'00000000-0000-0000-0000-000000000001'::UUID", "'{\"a\": 1}'::JSON", "'a'::VARCHAR", "'101'::BIT"]
        for expression in expressions:
            with self.subTest(expression):
                value, text = self.lake.rows(f"SELECT {expression}, ({expression})::VARCHAR")[0]
                self.assertIsInstance(value, str)
                self.assertEqual(value, text)

    def test_texts(self):
        for text in ("", "it's", 'a "quoted" word', "line\nbreak\ttab", "ünïcödé 日本語 🦆", "back\\slash", "NULL"):
            quoted = text.replace("'", "''")
            self.assertEqual(self.lake.value(f"SELECT '{quoted}'"), text)

    def test_column_names(self):
        result = self.lake.run("""SELECT 1 AS "a b", 2 AS "ü", 3 AS "a b", 4 AS "q""q" """)[0]
        self.assertEqual(result["columns"], ["a b", "ü", "a b", 'q"q'])

    def test_many_rows(self):
        rows = self.lake.rows("FROM range(100000)")
        self.assertEqual(len(rows), 100000)
        self.assertEqual(rows[-1], [99999])


class Terminal:
    """A program on a terminal of its own."""

    def __init__(self, *arguments, folder):
        self.leader, follower = pty.openpty()
        # Its controlling terminal, so that Ctrl-C becomes a signal.
        self.run = subprocess.Popen([program(), *arguments], cwd=folder, preexec_fn=lambda: os.login_tty(follower),
                                    env=environment({"TERM": "dumb"}))
        os.close(follower)
        self.seen = ""

    def read_until(self, text, seconds=60):
        """What is shown until this text, which is taken away with it."""
        deadline = time.monotonic() + seconds
        while text not in self.seen:
            ready, _, _ = select.select([self.leader], [], [], max(0, deadline - time.monotonic()))
            if not ready:
                raise AssertionError(f"{text!r} did not come: {self.seen!r}")
            self.seen += os.read(self.leader, 4096).decode("utf-8", "replace")
        shown, _, self.seen = self.seen.partition(text)
        return shown

    def type(self, text):
        os.write(self.leader, text.encode())

    def close(self):
        self.run.kill()
        self.run.wait()
        os.close(self.leader)


class Prompt(unittest.TestCase):
    """On a terminal: statements over several lines, tables with lines, a history."""

    def test_prompt(self):
        with Lake() as lake:
            lake.run("SELECT 1")
            terminal = Terminal("sql", "--no-color", folder=lake.folder)
            self.addCleanup(terminal.close)
            terminal.read_until("freshet> ")
            terminal.type("SELECT 40 +\n")
            terminal.read_until("-> ")
            terminal.type("  2 AS answer;\n")
            shown = terminal.read_until("freshet> ")
            self.assertIn("│     42 │", shown)
            self.assertIn("(1 row)", shown)
            terminal.type("SELECT nonsense;\n")
            self.assertIn("error[FRS-", terminal.read_until("freshet> "))
            terminal.type("SELECT half\x03")
            terminal.read_until("freshet> ")
            terminal.type("SELECT 7 AS seven;\n")
            self.assertIn("│     7 │", terminal.read_until("freshet> "))
            terminal.type("\x04")
            self.assertEqual(terminal.run.wait(timeout=60), 0)
            self.assertIn("SELECT 40 +", (lake.folder / ".freshet" / "history").read_text())


if __name__ == "__main__":
    unittest.main()
