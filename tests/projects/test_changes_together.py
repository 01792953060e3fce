"""Projects whose models change together: order through what stays, what no longer binds, who made what."""
import json
import os
import pty
import select
import subprocess
import unittest

from tests.harness.program import environment, program
from tests.projects.test_plan_and_apply import Case as Project


class Case(Project):
    def setUp(self):
        super().setUp()
        self.lake.run("CREATE TABLE src (id INTEGER, v INTEGER, s VARCHAR); INSERT INTO src SELECT i, i * 2, 'k' || (i % 5) FROM range(100) t(i)")

    def table(self, name, query, options=""):
        return f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 hour' {options} AS {query}\n"

    def models(self, **texts):
        for name, text in texts.items():
            self.model(name + ".sql", text if text.startswith(("CREATE", "-")) else self.table(name, text))

    def remove(self, *names):
        for name in names:
            (self.lake.folder / "models" / f"{name}.sql").unlink()

    def step(self, name, *arguments):
        return next(step for step in self.plan(*arguments)["steps"] if step["name"] == name)

    def converged(self):
        self.assertEqual(self.plan()["steps"], [])
        self.lake.refresh()
        self.lake.verify()


class ManyAtOnce(Case):
    def test_models_created_beside_each_other(self):
        """Each CREATE is a new schema, which the others' sessions load."""
        count = 60
        for number in range(count):
            self.model(f"m{number}.sql", self.table(f"m{number}", f"SELECT id, v + {number} AS v FROM src WHERE v % {number + 2} > 0"))
        report = self.lake.done("apply", "--yes", "--parallel", 6, "--json").json()
        self.assertEqual({step["status"] for step in report["steps"]}, {"DONE"})
        self.lake.run("INSERT INTO src VALUES (1000, 1, 'x')")
        self.converged()


class Order(Case):
    def test_through_an_unchanged_view(self):
        self.models(b="SELECT id FROM src", mid="CREATE VIEW mid AS SELECT * FROM b", a="SELECT id FROM mid")
        self.apply()
        self.models(b="SELECT id, v FROM src", a="SELECT id, v FROM mid")
        self.assertEqual(self.step("a")["apply"]["needs"], [0])
        self.apply()
        self.converged()
        self.lake.assert_equal("a", "SELECT id, v FROM src")

    def test_through_an_unchanged_table(self):
        for kind in ("model", "made by hand"):
            with self.subTest(kind):
                self.lake.run("DROP DYNAMIC TABLE IF EXISTS b CASCADE")
                self.models(b="SELECT id FROM src")
                if kind == "model":
                    self.models(mid="SELECT * FROM b")
                    self.apply()
                else:
                    self.apply("--select", "b")
                    self.remove("mid")
                    self.lake.run(self.table("mid", "SELECT * FROM b"))
                self.models(a="SELECT id FROM mid")
                self.apply()
                self.models(b="SELECT id, v FROM src", a="SELECT id, v FROM mid")
                self.assertEqual({name.split(".")[1] for name in self.actions()}, {"a", "b"})
                self.apply()
                self.converged()
                self.lake.assert_equal("a", "SELECT id, v FROM src")
                self.remove("a")

    def test_through_a_view_made_by_hand(self):
        self.models(b="SELECT id FROM src")
        self.apply()
        self.lake.run("CREATE VIEW mid AS SELECT * FROM b")
        self.models(b="SELECT id, v FROM src", a="SELECT id, v FROM mid")
        self.apply()
        self.converged()

    def test_turned_round(self):
        self.models(a="SELECT id FROM src", b="SELECT id FROM a", c="SELECT id FROM b")
        self.apply()
        self.models(a="SELECT id FROM c", b="SELECT id FROM src")
        self.apply()
        self.converged()

    def test_a_saved_plan_does_the_same(self):
        self.models(b="SELECT id FROM src", mid="SELECT * FROM b", a="SELECT id FROM mid")
        self.apply()
        self.models(b="SELECT id, v FROM src", a="SELECT id, v FROM mid")
        self.lake.done("plan", "--out", "plan.json")
        self.apply("plan.json")
        self.converged()


