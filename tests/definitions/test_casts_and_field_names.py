"""Casts of computed values in DECIMAL arithmetic, which binding mixes with casts of its own, and fields of structs whose values a correlated
subquery counts."""
import unittest

from tests.harness.lake import Lake

QUERIES = {
    "gross": "SELECT k, (m * 0.19)::DECIMAL(18, 2) + m AS v FROM t",
    "right_cast": "SELECT k, m - (m * 0.19)::DECIMAL(18, 2) AS v FROM t",
    "both_cast": "SELECT k, ((m * p)::DECIMAL(18, 2) - p) * (p + 1)::DECIMAL(38, 2) AS v FROM t",
    "widest": "SELECT k, (w + 1)::DECIMAL(38, 2) * 2 AS v FROM t",
    "of_big": "SELECT k, (b * 0.01)::DECIMAL(18, 3) * 2 AS v FROM t",
    "same_width": "SELECT k, (m::DECIMAL(18, 2) + m) * (m + m::DECIMAL(11, 2)) AS v FROM t",
    "negative": "SELECT k, -(m * 0.19)::DECIMAL(18, 2) AS v FROM t",
    "chosen": "SELECT k, CASE WHEN m > 0 THEN (m * 0.19)::DECIMAL(18, 2) + m ELSE m::DECIMAL(38, 10) - 0.1 END AS v FROM t",
    "tried": "SELECT k, TRY_CAST(m * 100000000 AS DECIMAL(11, 2)) + m AS v FROM t",
    "summed": "SELECT k, sum((n * b)::DECIMAL(18, 2) * 2) AS v FROM t GROUP BY k",
    "in_a_window": "SELECT k, m, sum((m * 0.19)::DECIMAL(18, 2) + m) OVER (PARTITION BY k) AS v FROM t",
    "in_lambdas": "SELECT k, list_transform([m, NULL], lambda x: list_transform([p], lambda y: (x * 0.19)::DECIMAL(18, 2) + y * m)) AS v FROM t",
    "captured_cast": "SELECT k, list_transform([p], lambda y: y + (m * 0.1)::DECIMAL(18, 2)) AS v FROM t",
    "joined": "SELECT x.k, y.m AS v FROM t x JOIN t y ON (x.m * 0.19)::DECIMAL(18, 2) + x.m = (y.m * 0.19)::DECIMAL(18, 2) + y.m",
    "counted": "SELECT k, (SELECT {'n': count(*)} FROM t y WHERE y.k = x.n) AS v FROM t x",
    "counted_beside": """SELECT k, (SELECT {'the "n"': count(m), 'x y': max(p)} FROM t y WHERE y.k = x.n) AS v FROM t x""",
    "counted_inside": "SELECT k, (SELECT {'a': {'n': count(*)}, 'b': [{'n': count(p)}]} FROM t y WHERE y.k = x.n) AS v FROM t x",
    "counted_added": """SELECT k, (SELECT struct_insert({'m': max(m)}, n := count(*), "o p" := 1) FROM t y WHERE y.k = x.n) AS v FROM t x""",
    "updated": "SELECT k, struct_update({'n': 1, 'm': m}, n := n, o := p) AS v FROM t",
}
CHANGES = [
    "INSERT INTO t VALUES (1, 2, 5, 10.01, 1.5, 3.25), (1, 2, 5, 10.01, 1.5, 3.25), (NULL, NULL, NULL, NULL, NULL, NULL), (9, 1, -3, -0.05, -9.9, 1e20)",
    "DELETE FROM t WHERE k = 2; UPDATE t SET m = NULL, n = 9 WHERE k = 1",
    "UPDATE t SET k = 2 WHERE k IS NULL; INSERT INTO t VALUES (3, 9, 1, 999999.99, 99.9, 7)",
    "DELETE FROM t",
    "INSERT INTO t VALUES (5, 5, 5, 5.55, 5.5, 5)",
]


class CastsAndFieldNames(unittest.TestCase):
    def test_each_follows_its_table(self):
        with Lake() as lake:
            lake.run("CREATE TABLE t (k INTEGER, n INTEGER, b BIGINT, m DECIMAL(10, 2), p DECIMAL(4, 1), w DECIMAL(37, 2)); "
                     "INSERT INTO t VALUES (1, 1, 7, 10.00, 1.5, 4), (2, 1, 8, 33.33, NULL, 1e30), (NULL, 2, NULL, 0.01, 2.5, NULL)")
            for name, query in QUERIES.items():
                lake.run(f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS {query}")
                self.assertEqual(self.types(lake, f"FROM {name}"), self.types(lake, query), name)
            for changes in CHANGES:
                lake.run(changes)
                for name, entry in lake.refresh().items():
                    self.assertIn(entry["action"], ("INCREMENTAL", "NO_DATA"), (name, entry))
                lake.assert_all_equal(QUERIES, changes)
            lake.verify()

    @staticmethod
    def types(lake, query):
        return [row[:2] for row in lake.rows(f"DESCRIBE {query}")]


if __name__ == "__main__":
    unittest.main()
