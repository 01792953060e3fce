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

    def test_a_lake_in_postgres(self):
        connection = f"{postgres.new_database()} password={PASSWORD}"  # not asked for by a trusting server
        with Lake() as lake:
            lake.configure(f"lake: {{ catalog: \"postgres:{connection}\", data: data/ }}\n")
            for command in (("sql", "CREATE TABLE t AS SELECT 1 AS a; CREATE DYNAMIC TABLE d TARGET_LAG = '1 minute' AS SELECT a FROM t"),
                            ("refresh", "--all", "--json", "--verbose"), ("describe", "d", "--json"), ("explain", "d"), ("doctor",),
                            ("history", "--json"), ("sql", "SELECT * FROM nowhere; "), ("sql", "FROM freshet_tables()")):
                with self.subTest(command):
                    self.assert_silent(lake, lake.command(*command))
            self.assertNotIn(PASSWORD, postgres.psql("SELECT query FROM pg_stat_activity", connection))


if __name__ == "__main__":
    unittest.main()
