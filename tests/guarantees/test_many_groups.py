"""G1 on both sides of the size up to which stored results and accumulators are read whole: 20,000 rows."""
import unittest

from tests.harness.lake import Lake

QUERIES = {
    "sums": "SELECT g, count(*) AS n, sum(v) AS s FROM a GROUP BY g",
    "two_keys": "SELECT g, h, count(*) AS n, avg(v) AS m FROM a GROUP BY g, h",
    "medians": "SELECT g, median(v) AS m FROM a GROUP BY g",
    "numbers": "SELECT CASE WHEN g % 2 = 0 THEN 0::DOUBLE / (g % 3) ELSE g END AS x, count(*) AS n, max(v) AS m FROM a GROUP BY x",
    "above": "SELECT g, count(*) AS n FROM a GROUP BY g HAVING count(*) > 1",
    "firsts": "SELECT DISTINCT ON (g) g, v FROM a ORDER BY g, v, id",
}

STEPS = (
    ("few groups, and NULL", "UPDATE a SET v = v + 1 WHERE g < 20 OR g IS NULL; INSERT INTO a VALUES (-1, NULL, 'x', 5), (-2, NULL, NULL, NULL), (-3, 70000, NULL, 1)"),
    ("groups vanish, NULL too, and come", "DELETE FROM a WHERE g IS NULL OR g BETWEEN 100 AND 140; INSERT INTO a SELECT -i, 50000 + i, 'n', i FROM range(4, 60) r (i)"),
    ("keys move", "UPDATE a SET g = g + 1 WHERE g % 500 = 7; UPDATE a SET g = NULL, h = NULL WHERE g % 900 = 11; UPDATE a SET h = NULL WHERE g % 800 = 12"),
    ("below 20,000 groups", "DELETE FROM a WHERE g > 19000"),
    ("few groups there, and NULL", "UPDATE a SET v = v - 1 WHERE g < 20 OR g IS NULL; DELETE FROM a WHERE g BETWEEN 300 AND 310; INSERT INTO a VALUES (-100, NULL, NULL, 7)"),
    ("beyond again", "INSERT INTO a SELECT 100000 + i, 19500 + i, 'b', i % 7 FROM range(6000) r (i)"),
    ("and NULL once more", "DELETE FROM a WHERE g IS NULL AND h IS NULL; UPDATE a SET g = NULL WHERE g % 1000 = 13; UPDATE a SET v = NULL WHERE g % 600 = 14"),
)


class ManyGroups(unittest.TestCase):
    def test_stored_rows_are_found_by_their_keys(self):
        with Lake() as lake:
            lake.run("CREATE TABLE a AS SELECT i AS id, CASE WHEN i % 4000 > 0 THEN i % 24000 END AS g, "
                     "CASE WHEN i % 5 > 0 THEN chr(97 + (i % 3)::INTEGER) END AS h, i % 11 AS v FROM range(60000) r (i);" + ";".join(
                f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS {query}"
                for name, query in QUERIES.items()))
            for step, changes in STEPS:
                with self.subTest(step):
                    lake.run(changes)
                    for entry in lake.refresh("--all").values():
                        self.assertEqual(entry["action"], "INCREMENTAL", entry)
                    lake.assert_all_equal(QUERIES, f"{step}:")

    def test_accumulators_of_a_million_rows_are_kept_of_few_groups_only(self):
        queries = {
            "fine": ("SELECT k, count(*) AS n, sum(v) AS s FROM b WHERE v < 90 GROUP BY k", "affected groups"),
            "coarse": ("SELECT 'g' || g AS k, count(*) AS n, sum(v) AS s FROM b GROUP BY 1", "accumulators"),
            "bounded": ("SELECT g, count(*) AS n, sum(v) AS s FROM b GROUP BY g", "accumulators"),
            "two_keys": ("SELECT g, i % 999 AS h, count(*) AS n FROM b GROUP BY g, h", "affected groups"),
        }
        with Lake() as lake:
            lake.run("CREATE TABLE b AS SELECT i, 'k' || i // 2 AS k, i % 1000 AS g, i % 97 AS v FROM range(1000000) r (i);" + ";".join(
                f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS {query}"
                for name, (query, _) in queries.items()))
            plain = {name: query for name, (query, _) in queries.items()}
            lake.assert_all_equal(plain, "filled:")
            lake.run("DELETE FROM b WHERE i % 100000 < 3; INSERT INTO b SELECT -i, 'k' || i, i % 3, i FROM range(50) r (i)")
            for name, entry in lake.refresh("--all").items():
                self.assertEqual((entry["action"], entry["strategy"]), ("INCREMENTAL", queries[name.split(".")[-1]][1]), name)
            lake.assert_all_equal(plain, "refreshed:")


if __name__ == "__main__":
    unittest.main()
