"""Rows that enter and leave a window of time by time alone are handled as change, as of the data timestamp."""
import time
import unittest

from tests.harness.lake import Lake

CREATE = "CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS {query}"
QUERIES = {
    "recent": "SELECT id, v FROM t WHERE ts > now() - INTERVAL 5 SECOND",
    "passed": "SELECT g, count(*) AS n, sum(v) AS s FROM t WHERE ts <= localtimestamp GROUP BY g",
    "waiting": "SELECT DISTINCT t.g FROM t LEFT JOIN t AS u ON u.g = t.g AND u.ts > current_timestamp WHERE u.id IS NOT NULL",
}


class MovingWindow(unittest.TestCase):
    def assert_right(self, lake):
        for name, entry in lake.verify().items():
            self.assertEqual((entry["missing"], entry["extra"]), (0, 0), name)

    def test_rows_come_and_leave_by_time(self):
        with Lake() as lake:
            lake.run("CREATE TABLE t AS SELECT i AS id, i % 4 AS g, i AS v, now()::TIMESTAMP + to_milliseconds(500 * (i - 20)) AS ts "
                     "FROM range(80) r (i);" + ";".join(CREATE.format(name=name, query=query) for name, query in QUERIES.items()))
            self.assert_right(lake)
            before = lake.rows("SELECT (SELECT sum(n) FROM passed), (SELECT count(*) FROM recent)")[0]
            for change in ("", "INSERT INTO t SELECT id + 100, g + 1, v, ts FROM t WHERE id % 7 = 0; DELETE FROM t WHERE id % 5 = 1", ""):
                time.sleep(1.5)
                if change:
                    lake.run(change)
                entries = lake.refresh()
                self.assertEqual({entry["action"] for entry in entries.values()}, {"INCREMENTAL"})
                self.assertTrue(all("moving filter" in entry["strategy"] for entry in entries.values()), entries)
                self.assert_right(lake)
            after = lake.rows("SELECT (SELECT sum(n) FROM passed), (SELECT count(*) FROM recent)")[0]
            self.assertGreater(int(after[0]), int(before[0]), "rows entered")
            self.assertLess(int(after[1]), int(before[1]), "rows left")

    def test_a_day_that_has_not_passed_writes_nothing(self):
        with Lake() as lake:
            lake.run("CREATE TABLE t AS SELECT i AS id, DATE '2020-01-01' + i::INTEGER AS day FROM range(9) r (i);"
                     + CREATE.format(name="old", query="SELECT id FROM t WHERE day < current_date - 30"))
            before = lake.snapshot()
            self.assertEqual(lake.refresh()["main.old"]["rows_inserted"], 0)
            self.assertEqual(lake.snapshot(), before)

    def test_time_in_other_places_is_refused_or_told(self):
        with Lake() as lake:
            lake.run("CREATE TABLE t AS SELECT 1 AS id, now()::TIMESTAMP AS ts")
            for query in ("SELECT id, now() AS ts FROM t", "SELECT max(ts) AS m FROM t HAVING max(ts) > now()",
                          "SELECT t.id FROM t JOIN t AS u ON t.ts < u.ts + (now() - u.ts)", "SELECT id FROM t WHERE age(ts) > INTERVAL 1 DAY"):
                error = lake.error(CREATE.format(name="d", query=query))
                self.assertEqual(error["code"], "FRS-2014", query)
                self.assertIn("moves with the data timestamp", error["message"])
            lake.run("CREATE DYNAMIC TABLE d TARGET_LAG = '1 minute' AS SELECT id, now() AS ts FROM t")
            self.assertEqual(lake.refresh()["main.d"]["action"], "FULL")
            self.assert_right(lake)


if __name__ == "__main__":
    unittest.main()
