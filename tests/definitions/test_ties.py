"""Windows over rows that tie: what the query leaves open is chosen in the same way by fills and by refreshes by change, so that stored rows
are found again."""
import unittest

from tests.harness.lake import Lake

QUERIES = {
    "numbered": "SELECT id, row_number() OVER (PARTITION BY g ORDER BY v) AS r FROM t",
    "kept": "SELECT id FROM t QUALIFY row_number() OVER (PARTITION BY g ORDER BY v) = 1",
    "before": "SELECT id, lag(id) OVER (PARTITION BY g ORDER BY v) AS r FROM t",
    "framed": "SELECT id, sum(id) OVER (PARTITION BY g ORDER BY v ROWS 3 PRECEDING) AS r FROM t",
    "collected": "SELECT id, list(s) OVER (PARTITION BY g ORDER BY v) AS r FROM t",
    "any_of_them": "SELECT id, any_value(s) OVER (PARTITION BY g) AS r FROM t",
    "by_number": "SELECT r, sum(id) AS s FROM (SELECT id, row_number() OVER (PARTITION BY g ORDER BY v) AS r FROM t) GROUP BY r",
    "first_of_each": "SELECT DISTINCT ON (g) id FROM t ORDER BY g, v",
    "keyed": "SELECT g, id, row_number() OVER (PARTITION BY g ORDER BY v) AS r FROM t",
}
CHANGES = ("INSERT INTO t SELECT i, i % 7, i % 5, 's' || (i % 4) FROM range(3000, 3050) r (i)", "DELETE FROM t WHERE id % 97 = 3",
           "UPDATE t SET v = v + 1 WHERE id % 211 = 5", "UPDATE t SET g = 3 WHERE g = 4")


class Ties(unittest.TestCase):
    def test_by_change_after_every_kind_of_fill(self):
        with Lake() as lake:
            lake.run("CREATE TABLE t (id INTEGER, g INTEGER, v INTEGER, s VARCHAR);"
                     "INSERT INTO t SELECT i, i % 7, i % 5, 's' || (i % 4) FROM range(3000) r (i);" + ";".join(
                f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS {query}" for name, query in QUERIES.items()))
            for change in CHANGES:
                lake.run(change)
                self.assert_by_change(lake)
            lake.run("DELETE FROM t WHERE id = 1;" + ";".join(f"ALTER DYNAMIC TABLE {name} REFRESH FULL" for name in QUERIES) + ";" + CHANGES[0])
            self.assert_by_change(lake)

    def assert_by_change(self, lake):
        for name, entry in lake.refresh().items():
            self.assertIn(entry["action"], ("INCREMENTAL", "NO_DATA"), (name, entry))
        for name, entry in lake.verify().items():
            self.assertEqual((entry["missing"], entry["extra"]), (0, 0), name)


if __name__ == "__main__":
    unittest.main()
