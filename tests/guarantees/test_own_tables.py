"""What Freshet relies on in the lake is looked at again: the inlining option of its tables, and the format of __freshet."""
import unittest

from tests.harness.lake import Lake

OPTIONS = ("SELECT scope_entry, value FROM lake.options() WHERE option_name = 'data_inlining_row_limit' AND scope <> 'GLOBAL' ORDER BY 1")


class OwnTables(unittest.TestCase):
    def setUp(self):
        self.lake = Lake()
        self.addCleanup(self.lake.remove)
        self.lake.run("CREATE TABLE t AS SELECT i AS id, i % 3 AS g FROM range(10) r (i)")

    def options(self):
        return dict(self.lake.rows(OPTIONS))

    def create(self, name, query="SELECT g, count(*) AS n FROM t GROUP BY g"):
        return f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' AS {query}"

    def other_client(self, sql):
        """Runs SQL in a session of another project, to which this lake is a database named other."""
        with Lake() as client:
            client.run(f"ATTACH 'ducklake:sqlite:{self.lake.folder}/lake.sqlite' AS other; {sql}")

    def test_a_kill_before_the_option_is_set(self):
        self.lake.kill_sql("after_create_commit", self.create("d"))
        self.assertNotIn("main.d", self.options())
        self.lake.run("INSERT INTO t VALUES (10, 1)")
        self.lake.assert_refreshed("d", "SELECT g, count(*) AS n FROM t GROUP BY g")
        self.assertEqual(self.options(), {"main.d": "0", "__freshet": "0"})

    def test_an_option_that_another_client_set(self):
        self.lake.run(self.create("d"))
        state = self.lake.value("SELECT table_name FROM duckdb_tables() WHERE table_name LIKE 'state_%'")
        self.lake.run("CALL lake.set_option('data_inlining_row_limit', 50, schema => 'main', table_name => 'd'); "
                      "CALL lake.set_option('data_inlining_row_limit', 50, schema => '__freshet'); "
                      f"CALL lake.set_option('data_inlining_row_limit', 50, schema => '__freshet', table_name => '{state}'); "
                      "CALL lake.set_option('data_inlining_row_limit', 50); INSERT INTO t VALUES (10, 1); DELETE FROM t WHERE id = 3")
        self.lake.assert_refreshed("d", "SELECT g, count(*) AS n FROM t GROUP BY g")
        options = self.options()
        self.assertEqual({options[name] for name in ("main.d", "__freshet", f"__freshet.{state}")}, {"0"}, options)
        inlined = self.lake.rows("SELECT t.table_name FROM __ducklake_metadata_lake.ducklake_inlined_data_tables JOIN "
                                 "__ducklake_metadata_lake.ducklake_table t USING (table_id) WHERE t.end_snapshot IS NULL AND "
                                 f"t.table_name IN ('d', '{state}')")
        self.assertEqual(inlined, [])

    def test_many_tables_leave_few_files_of_the_registry(self):
        self.lake.run(";".join(f"CREATE DYNAMIC TABLE d{n} TARGET_LAG = '1 minute' INITIALIZE = ON_SCHEDULE AS SELECT id + {n} AS i FROM t"
                               for n in range(40)))
        files = self.lake.value("SELECT count(*) FROM ducklake_list_files('lake', 'dynamic_tables', schema => '__freshet')")
        self.assertLess(int(files), 16)
        self.assertEqual(len(self.lake.run("SHOW DYNAMIC TABLES")[0]["rows"]), 40)

    def test_nothing_else_is_made_in_their_schema(self):
        self.lake.run(self.create("d"))
        for statement in ("CREATE VIEW __freshet.x AS SELECT 1 AS a", "CREATE OR REPLACE TABLE __freshet.x (a INTEGER)",
                          "CREATE MACRO __freshet.x() AS 1", "CREATE MACRO __freshet.x() AS TABLE SELECT 1 AS a"):
            with self.subTest(statement):
                self.assertIn("error[FRS-2013]", self.lake.command("sql", statement).err)
                if "TABLE __freshet" not in statement:
                    self.lake.write("models/x.sql", statement)
                    self.assertIn("error[FRS-2013]", self.lake.command("plan").err)
        self.lake.run("CREATE SCHEMA other")
        self.lake.run(self.create("other.d"))
        self.assertIn("error[FRS-2013]", self.lake.command("sql", "CREATE OR REPLACE TABLE other.d (a INTEGER)").err)

    def test_models_make_nothing_elsewhere(self):
        for statement in ("CREATE VIEW memory.main.x AS SELECT 1 AS a", "CREATE MACRO other.main.x() AS 1"):
            with self.subTest(statement):
                self.lake.write("models/x.sql", statement)
                error = self.lake.command("plan").err
                self.assertIn("error[FRS-2018]: what a model makes can't be in database", error)
                self.assertIn("models/x.sql:1:", error)

    def test_a_dry_run_sets_nothing(self):
        self.lake.kill_sql("after_create_commit", self.create("d"))
        self.lake.refresh("d", "--dry-run")
        self.assertNotIn("main.d", self.options())

    def test_a_lake_of_another_freshet(self):
        self.lake.run(self.create("d"))
        self.other_client("UPDATE other.__freshet.format SET version = version + 97")
        for arguments in (("sql", "SELECT 1"), ("list",), ("refresh", "--all"), ("verify", "--all"), ("graph",)):
            outcome = self.lake.command(*arguments)
            self.assertEqual(outcome.code, 1)
            self.assertIn("FRS-5002", outcome.err)
            self.assertIn("another Freshet", outcome.err)
        self.other_client("UPDATE other.__freshet.format SET version = version - 97")
        self.lake.refresh("d")


if __name__ == "__main__":
    unittest.main()
