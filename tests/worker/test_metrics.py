"""What a worker shows over HTTP: metrics with the values of its refreshes, and whether it is well."""
import re
import socket
import time
import unittest

from tests.harness.lake import Lake
from tests.harness.metrics import address_of, ask, metrics_of
from tests.harness.postgres import new_guarded_database
from tests.harness.program import ROOT
from tests.harness.proxy import Proxy
from tests.harness.worker import RunningWorker

SOURCE = "CREATE TABLE t AS SELECT i AS id, i % 5 AS g, i AS v FROM range(100) r (i)"
TABLES = """
CREATE DYNAMIC TABLE sums TARGET_LAG = '2 seconds' REFRESH_MODE = INCREMENTAL AS SELECT g, count(*) AS n, max(v) AS top FROM t GROUP BY g;
CREATE DYNAMIC TABLE slowly TARGET_LAG = '1 hour' AS SELECT id FROM t WHERE v > 5;
CREATE DYNAMIC TABLE parent TARGET_LAG = DOWNSTREAM AS SELECT g, v FROM t;
CREATE DYNAMIC TABLE "odd ""name" TARGET_LAG = '1 day' AS SELECT count(*) AS n FROM parent
"""
NAMES = {"freshet_refresh_duration_seconds": "histogram", "freshet_refresh_total": "counter", "freshet_errors_total": "counter",
         "freshet_lag_seconds": "gauge", "freshet_target_lag_seconds": "gauge", "freshet_cardinality_ratio": "gauge",
         "freshet_dedup_ratio": "gauge", "freshet_affected_keys": "gauge", "freshet_rows_changed": "gauge",
         "freshet_worker_health": "gauge", "freshet_pending_refreshes": "gauge", "freshet_claims": "gauge"}


