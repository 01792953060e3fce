"""A lake in a folder of its own, driven through the machine interface.

    with Lake("sqlite") as lake:
        lake.run("CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1)")
        lake.run("CREATE DYNAMIC TABLE d TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS SELECT a FROM t")
        lake.run("INSERT INTO t VALUES (2)")
        assert lake.refresh("d")["main.d"]["action"] == "INCREMENTAL"
        lake.assert_equal("d", "SELECT a FROM t")
"""
import pathlib
import shutil
import signal
import tempfile

from tests.harness import postgres
from tests.harness.program import Outcome, freshet, killed_at

CATALOGS = ("sqlite", "duckdb", "postgres")


class Failed(AssertionError):
    """A command failed that should not have."""

    def __init__(self, what, outcome: Outcome):
        super().__init__(f"{what}: exit code {outcome.code}\n{outcome.out}{outcome.err}")
        self.outcome = outcome


class Lake:
    """kind: sqlite, duckdb or postgres. more: further text for freshet.yml. server: an OwnServer for a lake on PostgreSQL."""

    def __init__(self, kind="sqlite", more="", server=None):
        self.kind = kind
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="freshet-test-"))
        self.catalog = {"sqlite": "sqlite:lake.sqlite", "duckdb": "duckdb:lake.ducklake"}.get(kind)
        if kind == "postgres":
            self.catalog = "postgres:" + (server or postgres).new_database()
        self.configure(f"lake:\n  catalog: \"{self.catalog}\"\n  data: data/\n{more}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.remove()

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def configure(self, text):
        """Writes freshet.yml."""
        (self.folder / "freshet.yml").write_text(text, encoding="utf-8")

    def write(self, path, text):
        """Writes a file of the project and returns its path in it."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return path

    # --- commands ----------------------------------------------------------------------------------------------------

    def command(self, *arguments, input="", env=None):
        """Any command in the lake's folder, whatever comes of it."""
        return freshet(*arguments, folder=self.folder, input=input, env=env)

    def done(self, *arguments, input="", env=None):
        """A command that must succeed."""
        outcome = self.command(*arguments, input=input, env=env)
        if outcome.code != 0:
            raise Failed(f"freshet {' '.join(map(str, arguments))}", outcome)
        return outcome

    def statements(self, sql, *arguments):
        """Runs statements in one session; returns the exit code and a dictionary for each that ran."""
        outcome = self.command("sql", "--json", *arguments, "-f", "-", input=sql)
        return outcome.code, outcome.lines()

    def run(self, sql):
        """Runs statements that must all succeed; returns what each gave."""
        outcome = self.command("sql", "--json", "-f", "-", input=sql)
        if outcome.code != 0:
            raise Failed(sql, outcome)
        return outcome.lines()

    def rows(self, query):
        """Rows of the last statement, as lists."""
        return self.run(query)[-1]["rows"]

    def value(self, query):
        """The one value of a query."""
        return self.rows(query)[0][0]

    def error(self, sql):
        """Runs statements of which one must fail; returns its error."""
        code, results = self.statements(sql)
        if code != 1 or not results or results[-1]["ok"]:
            raise AssertionError(f"should have failed with exit code 1, not {code}: {sql}\n{results}")
        return results[-1]["error"]

    def refresh(self, *names, check=True):
        """Refreshes the named tables (options such as "--full" too), or all; returns entries by table, in order."""
        outcome = self.command("refresh", "--json", *(names or ["--all"]))
        if check and outcome.code != 0:
            raise Failed(f"refresh {names}", outcome)
        return {entry["table"]: entry for entry in outcome.json()}

    def verify(self, *names, check=True):
        """Verifies the named tables, or all; returns entries by table."""
        outcome = self.command("verify", "--json", *(names or ["--all"]))
        if check and outcome.code != 0:
            raise Failed(f"verify {names}", outcome)
        return {entry["table"]: entry for entry in outcome.json()}

    def explain(self, name):
        return self.done("explain", name, "--json").json()

    def kill(self, point, *arguments, input=""):
        """Runs a command that is killed (SIGKILL) when it comes to a failure point of src/refresh/failure_point.hpp."""
        code = killed_at(point, *arguments, folder=self.folder, input=input)
        if code != -signal.SIGKILL:
            raise AssertionError(f"freshet {' '.join(map(str, arguments))} was not killed at {point}: exit code {code}")

    def kill_sql(self, point, sql):
        self.kill(point, "sql", "--json", sql)

    def snapshot(self):
        """Id of the lake's newest snapshot."""
        return self.value("SELECT max(snapshot_id) FROM ducklake_snapshots('lake')")

    # --- comparing ---------------------------------------------------------------------------------------------------

    def differences(self, table, query):
        """Rows of the query that the table lacks, and rows that it has too many, as bags: two lists."""
        missing, extra = self.run(f"FROM ({query}) EXCEPT ALL FROM {table};\nFROM {table} EXCEPT ALL FROM ({query})")
        return missing["rows"], extra["rows"]

    def assert_equal(self, table, query):
        """The table's content is the query's result, as a bag."""
        missing, extra = self.differences(table, query)
        if missing or extra:
            raise AssertionError(f"{table} differs from {query}\nmissing {len(missing)}: {missing[:5]}\n"
                                 f"extra {len(extra)}: {extra[:5]}")

    def assert_all_equal(self, queries, note=""):
        """The same for several tables, {table: query}, in one session."""
        results = self.run(";\n".join(f"FROM ({query}) EXCEPT ALL FROM {table};\nFROM {table} EXCEPT ALL FROM ({query})"
                                     for table, query in queries.items()))
        for number, (table, query) in enumerate(queries.items()):
            missing, extra = results[2 * number]["rows"], results[2 * number + 1]["rows"]
            if missing or extra:
                raise AssertionError(f"{note} {table} differs from {query}\nmissing {len(missing)}: {missing[:5]}\n"
                                     f"extra {len(extra)}: {extra[:5]}")

    def feed(self, table, after):
        """Rows that the change feed of a table of main tells after a snapshot: inserted and deleted."""
        newest = self.snapshot()
        if newest == after:
            return [], []
        window = f"'lake', 'main', '{table}', {after + 1}, {newest}"
        inserted, deleted = self.run(f"FROM ducklake_table_insertions({window});\nFROM ducklake_table_deletions({window})")
        return inserted["rows"], deleted["rows"]

    def assert_refreshed(self, table, query, *, action=None, strategy=None, arguments=()):
        """Refreshes a table, compares it with the query, and its entry with what is expected; returns the entry."""
        name = table if "." in table else f"main.{table}"
        entry = self.refresh(table, *arguments)[name]
        self.assert_equal(table, query)
        if action and entry["action"] != action:
            raise AssertionError(f"{name}: action {entry['action']}, not {action}: {entry}")
        if strategy and strategy not in entry["strategy"]:
            raise AssertionError(f"{name}: strategy {entry['strategy']}, not {strategy}: {entry}")
        return entry
