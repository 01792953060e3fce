"""Projects: plan shows what differs, apply does exactly that."""
import json
import unittest

from tests.harness.lake import Lake

DAILY = """-- freshet: TARGET_LAG = '5 minutes', REFRESH_MODE = INCREMENTAL
-- freshet: TAG = ('finance', 'daily')
SELECT g, sum(v) AS s FROM t GROUP BY g
"""


class Case(unittest.TestCase):
    def setUp(self):
        self.lake = Lake()
        self.addCleanup(self.lake.remove)
        self.lake.run("CREATE TABLE t (g INTEGER, v INTEGER); INSERT INTO t VALUES (1, 10), (1, 20), (2, 5)")
        (self.lake.folder / "models").mkdir()

    def model(self, path, text):
        return self.lake.write("models/" + path, text)

    def table(self, name, query, options=""):
        return f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '5 minutes' REFRESH_MODE = INCREMENTAL {options} AS\n{query}\n"

    def plan(self, *arguments):
        return self.lake.done("plan", "--json", *arguments).json()

    def actions(self, *arguments):
        return {f"{step['schema']}.{step['name']}": step["action"] for step in self.plan(*arguments)["steps"]}

    def apply(self, *arguments):
        outcome = self.lake.done("apply", "--json", *arguments).json()
        return {step["table"]: (step["action"], step["status"]) for step in outcome["steps"]}

    def error(self, *arguments, code=1):
        outcome = self.lake.command(*arguments)
        self.assertEqual(outcome.code, code, outcome)
        return outcome.err


