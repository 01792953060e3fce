"""freshet.yml: what it may hold, what beats what, and how its errors are reported."""
import os
import pathlib
import subprocess
import unittest

from tests.harness.lake import Lake
from tests.harness.program import environment, freshet, program


class Files(unittest.TestCase):
    def setUp(self):
        self.lake = Lake()
        self.addCleanup(self.lake.remove)

    def errors(self, text, *arguments, env=None):
        """Errors of a configuration, with the command failing by exit code 1."""
        self.lake.configure(text)
        outcome = self.lake.command("list", "--json", *arguments, env=env)
        self.assertEqual(outcome.code, 1, outcome)
        answer = outcome.json()
        return answer.get("errors", [answer["error"]])

    def error(self, text, *arguments, env=None):
        errors = self.errors(text, *arguments, env=env)
        self.assertEqual(len(errors), 1, errors)
        self.assertEqual(errors[0]["code"], "FRS-1002")
        return errors[0]

    def data_path(self, *arguments, env=None):
        """Where the lake keeps its data, as the catalog records it."""
        outcome = self.lake.done("sql", "--json", "SELECT data_path FROM ducklake_settings('lake')", *arguments, env=env)
        return outcome.lines()[0]["rows"][0][0]

    # --- what is wrong -----------------------------------------------------------------------------------------------

    def test_no_file(self):
        (self.lake.folder / "freshet.yml").unlink()
        for arguments in (("list",), ("sql", "SELECT 1"), ("refresh", "--all"), ("create", "-f", "-")):
            outcome = self.lake.command(*arguments)
            self.assertEqual(outcome.code, 1)
            self.assertIn("error[FRS-1003]", outcome.err)
            self.assertIn("freshet init", outcome.err)
        self.assertEqual(list(self.lake.folder.iterdir()), [])

    def test_parents_are_not_searched(self):
        (self.lake.folder / "models").mkdir()
        outcome = freshet("list", folder=self.lake.folder / "models")
        self.assertIn("error[FRS-1003]", outcome.err)

    def test_all_errors_together_each_with_its_line(self):
        errors = self.errors("lake:\n  catalog: oracle:x\n  dta: d/\nengine:\n  threads: many\nstate: nowhere\nlakes: 1\n")
        self.assertEqual([(error["file"], error["line"]) for error in errors],
                         [("freshet.yml", 2), ("freshet.yml", 3), ("freshet.yml", 5), ("freshet.yml", 6),
                          ("freshet.yml", 7)])
        rendered = self.lake.command("list").err
        self.assertEqual(rendered.count("error[FRS-1002]"), 5)
        self.assertIn('help: did you mean "data"?', rendered)
        self.assertIn('help: did you mean "lake"?', rendered)

    def test_no_lake(self):
        self.assertIn("lake", self.error("engine: {threads: 2}\n")["message"])
        self.assertIn("lake", self.error("")["message"])
        self.assertIn("catalog", self.error("lake: {data: d/}\n")["message"])

    def test_damaged_yaml(self):
        for text, line in (("lake: {catalog: 'sqlite:x'\n", None), ("lake:\n\t catalog: x\n", 2), ("lake: [\n", None),
                           ("lake:\n  catalog: a\n bad\n  x: 1\n", None)):
            with self.subTest(text):
                error = self.errors(text)[0]
                self.assertEqual(error["code"], "FRS-1002")
                self.assertEqual(error["file"], "freshet.yml")
                self.assertIsInstance(error["line"], int)
                if line:
                    self.assertEqual(error["line"], line)

    def test_variables_without_quotes_within_braces(self):
        error = self.error("lake: {catalog: 'sqlite:x'}\nengine: { threads: ${NT:-2} }\n")
        self.assertEqual((error["code"], error["line"]), ("FRS-1002", 2))
        self.assertIn('{ threads: "${NAME:-2}" }', error["hint"])

    def test_a_file_that_is_no_text(self):
        with Lake() as lake:
            (lake.folder / "freshet.yml").write_bytes(b"lake:\n  catalog: sqlite:x\n  secret: topsecret\n\"\xff\": 1\n")
            outcome = lake.command("list")
            self.assertIn("error[FRS-6006]: freshet.yml is not UTF-8 text: byte 0xff\n  --> freshet.yml:4:2\n", outcome.err)
            self.assertNotIn("topsecret", outcome.err)

    def test_wrong_shapes(self):
        self.error("lake: 3\n")
        self.error("- lake\n")
        self.error("lake: {catalog: [a, b]}\n")
        self.error("lake: {catalog: 'sqlite:x'}\nextensions: {a: b}\n")
        self.error("lake: {catalog: 'sqlite:x'}\nsecrets: s3\n")
        self.error("lake: {catalog: 'sqlite:x'}\nsecrets: {bucket: {region: eu}}\n")
        self.error("lake: {catalog: 'sqlite:x'}\nattach: {lake: 'sqlite:y'}\n")
        self.error("lake: {catalog: 'sqlite:x'}\nattach: {other: 'oracle:y'}\n")
        self.error("lake: {catalog: 'sqlite:'}\n")

    def test_keys_given_twice(self):
        self.assertIn("twice", self.error("lake: {catalog: 'sqlite:x', catalog: 'sqlite:y'}\n")["message"])

    def test_engine_values(self):
        for value in ("threads: 0", "threads: -1", "threads: 2x", "threads: 99999999999999999999", "memory_limit: lots"):
            with self.subTest(value):
                self.assertEqual(self.error(f"lake: {{catalog: 'sqlite:x'}}\nengine:\n  {value}\n")["line"], 3)

    def test_unknown_profile(self):
        text = "lake: {catalog: 'sqlite:x'}\nprofiles: {prod: {lake: {data: p/}}}\n"
        self.assertIn("prod", self.error(text, "--profile", "prd")["hint"])
        self.assertIn("prod", self.error(text, env={"FRESHET_PROFILE": "other"})["hint"])

    def test_errors_in_profiles_that_are_not_used(self):
        self.assertEqual(self.error("lake: {catalog: 'sqlite:x'}\nprofiles:\n  prod:\n    engin: {}\n")["line"], 4)

    def test_a_lake_that_is_missing(self):
        for arguments in (("list",), ("refresh", "--all"), ("verify", "--all"), ("history",), ("graph",),
                          ("describe", "x"), ("explain", "x")):
            with self.subTest(arguments):
                outcome = self.lake.command(*arguments)
                self.assertEqual(outcome.code, 1)
                self.assertIn("error[FRS-3001]", outcome.err)
        self.assertEqual([path.name for path in self.lake.folder.iterdir()], ["freshet.yml"])

    # --- what beats what ---------------------------------------------------------------------------------------------

    def test_lake_alone_is_a_complete_file(self):
        self.lake.configure("lake: {catalog: 'sqlite:lake.sqlite', data: lake_data/}\n")
        self.assertEqual(self.data_path(), f"{os.path.realpath(self.lake.folder)}/lake_data/")

    def test_paths_are_relative_to_the_file(self):
        self.lake.configure("lake: {catalog: 'duckdb:sub/../lake.ducklake', data: some/where}\n")
        done = freshet("-C", self.lake.folder, "sql", "SELECT 1", folder="/")
        self.assertEqual(done.code, 0, done)
        self.assertTrue((self.lake.folder / "lake.ducklake").exists())

    def test_order(self):
        self.lake.configure("lake: {catalog: 'sqlite:${NAME:-file}.sqlite', data: d/}\n"
                            "profiles: {prod: {lake: {catalog: 'sqlite:profile.sqlite'}}}\n")

        def catalog_of(*arguments, env=None):
            before = set(self.lake.folder.iterdir())
            self.lake.done("sql", "SELECT 1", *arguments, env=env)
            made = {path.name for path in set(self.lake.folder.iterdir()) - before}
            return {name for name in made if name.endswith(".sqlite")}

        self.assertEqual(catalog_of(), {"file.sqlite"})
        self.assertEqual(catalog_of(env={"NAME": "variable"}), {"variable.sqlite"})
        self.assertEqual(catalog_of("--profile", "prod"), {"profile.sqlite"})
        environment = {"FRESHET_LAKE_CATALOG": "sqlite:environment.sqlite"}
        self.assertEqual(catalog_of("--profile", "prod", env=environment), {"environment.sqlite"})
        line = ("--set", "lake.catalog=sqlite:line.sqlite")
        self.assertEqual(catalog_of("--profile", "prod", *line, env=environment), {"line.sqlite"})

    def test_profile_of_the_command_line_beats_that_of_the_environment(self):
        self.lake.configure("lake: {catalog: 'sqlite:file.sqlite', data: d/}\n"
                            "profiles:\n  a: {lake: {catalog: 'sqlite:a.sqlite'}}\n  b: {lake: {catalog: 'sqlite:b.sqlite'}}\n")
        self.lake.done("sql", "SELECT 1", "--profile", "a", env={"FRESHET_PROFILE": "b"})
        self.assertTrue((self.lake.folder / "a.sqlite").exists())
        self.assertFalse((self.lake.folder / "b.sqlite").exists())

    def test_variables(self):
        error = self.error("lake:\n  catalog: sqlite:x\n  data: ${FOLDER_THAT_IS_UNSET}\n")
        self.assertEqual(error["line"], 3)
        self.assertIn("FOLDER_THAT_IS_UNSET", error["message"])
        self.assertIn("FOLDER_THAT_IS_UNSET", self.error("lake: {catalog: 'sqlite:${FOLDER_THAT_IS_UNSET'}\n")["message"]
                      + "FOLDER_THAT_IS_UNSET")
        self.error("lake: {catalog: 'sqlite:${no name}'}\n")

    def test_a_value_that_is_beaten_needs_no_variable(self):
        self.lake.configure("lake: {catalog: 'postgres:host=${UNSET}', data: d/}\n"
                            "profiles: {dev: {lake: {catalog: 'sqlite:dev.sqlite'}}}\n")
        self.lake.done("sql", "SELECT 1", "--profile", "dev")

    def test_show_tells_where_each_setting_comes_from(self):
        self.lake.configure("lake: {catalog: 'sqlite:file.sqlite', data: d/}\nengine:\n  threads: 2\n  memory_limit: ${LIMIT:-1GB}\n"
                            "vars: {region: eu, secret: hunter2hunter2}\n"
                            "secrets: {b: {type: s3, key_id: me, secret: hunter2hunter2}}\n"
                            "attach: {pg: 'postgres:host=h password=hunter2hunter2'}\n"
                            "profiles:\n  prod:\n    engine: {threads: 3}\n")
        def shown(*arguments, env=None):
            outcome = self.lake.done("config", "show", *arguments, env=env)
            self.assertNotIn("hunter2", outcome.out + outcome.err)
            return outcome
        def settings(*arguments, env=None):
            return {row["key"]: (row["value"], row["origin"]) for row in shown("--json", *arguments, env=env).json()}
        plain = settings()
        self.assertEqual(plain["lake.catalog"], ("sqlite:file.sqlite", "freshet.yml:1"))
        self.assertEqual(plain["engine.threads"], ("2", "freshet.yml:3"))
        self.assertEqual(plain["engine.memory_limit"], ("1GB", "freshet.yml:4"))
        self.assertEqual(plain["state"], ("auto", "default"))
        self.assertEqual(plain["secrets.b.type"], ("s3", "freshet.yml:6"))
        self.assertEqual(plain["secrets.b.key_id"][0], "***")
        self.assertEqual(plain["vars.region"], ("eu", "freshet.yml:5"))
        other = settings("--profile", "prod", "--set", "state=sqlite:s.sqlite", env={"FRESHET_LAKE_DATA": "e/"})
        self.assertEqual(other["engine.threads"], ("3", "freshet.yml:10 (profile prod)"))
        self.assertEqual(other["state"], ("sqlite:s.sqlite", "option --set"))
        self.assertEqual(other["lake.data"], ("e/", "environment FRESHET_LAKE_DATA"))
        self.assertEqual(other["profile"], ("prod", "option --profile"))
        self.assertNotIn("freshet.yml:3", shown().out)
        self.assertIn("freshet.yml:3", shown("--origin").out)
        self.assertEqual([path.name for path in self.lake.folder.iterdir()], ["freshet.yml"], "no lake is made")

    def test_unknown_set(self):
        outcome = self.lake.command("list", "--set", "lake.catalg=x")
        self.assertEqual(outcome.code, 1)
        self.assertIn('did you mean "lake.catalog"?', outcome.err)
        self.assertEqual(self.lake.command("list", "--set", "nonsense").code, 2)

    # --- what it does ------------------------------------------------------------------------------------------------

    def test_engine_spills_into_the_project_by_default(self):
        self.lake.configure("lake: {catalog: 'sqlite:x.sqlite', data: d/}\nengine: {threads: 1, memory_limit: 100MiB}\n")
        self.lake.run("CREATE TEMP TABLE big AS "
                      "SELECT i, md5(i::VARCHAR) AS a, md5((i + 1)::VARCHAR) AS b FROM range(3000000) r (i)")

    def test_engine_settings_reach_the_engine(self):
        self.lake.configure("lake: {catalog: 'sqlite:x.sqlite', data: d/}\nengine: {threads: 1, memory_limit: 300MiB}\n")
        self.assertEqual(self.lake.value("SELECT current_setting('threads')"), 1)
        self.assertEqual(self.lake.value("SELECT current_setting('memory_limit')"), "300.0 MiB")

    def test_attached_databases(self):
        with Lake() as other:
            other.run("SELECT 1")
            import sqlite3
            connection = sqlite3.connect(other.folder / "side.db")
            connection.execute("CREATE TABLE t (a INTEGER)")
            connection.execute("INSERT INTO t VALUES (7)")
            connection.commit()
            connection.close()
            self.lake.configure("lake: {catalog: 'sqlite:x.sqlite', data: d/}\n"
                                f"attach: {{side: 'sqlite:{other.folder}/side.db'}}\n")
            self.assertEqual(self.lake.value("SELECT a FROM side.t"), 7)

    def test_state_elsewhere(self):
        self.lake.configure("lake: {catalog: 'sqlite:x.sqlite', data: d/}\nstate: sqlite:elsewhere.sqlite\n")
        self.lake.run("SELECT 1")
        self.assertTrue((self.lake.folder / "elsewhere.sqlite").exists())


