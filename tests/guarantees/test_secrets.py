"""G10: a password never reaches output, an error or a file."""
import unittest

from tests.harness.lake import Lake
from tests.harness import postgres

PASSWORD = "hunter2-Correct"


class Secrets(unittest.TestCase):
    def assert_silent(self, lake, outcome):
        self.assertNotIn(PASSWORD, outcome.out)
        self.assertNotIn(PASSWORD, outcome.err)
        for file in lake.folder.rglob("*"):
            if file.is_file() and file.name != "freshet.yml":
                self.assertNotIn(PASSWORD.encode(), file.read_bytes(), file)

    def test_a_server_that_is_down(self):
        with Lake() as lake:
            for connection in (f"postgres:host=127.0.0.1 port=1 user=u password={PASSWORD} dbname=lake",
                               f"postgres:postgresql://u:{PASSWORD}@127.0.0.1:1/lake"):
                lake.configure(f"lake: {{ catalog: \"{connection}\", data: data/ }}\n")
                for command in (("sql", "SELECT 1"), ("list", "--json"), ("doctor", "--verbose")):
                    with self.subTest(connection, command=command):
                        outcome = lake.command(*command)
                        self.assertEqual(outcome.code, 1)
                        self.assert_silent(lake, outcome)

    def test_excerpts(self):
        with Lake() as lake:
            for statement in (f"ATTACH 'postgres:host=localhost password={PASSWORD}' AS pgx (NONSENSE)",
                              f"CREATE SECRET s (TYPE nonsense, SECRET '{PASSWORD}')", f"SET s3_secret_access_key '{PASSWORD}'",
                              f"SELECT nothing, 'password={PASSWORD}'"):
                for form in ((), ("--json",)):
                    with self.subTest(statement, form=form):
                        outcome = lake.command("sql", *form, statement)
                        self.assertEqual(outcome.code, 1)
                        self.assert_silent(lake, outcome)

    def test_a_lake_in_postgres(self):
        connection = f"{postgres.new_database()} password={PASSWORD}"  # not asked for by a trusting server
        with Lake() as lake:
            lake.configure(f"lake: {{ catalog: \"postgres:{connection}\", data: data/ }}\n")
            for command in (("sql", "FROM duckdb_databases()"), ("sql", "CREATE TABLE t AS SELECT 1 AS a; CREATE DYNAMIC TABLE d TARGET_LAG = '1 minute' AS SELECT a FROM t"),
                            ("refresh", "--all", "--json", "--verbose"), ("describe", "d", "--json"), ("explain", "d"), ("doctor",),
                            ("history", "--json"), ("sql", "SELECT * FROM nowhere; "), ("sql", "FROM freshet_tables()")):
                with self.subTest(command):
                    self.assert_silent(lake, lake.command(*command))
            self.assertNotIn(PASSWORD, postgres.psql("SELECT query FROM pg_stat_activity", connection))

    def test_sql_does_not_show_the_password(self):
        for form in ("postgres:host={0} port={1} user=postgres dbname={2} password={3}", "postgres:postgresql://postgres:{3}@{0}:{1}/{2}"):
            host, port, name, password = postgres.new_guarded_database()
            other = postgres.new_guarded_database()[2]
            connection = form.format(host, port, name, password)
            with self.subTest(form), Lake() as lake:
                lake.configure(f"lake: {{ catalog: \"{connection}\", data: data/ }}\n"
                               f"attach: {{ other: \"{connection.replace(name, other)}\" }}\n")
                lake.run("CREATE OR REPLACE TABLE t AS SELECT 1 AS a; CREATE OR REPLACE DYNAMIC TABLE d TARGET_LAG = '1 minute' AS SELECT a FROM t; "
                         "INSERT INTO t VALUES (2); ALTER DYNAMIC TABLE d REFRESH")
                self.assertEqual(lake.rows("SELECT schema_name FROM duckdb_schemas() WHERE database_name = 'other' AND schema_name = 'public'"),
                                 [["public"]])
                outcome = lake.command("sql", "--json", "--keep-going", "-f", "-", input="""
                    FROM duckdb_databases(); PRAGMA database_list; SHOW DATABASES; SHOW ALL TABLES; FROM duckdb_settings(); FROM duckdb_secrets();
                    FROM duckdb_secrets(redact = false); SET allow_unredacted_secrets = true; FROM duckdb_secrets(redact = false);
                    FROM duckdb_variables(); FROM information_schema.schemata; FROM information_schema.tables; FROM lake.options();
                    FROM ducklake_settings('lake'); FROM which_secret('postgres:x', 'postgres'); SELECT current_setting('secret_directory');
                    SELECT * FROM other.nothing; ATTACH 'ducklake:postgres:host=nowhere.invalid dbname=x' AS again (META_SECRET 'freshet_catalog');
                    ATTACH 'host=nowhere.invalid' AS again (TYPE postgres, SECRET 'freshet_catalog'); DETACH lake; FROM pragma_database_list();
                    CREATE TABLE __freshet.x (a INTEGER); EXPLAIN ANALYZE SELECT * FROM t; CALL postgres_query('other', 'SELECT nonsense')""")
                self.assertNotIn(password, outcome.out + outcome.err)
                self.assertNotIn("FRS-9001", outcome.out)
                self.assertEqual(len(outcome.lines()), 24)
                for command in (("doctor", "--verbose"), ("describe", "d", "--json"), ("history", "--json"), ("list",)):
                    outcome = lake.command(*command)
                    self.assertEqual(outcome.code, 0, outcome)
                    self.assertNotIn(password, outcome.out + outcome.err)
                for file in lake.folder.rglob("*"):
                    if file.is_file() and file.name != "freshet.yml":
                        self.assertNotIn(password.encode(), file.read_bytes(), file)

    def test_a_password_that_is_wrong(self):
        host, port, name, _ = postgres.new_guarded_database()
        with Lake() as lake:
            for connection in (f"postgres:host={host} port={port} user=postgres dbname={name} password={PASSWORD}",
                               f"postgres:postgresql://postgres:{PASSWORD}@{host}:{port}/{name}"):
                lake.configure(f"lake: {{ catalog: \"{connection}\", data: data/ }}\nstate: sqlite:state.sqlite\n")
                outcome = lake.command("sql", "SELECT 1")
                self.assertEqual(outcome.code, 1)
                self.assertIn("FRS-3002", outcome.err)
                self.assert_silent(lake, outcome)


if __name__ == "__main__":
    unittest.main()