class Checks(Case):
    def test_an_unchanged_model_that_no_longer_binds(self):
        self.models(vv="CREATE VIEW vv AS SELECT id, v AS d, s FROM src", one="SELECT s, sum(d) AS d FROM vv GROUP BY s")
        self.apply()
        self.models(vv="CREATE VIEW vv AS SELECT id, v AS d2, s FROM src")
        for arguments in ((), ("--select", "vv")):
            err = self.error("plan", *arguments)
            self.assertIn("error[FRS-2003]: column \"d\" does not exist", err)
            self.assertIn("--> models/one.sql:1:66", err)
        self.assertIn("models/one.sql:1:66", self.error("apply"))
        self.lake.run("CREATE OR REPLACE VIEW vv AS SELECT id, v AS d2, s FROM src")
        self.assertIn("models/one.sql:1:66", self.error("plan", "--detailed-exitcode"))
        self.assertIn("main.one: column", self.lake.command("doctor").out)
        self.assertEqual(self.lake.command("doctor").code, 1)

    def test_one_outside_the_project_is_told_as_an_effect(self):
        self.models(a="SELECT id, v FROM src")
        self.apply()
        self.lake.run(self.table("outside", "SELECT v FROM a"))
        self.models(a="SELECT id FROM src")
        [effect] = self.step("a")["effects"]
        self.assertEqual((effect["table"], effect["fails"]), ("main.outside", True))

    def test_all_errors_with_their_places(self):
        self.models(v="CREATE VIEW vv AS SELECT id,\n  nocol FROM src;", m="CREATE MACRO   mm(x)   AS TABLE SELECT nocol2 FROM src",
                    f="CREATE MACRO f(x) AS no_such(x)", uses="SELECT f(id) AS x FROM src", a="SELECT nocol3 FROM src", b="SELECT id FROM nowhere")
        err = self.error("plan")
        for place in ("models/v.sql:2:3", "models/m.sql:1:40", "models/f.sql:1:22", "models/a.sql:1:57", "models/b.sql:1:65"):
            self.assertIn(place, err)
        self.assertEqual(err.count("error[FRS-"), 5)
        self.remove("v", "m", "f", "uses", "b")
        self.models(a="SELECT ${x}, ${y} FROM src")
        self.assertEqual(self.error("plan").count("FRS-6003"), 2)

    def test_a_changed_macro_is_checked_as_well(self):
        self.models(f="CREATE MACRO f(x) AS x + 1")
        self.apply()
        self.models(f="CREATE  OR  REPLACE MACRO f(x) AS x + no_such(x)")
        self.assertIn("models/f.sql:1:39", self.error("plan"))

    def test_errors_of_apply_name_the_file(self):
        self.models(a="-- a remark\n" + self.table("a", "SELECT id FROM src\nWHERE error('no ' || id) IS NULL"))
        for arguments in ((), ("plan.json",)):
            outcome = self.lake.command("apply", "--json", *arguments)
            error = outcome.json()["steps"][0]["error"]
            self.assertEqual((error["code"], error["file"], error["line"]), ("FRS-4001", "models/a.sql", 2))
            self.lake.done("plan", "--out", "plan.json")
        self.models(a="SELECT id FROM src")
        self.lake.done("plan", "--out", "plan.json")
        self.lake.run("ALTER TABLE src RENAME COLUMN id TO id2")
        self.assertIn("--> models/a.sql:1:57", self.error("apply", "plan.json"))

    def test_warnings_name_the_place_in_the_file(self):
        self.models(a="SELECT ${x} AS x, random() AS r FROM src")
        [warning] = self.step("a", "--var", "x=1234567")["warnings"]
        self.assertIn("random() (models/a.sql:1:68)", warning)

    def test_shadowing(self):
        self.model("sales/a.sql", self.table("a", "SELECT id FROM src"))
        self.apply()
        self.model("sales/src.sql", self.table("src", "SELECT id + 1 AS id FROM main.src"))
        [effect] = self.step("src")["effects"]
        self.assertEqual(effect["table"], "sales.a")
        self.assertIn("reads it in place of main.src", effect["effect"])
        self.apply()
        self.converged()

    def test_a_suspended_ancestor(self):
        self.models(a="SELECT id FROM src", b="SELECT id FROM a")
        self.apply()
        self.lake.run("ALTER DYNAMIC TABLE a SUSPEND")
        self.models(b="SELECT id + 1 AS id FROM a")
        self.assertIn("this will fail, since main.a is suspended", self.step("b")["warnings"][0])
        self.assertIn("FRS-4003", self.error("apply"))

    def test_headers(self):
        self.models(a="--Freshet: target_lag = '1 hour'\nSELECT 1 AS x", b="-- FRESHET : TARGET_LAG = '1 hour'\nSELECT 1 AS x")
        self.apply()
        self.model("c.sql", "-- freshet: TAG = 'x'\n" + self.table("c", "SELECT 1 AS x"))
        err = self.error("plan")
        self.assertIn("FRS-6002", err)
        self.assertIn("--> models/c.sql:1:1", err)

    def test_selections_of_nothing(self):
        self.models(newone="SELECT id FROM src", three="SELECT id FROM newone")
        self.model("odd.sql", self.table('"odd name"', "SELECT 1 AS x"))
        for word in ("tag:zz", "path:nope", "", "tag:zz,three"):
            self.assertIn("FRS-6007", self.error("plan", "--select", word))
        err = self.error("plan", "--select", "three")
        self.assertIn("main.newone is a model that isn't selected", err)
        self.assertIn("--select '+three'", err)
        self.assertEqual(list(self.actions("--select", '"odd name"')), ["main.odd name"])
        self.apply()
        self.assertEqual(self.actions("--select", "state:modified"), {})


