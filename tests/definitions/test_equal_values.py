"""Values that are equal but told apart (0.0 and -0.0, a month and 30 days): groups, extremes and DISTINCT show one of them, always the
same for the same rows, and nothing that the query determines is lost."""
import unittest

from tests.harness.lake import Lake

TABLES = """CREATE TABLE t (id INTEGER, g INTEGER, x DOUBLE, iv INTERVAL, v INTEGER, l DOUBLE[]);
INSERT INTO t VALUES (1, 1, 0e0, INTERVAL 1 MONTH, 1, [0]), (2, 1, -(0e0), INTERVAL 30 DAY, 2, [-(0e0)]), (3, 2, 1.5, INTERVAL 1 DAY, 3, [1]),
  (4, 2, NULL, NULL, 4, NULL), (5, 3, 0e0, INTERVAL 1 MONTH, 5, [0]), (6, 3, 0e0, INTERVAL 1 MONTH, 5, [0]);
CREATE TABLE c (id INTEGER, x DOUBLE, iv INTERVAL);
INSERT INTO c VALUES (1, 0e0, INTERVAL 1 MONTH), (2, -(0e0), INTERVAL 30 DAY), (3, 1.5, INTERVAL 24 HOUR)"""
CHANGES = ("INSERT INTO t VALUES (7, 3, -(0e0), INTERVAL 30 DAY, 7, [-(0e0)]), (8, 1, 0e0, INTERVAL 720 HOUR, 8, [0])", "DELETE FROM t WHERE id = 7",
           "UPDATE t SET x = -x, l = [-x], iv = INTERVAL 30 DAY WHERE id = 5", "DELETE FROM t WHERE id = 6",
           "UPDATE c SET x = -x; INSERT INTO t VALUES (9, 3, 0e0, INTERVAL 1 MONTH, 1, [0])",
           "DELETE FROM t WHERE id = 5; UPDATE c SET iv = INTERVAL 30 DAY", "DELETE FROM t WHERE x = 0; DELETE FROM c WHERE id = 1")