class PlanAndApply(Case):
    def test_a_project_from_nothing_to_nothing(self):
        self.model("daily.sql", DAILY)
        self.model("sales/top.sql", self.table("top", "SELECT max(s) AS m FROM daily_view"))
        self.model("sales/daily_view.sql", "CREATE VIEW daily_view AS SELECT twice(s) AS s FROM daily;\n")
        self.model("sales/twice.sql", "CREATE MACRO twice(x) AS 2 * x;")
        plan = self.plan()
        self.assertEqual(plan["schemas"], ["sales"])
        names = [step["name"] for step in plan["steps"]]
        self.assertLess(names.index("daily"), names.index("daily_view"))
        self.assertLess(names.index("twice"), names.index("daily_view"))
        self.assertLess(names.index("daily_view"), names.index("top"))
        daily = next(step for step in plan["steps"] if step["name"] == "daily")
        self.assertEqual((daily["mode"], daily["reads"], daily["rows_to_read"]), ("INCREMENTAL", ["main.t"], 3))
        self.assertEqual((daily["file"], daily["line"]), ("models/daily.sql", 3))
        self.assertEqual(self.lake.done("list", "--json").json(), [])  # nothing was done
        self.assertEqual(set(self.apply().values()), {("create", "DONE")})
        self.assertEqual(self.lake.rows("FROM sales.top"), [["60"]])
        self.assertEqual(self.plan()["steps"], [])
        self.assertEqual(self.lake.done("plan").out.split()[:2], ["No", "changes:"])
        self.lake.run("INSERT INTO t VALUES (1, 100)")
        self.lake.refresh()
        self.assertEqual(self.lake.rows("FROM sales.top"), [["260"]])
        self.lake.verify()

    def test_what_changes_is_told_with_its_effects(self):
        self.model("a.sql", self.table("a", "SELECT g, sum(v) AS s FROM t GROUP BY g"))
        self.model("v.sql", "CREATE VIEW w AS SELECT s FROM a WHERE s > 0")
        self.model("b.sql", self.table("b", "SELECT sum(s) AS s FROM w"))
        self.model("c.sql", self.table("c", "SELECT s FROM a"))
        self.apply()
        stable = self.lake.value("SELECT id FROM __freshet.dynamic_tables WHERE table_name = 'a'")
        self.model("a.sql", "-- a remark\n" + self.table("a", "SELECT g, sum(v) AS s\nFROM t   GROUP BY g", "COMMENT = 'x'"))
        [step] = self.plan()["steps"]
        self.assertEqual((step["action"], step["effects"]), ("alter", []))
        self.assertEqual(step["changes"], [{"option": "COMMENT", "before": "", "after": "x"}])
        self.model("a.sql", self.table("a", "SELECT g, sum(v) AS s FROM t WHERE g = 1 GROUP BY g"))
        [step] = self.plan()["steps"]
        self.assertEqual((step["action"], step["reason"]), ("refill", "its query changed"))
        self.assertEqual({effect["table"]: effect["fails"] for effect in step["effects"]}, {"main.b": False, "main.c": False})
        self.model("a.sql", self.table("a", "SELECT g, sum(v) AS other FROM t GROUP BY g"))
        err = self.error("plan")
        self.assertIn("--> models/v.sql:1:40", err)  # main.b reads this view, and isn't told again
        self.assertIn("--> models/c.sql:2:8", err)
        self.assertEqual(err.count("error[FRS-2003]"), 2)
        self.lake.run(self.table("outside", "SELECT s FROM a"))
        for name in ("v", "b", "c"):
            (self.lake.folder / "models" / f"{name}.sql").rename(self.lake.folder / f"{name}.aside")
        [step] = self.plan()["steps"]
        self.assertIn("its columns change", step["reason"])
        self.assertEqual({effect["table"] for effect in step["effects"] if effect["fails"]}, {"main.b", "main.c", "main.outside"})
        for name in ("v", "b", "c"):
            (self.lake.folder / f"{name}.aside").rename(self.lake.folder / "models" / f"{name}.sql")
        self.lake.run("DROP DYNAMIC TABLE outside")
        self.model("a.sql", self.table("a", "SELECT g, sum(v) AS s FROM t WHERE g = 1 GROUP BY g"))
        self.model("v.sql", "CREATE OR REPLACE VIEW w AS SELECT s FROM a WHERE s > 7")
        self.assertEqual(self.actions(), {"main.a": "refill", "main.w": "replace"})
        shown = self.lake.done("plan").out
        for part in ("-/+ refill dynamic table main.a  (models/a.sql:1)", "then main.b is refilled by difference",
                     "+ SELECT g, sum(v) AS s FROM t WHERE g = 1 GROUP BY g", "Plan: 0 to create, 0 to alter, 1 to refill, 1 to replace"):
            self.assertIn(part, shown)
        self.apply()
        self.lake.refresh()
        self.lake.assert_all_equal({"b": "SELECT sum(s) AS s FROM w", "a": "SELECT g, sum(v) AS s FROM t WHERE g = 1 GROUP BY g"})
        self.assertEqual(self.lake.value("SELECT id FROM __freshet.dynamic_tables WHERE table_name = 'a'"), stable)
        self.assertEqual(self.plan()["steps"], [])

    def test_drops_need_prune_and_touch_only_the_project_s_own(self):
        self.lake.run(self.table("mine", "SELECT g FROM t"))
        for name in ("a", "b"):
            self.model(f"{name}.sql", self.table(name, "SELECT g, v FROM t" if name == "a" else "SELECT g FROM a"))
        self.model("w.sql", "CREATE VIEW w AS FROM t; CREATE MACRO one() AS 1; CREATE MACRO several(n) AS TABLE FROM range(n);")
        self.apply()
        for path in ("a.sql", "b.sql", "w.sql"):
            (self.lake.folder / "models" / path).unlink()
        self.model("c.sql", self.table("c", "SELECT v FROM t"))
        self.assertEqual(self.actions(), {"main.c": "create"})
        orphans = [entry["kind"] + " " + entry["name"] for entry in self.plan()["orphans"]]
        self.assertEqual(sorted(orphans), ["dynamic table a", "dynamic table b", "macro one", "macro several", "view w"])
        shown = self.lake.done("plan").out.splitlines()[-1]
        self.assertIn("Without a model any more: ", shown)
        self.assertIn("dynamic table main.a", shown)
        self.assertNotIn("mine", shown)
        dropped = [name for name, action in self.actions("--prune").items() if action == "drop"]
        self.assertEqual(dropped, ["main.b", "main.a", "main.one", "main.several", "main.w"])
        self.apply("--prune")
        self.assertEqual(sorted(entry["name"] for entry in self.lake.done("list", "--json").json()), ["c", "mine"])
        self.assertEqual(self.actions("--prune"), {})
        self.assertEqual(self.plan()["orphans"], [])
        self.lake.run("UNDROP DYNAMIC TABLE a")

    def test_exit_codes(self):
        self.assertEqual(self.lake.command("plan", "--detailed-exitcode").code, 0)
        self.model("a.sql", DAILY)
        self.assertEqual(self.lake.command("plan", "--detailed-exitcode").code, 2)
        self.assertEqual(self.lake.command("plan").code, 0)
        self.model("b.sql", "SELEC")
        self.assertEqual(self.lake.command("plan", "--detailed-exitcode").code, 1)

    def test_a_failing_step_stops_only_what_needs_it(self):
        self.model("a.sql", self.table("a", "SELECT (1 // (g - 1))::INTEGER AS x FROM t WHERE error('no') IS NULL"))
        self.model("b.sql", self.table("b", "SELECT x FROM a"))
        self.model("c.sql", DAILY)
        outcome = self.lake.command("apply", "--json")
        self.assertEqual(outcome.code, 1)
        steps = {step["table"]: step["status"] for step in outcome.json()["steps"]}
        self.assertEqual(steps, {"main.a": "FAILED", "main.b": "SKIPPED", "main.c": "DONE"})
        self.assertEqual(outcome.err.count("error[FRS-4001]"), 1)
        self.model("a.sql", self.table("a", "SELECT g AS x FROM t"))
        self.assertEqual(set(self.apply()), {"main.a", "main.b"})

    def test_adoption_says_that_the_table_exists(self):
        self.lake.run("CREATE TABLE a AS SELECT g FROM t")
        self.model("a.sql", self.table("a", "SELECT g FROM t", "ADOPT = TRUE"))
        [step] = self.plan()["steps"]
        self.assertEqual((step["action"], step["made_by"]), ("create", "by hand"))
        self.assertEqual(step["reason"], "an ordinary table of that name exists, and ADOPT makes it a dynamic table")
        self.apply()

    def test_downstream_is_warned_of_only_without_a_reader(self):
        warning = "TARGET_LAG = DOWNSTREAM: refreshed by hand, until a table with a lag of its own reads it"
        self.model("a.sql", "CREATE DYNAMIC TABLE a TARGET_LAG = DOWNSTREAM AS SELECT g FROM t")
        self.model("b.sql", "CREATE DYNAMIC TABLE b TARGET_LAG = DOWNSTREAM AS SELECT g FROM a")
        self.assertEqual([step["warnings"] for step in self.plan()["steps"]], [[warning], [warning]])
        self.model("c.sql", self.table("c", "SELECT g FROM b"))
        self.assertEqual([step["warnings"] for step in self.plan()["steps"]], [[], [], []])
        self.assertNotIn("DOWNSTREAM: ", self.lake.done("apply").err)
        self.model("d.sql", "CREATE DYNAMIC TABLE d TARGET_LAG = DOWNSTREAM AS SELECT g FROM t")
        self.assertIn(warning, self.lake.done("apply").err)

    def test_a_taken_name(self):
        self.model("t.sql", DAILY.replace("FROM t", "FROM range(3) AS r (g), range(2) AS s (v)"))
        err = self.error("plan")
        self.assertIn("error[FRS-2011]: main.t exists as an ordinary table", err)
        self.assertIn("--> models/t.sql:3:1", err)


