"""G1 where the keys of one change lie in places far apart, of tables so large that scans are cut down to those places."""
import unittest

from tests.harness.lake import Lake

ORDERS = """SELECT CASE WHEN i % 1000 = 7 THEN NULL ELSE i END AS k, (i % 50)::INTEGER AS c,
 DATE '1990-01-01' + (i // 200)::INTEGER AS d, (hash(i) % 10000)::DECIMAL(12, 2) AS v"""
LINES = """SELECT CASE WHEN i % 1000 = 8 THEN NULL ELSE i END AS k, (hash(i + 1) % 90)::INTEGER AS n,
 DATE '1990-01-01' + (i // 200)::INTEGER AS d"""

QUERIES = {
    "joined": "SELECT c, count(*) AS n, sum(v * n) AS s FROM orders JOIN lines USING (k) GROUP BY c",
    "null_safe": "SELECT c, n, v FROM orders o JOIN lines l ON o.k IS NOT DISTINCT FROM l.k AND l.n < 2 AND o.v < 20",
    "by_day": "SELECT o.k, o.d, l.n FROM orders o JOIN lines l ON o.d = l.d AND o.v = l.n",
    "outer_joined": "SELECT o.k, o.v, l.n FROM orders o LEFT JOIN lines l ON o.k = l.k WHERE o.v > 9900",
    "with_line": "SELECT k, v FROM orders WHERE v < 50 AND k IN (SELECT k FROM lines WHERE n > 5)",
    "without_line": "SELECT k, v FROM orders o WHERE v < 50 AND NOT EXISTS (FROM lines l WHERE l.k = o.k AND n > 80)",
    "medians": "SELECT k, median(n) AS m FROM lines GROUP BY k HAVING median(n) > 85",
    "greatest": "SELECT d, max(v) AS m, min(v) AS l FROM orders GROUP BY d",
    "ranked": "SELECT k, n, rank() OVER (PARTITION BY k ORDER BY n DESC) AS r FROM lines QUALIFY r > 1",
    "chained": "SELECT c, greatest.m, count(*) AS n FROM orders JOIN greatest USING (d) WHERE v = m GROUP BY ALL",
}

STEPS = (
    ("rows come at the end and leave at the beginning", f"""
     INSERT INTO orders {ORDERS} FROM range(1100000, 1100500) r (i); INSERT INTO lines {LINES} FROM range(1099900, 1100700) r (i);
     DELETE FROM orders WHERE k < 300; DELETE FROM lines WHERE k < 250"""),
    ("at four places, far beyond the others too", f"""
     INSERT INTO orders {ORDERS} FROM range(9000000, 9000050) r (i); INSERT INTO orders {ORDERS} FROM range(-500, -450) r (i);
     INSERT INTO lines {LINES} FROM range(9000000, 9000060) r (i); INSERT INTO lines {LINES} FROM range(-470, -440) r (i);
     UPDATE orders SET v = v + 1 WHERE k BETWEEN 500000 AND 500200; UPDATE lines SET n = n + 1 WHERE k BETWEEN 700000 AND 700100"""),
    ("keys move from one end to the other", """
     UPDATE orders SET k = k + 1000000 WHERE k BETWEEN 1000 AND 1300; UPDATE lines SET k = 1001100 WHERE k BETWEEN 1000 AND 1010"""),
    ("keys become NULL, and NULL becomes a key", """
     UPDATE orders SET k = NULL WHERE k IN (2000, 1090000); UPDATE orders SET k = 12 WHERE k IS NULL AND d > DATE '2004-12-01';
     UPDATE lines SET k = NULL WHERE k IN (2001, 1090001); UPDATE lines SET k = 1090002 WHERE k IS NULL AND d < DATE '1990-03-01'"""),
    ("all over the place", "UPDATE orders SET v = v + 2 WHERE k % 5000 = 3; DELETE FROM lines WHERE k % 7000 = 5"),
)


class KeysFarApart(unittest.TestCase):
    def test_scans_are_cut_down_without_losing_rows(self):
        with Lake() as lake:
            lake.run(f"CREATE TABLE orders AS {ORDERS} FROM range(1100000) r (i);"
                     f"CREATE TABLE lines AS {LINES} FROM range(1100000) r (i);" + ";".join(
                f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS {query}"
                for name, query in QUERIES.items()))
            for step, changes in STEPS:
                with self.subTest(step):
                    lake.run(changes)
                    for entry in lake.refresh("--all").values():
                        self.assertIn(entry["action"], ("INCREMENTAL", "NO_DATA"), entry)
                    lake.assert_all_equal(QUERIES, f"{step}:")


if __name__ == "__main__":
    unittest.main()
