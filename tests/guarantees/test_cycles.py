"""A definition that would read itself is refused with its path, and nothing is changed."""
import unittest

from tests.harness.lake import Lake

CREATE = "CREATE {replace}DYNAMIC TABLE {name} TARGET_LAG = '1 minute' AS SELECT a FROM {source}"


class Cycles(unittest.TestCase):
    def test_cycles(self):
        with Lake() as lake:
            names = ["one", "two", "three", "four", "five"]
            lake.run("CREATE TABLE t AS SELECT 1 AS a;" + ";".join(
                CREATE.format(replace="", name=name, source=source) for name, source in zip(names, ["t"] + names)))
            lake.run("CREATE VIEW seen AS SELECT a FROM three")
            before = lake.snapshot()
            refused = []
            for length, source in ((1, "one"), (2, "two"), (5, "five"), (3, "seen")):
                refused.append((length, CREATE.format(replace="OR REPLACE ", name="one", source=source)))
                refused.append((length, f"ALTER DYNAMIC TABLE one AS SELECT a FROM {source}"))
                refused.append((length, f"ALTER DYNAMIC TABLE one AS SELECT a FROM t WHERE a IN (SELECT a FROM {source})"))
            code, results = lake.statements(";\n".join(sql for _, sql in refused), "--keep-going")
            self.assertEqual((code, len(results)), (1, len(refused)))
            for (length, sql), result in zip(refused, results):
                with self.subTest(sql):
                    self.assertFalse(result["ok"])
                    self.assertEqual(result["error"]["code"], "FRS-2009", result)
                    for name in names[:length]:
                        self.assertIn(name, result["error"]["message"], "the path")
            self.assertEqual(lake.snapshot(), before, "nothing was changed")
            lake.run("INSERT INTO t VALUES (2)")
            lake.refresh()
            lake.assert_equal("five", "FROM t")

    def test_a_new_table_that_reads_its_own_name(self):
        with Lake() as lake:
            lake.run("CREATE TABLE t AS SELECT 1 AS a")
            error = lake.error(CREATE.format(replace="", name="d", source="d"))
            self.assertIn(error["code"], ("FRS-2002", "FRS-2009"))
            lake.run("CREATE DYNAMIC TABLE d TARGET_LAG = '1 minute' AS WITH d AS (SELECT a FROM t) SELECT a FROM d")
            lake.assert_equal("d", "SELECT 1")

    def test_a_view_that_closes_a_cycle_later(self):
        with Lake() as lake:
            lake.run("CREATE TABLE t AS SELECT 1 AS a; CREATE VIEW w AS SELECT a FROM t; CREATE DYNAMIC TABLE d TARGET_LAG = '1 minute' "
                     "AS SELECT a FROM w; CREATE DYNAMIC TABLE other TARGET_LAG = '1 minute' AS SELECT a FROM t; "
                     "CREATE OR REPLACE VIEW w AS SELECT a FROM d; INSERT INTO t VALUES (2)")
            outcome = lake.command("refresh", "--json", "--all")
            self.assertEqual(outcome.code, 1)
            entries = {entry["table"]: entry for entry in outcome.json()}
            self.assertEqual(entries["main.d"]["error"]["code"], "FRS-2009")
            self.assertIsNotNone(entries["main.other"]["action"])
            lake.assert_all_equal({"d": "SELECT 1", "other": "FROM t"})


if __name__ == "__main__":
    unittest.main()