class PlanFiles(Case):
    def test_apply_does_exactly_the_plan(self):
        self.model("a.sql", DAILY)
        self.lake.done("plan", "--out", "plan.json")
        self.model("a.sql", DAILY.replace("sum(v)", "max(v)"))
        self.assertEqual(self.apply("plan.json"), {"main.a": ("create", "DONE")})
        self.lake.assert_equal("a", "SELECT g, sum(v) AS s FROM t GROUP BY g")
        self.assertEqual(self.apply("plan.json"), {"main.a": ("create", "DONE BEFORE")})

    def test_a_plan_that_no_longer_fits(self):
        self.model("a.sql", DAILY)
        self.lake.done("plan", "--out", "plan.json")
        self.lake.run(self.table("a", "SELECT g FROM t"))
        self.assertIn("error[FRS-6004]: the plan no longer fits: dynamic table main.a exists now", self.error("apply", "plan.json"))
        self.lake.done("plan", "--out", "plan.json")
        self.lake.run("ALTER DYNAMIC TABLE a SET COMMENT = 'other'")
        self.assertIn("was changed since", self.error("apply", "plan.json"))
        self.lake.done("plan", "--out", "plan.json")
        self.lake.run("DROP DYNAMIC TABLE a")
        self.assertIn("is gone", self.error("apply", "plan.json"))
        self.assertEqual(self.lake.done("list", "--json").json(), [])

    def test_the_own_schema_is_no_folder_for_models(self):
        for text in ("CREATE VIEW x AS SELECT 1 AS a", "CREATE MACRO m(a) AS a + 1", self.table("x", "SELECT g FROM t")):
            path = self.model("__freshet/x.sql", text)
            self.assertIn("FRS-2013", self.error("plan"))
            (self.lake.folder / path).unlink()

    def test_a_changed_view_reaches_tables_whose_options_change_too(self):
        self.model("v.sql", "CREATE VIEW v AS SELECT g FROM t")
        self.model("a.sql", self.table("a", "SELECT g FROM v"))
        self.model("b.sql", self.table("b", "SELECT g FROM a"))
        self.apply()
        self.model("v.sql", "CREATE VIEW v AS SELECT g + 1 AS g FROM t")
        self.model("a.sql", self.table("a", "SELECT g FROM v", "TAG = 'x'"))
        effects = {step["name"].removeprefix("main."): {effect["table"] for effect in step["effects"]} for step in self.plan()["steps"]}
        self.assertEqual(effects["v"], {"main.a", "main.b"})

    def test_out_keeps_files_that_are_no_plan(self):
        self.model("a.sql", DAILY)
        self.assertIn("FRS-1001", self.error("plan", "--out", "models/a.sql", code=2))
        self.assertEqual(self.apply(), {"main.a": ("create", "DONE")})
        self.lake.done("plan", "--out", "plan.json")
        self.lake.done("plan", "--out", "plan.json")
        self.lake.done("plan", "--out", "/dev/null")

    def test_files_that_are_no_plan(self):
        self.lake.write("plan.json", "[1, 2")
        self.assertIn("FRS-6004", self.error("apply", "plan.json"))
        self.lake.write("plan.json", json.dumps({"format_version": 99}))
        self.assertIn("error[FRS-6005]: plan.json is a plan of format 99", self.error("apply", "plan.json"))
        self.assertIn("FRS-1004", self.error("apply", "nothing.json"))
        self.assertIn("FRS-1001", self.error("apply", "plan.json", "--prune", code=2))

    def test_an_interrupted_apply_goes_on(self):
        self.model("a.sql", self.table("a", "SELECT g, v FROM t"))
        self.model("b.sql", self.table("b", "SELECT g, sum(v) AS s FROM a GROUP BY g"))
        self.lake.done("plan", "--out", "plan.json")
        self.lake.kill("after_create_commit", "apply", "plan.json")
        self.assertEqual(self.apply("plan.json"), {"main.a": ("create", "DONE BEFORE"), "main.b": ("create", "DONE")})
        self.assertEqual(self.plan()["steps"], [])
        self.lake.verify()


