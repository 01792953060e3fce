"""Rows that accumulators tell leave by key: keys that are NULL, compare unlike they look, lie as another type in files, or were widened."""
import random
import unittest

from tests.harness.lake import Lake

KEYS = {
    "DOUBLE": ["0.0", "-0.0", "'nan'", "1e300", "NULL"],
    "VARCHAR": ["'a'", "'A'", "''", "NULL"],
    "TIMESTAMP_S": ["'2020-01-01'", "'1960-01-01'", "NULL"],
    "HUGEINT": ["1", "9007199254740992", "NULL"],
    "INTEGER[]": ["[1, NULL]", "[NULL]", "[]", "NULL"],
    "STRUCT(a INTEGER, b VARCHAR)": ["{'a': 1, 'b': NULL}", "{'a': NULL, 'b': NULL}", "NULL"],
}


class KnownRows(unittest.TestCase):
    def source(self, lake, key_type, keys):
        values = ", ".join(f"({key}::{key_type})" for key in keys)
        lake.run(f"CREATE TABLE t (k {key_type}, v INTEGER); "
                 f"INSERT INTO t SELECT k, i * 7 % 1000 FROM (VALUES {values}) keys (k), range(40000) r (i)")

    def refreshed(self, lake, name, query):
        entry = lake.refresh(name)[f"main.{name}"]
        self.assertIn(entry["action"], ("INCREMENTAL", "NO_DATA"), entry)
        lake.assert_equal(name, query)
        return entry

    def test_kinds_of_keys(self):
        for key_type, keys in KEYS.items():
            with self.subTest(key_type), Lake() as lake:
                self.source(lake, key_type, keys)
                queries = {"sums": "SELECT count(*) AS n, k, sum(v) + 1 AS s FROM t GROUP BY k",
                           "pairs": "SELECT k, v % 2 AS odd, min(v) AS least FROM t GROUP BY ALL",
                           "subtotals": "SELECT k, v % 2 AS odd, count(*) AS n FROM t GROUP BY ROLLUP (k, v % 2)"}
                for name, query in queries.items():
                    lake.run(f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS {query}")
                chance = random.Random(key_type)
                for step in range(6):
                    one, other = chance.choice(keys), chance.choice(keys)
                    lake.run(chance.choice([f"INSERT INTO t VALUES ({one}, {step}), ({other}, NULL)",
                                            f"DELETE FROM t WHERE k IS NOT DISTINCT FROM {one}::{key_type} AND v < 10 * {step}",
                                            f"UPDATE t SET k = {other} WHERE k IS NOT DISTINCT FROM {one}::{key_type} AND v = {500 + step}"]))
                    for name, query in queries.items():
                        self.refreshed(lake, name, query)

    def test_a_group_goes_and_comes_back(self):
        query = "SELECT k, count(*) AS n, sum(v) AS s FROM t GROUP BY k"
        with Lake() as lake:
            self.source(lake, "INTEGER", ["1", "2", "NULL"])
            lake.run(f"CREATE DYNAMIC TABLE d TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS {query}")
            for change in ("DELETE FROM t WHERE k IS NULL", "INSERT INTO t VALUES (NULL, 1), (3, 1)", "UPDATE t SET k = 3 WHERE k = 2"):
                lake.run(change)
                entry = self.refreshed(lake, "d", query)
                self.assertEqual((entry["action"], entry["strategy"]), ("INCREMENTAL", "accumulators"))

    def test_a_widened_key(self):
        query = "SELECT k, count(*) AS n, sum(v) AS s FROM t GROUP BY k"
        for narrow, wide, beyond in (("INTEGER", "BIGINT", "4294967297"), ("FLOAT", "DOUBLE", "0.1")):
            with self.subTest(wide), Lake() as lake:
                self.source(lake, narrow, ["1", "0.1" if narrow == "FLOAT" else "2", "NULL"])
                lake.run(f"CREATE DYNAMIC TABLE d TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS {query}")
                lake.run(f"ALTER TABLE t ALTER k SET DATA TYPE {wide}; INSERT INTO t VALUES ({beyond}, 1), (1, 1), (NULL, 2)")
                lake.refresh("d")
                lake.assert_equal("d", query)
                for change in (f"INSERT INTO t VALUES ({beyond}, 1), (1, 1)", "UPDATE t SET k = 2 WHERE k IS NULL", "DELETE FROM t WHERE v < 3"):
                    lake.run(change)
                    self.refreshed(lake, "d", query)

    def many_groups(self, lake, more="NULL"):
        lake.run(f"CREATE TABLE t AS SELECT 'k' || i AS k, r AS v FROM range(25000) x (i), range(4) y (r); INSERT INTO t SELECT {more}, 1 FROM range(5)")
        query = "SELECT k, count(*) AS n, min(v) AS m, sum(v) AS s FROM t GROUP BY k"
        lake.run(f"CREATE DYNAMIC TABLE d TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS {query}")
        return query

    def test_more_groups_than_are_read_whole(self):
        with Lake() as lake:
            query = self.many_groups(lake)
            for change in ("UPDATE t SET v = v + 1 WHERE k IN ('k1', 'k20000')", "DELETE FROM t WHERE k = 'k7'; INSERT INTO t VALUES ('new', 1), ('k8', 2)",
                           "INSERT INTO t VALUES (NULL, 5), ('k1', 5)", "UPDATE t SET k = 'k3' WHERE k IS NULL", "INSERT INTO t VALUES (NULL, 5), ('k1', 5)"):
                lake.run(change)
                entry = self.refreshed(lake, "d", query)
                self.assertEqual(entry["action"], "INCREMENTAL", change)
                self.assertIn("accumulators", entry["strategy"])

    def test_texts_with_a_zero_byte(self):
        with Lake() as lake:
            query = self.many_groups(lake, "'a' || chr(0)")
            for change in ("INSERT INTO t VALUES ('a' || chr(0), 7), (NULL, 1)", "INSERT INTO t VALUES ('a' || chr(0), 7)", "INSERT INTO t VALUES ('k1', 7)"):
                lake.run(change)
                lake.refresh("d")
                lake.assert_equal("d", query)
