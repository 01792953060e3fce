"""G1 where one change is larger than DuckDB's row groups (122,880 rows), which it handles by other ways than small ones."""
import unittest

from tests.harness.lake import Lake

ROWS = "SELECT i AS k, i % 1000 AS g, (hash(i) % 5000)::INTEGER AS d, (hash(i + 7) % 100000)::DECIMAL(12, 2) AS v"

QUERIES = {
    "filtered": "SELECT k, v FROM t WHERE v % 2 = 0",
    "sums": "SELECT g, count(*) AS n, sum(v) AS s, max(v) AS m FROM t GROUP BY g",
    "joined": "SELECT t.k, t.v, u.name FROM t JOIN u ON u.d = t.d",
    "ranked": "SELECT g, d, row_number() OVER (PARTITION BY g ORDER BY k) AS r FROM t",
    "values_once": "SELECT DISTINCT d, g FROM t",
    "chained": "SELECT name, count(*) AS n, sum(v) AS s FROM joined GROUP BY name",
    "counted": "SELECT count(*) AS n FROM filtered",
}

STEPS = (
    ("a whole file comes", f"INSERT INTO t {ROWS} FROM range(200000, 400000) r (i)"),
    ("a whole file leaves", "DELETE FROM t WHERE k >= 200000"),
    ("a whole file comes and half of another leaves",
     f"INSERT INTO t {ROWS} FROM range(400000, 550000) r (i); DELETE FROM t WHERE k < 100000"),
    ("all rows leave", "DELETE FROM t"),
    ("equal rows come", f"INSERT INTO t {ROWS.replace('i AS k', '7 AS k')} FROM (SELECT 3 AS i FROM range(150000))"),
    ("all rows are replaced at once",
     f"BEGIN; DELETE FROM t; INSERT INTO t {ROWS} FROM range(150000) r (i); COMMIT"),
    ("each row is updated", "UPDATE t SET v = v + 1"),
)


class LargeChanges(unittest.TestCase):
    def every_step_by_change(self, *arguments):
        with Lake() as lake:
            lake.run(f"CREATE TABLE t AS {ROWS} FROM range(200000) r (i);"
                     "CREATE TABLE u AS SELECT i::INTEGER AS d, 'name ' || i % 50 AS name FROM range(4000) r (i);" + ";".join(
                f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS {query}"
                for name, query in QUERIES.items()))
            for step, changes in STEPS:
                with self.subTest(step):
                    lake.run(changes)
                    for entry in lake.refresh("--all", *arguments).values():
                        self.assertIn(entry["action"], ("INCREMENTAL", "NO_DATA"), entry)
                    lake.assert_all_equal(QUERIES, f"{step}:")

    def test_one_table_after_another(self):
        self.every_step_by_change()

    def test_all_in_one_commit(self):
        self.every_step_by_change("--atomic")


if __name__ == "__main__":
    unittest.main()