class Ownership(Case):
    def test_what_others_made_is_said_and_never_dropped(self):
        self.lake.run(self.table("hand", "SELECT id FROM src") + ";CREATE VIEW seen AS SELECT id FROM src")
        self.models(hand="SELECT id, v FROM src", seen="CREATE VIEW seen AS SELECT v FROM src", own="SELECT id FROM src")
        steps = {step["name"]: step["made_by"] for step in self.plan()["steps"]}
        self.assertEqual(steps, {"hand": "by hand", "seen": "by hand", "own": ""})
        self.assertIn("takes over: what was made by hand, not by this project", self.lake.done("plan").out)
        self.apply()
        self.remove("hand", "seen", "own")
        self.models(last="SELECT id FROM src")
        self.assertEqual(self.actions("--prune"), {"main.last": "create", "main.own": "drop"})

    def test_two_projects_on_one_lake(self):
        settings = (self.lake.folder / "freshet.yml").read_text()
        self.lake.configure(settings + "project: { name: pa }\n")
        self.models(shared="SELECT id FROM src")
        self.apply()
        self.lake.configure(settings + "project: { name: pb }\n")
        self.models(shared="SELECT id, v FROM src", other="SELECT 1 AS x")
        self.assertEqual(self.step("shared")["made_by"], "by project pa")
        self.apply()
        self.remove("shared")
        self.assertEqual(self.actions("--prune"), {})
        self.lake.configure(settings + "project: { name: pa }\n")
        self.remove("other")
        self.models(more="SELECT 1 AS x")
        self.assertEqual(self.actions("--prune")["main.shared"], "drop")


class OtherKinds(Case):
    def test_a_table_becomes_a_view_and_a_table_again(self):
        self.models(a="SELECT id FROM src", b="SELECT id FROM a")
        self.apply()
        self.models(a="CREATE VIEW a AS SELECT id FROM src")
        err = self.error("plan")
        self.assertIn("error[FRS-2010]: main.a exists as a dynamic table, and its model makes a view", err)
        self.assertIn("--> models/a.sql:1:13", err)
        self.assertIn("with --prune", err)
        self.assertEqual([step["action"] for step in self.plan("--prune")["steps"]], ["drop", "create"])
        self.apply("--prune")
        self.converged()
        self.models(a="SELECT id FROM src")
        self.assertIn("error[FRS-2011]", self.error("plan"))
        self.apply("--prune")
        self.converged()

    def test_what_the_project_did_not_make_stays(self):
        self.lake.run(self.table("a", "SELECT id FROM src"))
        self.models(a="CREATE VIEW a AS SELECT id FROM src")
        err = self.error("plan", "--prune")
        self.assertIn("this project didn't make the dynamic table", err)
        self.models(a="SELECT 1 AS x", src="CREATE VIEW src AS SELECT 1 AS x")
        self.assertIn("FRS-2011]: main.src exists as an ordinary table", self.error("plan", "--prune"))

    def test_a_macro_of_the_other_sort(self):
        self.models(f="CREATE MACRO f(x) AS x + 1")
        self.apply()
        for text, use in (("CREATE MACRO f(x) AS TABLE SELECT x + 2 AS y", "FROM f(1)"), ("CREATE MACRO f(x) AS x + 2", "SELECT f(1)")):
            self.models(f=text)
            self.apply()
            self.assertEqual(self.actions(), {})
            self.assertEqual(self.lake.value(use), 3)


