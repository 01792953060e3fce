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

    def test_time_that_is_taken_as_the_query_is_bound_is_never_refreshed_by_change(self):
        """Arguments of functions in FROM, LIMIT, parameters of aggregates: DuckDB evaluates them while it binds."""
        millis = "(epoch_ms(now()) % 1000)::BIGINT"
        queries = {
            "joined": f"SELECT t.id FROM range(0, {millis}) g (x) JOIN t ON t.id = g.x",
            "half": f"SELECT id FROM t SEMI JOIN range(0, {millis}) g (x) ON x = id",
            "unnested": "SELECT id, x FROM t, unnest([now()]) g (x)",
            "compared": f"SELECT id FROM t WHERE id < (SELECT max(x) FROM range(0, {millis} + 2) g (x))",
            "quantile": f"SELECT quantile_cont(id, {millis} / 1000.0) AS q FROM t",
            "limited": f"SELECT id FROM t ORDER BY id LIMIT {millis}",
        }
        with Lake() as lake:
            lake.run("CREATE TABLE t AS SELECT i AS id FROM range(1000) r (i)")
            for name, query in queries.items():
                with self.subTest(name):
                    error = lake.error(CREATE.format(name=name, query=query))
                    self.assertEqual(error["code"], "FRS-2014", error)
                    lake.run(f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' AS {query}")
                    for _ in range(2):
                        lake.run("INSERT INTO t SELECT max(id) + 1 FROM t")
                        self.assertIn(lake.refresh(name)[f"main.{name}"]["action"], ("FULL", "REINITIALIZE"))
                        self.assert_right(lake)

    def rows_in(self, lake, zone, query):
        return lake.run(f"SET TimeZone = '{zone}'; {query}")[-1]["rows"]

    def test_dates_and_local_times_are_those_of_the_stored_zone(self):
        queries = {
            "instants": "SELECT id FROM e WHERE tz > now()",
            "locals": "SELECT id FROM e WHERE ts <= localtimestamp",
            "cast": "SELECT id FROM e WHERE ts::TIMESTAMPTZ > now() - INTERVAL 1 HOUR",
            "days": "SELECT id FROM e WHERE day = current_date OR day = today() - 1",
            "midnights": "SELECT id FROM e WHERE day::TIMESTAMPTZ <= now()",
        }
        insert = ("INSERT INTO e SELECT {0} + i, now() + to_minutes(30 * i - 15), localtimestamp + to_minutes(30 * i - 15), current_date + i::INTEGER "
                  "FROM range(-30, 30) r (i)")
        for zone in ("Europe/Berlin", "America/New_York", "Pacific/Kiritimati", "Asia/Kathmandu"):
            with self.subTest(zone), Lake() as lake:
                in_zone = f"SET TimeZone = '{zone}';"
                lake.run(in_zone + "CREATE TABLE e (id INTEGER, tz TIMESTAMPTZ, ts TIMESTAMP, day DATE);" + insert.format(100))
                for mode in ("INCREMENTAL", "FULL"):
                    lake.run(in_zone + ";".join(CREATE.replace("INCREMENTAL", mode).format(name=f"{name}_{mode.lower()}", query=query)
                                                for name, query in queries.items()))
                for start in (None, 1000, 2000):
                    if start:
                        lake.run(in_zone + insert.format(start))
                    entries = lake.refresh()
                    for name, query in queries.items():
                        for mode in ("INCREMENTAL", "FULL"):
                            table = f"{name}_{mode}".lower()
                            self.assertEqual(entries["main." + table]["action"], mode)
                            expected = [self.rows_in(lake, zone, query + " ORDER BY ALL") for _ in range(2)]  # midnight may pass
                            got = lake.rows(f"FROM {table} ORDER BY ALL")
                            self.assertIn(got, expected, (zone, table))
                    self.assert_right(lake)

    def test_values_of_now_and_its_kin_agree_in_any_zone(self):
        with Lake() as lake:
            lake.run("CREATE TABLE t AS SELECT 1 AS id")
            for number, zone in enumerate(("UTC", "Pacific/Kiritimati", "America/New_York")):
                with self.subTest(zone):
                    lake.run(f"SET TimeZone = '{zone}'; CREATE DYNAMIC TABLE v{number} TARGET_LAG = '1 hour' AS SELECT current_date = now()::DATE, "
                             "today() = now()::DATE, localtimestamp = now()::TIMESTAMP, localtime = now()::TIMESTAMP::TIME, "
                             "current_time = now()::TIMETZ, age(now()::DATE::TIMESTAMPTZ) = INTERVAL 0 DAY, "
                             "age(date_trunc('day', now() AT TIME ZONE 'UTC')) = INTERVAL 0 DAY FROM t")
                    self.assertEqual(lake.rows(f"FROM v{number}"), [[True] * 7])
            self.assert_right(lake)


if __name__ == "__main__":
    unittest.main()
