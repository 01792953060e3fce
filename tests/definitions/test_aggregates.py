"""Definitions whose aggregates lose an argument when DuckDB binds them."""
import unittest

from tests.harness.lake import Lake

CALLS = ["quantile_cont(b, 0.5)", "quantile_disc(b, [0.1, 0.9])", "quantile(s, 0.25)", "string_agg(s, '-' ORDER BY s)",
         "percentile_cont(0.5) WITHIN GROUP (ORDER BY b)", "percentile_disc(0.25) WITHIN GROUP (ORDER BY b DESC)"]


class AggregatesThatLoseAnArgument(unittest.TestCase):
    def test_auto_accepts_and_keeps_them(self):
        with Lake() as lake:
            lake.run("CREATE TABLE t (a INTEGER, b INTEGER, s VARCHAR); "
                     "INSERT INTO t VALUES (1, 2, 'x'), (1, 5, 'y'), (2, 2, 'z'), (NULL, NULL, NULL)")
            columns = ", ".join(f"{call} AS c{i}" for i, call in enumerate(CALLS))
            query = f"SELECT a, {columns} FROM t GROUP BY a"
            lake.run(f"CREATE DYNAMIC TABLE d TARGET_LAG = '1 minute' AS {query}")
            lake.assert_equal("d", query)
            lake.run("INSERT INTO t VALUES (1, 9, 'w'), (3, 1, ''); DELETE FROM t WHERE a = 2")
            lake.refresh("d")
            lake.assert_equal("d", query)


if __name__ == "__main__":
    unittest.main()
