"""IS DISTINCT FROM a constant beside OR and NOT, over files in which the column is NULL throughout: DuckDB skips such files by their
statistics, although NULL is distinct from the constant."""
import unittest

from tests.harness.lake import Lake

TABLES = """CREATE TABLE t (id INTEGER, b BOOLEAN, i INTEGER, s VARCHAR);
CALL lake.set_option('data_inlining_row_limit', 0);
INSERT INTO t VALUES (1, NULL, NULL, NULL), (2, NULL, NULL, NULL)"""
CHANGES = ("INSERT INTO t VALUES (3, true, 1, 'a'), (4, false, 2, 'b')", "INSERT INTO t VALUES (5, NULL, NULL, NULL)", "DELETE FROM t WHERE id = 1",
           "UPDATE t SET b = NULL, i = NULL, s = NULL WHERE id = 3", "DELETE FROM t WHERE id IN (2, 4)")
# By condition: the same in words that DuckDB answers alike wherever rows lie.
CONDITIONS = {
    "b IS DISTINCT FROM true OR b IS NOT DISTINCT FROM false": "coalesce(NOT b, true)",
    "i IS DISTINCT FROM 1 OR i = 8": "coalesce(i <> 1, true)",
    "i = 8 OR (i IS DISTINCT FROM 1 AND i IS DISTINCT FROM 7)": "coalesce(i NOT IN (1, 7), true)",
    "NOT (s IS NOT DISTINCT FROM 'a') OR s = 'c'": "coalesce(s <> 'a', true)",
    "b IS NOT TRUE OR b = false": "coalesce(NOT b, true)",
    "NOT (i IS NOT DISTINCT FROM 1 AND i IS NOT DISTINCT FROM 2)": "true",
}


class DistinctFrom(unittest.TestCase):
    def test_columns_that_are_null_in_a_whole_file(self):
        with Lake() as lake:
            lake.run(TABLES)
            same = {}
            for n, (condition, words) in enumerate(CONDITIONS.items()):
                for mode in ("INCREMENTAL", "FULL"):
                    lake.run(f"CREATE DYNAMIC TABLE d{n}_{mode.lower()} TARGET_LAG = '1 minute' REFRESH_MODE = {mode} AS SELECT id, i FROM t WHERE {condition}")
                    same[f"d{n}_{mode.lower()}"] = f"SELECT id, i FROM t WHERE {words}"
                lake.run(f"CREATE DYNAMIC TABLE g{n} TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS "
                         f"SELECT x.id, min(y.i) AS m FROM t x LEFT JOIN t y ON x.i IS NOT DISTINCT FROM y.i WHERE "
                         + condition.replace("b ", "x.b ").replace("i ", "x.i ").replace("s ", "x.s ") + " GROUP BY x.id")
                same[f"g{n}"] = f"SELECT id, i FROM t WHERE {words}"
            lake.assert_all_equal(same, "as created")
            for change in CHANGES:
                lake.run(change)
                for name, entry in lake.refresh().items():
                    wanted = ("FULL", "NO_DATA") if name.endswith("full") else ("INCREMENTAL", "NO_DATA")
                    self.assertIn(entry["action"], wanted, (change, name, entry))
                lake.assert_all_equal(same, change)
                for name, entry in lake.verify().items():
                    self.assertEqual((entry["missing"], entry["extra"]), (0, 0), (change, name))


if __name__ == "__main__":
    unittest.main()
