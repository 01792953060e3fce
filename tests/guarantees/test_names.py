"""Names of every kind: sources, columns, schemas and results, created, refreshed by change, renamed and dropped."""
import unittest

from tests.harness.lake import Lake

NAMES = ("two words", "dot.ted", 'quo"te', "it's", "select", "Mixed Case", "таблица", "表", "naïve", "n" * 200, "semi;colon", "--x", "$$", "1st")


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


class Names(unittest.TestCase):
    def test_tables_and_columns(self):
        with Lake() as lake:
            statements, queries, changes = [], {}, []
            for name in NAMES:
                source, result, column = quoted("src " + name[:196]), quoted(name), quoted(name)
                query = f"SELECT {column}, count(*) AS n FROM {source} GROUP BY {column}"
                statements += [f"CREATE TABLE {source} AS SELECT 1 AS {column}",
                               f"CREATE DYNAMIC TABLE {result} TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS {query}"]
                changes.append(f"INSERT INTO {source} VALUES (1), (2)")
                queries[result] = query
            lake.run(";\n".join(statements))
            lake.run(";\n".join(changes))
            entries = lake.refresh()
            self.assertEqual({entry["action"] for entry in entries.values()}, {"INCREMENTAL"})
            self.assertEqual(len(entries), len(NAMES))
            lake.assert_all_equal(queries)
            lake.run(";\n".join(f"FROM {table}" for table in entries))  # names as printed work in SQL
            self.assertEqual({row[0] for row in lake.rows("SHOW DYNAMIC TABLES")}, set(NAMES))
            lake.run(";\n".join(f"ALTER DYNAMIC TABLE {quoted(name)} RENAME TO {quoted(name[:190] + ' 2')}" for name in NAMES))
            lake.run(";\n".join(f"DROP DYNAMIC TABLE {quoted(name[:190] + ' 2')}" for name in NAMES))
            self.assertEqual(lake.rows("SHOW DYNAMIC TABLES"), [])

    def test_schemas(self):
        with Lake() as lake:
            for number, name in enumerate(("two words", "dot.ted", 'quo"te', "表")):
                schema = quoted(name)
                lake.run(f"CREATE SCHEMA {schema}; CREATE TABLE {schema}.t AS SELECT 1 AS a; CREATE DYNAMIC TABLE {schema}.d "
                         f"TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS SELECT a FROM {schema}.t; INSERT INTO {schema}.t VALUES (2);"
                         f"ALTER DYNAMIC TABLE {schema}.d REFRESH")
                lake.assert_equal(f"{schema}.d", "VALUES (1), (2)")
            self.assertEqual(len(lake.refresh()), 4)


if __name__ == "__main__":
    unittest.main()
