"""Machine interface: refresh, verify, explain, list, describe, history, graph of dynamic tables."""
import pathlib
import re
import unittest
import xml.etree.ElementTree

from tests.harness.lake import Lake

REFRESH_KEYS = ["table", "action", "strategy", "reason", "rows_inserted", "rows_deleted", "duration_ms", "snapshot"]
SHOW_COLUMNS = ["name", "schema", "target_lag", "refresh_mode", "mode", "state", "data_timestamp", "lag", "next_due",
                "last_action", "last_error", "comment"]
ACTIONS = {"NO_DATA", "INCREMENTAL", "FULL", "REINITIALIZE"}


class Chain(unittest.TestCase):
    """base -> first -> second, and an independent third."""

    def setUp(self):
        self.lake = Lake()
        self.addCleanup(self.lake.remove)
        self.lake.run("""
            CREATE TABLE base AS SELECT i AS id, i % 3 AS part, i * 10 AS amount FROM range(9) r (i);
            CREATE DYNAMIC TABLE first TARGET_LAG = '1 minute' AS SELECT id, part, amount FROM base WHERE amount > 0;
            CREATE DYNAMIC TABLE second TARGET_LAG = '1 minute' COMMENT = 'sums'
                AS SELECT part, sum(amount) AS total FROM first GROUP BY part;
            CREATE TABLE other AS SELECT 1 AS a;
            CREATE DYNAMIC TABLE third TARGET_LAG = '1 hour' REFRESH_MODE = FULL AS SELECT a FROM other""")

    # --- refresh -----------------------------------------------------------------------------------------------------

    def test_refresh_prints_one_array_with_every_table_concerned(self):
        self.lake.run("INSERT INTO base VALUES (100, 1, 5)")
        snapshot = self.lake.snapshot()
        outcome = self.lake.done("refresh", "--json", "second")
        entries = outcome.json()
        self.assertEqual([entry["table"] for entry in entries], ["main.first", "main.second"], "parents before children")
        for entry in entries:
            self.assertEqual(list(entry), REFRESH_KEYS)
            self.assertIn(entry["action"], ACTIONS)
            self.assertIsInstance(entry["rows_inserted"], int)
            self.assertIsInstance(entry["rows_deleted"], int)
            self.assertIsInstance(entry["duration_ms"], (int, float))
            self.assertTrue(entry["reason"])
            self.assertEqual(entry["snapshot"], snapshot, "the data snapshot, not that of the commit")
        self.assertEqual((entries[0]["rows_inserted"], entries[0]["rows_deleted"]), (1, 0))
        self.assertEqual((entries[1]["rows_inserted"], entries[1]["rows_deleted"]), (1, 1))

    def test_content_equals_the_definition_at_the_snapshot(self):
        self.lake.run("INSERT INTO base VALUES (100, 1, 5)")
        entry = self.lake.refresh("first")["main.first"]
        self.lake.run("INSERT INTO base VALUES (101, 1, 6)")
        self.lake.assert_equal("first", f"SELECT id, part, amount FROM base AT (VERSION => {entry['snapshot']}) "
                                        "WHERE amount > 0")

    def test_tables_without_changes_are_entries_too(self):
        entries = self.lake.refresh("--all")
        self.assertEqual(set(entries), {"main.first", "main.second", "main.third"})
        self.assertEqual({entry["action"] for entry in entries.values()}, {"NO_DATA"})
        before = self.lake.snapshot()
        self.lake.refresh("--all")
        self.assertEqual(self.lake.snapshot(), before, "a refresh that changes nothing makes no snapshot")

    def test_alter_refresh_returns_the_same_entries_as_rows(self):
        self.lake.run("INSERT INTO base VALUES (100, 1, 5)")
        result = self.lake.run("ALTER DYNAMIC TABLE second REFRESH")[0]
        self.assertEqual(result["columns"], REFRESH_KEYS)
        self.assertEqual([row[0] for row in result["rows"]], ["main.first", "main.second"])

    def test_full(self):
        entries = self.lake.refresh("second", "--full")
        self.assertEqual(entries["main.second"]["action"], "FULL")
        self.assertEqual(entries["main.first"]["action"], "NO_DATA", "FULL applies to the named tables only")

    def test_names(self):
        self.assertEqual(set(self.lake.refresh("main.third")), {"main.third"})
        self.assertEqual(set(self.lake.refresh("THIRD")), {"main.third"})
        self.assertEqual(set(self.lake.refresh("f*", "main.t*")), {"main.first", "main.third"})
        commands = ["refresh", "verify", "describe", "suspend", "resume", "drop", "explain", "history"]
        attempts = [(command, "nothing") for command in commands]
        attempts += [("drop", pattern) for pattern in ("x*", "other", "nowhere.first", "first.nowhere.x.y")]
        for attempt in attempts:
            with self.subTest(attempt):
                outcome = self.lake.command(*attempt, "--json")
                self.assertEqual(outcome.code, 1, outcome)
                self.assertRegex(outcome.json()["error"]["code"], "^FRS-")
        self.assertEqual(self.lake.command("refresh", "first", "nothing").code, 1)
        self.assertEqual(len(self.lake.done("list", "--json").json()), 3, "nothing was dropped")

    def test_all_on_an_empty_lake(self):
        with Lake() as empty:
            empty.run("SELECT 1")
            self.assertEqual(empty.done("refresh", "--all", "--json").json(), [])
            self.assertEqual(empty.done("verify", "--all", "--json").json(), [])
            self.assertEqual(empty.done("list", "--json").json(), [])

    def test_a_failing_table_does_not_stop_the_others(self):
        self.lake.run("CREATE TABLE texts AS SELECT '1' AS v; CREATE DYNAMIC TABLE numbers TARGET_LAG = '1 minute' "
                      "AS SELECT v::INTEGER AS n FROM texts; CREATE DYNAMIC TABLE above TARGET_LAG = '1 minute' "
                      "AS SELECT n + 1 AS m FROM numbers; INSERT INTO texts VALUES ('x'); INSERT INTO base VALUES (50, 1, 1)")
        outcome = self.lake.command("refresh", "--all", "--json")
        self.assertEqual(outcome.code, 1)
        entries = {entry["table"]: entry for entry in outcome.json()}
        for name in ("main.numbers", "main.above"):
            self.assertIsNone(entries[name]["action"])
            self.assertRegex(entries[name]["error"]["code"], r"^FRS-\d{4}$")
        self.assertEqual(entries["main.above"]["error"]["code"], "FRS-4002")
        self.assertIsNotNone(entries["main.second"]["action"])
        self.lake.assert_equal("second", "SELECT part, sum(amount) FROM base WHERE amount > 0 GROUP BY part")
        self.lake.assert_equal("numbers", "SELECT 1")
        self.lake.run("DELETE FROM texts WHERE v = 'x'; INSERT INTO texts VALUES ('7')")
        self.lake.refresh("--all")
        self.lake.assert_equal("above", "VALUES (2), (8)")

    def test_atomic_is_one_snapshot(self):
        self.lake.run("INSERT INTO base VALUES (100, 1, 5); INSERT INTO other VALUES (2)")
        before = self.lake.snapshot()
        self.lake.refresh("first", "second", "third", "--atomic")
        self.assertEqual(self.lake.snapshot(), before + 1)
        self.lake.assert_equal("second", "SELECT part, sum(amount) FROM base WHERE amount > 0 GROUP BY part")

    def test_dry_run_writes_nothing(self):
        self.lake.run("INSERT INTO base VALUES (100, 1, 5)")
        before = self.lake.snapshot()
        self.lake.done("refresh", "--all", "--dry-run", "--json")
        self.assertEqual(self.lake.snapshot(), before)

    # --- verify ------------------------------------------------------------------------------------------------------

    def test_verify(self):
        self.lake.run("INSERT INTO base VALUES (100, 1, 5)")  # not refreshed: verify looks at the frontier
        entries = self.lake.done("verify", "--all", "--json").json()
        self.assertEqual(len(entries), 3)
        for entry in entries:
            self.assertEqual(list(entry), ["table", "missing", "extra", "snapshot"])
            self.assertEqual((entry["missing"], entry["extra"]), (0, 0))
            self.assertIsInstance(entry["snapshot"], int)
        self.lake.run("CREATE TABLE unrelated AS SELECT 1 AS a")
        self.lake.refresh("first")
        self.lake.run("INSERT INTO unrelated VALUES (2)")
        entry = self.lake.refresh("first")["main.first"]
        self.assertEqual((entry["action"], entry["snapshot"]), ("NO_DATA", self.lake.snapshot()))
        self.assertEqual(self.lake.verify("first")["main.first"]["snapshot"], entry["snapshot"])
        current = self.lake.verify("second", "--current")["main.second"]
        self.assertEqual((current["missing"], current["extra"]), (0, 0))

    # --- explain, show, describe, history, graph ---------------------------------------------------------------------

    def test_explain(self):
        for name, mode in (("first", "INCREMENTAL"), ("main.second", "INCREMENTAL"), ("third", "INCREMENTAL")):
            report = self.lake.explain(name)
            self.assertLessEqual({"table", "mode", "reason", "operators"}, set(report))
            self.assertIn(report["mode"], ("INCREMENTAL", "FULL"))
            if name != "third":
                self.assertEqual(report["mode"], mode)
                self.assertTrue(report["operators"])
        self.assertIn("SELECT", self.lake.done("explain", "second", "--sql").out.upper())

    def test_explain_tells_rules_and_rows(self):
        operators = {step["name"].split()[0]: step for step in self.lake.explain("second")["operators"]}
        self.assertEqual((operators["Scan"]["rule"], operators["Scan"]["rows"]), ("scan", 8))
        self.assertEqual((operators["Aggregate"]["rule"], operators["Aggregate"]["strategy"]), ("aggregate_affected_groups", "affected groups"), "too few rows a group")
        out = self.lake.done("explain", "second").out
        self.assertRegex(out, r"(?m)^ *└─ Scan main.first +scan +change feed +8$")
        self.lake.run("CREATE DYNAMIC TABLE joined TARGET_LAG = '1 minute' INITIALIZE = ON_SCHEDULE AS SELECT x.a FROM other x JOIN other y ON x.a = y.a "
                      "WHERE x.a <> 3 AND x.a NOT IN (SELECT a FROM other WHERE a > 1)")
        rows = [step["rows"] for step in self.lake.explain("joined")["operators"]]
        self.assertNotIn(None, rows, rows)
        pages = pathlib.Path(__file__).resolve().parents[2] / "docs" / "rules"
        for step in operators.values():
            self.assertTrue((pages / f"{step['rule']}.md").exists(), step)

    def test_explain_stages(self):
        self.assertRegex(self.lake.done("explain", "second", "--stage", "plan").out, r"Aggregate by \[.*\n( +)Scan main.first|Scan main.first")
        self.assertEqual(self.lake.done("explain", "second", "--stage", "delta").out.splitlines()[:2],
                         ["main.second: INCREMENTAL", "reason: every operator has a delta rule"])
        self.assertEqual(self.lake.done("explain", "second", "--stage", "sql").out, self.lake.done("explain", "second", "--sql").out)

    def test_explain_says_what_would_make_it_incremental(self):
        for query, words in (("SELECT a, random() AS r FROM other", "keep the value of random() in a column of a source table"),
                             ("SELECT a, now() AS n FROM other", "in WHERE alone"),
                             (f"SELECT a FROM other AT (VERSION => {self.lake.snapshot()})", "leave out AT"),
                             ("WITH RECURSIVE c AS (SELECT a FROM other UNION ALL SELECT a + 1 FROM c WHERE a < 3) SELECT a FROM c",
                              "a dynamic table of its own"),
                             ("SELECT sum(a::DOUBLE) AS s FROM other GROUP BY a HAVING sum(a::DOUBLE) > 1", None)):
            with self.subTest(query):
                self.lake.run(f"CREATE OR REPLACE DYNAMIC TABLE f TARGET_LAG = '1 minute' AS {query}")
                report = self.lake.explain("f")
                if words is None and report["mode"] == "INCREMENTAL":
                    continue
                self.assertIn(words or "DECIMAL", report["advice"], report["reason"])
                self.assertIn("to make it incremental: ", self.lake.done("explain", "f").out)
                self.assertEqual(self.lake.rows("EXPLAIN DYNAMIC TABLE f")[-1][0], "To make it incremental")
        self.assertIsNone(self.lake.explain("first")["advice"])

    def test_explain_analyze_measures_a_refresh_and_writes_nothing(self):
        self.lake.refresh()
        self.lake.run("INSERT INTO base VALUES (700, 1, 5), (701, 2, 5)")
        before = self.lake.snapshot()
        results = self.lake.run("EXPLAIN DYNAMIC TABLE second; EXPLAIN ANALYZE DYNAMIC TABLE second")
        self.assertEqual(self.lake.snapshot(), before)
        plain, measured = (result["rows"][0] for result in results)
        self.assertEqual(plain[:2], ["main.second", "INCREMENTAL"])
        self.assertIn(measured[1], ("INCREMENTAL", "FULL"))
        self.assertRegex(measured[2], r"would insert \d+ rows and delete \d+; computed in \d+ ms")
        entry = self.lake.refresh("second")["main.second"]
        self.assertIn(f"would insert {entry['rows_inserted']} rows and delete {entry['rows_deleted']};", measured[2])
        self.assertEqual(self.lake.rows("EXPLAIN ANALYZE DYNAMIC TABLE second")[0][1], "NO_DATA")

    def test_show_dynamic_tables(self):
        result = self.lake.run("SHOW DYNAMIC TABLES")[0]
        self.assertEqual(result["columns"], SHOW_COLUMNS)
        self.assertEqual([row[0] for row in result["rows"]], ["first", "second", "third"])
        self.assertEqual(self.lake.run("SHOW DYNAMIC TABLES LIKE 's%'")[0]["rows"][0][-1], "sums")
        listed = self.lake.done("list", "--json").json()
        self.assertEqual(list(listed[0]), SHOW_COLUMNS)
        self.assertEqual([entry["name"] for entry in listed], ["first", "second", "third"])
        self.assertEqual({entry["schema"] for entry in listed}, {"main"})
        self.assertIn(listed[0]["mode"], ("INCREMENTAL", "FULL"))

    def test_lag_of_what_a_view_now_reads(self):
        self.lake.run("CREATE DYNAMIC TABLE left_ TARGET_LAG = DOWNSTREAM AS SELECT a FROM other;"
                      "CREATE DYNAMIC TABLE right_ TARGET_LAG = DOWNSTREAM AS SELECT a FROM other;"
                      "CREATE VIEW way AS SELECT a FROM left_;"
                      "CREATE DYNAMIC TABLE reader TARGET_LAG = '1 hour' AS SELECT a FROM way")

        def due():
            return {entry["name"] for entry in self.lake.done("list", "--json").json() if entry["next_due"] is not None}

        self.assertEqual(due() & {"left_", "right_"}, {"left_"})
        self.lake.run("CREATE OR REPLACE VIEW way AS SELECT a FROM right_")
        self.assertEqual(due() & {"left_", "right_"}, {"right_"})

    def test_describe(self):
        report = self.lake.done("describe", "second", "--json").json()
        self.assertEqual(report["table"], "main.second")
        self.assertEqual([column["name"] for column in report["columns"]], ["part", "total"])
        self.assertEqual(report["inputs"], ["main.first"])
        self.assertIn("GROUP BY part", report["definition"])
        self.assertEqual(report["options"]["COMMENT"]["value"], "sums")
        self.assertIn("second", self.lake.done("describe", "second").out)

    def test_history(self):
        self.lake.run("INSERT INTO base VALUES (100, 1, 5)")
        self.lake.refresh("second")
        entries = self.lake.done("history", "second", "--json").json()
        self.assertEqual(len(entries), 2, "first fill and refresh")
        self.assertEqual({entry["table"] for entry in entries}, {"main.second"})
        self.assertEqual(len(self.lake.done("history", "--limit", "1", "--json").json()), 1)
        self.assertTrue(self.lake.done("history").out)

    def test_graph(self):
        graph = self.lake.done("graph", "--json").json()
        again = self.lake.done("graph", "--format", "json").json()
        for node in graph["nodes"] + again["nodes"]:
            self.assertEqual(node.pop("lag_seconds") is not None, node["dynamic"], "lag goes on between the two")
        self.assertEqual(graph, again)
        edges = {(edge["from"], edge["to"]) for edge in graph["edges"]}
        self.assertEqual(edges, {("main.base", "main.first"), ("main.first", "main.second"), ("main.other", "main.third")})
        dynamic = {node["table"] for node in graph["nodes"] if node["dynamic"]}
        self.assertEqual(dynamic, {"main.first", "main.second", "main.third"})
        self.assertRegex(self.lake.done("graph", "--format", "dot").out, r'(?s)^digraph.*"main.base" -> "main.first"')
        self.assertRegex(self.lake.done("graph", "--format", "mermaid").out, r"(?s)^flowchart LR.* --> ")
        for form in ("text", "dot", "mermaid", "svg"):
            out = self.lake.done("graph", "--format", form).out
            self.assertRegex(out, r"lag \d+ s of 1 minute, ACTIVE", form)
            self.assertIn("main.second", out)

    def test_graph_is_a_tree(self):
        self.lake.run("CREATE DYNAMIC TABLE mixed TARGET_LAG = '2 hours' INITIALIZE = ON_SCHEDULE AS SELECT part FROM first UNION ALL SELECT a FROM other")
        out = re.sub(r"lag \d+ s", "lag 0 s", self.lake.done("graph").out)
        self.assertEqual(out, "main.base\n"
                              "└─ main.first (lag 0 s of 1 minute, ACTIVE)\n"
                              "   ├─ main.mixed (target lag 2 hours, NOT FILLED)\n"
                              "   └─ main.second (lag 0 s of 1 minute, ACTIVE)\n"
                              "main.other\n"
                              "├─ main.mixed (see above)\n"
                              "└─ main.third (lag 0 s of 1 hour, ACTIVE)\n")

    def test_graph_as_svg(self):
        self.lake.run("CREATE DYNAMIC TABLE \"a<b&c\" TARGET_LAG = '1 minute' AS SELECT part FROM second")
        picture = xml.etree.ElementTree.fromstring(self.lake.done("graph", "--format", "svg").out)
        space = "{http://www.w3.org/2000/svg}"
        boxes = picture.findall(f"{space}rect")
        self.assertEqual((len(boxes), len(picture.findall(f"{space}path"))), (6, 4))
        self.assertIn('main."a<b&c"', [text.text for text in picture.findall(f"{space}text")])
        for box in boxes:
            self.assertLessEqual(float(box.get("x")) + float(box.get("width")), float(picture.get("width")))
            self.assertLessEqual(float(box.get("y")) + float(box.get("height")), float(picture.get("height")))

    # --- suspend, resume, drop ---------------------------------------------------------------------------------------

    def test_suspend_and_resume(self):
        self.assertEqual(set(self.lake.done("suspend", "first", "--json").json()["suspended"]), {"main.first", "main.second"})
        self.assertEqual(set(self.lake.refresh("--all")), {"main.third"}, "--all leaves suspended tables out")
        self.assertEqual(self.lake.command("refresh", "second").code, 1, "its ancestor is suspended")
        self.assertEqual(set(self.lake.refresh("first")), {"main.first"}, "by hand it can be refreshed")
        self.assertEqual(set(self.lake.done("resume", "first", "--json").json()["resumed"]), {"main.first", "main.second"})
        self.assertEqual(len(self.lake.refresh("--all")), 3)

    def test_drop(self):
        outcome = self.lake.command("drop", "first", "--json")
        self.assertEqual((outcome.code, outcome.json()["error"]["code"]), (1, "FRS-2012"))
        self.assertEqual(self.lake.done("drop", "first", "--cascade", "--json").json()["dropped"], ["main.second", "main.first"])
        self.assertEqual([entry["name"] for entry in self.lake.done("list", "--json").json()], ["third"])
        self.lake.error("SELECT * FROM second")