class Selection(Case):
    def test_words(self):
        self.model("a.sql", self.table("a", "SELECT g, v FROM t", "TAG = 'x'"))
        self.model("b.sql", self.table("b", "SELECT g FROM a", "TAG = ('x', 'y')"))
        self.model("s/c.sql", self.table("c", "SELECT g FROM b"))
        self.model("s/d.sql", self.table("d", "SELECT v FROM t"))
        for words, names in (("b", "b"), ("+b", "ab"), ("b+", "bc"), ("+c", "abc"), ("a d", "ad"), ("tag:x", "ab"), ("tag:x,tag:y", "b"),
                             ("path:models/s", "cd"), ("s.*", "cd"), ("state:new", "abcd"), ("a+,path:models/s", "c")):
            with self.subTest(words):
                if {"c", "b"} & set(names) and "a" not in names:
                    continue
                self.assertEqual({name.split(".")[1] for name in self.actions("--select", words)}, set(names))
        self.assertEqual(set(self.actions("--select", "+c", "--exclude", "tag:y c")), {"main.a"})
        self.apply("--select", "a d")
        self.assertEqual(set(self.actions("--select", "b")), {"main.b"})
        self.assertEqual(set(self.actions("--select", "state:modified+")), {"main.b", "s.c"})
        self.assertIn("FRS-6007", self.error("plan", "--select", "nothing"))
        self.assertIn("FRS-6007", self.error("plan", "--select", "colour:red"))
        self.assertIn("FRS-2002", self.error("plan", "--select", "c"))

    def test_what_is_missing_is_named(self):
        self.lake.run("CREATE SCHEMA util")
        self.model("util/cents.sql", "CREATE MACRO cents(x) AS 100 * x")
        self.model("util/extra.sql", "CREATE MACRO extra(x) AS x")
        self.model("stg.sql", self.table("stg", "SELECT g, v FROM t"))
        self.model("far/rows.sql", self.table('"a b"', "SELECT g FROM t"))
        self.model("We ird, name.sql", DAILY.replace("FROM t", "FROM stg").replace("sum(v)", "util.extra(sum(v))"))
        self.model("by_far.sql", self.table("by_far", 'SELECT g FROM far."a b"'))
        self.model("by_macro.sql", self.table("by_macro", "SELECT util.cents(v) AS c FROM stg"))
        waits = "a model that isn't selected and doesn't exist yet: --select"
        self.assertIn(f"main.stg is {waits} '+\"We ird, name\"' selects it too", self.error("plan", "--select", '"We ird, name"'))
        self.assertEqual(len(self.actions("--select", '+"We ird, name"')), 3)
        self.assertIn(f"far.\"a b\" is {waits} '+by_far' selects it too", self.error("plan", "--select", "by_far"))
        self.assertIn(f"util.cents is {waits} '+by_macro' selects it too", self.error("plan", "--select", "stg by_macro"))

    def test_words_near_what_there_is(self):
        self.model("sales/orders.sql", self.table("orders", "SELECT g FROM t", "TAG = 'finance'"))
        for word, hint in (("ordes", '"orders"?'), ("tag:finanze", '"tag:finance"?'), ("path:models/sale/orders.sql", '"path:models/sales/orders.sql"?'),
                           ("nothing", "there is orders"), ("tag:zzz", "there is finance"), ("orders,tag:zzz", "a comma have to hold all together")):
            with self.subTest(word):
                self.assertIn(hint, self.error("plan", "--select", word))