class Layout(Case):
    def test_options_and_query_change_together(self):
        self.models(o=self.table("o", "SELECT id, v FROM src", "SORTED BY (v)"))
        self.apply()
        self.models(o=self.table("o", "SELECT id, v AS w FROM src", "PARTITIONED BY (w) SORTED BY (id)"))
        self.apply()
        self.converged()
        self.models(o="SELECT id, v AS x FROM src")
        self.apply()
        self.converged()
        self.models(o=self.table("o", "SELECT id, v AS x FROM src", "SORTED BY (x DESC)"))
        self.apply()
        self.converged()

    def test_a_column_that_the_query_lacks(self):
        self.lake.run(self.table("o", "SELECT id, v FROM src", "SORTED BY (v)"))
        error = self.lake.error("ALTER DYNAMIC TABLE o AS SELECT id, v AS w FROM src")
        self.assertEqual((error["code"], error["message"]), ("FRS-2003", "SORTED BY of main.o names column \"v\", and the table has (id, w)"))
        self.assertIn("UNSET SORTED BY", error["hint"])
        self.assertEqual(self.lake.error("ALTER DYNAMIC TABLE o SET PARTITIONED BY (year(nothing))")["code"], "FRS-2003")
        self.models(o=self.table("o", "SELECT id, v AS w FROM src", "SORTED BY (v)"))
        self.assertIn("models/o.sql:1:", self.error("plan"))
        self.lake.run("ALTER DYNAMIC TABLE o UNSET SORTED BY; ALTER DYNAMIC TABLE o AS SELECT id, v AS w FROM src")


class Drops(Case):
    def test_what_no_longer_reads_it_is_not_in_the_way(self):
        self.models(m="CREATE MACRO twice(x) AS x * 2", old="SELECT id FROM src", vv="CREATE VIEW vv AS SELECT twice(id) AS id FROM old", t1="SELECT id FROM vv")
        self.apply()
        self.remove("m", "old")
        self.models(vv="CREATE VIEW vv AS SELECT id FROM src")
        effects = [effect for step in self.plan("--prune")["steps"] for effect in step["effects"] if effect["fails"]]
        self.assertEqual(effects, [])
        self.apply("--prune")
        self.converged()

    def test_a_model_that_reads_what_goes(self):
        self.models(old="SELECT id FROM src", new="SELECT id FROM old")
        self.apply()
        self.remove("old")
        err = self.error("plan", "--prune")
        self.assertIn("models/new.sql:1:", err)
        self.assertIn("no model makes dynamic table main.old any more", err)

    def test_a_refused_drop_stops_no_other(self):
        self.models(one="SELECT id FROM src", two="SELECT id FROM src", keep="SELECT 1 AS x")
        self.apply()
        self.remove("one", "two")
        self.lake.run(self.table("outside", "SELECT id FROM one"))
        outcome = self.lake.command("apply", "--json", "--prune")
        self.assertEqual({step["table"]: step["status"] for step in outcome.json()["steps"]}, {"main.one": "FAILED", "main.two": "DONE"})


class Applying(Case):
    def on_a_terminal(self, *arguments):
        """Answers no; gives what standard output and the terminal got."""
        leader, follower = pty.openpty()
        process = subprocess.Popen([program(), *arguments], cwd=self.lake.folder, stdin=follower, stderr=follower, stdout=subprocess.PIPE,
                                   env=environment(), text=True)
        os.close(follower)
        os.write(leader, b"n\n")
        out = process.communicate(timeout=60)[0]
        shown = b""
        while select.select([leader], [], [], 0)[0]:
            try:
                shown += os.read(leader, 100000)
            except OSError:  # the end
                break
        os.close(leader)
        return out, shown.decode()

    def test_the_plan_is_shown_before_the_question(self):
        self.models(a="SELECT id FROM src")
        self.lake.done("plan", "--out", "plan.json")
        out, shown = self.on_a_terminal("apply", "plan.json")
        self.assertIn("+ create dynamic table main.a", out)
        self.assertIn("Apply this plan?", shown)
        out, shown = self.on_a_terminal("apply", "--json")
        self.assertEqual(out, "")
        self.assertIn("+ create dynamic table main.a", shown)

    def test_two_at_once(self):
        self.models(first="SELECT 1 AS x")
        self.apply()
        self.models(sums="SELECT id, sum(i) AS i FROM src, range(20000) AS r(i) GROUP BY id")
        self.lake.done("plan", "--out", "plan.json")
        runs = [subprocess.Popen([program(), "apply", "--json", "plan.json"], cwd=self.lake.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, env=environment(), text=True) for _ in range(3)]
        for run, (out, err) in [(run, run.communicate(timeout=300)) for run in runs]:
            self.assertEqual(run.returncode, 0, out + err)
            self.assertLessEqual({step["status"] for step in json.loads(out)["steps"]}, {"DONE", "DONE BEFORE"})
        self.converged()

    def test_diff_knows_variables(self):
        self.lake.configure((self.lake.folder / "freshet.yml").read_text() + "vars: { least: 10 }\n")
        self.models(a="SELECT id FROM src WHERE v >= ${least}")
        self.apply()
        self.assertEqual(self.lake.done("diff", "a", "--as", "models/a.sql", "--json").json()["added"], 0)
        self.assertEqual(self.lake.done("diff", "a", "--as", "models/a.sql", "--json", "--var", "least=0").json()["added"], 5)


if __name__ == "__main__":
    unittest.main()
