"""Several processes that create, replace, drop and bring back one dynamic table at once."""
import unittest
from concurrent.futures import ThreadPoolExecutor

from tests.harness.lake import Lake

QUERY = "SELECT g, count(*) AS n FROM t GROUP BY g"
CREATE = f"DYNAMIC TABLE d TARGET_LAG = '1 minute' AS {QUERY}"


class DefinersAtOnce(unittest.TestCase):
    def setUp(self):
        self.lake = Lake()
        self.addCleanup(self.lake.remove)
        self.lake.run("CREATE TABLE t AS SELECT i % 3 AS g FROM range(10) r (i)")

    def at_once(self, statement, processes=3):
        """The results of all, and the codes of those that failed."""
        with ThreadPoolExecutor(processes) as pool:
            results = [results[0] for _, results in pool.map(lambda _: self.lake.statements(statement), range(processes))]
        return results, [result["error"]["code"] for result in results if not result["ok"]]

    def test_one_creates_and_one_drops(self):
        for _ in range(4):
            self.assertEqual(self.at_once(f"CREATE {CREATE}")[1], ["FRS-2010"] * 2)
            self.lake.assert_equal("d", QUERY)
            self.assertEqual(self.at_once("DROP DYNAMIC TABLE d")[1], ["FRS-2002"] * 2)

    def test_what_can_be_done_again_never_fails(self):
        for _ in range(4):
            self.assertEqual(self.at_once(f"CREATE {CREATE.replace(' d ', ' IF NOT EXISTS d ')}")[1], [])
            self.assertEqual(self.at_once(f"CREATE OR REPLACE {CREATE}")[1], [])
            self.lake.assert_equal("d", QUERY)
            self.lake.verify()
            self.assertEqual(self.at_once("DROP DYNAMIC TABLE IF EXISTS d")[1], [])

    def test_one_brings_it_back(self):
        self.lake.run(f"CREATE {CREATE}; DROP DYNAMIC TABLE d")
        results, failed = self.at_once("UNDROP DYNAMIC TABLE d")
        self.assertEqual(failed, ["FRS-2010"] * 2, results)
        self.lake.assert_equal("d", QUERY)


if __name__ == "__main__":
    unittest.main()