# By equality the table is the query's result, whichever value stands for the others.
DETERMINED = {
    "least": "SELECT g, min(x) AS a, max(iv) AS b FROM t GROUP BY g",
    "least_without_key": "SELECT min(iv) AS m FROM t GROUP BY g",
    "by_number": "SELECT x, count(*) AS n FROM t GROUP BY x",
    "by_interval": "SELECT iv, count(*) AS n, sum(v) AS s FROM t GROUP BY iv HAVING iv >= INTERVAL 1 DAY",
    "by_list": "SELECT l, count(*) AS n FROM t GROUP BY l",
    "distinct_intervals": "SELECT DISTINCT iv FROM t",
    "distinct_pairs": "SELECT DISTINCT iv, g FROM t",
    "united": "SELECT iv FROM t UNION SELECT iv FROM c",
    "in_both": "SELECT iv FROM t INTERSECT SELECT iv FROM c",
    "in_one": "SELECT iv, x FROM t EXCEPT ALL SELECT iv, x FROM c",
    "joined": "SELECT c.id, t.id AS tid, c.iv::VARCHAR AS a, t.iv::VARCHAR AS b FROM c JOIN t USING (iv)",
    "quotient_of_sums": "SELECT g, sum(v) / sum(v + 1e0) AS q FROM t GROUP BY g",
    "ranked": "SELECT id, rank() OVER (PARTITION BY g ORDER BY iv) AS r FROM t",
    "ranked_among_all": "SELECT id, count(*) OVER (PARTITION BY iv) AS n, rank() OVER (ORDER BY iv) AS r FROM t",
    "counted": "SELECT id, sum(v) OVER (PARTITION BY iv ORDER BY id) AS n FROM t",
    "rounded": "SELECT round(m) AS m, m > 0 AS p FROM (SELECT max(x) AS m FROM t GROUP BY g)",
    "grouped_by_least": "SELECT m, count(*) AS n FROM (SELECT g, max(iv) AS m FROM t GROUP BY g) GROUP BY m",
    "ranked_least": "SELECT m, rank() OVER (ORDER BY m) AS r FROM (SELECT g, max(x) AS m FROM t GROUP BY g)",
    "first_intervals": "SELECT iv FROM t ORDER BY iv LIMIT 3",
    "counted_for_each": "SELECT c.id, c.iv, (SELECT count(*) FROM t WHERE t.iv = c.iv) AS n FROM c",
    "summed_for_each": "SELECT c.id, c.x, (SELECT string_agg(v, ',' ORDER BY id) FROM t WHERE t.x = c.x) AS s FROM c",
    "lists_for_each": "SELECT c.id, (SELECT sum(v) FROM t WHERE t.l = [c.x]) AS s FROM c",
    "groups_side_by_side": "SELECT a.x, b.x AS y, a.n, b.n AS m FROM (SELECT x, count(*) AS n FROM t GROUP BY x) a "
                           "FULL JOIN (SELECT x, count(*) AS n FROM c GROUP BY x) b ON a.x = b.x",
    "groups_below_groups": "SELECT n, count(*) AS m, max(x) AS x FROM (SELECT x, count(*) AS n FROM t GROUP BY x) GROUP BY n",
}
NOT_A_NUMBER = ("INSERT INTO t VALUES (20, 4, 'nan', NULL, 1, ['nan']), (21, 4, -('nan'::DOUBLE), NULL, 2, [-('nan'::DOUBLE)]); INSERT INTO c VALUES (20, 'nan', NULL)",
                "INSERT INTO t VALUES (22, 4, -('nan'::DOUBLE), NULL, 3, ['nan']), (23, 4, -(0e0), NULL, 4, NULL)", "DELETE FROM t WHERE id = 21",
                "UPDATE t SET x = -x WHERE isnan(x); UPDATE c SET x = -x", "DELETE FROM t WHERE id = 22", "DELETE FROM t WHERE g = 4")
# What shows which of them it is, is told, and comes out the same each time.
OPEN = {
    "text_of_key": ("SELECT x::VARCHAR AS s, count(*) AS n FROM t GROUP BY x", "column s"),
    "text_of_least": ("SELECT min(x)::VARCHAR AS s FROM t GROUP BY g", "column s"),
    "text_of_least_interval": ("SELECT min(iv)::VARCHAR AS s FROM t GROUP BY g", "column s"),
    "moved_date": ("SELECT DATE '2024-02-01' + iv AS d, count(*) AS n FROM t GROUP BY iv", "column d"),
    "text_of_distinct": ("SELECT iv::VARCHAR AS s FROM (SELECT DISTINCT iv FROM t)", "column s"),
    "text_of_list": ("SELECT l::VARCHAR AS s, count(*) AS n FROM t GROUP BY l", "column s"),
    "text_by_sets": ("SELECT x::VARCHAR AS s, g, count(*) AS n FROM t GROUP BY ROLLUP (x, g)", "column s"),
    "grouped_again": ("SELECT m::VARCHAR AS s, count(*) AS n FROM (SELECT g, min(x) AS m FROM t GROUP BY g) GROUP BY m", "column s"),
    "text_over_frame": ("SELECT id, max(x) OVER (PARTITION BY g)::VARCHAR AS s FROM t", "column s"),
    "of_everything": ("SELECT min(iv)::VARCHAR AS s, max(x)::VARCHAR AS m FROM t", "column s"),
}
# Infinities of either sign.
QUOTIENTS = {
    "quotient": "SELECT g, sum(v) / max(x) AS d FROM t GROUP BY g",
    "quotient_of_key": "SELECT 1 / x AS d, count(*) AS n FROM t GROUP BY x",
    "share": "SELECT id, 1 / m AS d FROM t JOIN (SELECT g, max(x) AS m FROM t GROUP BY g) q USING (g)",
}


def create(name, query, mode="INCREMENTAL"):
    return f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' REFRESH_MODE = {mode} AS {query}"


