"""Sums of floating-point numbers and unordered lists, which depend on the order of rows, are refreshed by change anywhere in a query."""
import unittest

from tests.harness.lake import Lake

CREATE = "CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' REFRESH_MODE = {mode} AS {query}"
QUERIES = {
    "joined": "SELECT c.name, t.total, t.mean FROM c JOIN (SELECT g, sum(x) AS total, avg(x * 0.7) AS mean FROM t GROUP BY g) AS t ON t.g = c.id",
    "beside": "SELECT id, (SELECT fsum(x) FROM t WHERE t.g = c.id) AS spread, (SELECT list(id) FROM t WHERE t.g = c.id) AS ids FROM c",
    "united": "SELECT sum(x) AS s FROM t GROUP BY g UNION ALL SELECT max(s) FROM (SELECT g, sum(x / 3) AS s FROM t GROUP BY g)",
    "padded": "SELECT c.id, s, a FROM c LEFT JOIN (SELECT g, sum(x) AS s, arg_max(id, x) AS a FROM t GROUP BY g HAVING count(*) > 3) AS q ON q.g = c.id",
}
CHANGES = (
    "INSERT INTO t SELECT i + 1000, i % 9, i * 0.1 + 1e9 FROM range(40) r (i)",
    "DELETE FROM t WHERE id % 11 = 3; UPDATE t SET x = x / 3 WHERE id % 50 = 7",
    "UPDATE c SET name = name || '!' WHERE id = 3; DELETE FROM t WHERE g = 5; INSERT INTO c VALUES (8, 'late')",
    "DELETE FROM c WHERE id = 2; INSERT INTO t VALUES (5000, 5, 0.1), (5001, 5, 'nan'), (5002, 4, 'inf'), (5003, 4, '-inf'), (5004, NULL, NULL)",
)


class OrderOfValues(unittest.TestCase):
    def prepared(self, lake, mode):
        lake.run("CREATE TABLE c AS SELECT i AS id, 'c' || i AS name FROM range(8) r (i);"
                 "CREATE TABLE t AS SELECT i AS id, i % 9 AS g, (i * 0.1 + 1.0 / (i + 1))::DOUBLE AS x FROM range(3000) r (i);"
                 + ";".join(CREATE.format(name=name, mode=mode, query=query) for name, query in QUERIES.items()))

    def assert_right(self, lake):
        for name, entry in lake.verify().items():
            self.assertEqual((entry["missing"], entry["extra"]), (0, 0), name)

    def test_by_change_after_every_kind_of_change(self):
        with Lake() as lake:
            self.prepared(lake, "INCREMENTAL")
            for change in CHANGES:
                lake.run(change)
                entries = lake.refresh()
                self.assertEqual({entry["action"] for entry in entries.values()} - {"NO_DATA"}, {"INCREMENTAL"}, entries)
                self.assert_right(lake)
            # What a full refresh writes has to be found again, too.
            lake.run("INSERT INTO t SELECT id + 9000, g, x * 1.1 FROM t WHERE id % 13 = 0;" +
                     ";".join(f"ALTER DYNAMIC TABLE {name} REFRESH FULL" for name in QUERIES))
            self.assert_right(lake)
            lake.run(CHANGES[1])
            self.assertEqual({entry["action"] for entry in lake.refresh().values()}, {"INCREMENTAL"})
            self.assert_right(lake)

    def test_auto_tells_why_not(self):
        with Lake() as lake:
            self.prepared(lake, "AUTO")
            lake.run(CHANGES[0])
            entry = lake.refresh("joined")["main.joined"]
            self.assertEqual(entry["action"], "FULL")
            self.assertIn("in the order of values", entry["reason"])
            self.assertIn("REFRESH_MODE = INCREMENTAL", lake.explain("joined")["reason"])
            lake.run("ALTER DYNAMIC TABLE joined SET REFRESH_MODE = INCREMENTAL;" + CHANGES[1])
            lake.refresh("joined")
            lake.run(CHANGES[2])
            self.assertEqual(lake.refresh("joined")["main.joined"]["action"], "INCREMENTAL")
            self.assert_right(lake)


if __name__ == "__main__":
    unittest.main()
