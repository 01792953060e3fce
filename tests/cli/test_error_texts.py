"""What errors, hints and reasons say: the cause, and a remedy that helps."""
import unittest

from tests.harness.lake import Lake


class ErrorTexts(unittest.TestCase):
    def setUp(self):
        self.lake = Lake()
        self.addCleanup(self.lake.remove)
        self.lake.run("CREATE TABLE t (a INTEGER, d DOUBLE, s VARCHAR); INSERT INTO t VALUES (1, 0.5, 'x'), (1, 1.5, '2')")

    def create(self, name, query, options=""):
        return f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' {options} AS {query};"

    def test_a_failing_query_is_told_with_its_table(self):
        error = self.lake.error(self.create("d", "SELECT s::INTEGER AS n FROM t"))
        self.assertEqual(error["code"], "FRS-4001")
        self.assertTrue(error["message"].startswith("refresh of main.d failed: Could not convert string 'x'"), error)
        self.assertIn("TRY_CAST", error["hint"])
        self.lake.run(self.create("d", "SELECT (s || '0')::INTEGER AS n FROM t WHERE s <> 'x'"))
        self.lake.run("INSERT INTO t VALUES (1, 1, 'y')")
        error = self.lake.refresh("d", "--full", check=False)["main.d"]["error"]
        self.assertTrue(error["message"].startswith("refresh of main.d failed: Could not convert string 'y0'"), error)

    def test_a_skipped_table_names_the_first_cause(self):
        self.lake.run(self.create("os", "SELECT s::INTEGER AS h FROM t", "INITIALIZE = ON_SCHEDULE"))
        error = self.lake.error(self.create("o2", "SELECT h FROM os"))
        self.assertEqual(error["code"], "FRS-4002")
        self.assertIn("main.os failed: Could not convert string 'x'", error["message"])
        self.assertEqual(error["message"].count("main.os"), 1)
        self.lake.run("UPDATE t SET s = '1' WHERE s = 'x';" + self.create("o2", "SELECT h FROM os") + self.create("o3", "SELECT h FROM o2"))
        self.lake.run("INSERT INTO t VALUES (2, 2, 'z')")
        entries = self.lake.refresh("o3", check=False)
        self.assertEqual([entry["action"] for entry in entries.values()], [None, None, None])
        for name in ("main.o2", "main.o3"):
            self.assertEqual(entries[name]["error"]["code"], "FRS-4002")
            self.assertIn("main.os failed: Could not convert string 'z'", entries[name]["error"]["message"])

    def test_history_of_an_unknown_table(self):
        self.lake.run(self.create("sums", "SELECT a, count(*) AS n FROM t GROUP BY a"))
        for name, nearest in (("summs", "sums"), ("main.summs", "main.sums")):
            call = f"SELECT count(*) FROM freshet_refresh_history('{name}') AS h"
            error = self.lake.error("FROM freshet_refresh_history('sums'); " + call)
            self.assertEqual((error["code"], error["hint"]), ("FRS-1005", f'did you mean "{nearest}"?'))
            self.assertEqual((error["line"], error["column"]), (1, 39 + call.index("freshet_")))
        self.assertEqual(self.lake.value("SELECT count(*) FROM freshet_refresh_history('MAIN.Sums')"), 1)
        self.lake.run(self.create("later", "SELECT a FROM t", "INITIALIZE = ON_SCHEDULE"))
        self.assertEqual(self.lake.value("SELECT count(*) FROM freshet_refresh_history('later') h WHERE h.action = 'FULL'"), 0)
        self.lake.run("DROP DYNAMIC TABLE sums")
        self.assertIn("FRS-1005", str(self.lake.statements("FROM freshet_refresh_history('nothing')")))

    def test_definitions_that_are_no_text(self):
        (self.lake.folder / "latin.sql").write_bytes(b"CREATE DYNAMIC TABLE d TARGET_LAG = '1 hour' AS\nSELECT 'caf\xe9' AS x FROM t")
        self.lake.run(self.create("d", "SELECT a FROM t"))
        for command in (("create", "-f", "latin.sql"), ("validate", "-f", "latin.sql"), ("diff", "d", "--as", "latin.sql")):
            with self.subTest(command):
                error = self.lake.command(*command).err
                self.assertIn("error[FRS-6006]: latin.sql is not UTF-8 text: byte 0xe9\n  --> latin.sql:2:12\n", error)

    def test_options_that_act_need_no_warning(self):
        acting = "PRIORITY = 3 TIMEOUT = '5 minutes' RETRIES = 1"
        self.assertEqual(self.lake.command("sql", self.create("d", "SELECT a FROM t", acting)).err, "")
        self.assertEqual(self.lake.command("sql", "ALTER DYNAMIC TABLE d SET RETRIES = 2, PRIORITY = 1").err, "")
        self.assertIn("warning: MAX_PARALLELISM", self.lake.command("sql", "ALTER DYNAMIC TABLE d SET MAX_PARALLELISM = 2").err)

    def test_a_created_file_and_a_model_of_the_same_text_are_the_same(self):
        text = "CREATE DYNAMIC TABLE d TARGET_LAG = '1 hour' AS\r\nSELECT a,\r\n d FROM t\r\n"
        for file in ("d.sql", "models/d.sql"):
            path = self.lake.folder / file
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(text.encode())
        self.lake.done("create", "-f", "d.sql")
        self.assertEqual(self.lake.command("plan", "--detailed-exitcode").code, 0)

    def test_hints_are_near(self):
        for text, hint in (("FROM tt", '"t"'), ("SELECT cuont(*) FROM t", '"count"'), ("FROM nope", None), ("SELECT nofunc(a) FROM t", None),
                           ("SELECT nocol FROM t", None)):
            with self.subTest(text), Lake() as lake:
                lake.run("CREATE TABLE t AS SELECT 1 AS a")
                error = lake.command("sql", text).err
                self.assertIn(f"did you mean {hint}?" if hint else "^", error)
                self.assertEqual("help:" in error, hint is not None, error)

    def test_hints_that_only_the_session_knows(self):
        self.lake.run("CREATE SCHEMA staging; CREATE TABLE staging.orders (id INTEGER, amount INTEGER); CREATE TABLE s (amount INTEGER)")
        for text, code, hint in (("FROM stagng.orders", "FRS-2004", "staging"), ("FROM lake.stagng.orders", "FRS-2004", "staging"),
                                 ("FROM lak.main.t", "FRS-2004", "lake"), ("USE lak", "FRS-2004", "lake"),
                                 ("CREATE TABLE stagng.x (a INTEGER)", "FRS-2004", "staging"),
                                 (self.create("d", "FROM stagng.orders"), "FRS-2004", "staging"),
                                 ("ALTER TABLE staging.orders DROP COLUMN amont", "FRS-2003", "amount"),
                                 ("ALTER TABLE staging.orders RENAME COLUMN amont TO b", "FRS-2003", "amount"),
                                 ("ALTER TABLE staging.orders ALTER amont SET DEFAULT 1", "FRS-2003", "amount"),
                                 ("UPDATE staging.orders SET amont = 1", "FRS-2003", "amount")):
            with self.subTest(text):
                error = self.lake.error(text)
                self.assertEqual((error["code"], error["hint"]), (code, f'did you mean "{hint}"?'), error)
        error = self.lake.error("BEGIN; SELECT * FROM stagng.orders")
        self.assertEqual((error["code"], error["column"]), ("FRS-2004", 22))

    def test_a_name_of_a_later_version(self):
        version = self.lake.value("SELECT max(snapshot_id) FROM ducklake_snapshots('lake')")
        self.lake.run("ALTER TABLE t RENAME TO t2")
        for text in (f"SELECT * FROM t2 AT (VERSION => {version})", self.create("d", f"SELECT * FROM t2 AT (VERSION => {version})")):
            error = self.lake.error(text)
            self.assertEqual((error["code"], error["message"]), ("FRS-2002", 'table "t2" does not exist at that version'))
            self.assertNotIn("did you mean", error["hint"])

    def test_extensions_are_a_matter_of_the_configuration(self):
        for text in ("CREATE SECRET (TYPE s3, KEY_ID 'somebody', SECRET 'nothing')", "LOAD httpfs", "FROM 's3://bucket/file.parquet'"):
            with self.subTest(text):
                self.assertEqual(self.lake.error(text)["hint"],
                                 "extensions: [httpfs] in freshet.yml, or --set extensions=httpfs, loads it in every session")
        self.assertIn("[postgres_scanner] in freshet.yml", self.lake.error("ATTACH 'postgres:host=/nowhere' AS pg")["hint"])
        self.assertIn("INSTALL spatial fetches it, once; then extensions: [spatial]", self.lake.error("SELECT * FROM st_read('x')")["hint"])
        self.lake.done("sql", "--set", "extensions=httpfs", "CREATE SECRET (TYPE s3, KEY_ID 'somebody', SECRET 'nothing')")

    def test_what_keeps_a_table_from_being_incremental_is_marked(self):
        error = self.lake.error(self.create("d", "SELECT a,\n  random() AS r FROM t", "REFRESH_MODE = INCREMENTAL"))
        self.assertEqual((error["code"], error["line"], error["column"]), ("FRS-2014", 2, 3))

    def test_statements_of_a_table_that_is_evaluated_whole(self):
        self.lake.run(self.create("d", "SELECT a, random() AS r FROM t"))
        self.assertIn("-- no statements compute a change of main.d: ", self.lake.done("explain", "d", "--stage", "sql").out)

    def test_candidates_are_not_listed_without_end(self):
        with Lake() as lake:
            error = lake.command("sql", "SELECT 1 + 'a'::BLOB").err
            self.assertIn(" more\n", error)
            self.assertLess(len(error.splitlines()), 12)

    def test_an_unclosed_quote_has_no_hint(self):
        for sql in ("SELECT 'unclosed", "SELECT 'unclosed\n  more\n", 'SELECT "unclosed'):
            error = self.lake.error(sql)
            self.assertEqual((error["code"], error["hint"]), ("FRS-2001", None), error)
            self.assertNotIn("\n", error["message"])

    def test_verify_does_not_propose_what_does_not_help(self):
        self.lake.run(self.create("d", "SELECT a FROM t") + self.create("r", "SELECT a, random() AS r FROM t"))
        for sql in ("VERIFY DYNAMIC TABLE d AT (VERSION => 9999)", "VERIFY DYNAMIC TABLE r"):
            error = self.lake.error(sql)
            self.assertEqual(error["code"], "FRS-4006")
            self.assertNotIn("refresh", error["hint"] or "")

    def test_verify_tells_what_differs(self):
        self.lake.run(self.create("d", "SELECT a, s FROM t"))
        with Lake() as client:  # another project, to which this lake is a database named other
            client.run(f"ATTACH 'ducklake:sqlite:{self.lake.folder}/lake.sqlite' AS other; INSERT INTO other.d VALUES (5, 'x'), (6, 'y')")
        outcome = self.lake.command("verify", "d", "--json")
        self.assertEqual((outcome.code, outcome.json()[0]["extra"]), (1, 2))
        self.assertIn("error[FRS-4007]: main.d differs from its definition: 0 rows are missing, 2 extra", outcome.err)
        self.lake.refresh("d")
        self.lake.verify("d")

    def test_what_belongs_to_the_session_is_no_part_of_a_definition(self):
        own = "CREATE TEMP TABLE tt AS SELECT 1 AS a; CREATE TEMP VIEW vv AS SELECT 1 AS a; CREATE TEMP MACRO mm(x) AS x + 1; "
        for query, name in (("SELECT * FROM tt", "tt"), ("SELECT a FROM t, vv", "vv"), ("SELECT mm(a) FROM t", "mm")):
            error = self.lake.error(own + self.create("d", query))
            self.assertEqual((error["code"], error["message"]), ("FRS-2017", f'"{name}" is temporary: no refresh could read it'))
        for call in ("freshet_tables()", "freshet_refresh_history('d')", "freshet_graph()"):
            error = self.lake.error(self.create("d", f"SELECT * FROM {call}"))
            self.assertIn("a definition can't read freshet_", error["message"])
            self.assertNotIn("did you mean", error["hint"])

    def test_reasons_name_columns(self):
        self.lake.run(self.create("d", "SELECT a, sum(d) AS s FROM t GROUP BY a HAVING sum(d) > 1"))
        reason = self.lake.explain("d")["reason"]
        self.assertIn("sum(d) >", reason)
        self.assertNotIn("#", reason)

    def test_columns_of_what_stands_in_the_query(self):
        for query in ("WITH c AS (SELECT a, s AS name FROM t) SELECT c.nam FROM c", "SELECT c.nam FROM (SELECT s AS name FROM t) c",
                      "SELECT c.nam FROM (VALUES (1)) c (name)"):
            with self.subTest(query):
                error = self.lake.error(query)
                self.assertEqual((error["code"], error["line"], error["column"]), ("FRS-2003", 1, query.index("c.nam") + 1), error)

    def test_plain_statements_have_their_places(self):
        blanks = " " * 100
        for statement, line, column in (("SELECT a,\n sum(d, 1)\nFROM t", 2, 2), ("SELECT a, d\nFROM t\nGROUP BY a", 1, 11),
                                        ("SELECT 1,\n  CAST('a' AS INTEGER)", 2, 3), (f"SELECT a, 'é', sum(d, 1){blanks} FROM t", 1, 16),
                                        (f"SELECT a,{blanks} sum(d, 1){blanks} FROM t", 1, 111)):
            with self.subTest(statement):
                error = self.lake.error(statement)
                self.assertEqual((error["line"], error["column"]), (line, column), error)

    def test_rowid_is_no_function(self):
        warnings = self.lake.run(self.create("d", "SELECT rowid AS r FROM t"))[0]["warnings"]
        self.assertIn("rowid (line 1", warnings[0])
        self.assertNotIn("rowid()", warnings[0] + self.lake.explain("d")["reason"])


if __name__ == "__main__":
    unittest.main()
