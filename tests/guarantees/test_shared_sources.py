"""Tables of one run that read the same sources: the changes of a source are read once, whatever columns each table needs."""
import random
import unittest

from tests.harness.lake import Lake

QUERIES = {
    "sums": "SELECT g, count(*) AS n, sum(v) AS s FROM t GROUP BY g",
    "names": "SELECT DISTINCT name FROM t",
    "wide": "SELECT id, g, v, name FROM t WHERE v > 3",
    "narrow": "SELECT v FROM t",
    "joined": "SELECT a.id, b.name FROM t a JOIN t b ON a.g = b.id",
    "other": "SELECT u.id, t.name FROM u LEFT JOIN t ON u.id = t.id",
    "counted": "SELECT count(*) AS n FROM u",
    "above": "SELECT s.g, s.n, t.name FROM sums s JOIN t ON s.g = t.id",
    "beside": "SELECT max(n) AS n FROM sums",
}


class SharedSources(unittest.TestCase):
    def change(self, number, randomly):
        rows = ", ".join(f"({1000 * number + k}, {randomly.choice(['NULL', 1, 2, 3])}, {randomly.randint(0, 9)}, {randomly.choice(['NULL', repr('a'), repr('b')])})"
                         for k in range(5))
        statements = {
            "inserts": f"INSERT INTO t VALUES {rows}; INSERT INTO u VALUES ({number % 60})",
            "deletes": f"DELETE FROM t WHERE id % 17 = {number}; DELETE FROM u WHERE id % 19 = {number}",
            "updates": f"UPDATE t SET v = v + 1 WHERE id % 7 = {number % 7}; UPDATE t SET name = 'c' WHERE id % 11 = {number}",
            "nothing in some columns": f"UPDATE t SET name = coalesce(name, 'd') || 'x' WHERE id % 5 = {number % 5}",
            "there and back": f"UPDATE t SET v = v + 1 WHERE g = 2; UPDATE t SET v = v - 1 WHERE g = 2; INSERT INTO t VALUES {rows}",
        }
        kind = list(statements)[number % len(statements)]
        return kind, statements[kind]

    def test_each_is_right(self):
        for arguments in (("--atomic",), ()):
            randomly = random.Random(7)
            with Lake() as lake:
                lake.run("CREATE TABLE t AS SELECT i AS id, i % 4 AS g, i % 10 AS v, 'n' || (i % 3) AS name FROM range(60) r (i); CREATE TABLE u AS SELECT i AS id FROM range(40) r (i)")
                for name, query in QUERIES.items():
                    lake.run(f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS {query}")
                for number in range(1, 11):
                    kind, statement = self.change(number, randomly)
                    with self.subTest(kind, number=number, arguments=arguments):
                        lake.run(statement)
                        if number % 3 == 0:  # some begin at another snapshot than the others
                            lake.refresh("names", "beside")
                            lake.run("INSERT INTO t VALUES (NULL, 1, NULL, 'e')")
                        entries = lake.refresh(*QUERIES, *arguments)
                        self.assertLessEqual({entry["action"] for entry in entries.values()}, {"INCREMENTAL", "NO_DATA"}, entries)
                        lake.assert_all_equal(QUERIES)
                lake.verify()


if __name__ == "__main__":
    unittest.main()