class Variables(Case):
    def test_values_and_defaults(self):
        self.lake.configure((self.lake.folder / "freshet.yml").read_text() +
                            "vars: { least: 5 }\nprofiles: { big: { vars: { least: 15 } } }\n")
        self.model("a.sql", self.table("a", "SELECT g, v, '${word:-x}${word:-y}' AS w -- ${not_one}\nFROM t WHERE v > ${least}"))
        self.apply()
        self.assertEqual(sorted(self.lake.rows("SELECT v, w FROM a")), [[10, "xy"], [20, "xy"]])
        self.apply("--profile", "big", "--var", "word=it''s ")
        self.assertEqual(self.lake.rows("SELECT v, w FROM a"), [[20, "it's it's "]])
        self.apply("--var", "least=0")
        self.assertEqual(len(self.lake.rows("FROM a")), 3)
        self.assertIn("FRS-1001", self.error("plan", "--var", "least", code=2))

    def test_comments_with_options(self):
        self.model("a.sql", "-- freshet: TARGET_LAG = '${lag:-1 hour}', COMMENT = '${text:-none}'\n-- ${not_one}\nSELECT g FROM t\n")
        self.apply()
        self.assertEqual(self.lake.rows("SELECT target_lag, comment FROM freshet_tables()"), [["1 hour", "none"]])
        self.apply("--var", "lag=5 minutes", "--var", "text=of five minutes")
        self.assertEqual(self.lake.rows("SELECT target_lag, comment FROM freshet_tables()"), [["5 minutes", "of five minutes"]])
        err = self.error("plan", "--var", "lag=soon")
        self.assertIn("FRS-2006", err)
        self.assertIn("--> models/a.sql:1:26", err)
        self.assertIn("FRS-2006", self.error("plan", "--var", "text=a\nb"))
        self.model("a.sql", "-- freshet: TARGET_LAG = '${lag}'\nSELECT nothing FROM t\n")
        self.assertIn("FRS-6003", self.error("plan"))
        self.assertIn("--> models/a.sql:2:8", self.error("plan", "--var", "lag=15 minutes"))

    def test_undefined(self):
        self.model("a.sql", self.table("a", "SELECT g\nFROM t WHERE v > ${leest}"))
        err = self.error("plan", "--var", "least=1")
        self.assertIn("error[FRS-6003]: variable leest has no value", err)
        self.assertIn("--> models/a.sql:3:18", err)
        self.assertIn("did you mean ${least}?", err)

    def test_places_behind_a_value_are_those_of_the_file(self):
        self.model("a.sql", self.table("a", "SELECT ${column}, nothing FROM t"))
        err = self.error("plan", "--var", "column=g AS a_rather_long_name")
        self.assertIn("--> models/a.sql:2:19", err)
        err = self.error("plan", "--var", "column=neither")
        self.assertIn("--> models/a.sql:2:8", err)


