"""ASOF joins of rows without a time, and the places of values in lists: DuckDB evaluates both in more than one way."""
import unittest

from tests.harness.lake import Lake

QUERIES = {
    "inner_asof": "SELECT l.n, r.lo FROM l ASOF JOIN r ON l.g = r.k AND l.n > r.lo",
    "left_asof": "SELECT l.n, r.lo FROM l ASOF LEFT JOIN r ON l.g = r.k AND r.lo <= l.n",
    "to_the_next": "SELECT l.n, r.lo FROM l ASOF JOIN r ON l.g = r.k AND l.n <= r.lo",
    "without_keys": "SELECT l.g, l.n, r.lo FROM l ASOF JOIN r ON l.n < r.lo",
}
PLACES = {
    "of_a_lambda": "SELECT l.g, e, o FROM l, unnest(list_transform([3, 1, 2], lambda x: coalesce(x, 1) + 2)) WITH ORDINALITY AS u(e, o)",
    "of_a_list": "SELECT l.g, e, o FROM l, unnest([9, 1, 5]) WITH ORDINALITY AS u(e, o)",
}
STEPS = (
    "INSERT INTO r VALUES (1, 4)",
    "DELETE FROM r",
    "INSERT INTO r VALUES (1, 7), (1, 50), (1, NULL), (NULL, 3)",
    "DELETE FROM l WHERE n IS NULL OR n > 40",
    "UPDATE l SET n = NULL WHERE n % 2 = 0",
    "INSERT INTO l SELECT 1, CASE WHEN i > 3 THEN i END FROM range(100) t (i)",
    "UPDATE l SET n = 60 WHERE n IS NULL",
)


def without_missing_times(query):
    """What the join means: a row without a time meets nothing."""
    return query.replace("FROM l ASOF", "FROM (SELECT *, n IS NOT NULL AS given FROM l) l ASOF").replace(
        " ON ", " ON CASE WHEN l.given THEN 0 ELSE 1 END = CASE WHEN r.lo IS NULL THEN 2 ELSE 0 END AND ")


class AsofAndPlaces(unittest.TestCase):
    def every_step_by_change(self, queries, meaning=lambda query: query):
        with Lake() as lake:
            lake.run("CREATE TABLE l (g INTEGER, n INTEGER); CREATE TABLE r (k INTEGER, lo INTEGER);"
                     "INSERT INTO l SELECT 1, CASE WHEN i > 0 THEN i END FROM range(100) t (i);" + ";".join(
                f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS {query}"
                for name, query in queries.items()))
            for step in STEPS:
                lake.run(step)
                for entry in lake.refresh().values():
                    self.assertIn(entry["action"], ("INCREMENTAL", "NO_DATA"), entry)
                lake.assert_all_equal({name: meaning(query) for name, query in queries.items()}, step)
                for table, entry in lake.verify().items():
                    self.assertEqual((entry["missing"], entry["extra"]), (0, 0), table)

    def test_rows_without_a_time_meet_nothing(self):
        self.every_step_by_change(QUERIES, without_missing_times)

    def test_places_are_those_in_the_list(self):
        self.every_step_by_change(PLACES)

    def test_using_is_refused_for_incremental(self):
        with Lake() as lake:
            lake.run("CREATE TABLE l (g INTEGER, n INTEGER); CREATE TABLE r (g INTEGER, n INTEGER)")
            error = lake.error("CREATE DYNAMIC TABLE d TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS "
                               "SELECT * FROM l ASOF JOIN r USING (g, n)")
            self.assertEqual(error["code"], "FRS-2014")
            self.assertIn("write the condition with ON", error["message"])


if __name__ == "__main__":
    unittest.main()
