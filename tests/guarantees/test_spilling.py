"""G1 where processes of one project spill at the same time: DuckDB's files of one folder are everybody's."""
import unittest
from concurrent.futures import ThreadPoolExecutor

from tests.harness.lake import Lake

ROWS = 4_000_000


class Spilling(unittest.TestCase):
    def test_two_processes_at_once(self):
        with Lake(more="engine: { threads: 1 }") as lake:
            lake.run(";".join(f"CREATE TABLE s{n} AS SELECT i + {n} AS i, hash(i + {n}) AS h FROM range({ROWS}) r (i);"
                              f"CREATE DYNAMIC TABLE d{n} TARGET_LAG = '1 hour' REFRESH_MODE = FULL DEDUPLICATION = FALSE AS SELECT i, h FROM s{n}"
                              for n in (1, 2)))
            def configure(engine):
                lake.configure(f"lake: {{ catalog: \"{lake.catalog}\", data: data/ }}\nengine: {{ {engine} }}\n")

            configure("threads: 1, memory_limit: 60MB, temp_directory: spill")
            with ThreadPoolExecutor(2) as pool:
                for _ in range(2):
                    for outcome in pool.map(lambda name: lake.command("refresh", name, "--full", "--json"), ("d1", "d2")):
                        self.assertEqual(outcome.code, 0, outcome.err)
            configure("threads: 1")
            for n in (1, 2):
                wrong = lake.rows(f"SELECT count(*), count(*) FILTER (h <> hash(i)), sum(i)::BIGINT FROM d{n}")
                self.assertEqual(wrong, [[ROWS, 0, ROWS * (ROWS - 1) // 2 + n * ROWS]])
            self.assertEqual(list((lake.folder / "spill").iterdir()), [], "nothing is left")


if __name__ == "__main__":
    unittest.main()