class EqualValues(unittest.TestCase):
    def assert_by_change(self, lake, note):
        for name, entry in lake.refresh().items():
            self.assertIn(entry["action"], ("INCREMENTAL", "NO_DATA"), (note, name, entry))
        for name, entry in lake.verify().items():
            self.assertEqual((entry["missing"], entry["extra"]), (0, 0), (note, name))

    def test_what_is_determined(self):
        with Lake() as lake:
            lake.run(TABLES + ";" + ";".join(create(name, query) for name, query in DETERMINED.items()))
            for change in CHANGES:
                lake.run(change)
                self.assert_by_change(lake, change)
                lake.assert_all_equal(DETERMINED, change)

    def test_numbers_that_are_none(self):
        queries = {name: query for name, query in DETERMINED.items() if "x" in query or "l" in query}
        with Lake() as lake:
            lake.run(TABLES + ";" + ";".join(create(name, query) for name, query in queries.items()))
            for change in NOT_A_NUMBER:
                lake.run(change)
                self.assert_by_change(lake, change)
                lake.assert_all_equal(queries, change)

    def test_what_is_left_open(self):
        with Lake() as lake:
            lake.run(TABLES)
            for name, (query, told) in OPEN.items():
                warnings = lake.run(create(name, query))[0]["warnings"]
                self.assertIn(f"does not determine {told}", warnings[0], name)
            for name, query in QUOTIENTS.items():
                self.assertNotIn("warnings", lake.run(create(name, query))[0], name)
            for change in CHANGES:
                lake.run(change)
                self.assert_by_change(lake, change)

    def test_other_modes(self):
        with Lake() as lake:
            queries = {name: OPEN[name][0] for name in ("text_of_key", "moved_date", "text_over_frame")} | QUOTIENTS
            lake.run(TABLES + ";" + ";".join(create(f"{name}_{mode}", query, mode) for name, query in queries.items() for mode in ("AUTO", "FULL")))
            for change in CHANGES[:4]:
                lake.run(change)
                lake.refresh()
                for name, entry in lake.verify().items():
                    self.assertEqual((entry["missing"], entry["extra"]), (0, 0), (change, name))

    def test_rows_that_are_left_open(self):
        query = "SELECT g, m FROM (SELECT g, min(iv) AS m FROM t GROUP BY g) WHERE m::VARCHAR = '1 month'"
        with Lake() as lake:
            lake.run(TABLES)
            self.assertIn("does not determine which rows", lake.run(create("d", query))[0]["warnings"][0])
            for change in CHANGES:
                lake.run(change)
                self.assertIn(lake.refresh()["main.d"]["action"], ("INCREMENTAL", "NO_DATA"), change)
                outcome = lake.command("verify", "--all")
                if outcome.code != 0:
                    self.assertIn("does not determine which rows", outcome.err)

    def test_an_interval_that_the_lake_would_shorten(self):
        with Lake() as lake:
            lake.run("CREATE TABLE t (h INTEGER); INSERT INTO t VALUES (1193);" + create("d", "SELECT to_hours(h) AS i FROM t"))
            lake.run("INSERT INTO t VALUES (1194)")
            self.assertIn("FRS-4005", lake.command("refresh", "d").err)
            lake.assert_equal("d", "SELECT to_hours(1193)")

    def test_the_value_that_is_shown_is_in_the_group(self):
        query = "SELECT x::VARCHAR AS s, count(*) AS n FROM t GROUP BY x"
        with Lake() as lake:
            lake.run("CREATE TABLE t (x DOUBLE); INSERT INTO t SELECT 0e0 FROM range(20);" + create("d", query))
            for change in ("INSERT INTO t VALUES (-(0e0))", "DELETE FROM t WHERE x::VARCHAR = '-0.0'"):
                lake.run(change)
                lake.refresh("d")
            lake.assert_equal("d", query)


if __name__ == "__main__":
    unittest.main()
