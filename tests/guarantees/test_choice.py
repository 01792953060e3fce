"""How AUTO chooses: by CARDINALITY_THRESHOLD where it is set, else by estimated cost, which metadata alone decide where they can."""
import json
import unittest

from tests.harness.lake import Lake


class Choice(unittest.TestCase):
    def setUp(self):
        self.lake = Lake()
        self.addCleanup(self.lake.remove)

    def create(self, query, options=""):
        self.query = query
        self.lake.run(f"DROP DYNAMIC TABLE IF EXISTS d; CREATE DYNAMIC TABLE d TARGET_LAG = '1 minute' {options} AS {query}")
        self.lake.assert_equal("d", query)

    def change(self, sql):
        self.lake.run(sql)
        entry = self.lake.refresh("d")["main.d"]
        self.lake.assert_equal("d", self.query)
        return entry

    def source(self, rows=100, groups=10):
        self.lake.run(f"CREATE OR REPLACE TABLE a AS SELECT i AS id, CASE WHEN i % {groups} > 0 THEN i % {groups} END AS g, i % 7 AS v FROM range({rows}) t(i)")

    def test_both_sides_of_the_threshold(self):
        for query in ("SELECT g, sum(v) AS s FROM a GROUP BY g",
                      "SELECT g, median(v) AS m FROM a GROUP BY g",
                      "SELECT g, id, v, rank() OVER (PARTITION BY g ORDER BY v) AS r FROM a"):
            with self.subTest(query):
                self.source()
                self.create(query, "CARDINALITY_THRESHOLD = 0.3")
                entry = self.change("UPDATE a SET v = v + 1 WHERE g IS NULL OR g < 3")
                self.assertEqual(entry["action"], "INCREMENTAL", entry)
                entry = self.change("UPDATE a SET v = v + 1 WHERE g IS NULL OR g < 4")
                self.assertEqual(entry["action"], "FULL", entry)
                self.assertIn("4 of 10 keys affected (0.40): more than CARDINALITY_THRESHOLD = 0.3", entry["reason"])
                entry = self.change("INSERT INTO a VALUES (1000, 5, 1)")
                self.assertEqual(entry["action"], "INCREMENTAL", entry)

    def test_results_without_keys(self):
        self.source()
        self.create("SELECT id, v FROM a WHERE v > 0", "CARDINALITY_THRESHOLD = 0.3")
        self.assertEqual(self.change("DELETE FROM a WHERE id < 20")["action"], "INCREMENTAL")
        self.assertEqual(self.change("UPDATE a SET v = 9 WHERE id < 80")["action"], "FULL")
        self.source()
        self.create("SELECT count(*) AS n, sum(v) AS s FROM a", "CARDINALITY_THRESHOLD = 0.3")
        self.assertEqual(self.change("INSERT INTO a VALUES (1000, 5, 1)")["action"], "INCREMENTAL")
        self.assertEqual(self.change("DELETE FROM a WHERE id < 60")["action"], "FULL")

    def test_the_extremes(self):
        self.source()
        query = "SELECT g, sum(v) AS s FROM a GROUP BY g"
        self.create(query, "CARDINALITY_THRESHOLD = 0")
        self.assertEqual(self.change("INSERT INTO a VALUES (1000, 5, 1)")["action"], "FULL")
        self.create(query, "CARDINALITY_THRESHOLD = 1")
        self.assertEqual(self.change("UPDATE a SET v = v + 1")["action"], "INCREMENTAL")
        self.create(query, "REFRESH_MODE = INCREMENTAL CARDINALITY_THRESHOLD = 0")
        self.assertEqual(self.change("UPDATE a SET v = v + 1")["action"], "INCREMENTAL")

    def test_metadata_decide_before_anything_is_read(self):
        self.source(rows=5_000_000, groups=1000)
        self.create("SELECT g, sum(v) AS s FROM a GROUP BY g")
        entry = self.change("INSERT INTO a VALUES (-1, 5, 1)")
        self.assertEqual(entry["action"], "INCREMENTAL", entry)
        self.assertIn("main.a +1 -0", entry["reason"])
        entry = self.change("DELETE FROM a WHERE id = 17")
        self.assertRegex(entry["reason"], r"main\.a (about )?\+0 -1", "by what refreshes took, either way may be the cheaper")
        entry = self.change("DELETE FROM a WHERE id % 2 = 0 AND id >= 0")
        self.assertEqual(entry["action"], "FULL", entry)
        self.assertIn("main.a about +0 -2500000", entry["reason"])

    def test_auto_keeps_no_copy_of_what_is_read_whole(self):
        for query in ("SELECT id, rank() OVER (ORDER BY v, id) AS r FROM a",
                      "SELECT g, v FROM a ORDER BY v DESC, id LIMIT 3",
                      "SELECT median(v) AS m FROM a",
                      "SELECT a.id, t.v FROM a JOIN (SELECT id, v FROM a ORDER BY id DESC LIMIT 5) t USING (id)"):
            with self.subTest(query):
                self.source()
                self.create(query)
                entry = self.change("INSERT INTO a VALUES (1000, 5, 1); DELETE FROM a WHERE id = 3")
                self.assertEqual(entry["action"], "FULL", entry)
                self.assertIn("AUTO does not", entry["reason"])
                explained = self.lake.explain("d")
                self.assertEqual(explained["mode"], "INCREMENTAL")
                self.assertIn("Copy", [operator["name"] for operator in explained["operators"]])
                self.lake.run("ALTER DYNAMIC TABLE d SET REFRESH_MODE = INCREMENTAL")
                self.change("INSERT INTO a VALUES (1001, 5, 1)")
                entry = self.change("INSERT INTO a VALUES (1002, 6, 9); DELETE FROM a WHERE id = 99")
                self.assertEqual(entry["action"], "INCREMENTAL", entry)

    def test_auto_keeps_accumulators_where_they_pay(self):
        kept = "SELECT count(*) FROM duckdb_tables() WHERE database_name = 'lake' AND table_name LIKE 'acc_%'"
        query = "SELECT g, sum(v) AS s FROM a GROUP BY g"
        self.source(rows=1000)
        self.create(query)
        self.assertEqual(self.lake.value(kept), 0)
        self.assertEqual(self.change("INSERT INTO a VALUES (-1, 5, 1)")["action"], "FULL")
        self.assertEqual(self.lake.value(kept), 0)
        self.change("INSERT INTO a SELECT i, CASE WHEN i % 10 > 0 THEN i % 10 END, i % 7 FROM range(20000000) r (i)")
        self.change("INSERT INTO a VALUES (-1, 5, 1)")
        entry = self.change("INSERT INTO a VALUES (-1, 5, 2)")
        self.assertEqual((entry["action"], entry["strategy"]), ("INCREMENTAL", "accumulators"), entry)
        self.assertEqual(self.lake.value(kept), 1)
        self.lake.run("TRUNCATE a; INSERT INTO a VALUES (1, 2, 3)")
        for value in range(5):
            entry = self.change(f"INSERT INTO a VALUES (-1, 5, {value})")
            if entry["action"] == "FULL":
                break
        self.assertEqual((entry["action"], self.lake.value(kept)), ("FULL", 0))

    def test_accumulators_are_built_when_the_data_have_grown(self):
        query = "SELECT g, sum(v) AS s, count(*) AS n FROM a GROUP BY g"
        self.source(rows=15)
        self.create(query, "REFRESH_MODE = INCREMENTAL")
        entry = self.change("INSERT INTO a SELECT i, CASE WHEN i % 10 > 0 THEN i % 10 END, i % 7 FROM range(10000000) r (i)")
        self.assertEqual((entry["action"], entry["strategy"]), ("INCREMENTAL", "affected groups"))
        self.assertIn("accumulators built", entry["reason"])
        for change in ("INSERT INTO a VALUES (-1, NULL, 5)", "DELETE FROM a WHERE g = 3 AND id % 2 = 1", "UPDATE a SET g = 4 WHERE g = 5 AND id < 100"):
            entry = self.change(change)
            self.assertEqual((entry["action"], entry["strategy"]), ("INCREMENTAL", "accumulators"))

    def test_history_keeps_what_was_expected_and_what_it_took(self):
        self.source()
        self.create("SELECT g, sum(v) AS s FROM a GROUP BY g")
        for value in range(3):
            self.change(f"INSERT INTO a VALUES (1000, 5, {value})")
        records = self.lake.done("history", "d", "--json").json()
        chosen = [record for record in records if record["action"] in ("FULL", "INCREMENTAL")]
        self.assertEqual(len(chosen), 3, records)
        for record in chosen:
            ways = json.loads(record["candidates"]) if isinstance(record["candidates"], str) else record["candidates"]
            self.assertEqual([way["way"] for way in ways], ["INCREMENTAL", "FULL"])
            self.assertEqual([way["taken"] for way in ways].count(True), 1)
            self.assertTrue(all(way["model_ms"] > 0 and way["estimated_ms"] > 0 for way in ways))
            self.assertGreater(record["measured_cost"], 0)
            self.assertGreater(record["estimated_cost"], 0)
        costs = self.lake.explain("d")["last_choice"]
        self.assertEqual(set(costs), {"action", "candidates", "estimated_ms", "measured_ms", "error"})


if __name__ == "__main__":
    unittest.main()
