"""Definitions that lose something when DuckDB binds them or writes them down."""
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


class ByChange(unittest.TestCase):
    """Forms of queries that DuckDB writes in other words than it reads."""
    QUERIES = {
        "open_slices": "SELECT a, l[2:] AS x, l[:2] AS y, l[-1:] AS z, s[2:] AS t, l[:-:2] AS u FROM t",
        "joined_texts": "SELECT a, list_aggregate(list_sort(m), 'string_agg', '|') AS x, array_to_string(list_sort(m), '-') AS y, array_to_string(list_sort(m), '+') AS z FROM t",
        "quantile_of_list": "SELECT a, list_aggregate(l, 'quantile_cont', 0.25) AS q, list_aggregate(l, 'quantile_cont', 0.75) AS r, list_aggregate(l, 'sum') AS s FROM t",
        "distinct_pairs": "SELECT count(DISTINCT (a, s)) AS n, count(DISTINCT (a, b)) FILTER (WHERE b > 1) AS m, count(DISTINCT {'x': a}) AS k FROM t",
        "distinct_pairs_by_group": "SELECT a, count(DISTINCT (b, s)) AS n FROM t GROUP BY a",
        "parts_of_dates": "SELECT a, date_part(['year', 'month'], DATE '2024-01-31' + b) AS p, date_part(['hour', 'epoch'], TIMESTAMP '2024-01-31 01:02:03').hour AS h FROM t",
        "ordered_lists_over_windows": "SELECT b, list(b ORDER BY b DESC) OVER (PARTITION BY a) AS x, string_agg(s, '/' ORDER BY s) OVER (PARTITION BY a ORDER BY b) AS y FROM t",
        "lists_over_frames": "SELECT b, list(b) OVER (PARTITION BY a ORDER BY b) AS x, arg_max(b, b) OVER (PARTITION BY a ORDER BY b ROWS 1 PRECEDING) AS y FROM t",
        "constants_grouped_by_all": "SELECT n, count(*) AS c FROM t JOIN (VALUES (1, 'one'), (2, 'two')) AS k(a, n) USING (a) GROUP BY ALL",
        "contained_in_constants": "SELECT a, count(*) AS c FROM t WHERE b IN (VALUES (2), (5)) GROUP BY ALL",
        "range_of_decimals": "SELECT a, d, sum(b) OVER (PARTITION BY a ORDER BY d RANGE BETWEEN 1.5 PRECEDING AND CURRENT ROW) AS s FROM t",
        "range_of_whole_numbers": "SELECT a, d, count(*) OVER (PARTITION BY a ORDER BY d DESC RANGE BETWEEN 2 PRECEDING AND 1 FOLLOWING) AS n FROM t",
    }

    def test_they_are_refreshed_by_change(self):
        with Lake() as lake:
            lake.run("CREATE TABLE t (a INTEGER, b INTEGER, d DECIMAL(9, 2), s VARCHAR DEFAULT 'abc', l INTEGER[], m VARCHAR[]); "
                     "INSERT INTO t (a, b, d) VALUES (1, 2, 0.5), (1, 5, 1.75), (2, 2, 3), (NULL, NULL, NULL), (1, 1, NULL);"
                     "UPDATE t SET l = [3, 1, 2], m = ['q', 'p']; INSERT INTO t VALUES (1, 7, 4, 'x', [], []), (2, 8, 5, NULL, NULL, NULL), (2, 9, 5, 'y', [NULL, 4], ['r', NULL]);" + ";".join(
                f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS {query}"
                for name, query in self.QUERIES.items()))
            for change in ("INSERT INTO t (a, b, d) VALUES (1, 9, 2), (2, 1, 4.5), (1, 9, 2)", "UPDATE t SET l = l || [7], m = ['z'] || m WHERE b > 6", "UPDATE t SET d = d + 0.25 WHERE b > 2",
                           "DELETE FROM t WHERE d IS NULL", "UPDATE t SET a = 2", "DELETE FROM t"):
                lake.run(change)
                for entry in lake.refresh().values():
                    self.assertIn(entry["action"], ("INCREMENTAL", "NO_DATA"), entry)
                lake.assert_all_equal(self.QUERIES, change)


if __name__ == "__main__":
    unittest.main()