class Metrics(unittest.TestCase):
    def setUp(self):
        self.lake = Lake()
        self.addCleanup(self.lake.remove)
        self.lake.run(SOURCE)

    def test_values_are_those_of_the_refreshes(self):
        self.lake.run(TABLES)
        with RunningWorker(self.lake, "--listen", "127.0.0.1:0") as worker:
            address = address_of(worker)
            worker.until(lambda: metrics_of(address).value("freshet_lag_seconds", table="main.sums") is not None)
            # Of groups 1 and 2 only the first has another row afterwards.
            self.lake.run("BEGIN; INSERT INTO t VALUES (1000, 1, 1000), (1001, 2, 1); DELETE FROM t WHERE id = 2; COMMIT")
            line = worker.until(lambda: next((line for line in worker.seen("refreshed", "main.sums") if line["rows_inserted"]), None))
            shown = metrics_of(address)
            self.assertEqual(line["rows_inserted"] + line["rows_deleted"], 2)
            self.assertEqual(shown.value("freshet_rows_changed", table="main.sums"), 2)
            self.assertEqual(shown.value("freshet_affected_keys", table="main.sums"), 2)
            self.assertAlmostEqual(shown.value("freshet_cardinality_ratio", table="main.sums"), 2 / 5)
            self.assertAlmostEqual(shown.value("freshet_dedup_ratio", table="main.sums"), 1 / 2)
            done = len(worker.seen("refreshed", "main.sums"))
            self.assertEqual(shown.value("freshet_refresh_total", table="main.sums", status="succeeded"), done)
            self.assertEqual(shown.value("freshet_refresh_total", table="main.sums", status="failed"), 0)
            self.assertEqual(shown.value("freshet_refresh_duration_seconds_count", table="main.sums"), done)
            self.assertAlmostEqual(shown.value("freshet_refresh_duration_seconds_sum", table="main.sums"),
                                   sum(entry["duration_ms"] for entry in worker.seen("refreshed", "main.sums")) / 1000, places=3)
            self.assertEqual(shown.value("freshet_worker_health"), 1)
            targets = {dict(labels)["table"]: value for (name, labels), value in shown.samples.items() if name == "freshet_target_lag_seconds"}
            # A DOWNSTREAM table has its consumer's target.
            self.assertEqual(targets, {"main.sums": 2, "main.slowly": 3600, "main.parent": 86400, 'main.\\"odd \\"\\"name\\"': 86400})
            worker.until(lambda: metrics_of(address).value("freshet_claims") == 0)
            worker.until(lambda: metrics_of(address).value("freshet_pending_refreshes") == 0)
            self.lag_agrees_with_list(address)
            self.assertEqual({name: kind for name, kind in shown.types.items() if name != "freshet_errors_total"},
                             {name: kind for name, kind in NAMES.items() if name != "freshet_errors_total"})
            self.lake.run("ALTER DYNAMIC TABLE slowly SUSPEND; DROP DYNAMIC TABLE sums")
            worker.until(lambda: metrics_of(address).value("freshet_target_lag_seconds", table="main.slowly") is None)
            worker.until(lambda: "main.sums" not in metrics_of(address).text, what="a dropped table to be forgotten")
            self.assertIsNotNone(metrics_of(address).value("freshet_lag_seconds", table="main.slowly"), "suspended: still so old")

    def lag_agrees_with_list(self, address):
        shown = metrics_of(address)
        listed = {row["name"]: float(row["lag"].split()[0]) for row in self.lake.done("list", "--json").json()}
        self.assertAlmostEqual(shown.value("freshet_lag_seconds", table="main.slowly"), listed["slowly"], delta=8)

    def test_failures_have_their_class(self):
        self.lake.run("CREATE DYNAMIC TABLE bad TARGET_LAG = '2 seconds' AS SELECT CASE WHEN v < 1000 THEN v ELSE error('no') END AS e FROM t;"
                      "CREATE DYNAMIC TABLE reader TARGET_LAG = '2 seconds' AS SELECT count(*) AS n FROM bad;"
                      "INSERT INTO t VALUES (1000, 1, 1000)")
        with RunningWorker(self.lake, "--listen", "0", "--retry-after", "1 second") as worker:
            address = address_of(worker)
            worker.wait("refresh_failed", "main.bad", 2)
            worker.wait("refresh_failed", "main.reader", 1)
            shown = metrics_of(address)
            self.assertGreaterEqual(shown.value("freshet_errors_total", table="main.bad", error_type="query"), 2)
            self.assertGreaterEqual(shown.value("freshet_refresh_total", table="main.bad", status="failed"), 2)
            self.assertGreaterEqual(shown.value("freshet_errors_total", table="main.reader", error_type="dependency"), 1)
            self.assertGreaterEqual(shown.value("freshet_refresh_total", table="main.reader", status="upstream_failed"), 1)
            self.assertEqual(shown.types["freshet_errors_total"], "counter")
            for line in worker.seen("refresh_failed"):
                self.assertTrue(line["run_id"] and line["refresh_id"], line)

    def test_the_page_that_explains_them_names_them_all(self):
        page = (ROOT / "docs" / "reference" / "metrics.md").read_text()
        self.assertEqual(dict(re.findall(r"^\| `(freshet_\w+)` \| (\w+) \|", page, re.M)), NAMES)

    def test_health_pages_and_what_is_not_there(self):
        with RunningWorker(self.lake, "--listen", "127.0.0.1:0") as worker:
            address = address_of(worker)
            worker.until(lambda: ask(address, "/readyz")[0] == 200)
            self.assertEqual(ask(address, "/healthz")[:2], (200, "ok\n"))
            self.assertEqual(ask(address, "/healthz", "HEAD")[:2], (200, ""))
            self.assertEqual(ask(address, "/metrics", "POST")[0], 405)
            for path in ("/", "/metricsx", "/metrics/x", "/etc/passwd", "/../freshet.yml"):
                self.assertEqual(ask(address, path)[0], 404, path)

    def test_a_worker_that_stops_is_not_ready(self):
        self.lake.run("CREATE DYNAMIC TABLE slow TARGET_LAG = '1 day' INITIALIZE = ON_SCHEDULE AS "
                      "SELECT sum(hash(a.i * 7 + b.i)::DOUBLE) AS s FROM t, range(100000) a (i), range(100000) b (i)")
        with RunningWorker(self.lake, "--listen", "127.0.0.1:0", "--grace", "4 seconds") as worker:
            address = address_of(worker)
            worker.wait("refresh_started")
            worker.until(lambda: metrics_of(address).value("freshet_claims") == 1)
            worker.process.terminate()
            worker.wait("worker_stopping")
            status, text, _ = ask(address, "/readyz")
            self.assertEqual((status, text), (503, "the worker is stopping\n"))
            self.assertEqual(ask(address, "/healthz")[0], 200)
            self.assertEqual(worker.ended(60), 0)

    def test_without_its_server_it_is_not_ready(self):
        host, port, database, password = new_guarded_database()
        proxy = Proxy(host, port)
        self.addCleanup(proxy.cut)
        self.lake.configure(f"lake:\n  catalog: \"postgres:host=127.0.0.1 port={proxy.port} dbname={database} user=postgres "
                            f"password={password}\"\n  data: data/\n")
        self.lake.run(SOURCE)
        self.lake.run("CREATE DYNAMIC TABLE n TARGET_LAG = '2 seconds' AS SELECT count(*) AS n FROM t")
        with RunningWorker(self.lake, "--listen", "127.0.0.1:0") as worker:
            address = address_of(worker)
            worker.until(lambda: ask(address, "/readyz")[0] == 200)
            proxy.cut()
            worker.until(lambda: ask(address, "/readyz")[0] == 503, 60)
            self.assertRegex(ask(address, "/readyz")[1], "can't be reached")
            shown = metrics_of(address)
            self.assertEqual(shown.value("freshet_worker_health"), 0)
            self.assertNotIn(password, shown.text + str(worker.lines))
            self.assertEqual(ask(address, "/healthz")[0], 200, "restarting it would not help")
            proxy.mend()
            worker.until(lambda: ask(address, "/readyz")[0] == 200, 120)
            worker.until(lambda: metrics_of(address).value("freshet_worker_health") == 1)

    def test_the_address(self):
        taken = socket.socket()
        self.addCleanup(taken.close)
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        outcome = self.lake.command("worker", "--once", "--listen", address)
        self.assertEqual(outcome.code, 1)
        self.assertRegex(outcome.err, f"FRS-1006.*{re.escape(address)}")
        self.assertIn("help:", outcome.err)
        for wrong in ("", "here", "127.0.0.1:99999", "127.0.0.1:", "a,b:1", "127.0.0.1:80s"):
            outcome = self.lake.command("worker", "--once", "--listen", wrong)
            self.assertEqual(outcome.code, 2, wrong)
            self.assertIn("FRS-1001", outcome.err)
        with RunningWorker(self.lake, "--once", "--listen", "off") as worker:
            self.assertEqual(worker.ended(60), 0)
        self.assertEqual(worker.seen("listening"), [])

    def test_the_usual_address_is_of_the_loopback_interface_and_one_workers(self):
        with RunningWorker(self.lake) as first, RunningWorker(self.lake) as second:
            for worker in (first, second):
                worker.until(lambda: worker.seen("listening") or worker.seen("not_listening"))
                for line in worker.seen("listening"):
                    self.assertEqual(line["address"], "127.0.0.1:9464")
            self.assertGreaterEqual(len(first.seen("not_listening") + second.seen("not_listening")), 1, "one port, one worker")


if __name__ == "__main__":
    unittest.main()