class Create(unittest.TestCase):
    def setUp(self):
        self.lake = Lake()
        self.addCleanup(self.lake.remove)
        self.lake.run("CREATE TABLE orders AS SELECT 1 AS id, 2 AS amount")

    def test_create_and_validate(self):
        self.lake.write("m.sql", "CREATE DYNAMIC TABLE d TARGET_LAG = '1 minute' AS SELECT amount FROM orders;\n")
        report = self.lake.done("validate", "-f", "m.sql", "--json").json()
        self.assertEqual((report["table"], report["created"]), ("main.d", False))
        self.assertEqual(self.lake.done("list", "--json").json(), [])
        report = self.lake.done("create", "-f", "m.sql", "--json").json()
        self.assertEqual((report["created"], report["mode"]), (True, "INCREMENTAL"))
        self.assertEqual(report["columns"][0]["name"], "amount")
        self.assertEqual(self.lake.command("create", "-f", "m.sql").code, 1)
        self.lake.done("validate", "-f", "-", input="SELECT amount FROM orders")

    def assert_refused(self, code, sql):
        """Both commands refuse it with this number and leave nothing behind."""
        self.lake.write("m.sql", sql)
        before = self.lake.snapshot()
        for command in ("validate", "create"):
            outcome = self.lake.command(command, "-f", "m.sql", "--json")
            self.assertEqual(outcome.code, 1, f"{command} {sql}: {outcome}")
            error = outcome.json()["error"]
            self.assertEqual(error["code"], code, f"{command} {sql}: {error}")
            self.assertEqual(error["file"], "m.sql", error)
            self.assertIsInstance(error["line"], int)
        self.assertEqual(self.lake.snapshot(), before)
        return error

    def test_what_a_file_may_hold(self):
        self.assert_refused("FRS-2008", "")
        self.assert_refused("FRS-2008", "SELECT 1; SELECT 2")
        create = "CREATE DYNAMIC TABLE d TARGET_LAG = '1 minute' AS"
        self.assert_refused("FRS-2008", f"{create} SELECT 1 AS a; SELECT 2")
        self.assert_refused("FRS-2008", f"{create} INSERT INTO orders VALUES (1, 2)")

    def test_places_and_hints(self):
        create = "CREATE DYNAMIC TABLE d\n  TARGET_LAG = '1 minute'\nAS\n"
        error = self.assert_refused("FRS-2003", create + "SELECT amout FROM orders")
        self.assertEqual((error["line"], error["column"]), (4, 8))
        self.assertIn("amount", error["hint"])
        error = self.assert_refused("FRS-2002", create + "SELECT 1 AS a FROM order_s")
        self.assertEqual(error["line"], 4)
        self.assertIn("orders", error["hint"])
        self.assertEqual(self.assert_refused("FRS-2001", create + "SELECT 1 +")["line"], 4)
        error = self.assert_refused("FRS-2005", "CREATE DYNAMIC TABLE d\n  TARGT_LAG = '1 minute' AS SELECT 1 AS a")
        self.assertEqual(error["line"], 2)
        self.assertIn("TARGET_LAG", error["hint"])
        self.assert_refused("FRS-2007", "CREATE DYNAMIC TABLE d AS SELECT 1 AS a")
        self.assert_refused("FRS-2004", "CREATE DYNAMIC TABLE nowhere.d TARGET_LAG = '1 minute' AS SELECT 1 AS a")

    def test_lags(self):
        for lag in ("0 minutes", "-1 minute", "1.5 hours", "99999999999999999999 days", "soon", "", "minute", "1 fortnight"):
            with self.subTest(lag):
                self.assert_refused("FRS-2006", f"CREATE DYNAMIC TABLE d TARGET_LAG = '{lag}' AS SELECT 1 AS a")

    def test_existing_names(self):
        self.lake.run("CREATE VIEW v AS SELECT 1 AS a")
        self.assert_refused("FRS-2011", "CREATE DYNAMIC TABLE orders TARGET_LAG = '1 minute' AS SELECT 1 AS a")
        self.assert_refused("FRS-2011", "CREATE OR REPLACE DYNAMIC TABLE v TARGET_LAG = '1 minute' AS SELECT 1 AS a")