class Secrets(unittest.TestCase):
    """Nothing that is secret is ever printed."""

    WORD = "hunter2hunter2"

    def outputs(self, text, *arguments, env=None):
        with Lake() as lake:
            lake.configure(text)
            outcome = lake.command(*arguments, env=env)
            self.assertNotEqual(outcome.code, 0)
            self.assertNotIn(self.WORD, outcome.out + outcome.err)
            return outcome

    def test_in_connection_strings(self):
        for address in (f"host=127.0.0.1 port=1 password={self.WORD} dbname=x", f"host=127.0.0.1 port=1 password='{self.WORD}'",
                        f"postgresql://user:{self.WORD}@127.0.0.1:1/x"):
            with self.subTest(address.replace(self.WORD, "")):
                text = f"lake: {{catalog: \"postgres:{address}\", data: d/}}\n"
                self.outputs(text, "list")
                self.outputs(text, "sql", "--json", "SELECT 1")
                self.outputs(text, "doctor")

    def test_in_damaged_files(self):
        self.outputs(f"lake: {{catalog: 'sqlite:x'}}\nsecrets:\n  b: {{type: s3, secret: \"{self.WORD}\n", "list")
        self.outputs(f"lake: {{catalog: 'sqlite:x'}}\nsecrets:\n  b:\n    type: s3\n    odd: [{self.WORD}\n", "list")
        self.outputs(f"lake:\n  catalog: \"postgres:password={self.WORD}\n  data: d/\n", "list")

    def test_in_secrets(self):
        text = (f"lake: {{catalog: 'sqlite:x.sqlite', data: d/}}\nsecrets:\n  b: {{type: s3, nonsense: {self.WORD}}}\n")
        outcome = self.outputs(text, "sql", "SELECT 1")
        self.assertIn("error[FRS-1002]", outcome.err)

    def test_from_the_environment(self):
        text = "lake: {catalog: \"postgres:host=127.0.0.1 port=1 password=${WORD}\", data: d/}\n"
        self.outputs(text, "list", env={"WORD": self.WORD})
        self.outputs("lake: {catalog: 'sqlite:x'}\n", "list",
                     env={"FRESHET_LAKE_CATALOG": f"oracle:password={self.WORD}"})

    def test_a_secret_that_works_is_not_shown(self):
        with Lake() as lake:
            lake.configure(f"lake: {{catalog: 'sqlite:x.sqlite', data: d/}}\n"
                           f"secrets: {{b: {{type: s3, key_id: someone, secret: {self.WORD}}}}}\n")
            outcome = lake.done("sql", "--json", "FROM duckdb_secrets()")
            self.assertNotIn(self.WORD, outcome.out + outcome.err)