class BadInput(Case):
    def test_two_models_of_one_name(self):
        self.model("a.sql", DAILY)
        self.model("other.sql", "\n" + self.table("A", "SELECT 1 AS x"))
        err = self.error("plan")
        self.assertIn("error[FRS-6001]: main.A is made by two models: models/a.sql:3 and models/other.sql:2", err)

    def test_all_errors_are_told_together(self):
        self.model("a.sql", "SELEC 1")
        self.model("b.sql", "CREATE TABLE b AS SELECT 1")
        self.model("c.sql", "-- freshet: TARGET_LAG = '1 minute'\nSELECT 1; SELECT 2")
        self.model("d.sql", "SELECT 1")
        self.model("e.sql", "")
        self.model("f.sql", "-- freshet: TARGET_LAGG = '1 minute'\nSELECT 1")
        self.model("g.sql", "CREATE TEMP VIEW g AS SELECT 1")
        self.model("h.sql", "DROP TABLE t")
        err = self.error("plan")
        for place in ("FRS-2001", "models/a.sql:1:1", "FRS-6002", "models/b.sql:1:1", "models/c.sql:2:1", "FRS-2007", "models/d.sql:1:1",
                      "models/e.sql:1:1", "FRS-2005", "models/f.sql:1:13", "models/g.sql:1:1", "models/h.sql:1:1"):
            self.assertIn(place, err)
        self.assertEqual(err.count("error[FRS-"), 9)  # two in c.sql
        for model in (self.lake.folder / "models").iterdir():
            model.unlink()
        self.model("a.sql", "CREATE TEMP VIEW g AS SELECT 1;\nDROP TABLE t;\n" + self.table("a", "SELECT 1 AS x", "TAGG = 'x'") + ";\nSELEC 1;")
        err = self.error("plan")
        for place in ("models/a.sql:1:", "models/a.sql:2:", "models/a.sql:3:", "models/a.sql:6:"):
            self.assertIn(place, err)

    def test_models_that_cannot_be_read(self):
        self.model("a.sql", self.table("a", "SELECT g FROM t"))
        self.apply()
        (self.lake.folder / "models" / "a.sql").rename(self.lake.folder / "a.aside")
        (self.lake.folder / "models" / "a.sql").symlink_to("nowhere.sql")
        err = self.error("apply", "--prune", "--yes")
        self.assertIn("error[FRS-1004]: models/a.sql can't be read", err)
        self.assertIn("it is a link to a file that does not exist", err)
        self.assertEqual(len(self.lake.done("list", "--json").json()), 1)
        (self.lake.folder / "models" / "a.sql").unlink()
        (self.lake.folder / "models" / "a.sql").symlink_to("../a.aside")
        self.assertEqual(self.actions("--prune"), {})

    def test_a_cycle_over_files(self):
        self.model("a.sql", self.table("a", "SELECT g FROM c"))
        self.model("b.sql", self.table("b", "SELECT g\nFROM a"))
        self.model("c.sql", self.table("c", "WITH a AS (SELECT 1 AS g) SELECT b.g FROM a, b"))
        err = self.error("plan")
        self.assertIn("error[FRS-2009]: models read each other in a circle: main.a -> main.c (models/a.sql:2) -> main.b (models/c.sql:2) -> "
                      "main.a (models/b.sql:3)", err)

    def test_a_cycle_over_a_table_outside_the_project(self):
        self.model("a.sql", self.table("a", "SELECT g FROM t"))
        self.model("v.sql", "CREATE VIEW v AS SELECT g FROM a")
        self.apply()
        self.lake.run(self.table("outside", "SELECT g FROM v"))
        self.model("b.sql", self.table("b", "SELECT g\nFROM outside"))
        self.assertEqual(self.actions(), {"main.b": "create"})
        self.apply()
        self.model("a.sql", self.table("a", "SELECT g FROM t\nUNION ALL SELECT g FROM b"))
        err = self.error("plan")
        self.assertIn("error[FRS-2009]: dynamic tables would read each other in a circle: main.a -> main.b (models/a.sql:3) -> "
                      "main.outside (models/b.sql:3) -> main.a (no model of this project)", err)
        self.assertIn("--> models/a.sql:3:25", err)

    def test_files_of_other_encodings_and_line_ends(self):
        (self.lake.folder / "models" / "a.sql").write_bytes(b"\xef\xbb\xbf" + DAILY.replace("\n", "\r\n").encode())
        self.apply()
        self.model("a.sql", DAILY)
        self.assertEqual(self.plan()["steps"], [])
        (self.lake.folder / "models" / "a.sql").write_bytes(b"SELECT 1 AS x, 'caf\xe9'")
        err = self.error("plan")
        self.assertIn("error[FRS-6006]: models/a.sql is not UTF-8 text: byte 0xe9", err)
        self.assertIn("--> models/a.sql:1:20", err)

    def test_a_project_of_a_newer_format(self):
        self.lake.configure((self.lake.folder / "freshet.yml").read_text() + "project: { format: 2 }\n")
        err = self.error("plan")
        self.assertIn("error[FRS-6005]: this project is of format 2", err)
        self.assertIn("--> freshet.yml:4:20", err)

    def test_no_models(self):
        (self.lake.folder / "models").rmdir()
        self.assertIn("FRS-1004", self.error("plan"))


if __name__ == "__main__":
    unittest.main()