class UnusualNames(unittest.TestCase):
    NAMES = ["two words", "Mixed", "dot.ted", 'quo"te', "select", "таблица", "表", "n" * 200, "semi;colon", "it's", "*", "a?b"]

    def test_all_commands_take_them(self):
        quoted = ['"' + name.replace('"', '""') + '"' for name in self.NAMES]
        with Lake() as lake:
            lake.run("CREATE TABLE src AS SELECT 1 AS a;" + ";".join(
                f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' AS SELECT a FROM src" for name in quoted))
            lake.run(";".join(f"ALTER DYNAMIC TABLE {name} REFRESH" for name in quoted))
            tables = list(lake.refresh(*[f"main.{name}" for name in quoted]))
            self.assertEqual(len(tables), len(self.NAMES), "quoted, * and ? mean themselves")
            counts = lake.run(";".join(f"SELECT count(*) FROM {table}" for table in tables))  # as printed, they work in SQL
            self.assertEqual([result["rows"] for result in counts], [[[1]]] * len(tables))
            self.assertEqual(set(lake.verify(*tables)), set(tables))
            for table in tables[:3]:
                self.assertIn(lake.done("describe", table, "--json").json()["name"], self.NAMES)
            self.assertEqual(set(lake.done("drop", *tables, "--json").json()["dropped"]), set(tables))

    def test_names_of_other_schemas(self):
        with Lake() as lake:
            lake.run('CREATE SCHEMA "my schema"; CREATE TABLE src AS SELECT 1 AS a;'
                     "CREATE DYNAMIC TABLE \"my schema\".d TARGET_LAG = '1 minute' AS SELECT a FROM src")
            self.assertEqual(set(lake.refresh('"my schema".d')), {'"my schema".d'})
            self.assertEqual(set(lake.refresh("d")), {'"my schema".d'}, "the only table of this name")
            lake.run("CREATE DYNAMIC TABLE d TARGET_LAG = '1 minute' AS SELECT a FROM src")
            self.assertEqual(set(lake.refresh("d")), {"main.d"})
            self.assertEqual(set(lake.refresh("*.d")), {"main.d", '"my schema".d'})
            self.assertEqual(set(lake.refresh("my*.d")), {'"my schema".d'})


if __name__ == "__main__":
    unittest.main()