class Unreachable(unittest.TestCase):
    """Lakes that can't be opened: exit code 1, a numbered error, nothing changed."""

    def assert_fails(self, lake, code, *arguments):
        outcome = lake.command(*(arguments or ("sql", "--json", "SELECT 1")))
        self.assertEqual(outcome.code, 1, outcome)
        self.assertIn(f"error[{code}]", outcome.err)

    def test_postgres_down(self):
        with Lake() as lake:
            lake.configure("lake: {catalog: 'postgres:host=127.0.0.1 port=1 dbname=x', data: d/}\n")
            self.assert_fails(lake, "FRS-3002")
            self.assertFalse((lake.folder / "d").exists())

    def test_damaged_catalog(self):
        for kind, name in (("sqlite", "lake.sqlite"), ("duckdb", "lake.ducklake")):
            with self.subTest(kind), Lake(kind) as lake:
                lake.write(name, "this is not a database, it only pretends to be one" * 100)
                self.assert_fails(lake, "FRS-3002")
                self.assertIn("pretends", (lake.folder / name).read_text())

    def test_a_catalog_in_use_by_another_process(self):
        with Lake("duckdb") as lake:
            lake.run("SELECT 1")
            holder = subprocess.Popen([program(), "sql", "--json"], cwd=lake.folder, env=environment(),
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            try:
                # Its text has ended with this statement, which doesn't.
                holder.stdin.write("SELECT 1; SELECT count(*) FROM range(10000000000) a, range(1000000) b")
                holder.stdin.close()
                holder.stdout.readline()
                self.assert_fails(lake, "FRS-3002")
            finally:
                holder.kill()
                holder.wait()
                holder.stdout.close()

    def test_a_folder_as_catalog(self):
        with Lake() as lake:
            (lake.folder / "lake.sqlite").mkdir()
            self.assertEqual(lake.command("sql", "SELECT 1").code, 1)

    @unittest.skipIf(os.geteuid() == 0, "root may write everywhere")
    def test_data_path_not_writable(self):
        with Lake() as lake:
            (lake.folder / "data").mkdir(mode=0o500)
            outcome = lake.command("sql", "CREATE TABLE t AS SELECT 1 AS a")
            self.assertEqual(outcome.code, 1)
            self.assertEqual(lake.command("doctor").code, 1)

    def test_data_path_is_a_file(self):
        with Lake() as lake:
            lake.write("data", "")
            self.assertEqual(lake.command("sql", "CREATE TABLE t AS SELECT 1 AS a").code, 1)


class Doctor(unittest.TestCase):
    def test_all_well(self):
        with Lake() as lake:
            lake.run("SELECT 1")
            checks = lake.done("doctor", "--json").json()
            self.assertTrue(all(check["ok"] for check in checks), checks)
            self.assertEqual(checks[0]["check"], "configuration")
            self.assertGreater(len(checks), 3)
            self.assertRegex(lake.done("doctor").out, r"(?m)^ok ")

    def test_each_failure_has_a_remedy_and_exits_with_1(self):
        with Lake() as lake:
            lake.configure("lake: {catalog: 'postgres:host=127.0.0.1 port=1 dbname=x', data: d/}\n")
            outcome = lake.command("doctor", "--json")
            self.assertEqual(outcome.code, 1)
            failed = [check for check in outcome.json() if not check["ok"]]
            self.assertTrue(failed)
            self.assertTrue(all(check["hint"] for check in failed), failed)

    def test_configuration_errors(self):
        with Lake() as lake:
            lake.configure("lake: {catalog: 'sqlite:x', dta: y}\nfoo: 1\n")
            outcome = lake.command("doctor")
            self.assertEqual(outcome.code, 1)
            self.assertEqual(outcome.out.count("failed"), 2)

    def test_no_lake_yet(self):
        with Lake() as lake:
            self.assertEqual(lake.command("doctor").code, 1)
            self.assertEqual([path.name for path in pathlib.Path(lake.folder).iterdir()], ["freshet.yml"])


if __name__ == "__main__":
    unittest.main()
