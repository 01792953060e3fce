"""G5: what can't be refreshed by change is refused at create, and every refresh tells how and why."""
import unittest

from tests.harness.lake import Lake

CREATE = "CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' REFRESH_MODE = {mode} AS {query}"
NOT_BY_CHANGE = {
    "volatile": "SELECT id, random() AS r FROM t",
    "outside": "SELECT file FROM glob('/etc/host*')",
    "moment": "SELECT id, now() AS at FROM t",
}


class NoSilentFallback(unittest.TestCase):
    def test_refused_or_told(self):
        with Lake() as lake:
            lake.run("CREATE TABLE t AS SELECT i AS id, i % 3 AS g FROM range(9) r (i)")
            before = lake.snapshot()
            for name, query in NOT_BY_CHANGE.items():
                with self.subTest(name):
                    error = lake.error(CREATE.format(name=name, mode="INCREMENTAL", query=query))
                    self.assertEqual(error["code"], "FRS-2014")
                    self.assertTrue(error["message"])
            self.assertEqual(lake.rows("SHOW DYNAMIC TABLES"), [], "a refused CREATE leaves nothing behind")
            self.assertLessEqual(lake.snapshot(), before + 1, "but Freshet's own schema")

            lake.run(";".join(CREATE.format(name=name, mode="AUTO", query=query) for name, query in NOT_BY_CHANGE.items()))
            lake.run("INSERT INTO t VALUES (10, 1)")
            entries = lake.refresh()
            for name in ("volatile", "moment"):
                self.assertEqual(entries[f"main.{name}"]["action"], "FULL")
                self.assertTrue(entries[f"main.{name}"]["reason"])
                self.assertEqual(lake.explain(name)["mode"], "FULL")
                self.assertTrue(lake.explain(name)["reason"])

    def test_history_keeps_action_strategy_and_reason(self):
        with Lake() as lake:
            query = "SELECT g, count(*) AS n FROM t GROUP BY g"
            lake.run("CREATE TABLE t AS SELECT i AS id, i % 3 AS g FROM range(9) r (i);"
                     + CREATE.format(name="counts", mode="INCREMENTAL", query=query) + ";"
                     + CREATE.format(name="whole", mode="FULL", query=query))
            lake.run("INSERT INTO t VALUES (10, 1)")
            entries = lake.refresh()
            self.assertEqual([entries[f"main.{name}"]["action"] for name in ("counts", "whole")], ["INCREMENTAL", "FULL"])
            lake.run("ALTER DYNAMIC TABLE counts REFRESH FULL")
            history = lake.done("history", "counts", "--json").json()
            self.assertEqual(sorted(entry["action"] for entry in history), ["FULL", "INCREMENTAL", "REINITIALIZE"])
            for entry in history:
                self.assertTrue(entry["strategy"] and entry["reason"], entry)
            incremental = next(entry for entry in history if entry["action"] == "INCREMENTAL")
            self.assertEqual((incremental["strategy"], incremental["reason"]),
                             (entries["main.counts"]["strategy"], entries["main.counts"]["reason"]))
            whole = lake.done("history", "whole", "--json").json()
            self.assertEqual(sorted(entry["action"] for entry in whole), ["FULL", "REINITIALIZE"])

    def test_incremental_stays_incremental_however_much_changes(self):
        with Lake() as lake:
            query = "SELECT g, sum(id) AS s FROM t GROUP BY g"
            lake.run("CREATE TABLE t AS SELECT i AS id, i % 3 AS g FROM range(99) r (i);"
                     + CREATE.format(name="sums", mode="INCREMENTAL", query=query))
            lake.run("UPDATE t SET id = id * 2, g = g + 1")
            lake.assert_refreshed("sums", query, action="INCREMENTAL")


if __name__ == "__main__":
    unittest.main()
