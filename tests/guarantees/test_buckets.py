"""Tables that were partitioned by bucket(n, column) when they held rows already, or by another number of buckets: DuckLake
looks for a value in the files of its bucket only, though it lies in an older one."""
import unittest

from tests.harness.lake import Lake

QUERIES = {
    "sums": "SELECT k, count(*) AS n, sum(c) AS s FROM s GROUP BY k",
    "kinds": "SELECT k, count(DISTINCT c) AS n FROM s GROUP BY k",
    "numbered": "SELECT k, c, row_number() OVER (PARTITION BY k ORDER BY c, i) AS r, i FROM s",
    "firsts": "SELECT DISTINCT ON (k) k, c, i FROM s ORDER BY k, c, i",
    "matched": "SELECT t.k, t.v, s.c FROM t LEFT JOIN s ON t.k = s.k",
    "looked_up": "SELECT t.k, t.v, (SELECT max(c) FROM s WHERE s.k = t.k) AS c FROM t",
    "above": "SELECT n, count(*) AS groups FROM sums WHERE k <> 2 GROUP BY n",
}


class Buckets(unittest.TestCase):
    def setUp(self):
        self.lake = Lake()
        self.addCleanup(self.lake.remove)
        self.lake.run("CREATE TABLE s (k INTEGER, c INTEGER, i INTEGER); CREATE TABLE t (k INTEGER, v INTEGER);"
                      "CALL lake.set_option('data_inlining_row_limit', 0);"
                      "INSERT INTO s SELECT i % 5, i % 7, i FROM range(20) r (i); INSERT INTO t SELECT i % 6, i FROM range(10) r (i)")
        for name, query in QUERIES.items():
            self.lake.run(f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS {query}")

    def assert_right(self, *arguments):
        for number, change in enumerate(("INSERT INTO s VALUES (1, 77, 100), (2, 0, 101)", "INSERT INTO t VALUES (2, 100)",
                                         "DELETE FROM s WHERE i = 6", "UPDATE s SET c = c + 1 WHERE i % 4 = 1; INSERT INTO t VALUES (3, 101)")):
            with self.subTest(change, number=number):
                self.lake.run(change)
                entries = self.lake.refresh(*QUERIES, *arguments)
                self.assertLessEqual({entry["action"] for entry in entries.values()}, {"INCREMENTAL", "NO_DATA"}, entries)
                # what the tables hold in all, compared where no filter can be pushed into a scan
                for name, query in QUERIES.items():
                    expected = self.lake.value(f"WITH s AS MATERIALIZED (FROM s), t AS MATERIALIZED (FROM t), sums AS MATERIALIZED ({QUERIES['sums']}), "
                                               f"a AS MATERIALIZED ({query}), b AS MATERIALIZED (FROM lake.main.{name}) "
                                               "SELECT (SELECT count(*) FROM (FROM a EXCEPT ALL FROM b)) + (SELECT count(*) FROM (FROM b EXCEPT ALL FROM a))")
                    self.assertEqual(expected, 0, name)
                self.lake.verify()

    def test_a_source_that_held_rows(self):
        self.lake.run("ALTER TABLE s SET PARTITIONED BY (bucket(4, k))")
        self.assert_right()

    def test_a_source_with_other_buckets(self):
        self.lake.run("ALTER TABLE s SET PARTITIONED BY (bucket(4, k)); INSERT INTO s SELECT i % 5, i % 3, 200 + i FROM range(20) r (i);"
                      "ALTER TABLE s SET PARTITIONED BY (bucket(8, k))")
        self.lake.refresh()
        self.assert_right()

    def test_results_that_held_rows(self):
        self.lake.run(";".join(f"ALTER DYNAMIC TABLE {name} SET PARTITIONED BY (bucket(4, {'n' if name == 'above' else 'k'}))" for name in QUERIES))
        self.assert_right()

    def test_results_and_sources_in_one_commit(self):
        self.lake.run(";".join(f"ALTER TABLE {name} SET PARTITIONED BY (bucket(4, k))" for name in ("s", "t", "sums", "kinds", "numbered")))
        self.assert_right("--atomic")


if __name__ == "__main__":
    unittest.main()
