#!/usr/bin/env python3
"""bench/peers/peers.py: the same queries on the same lake, kept by Freshet, by dbt-duckdb and by SQLMesh, each as a command of its
own. Prints a table; asserts only that the results are equal. From the repository's folder; FRESHET_BIN names another program than
build/freshet:

    python3 bench/peers/peers.py [--scale X] [--share X] [--queries 1,3,6] [--rounds N] [--peers dbt,sqlmesh] [--environments FOLDER]

dbt and SQLMesh are installed with pip, each in an environment of its own in FOLDER. They recompute their models as full tables; how
to process only what changed is for the author of a model to write there. All three use the extensions that lie beside the program.
"""
import argparse
import json
import pathlib
import re
import statistics
import subprocess
import sys
import time
import venv

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from tests.harness.lake import Lake  # noqa: E402
from tests.harness.program import program  # noqa: E402

DUCKDB = "duckdb==1.5.5"
PACKAGES = {"dbt": ["dbt-core==1.10.*", "dbt-duckdb==1.11.*", DUCKDB], "sqlmesh": ["sqlmesh==0.236.*", DUCKDB]}
TABLES = ("lineitem", "orders", "customer", "part", "partsupp", "supplier", "nation", "region")


def environment(folder, name):
    """The folder of the environment's commands; made and filled where it isn't there yet."""
    commands = folder / name / "bin"
    if not (commands / name).exists():
        venv.create(folder / name, with_pip=True)
        done = subprocess.run([commands / "pip", "install", "--quiet", *PACKAGES[name]], capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"{name} can't be installed here, so there is nothing to compare with:\n{done.stderr[-2000:]}")
    return commands


def extension_directory(lake, python):
    """Where DuckDB's own client finds the extensions that lie beside the program."""
    platform = subprocess.run([python, "-c", "import duckdb; print(duckdb.sql('PRAGMA platform').fetchone()[0])"], check=True,
                              capture_output=True, text=True).stdout.strip()
    folder = lake.folder / "extensions" / ("v" + DUCKDB.partition("==")[2]) / platform
    folder.mkdir(parents=True)
    for file in (pathlib.Path(program()).parent / "extensions").glob("*.duckdb_extension"):
        (folder / file.name).symlink_to(file)
    return folder.parents[1]


class Freshet:
    name = "freshet"
    schema = "main"

    def __init__(self, lake, queries):
        self.lake, self.names = lake, list(queries)
        lake.run(";".join(f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 hour' AS {query}" for name, query in queries.items()))

    def refresh(self):
        entries = json.loads(self.lake.done("refresh", *self.names, "--json").out)
        return sum(entry["duration_ms"] for entry in entries)


class Peer:
    """A program with a project of its own in the lake's folder."""

    def __init__(self, lake, commands, files):
        self.lake, self.commands = lake, commands
        self.folder = lake.folder / self.name
        for path, text in files.items():
            lake.write(f"{self.name}/{path}", text)
        self.refresh()

    def call(self, *arguments):
        done = subprocess.run([(self.commands / self.name).absolute(), *arguments], cwd=self.folder, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"{self.name} {' '.join(arguments)} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


class Dbt(Peer):
    name = "dbt"
    schema = "by_dbt"

    def __init__(self, lake, queries, commands, extensions):
        output = {"type": "duckdb", "path": ":memory:", "database": "lake", "schema": self.schema, "threads": 1,
                  "extensions": ["ducklake", "sqlite_scanner"], "config_options": {"extension_directory": str(extensions)},
                  "attach": [{"path": f"ducklake:sqlite:{lake.folder}/lake.sqlite", "alias": "lake",
                              "options": {"data_path": f"{lake.folder}/data/"}}]}
        files = {"dbt_project.yml": json.dumps({"name": "peers", "version": "1.0.0", "profile": "peers", "models": {"+materialized": "table"}}),
                 "profiles.yml": json.dumps({"peers": {"target": "lake", "outputs": {"lake": output}}})}
        files.update({f"models/{name}.sql": query for name, query in queries.items()})
        super().__init__(lake, commands, files)

    def refresh(self):
        self.call("run", "--profiles-dir", ".")
        results = json.loads((self.folder / "target" / "run_results.json").read_text(encoding="utf-8"))["results"]
        return 1000 * sum(result["execution_time"] for result in results)


class SqlMesh(Peer):
    name = "sqlmesh"
    schema = "by_sqlmesh"

    def __init__(self, lake, queries, commands, extensions):
        connection = {"type": "duckdb", "connector_config": {"extension_directory": str(extensions)},
                      "extensions": ["ducklake", "sqlite_scanner"],
                      "catalogs": {"lake": {"type": "ducklake", "path": f"sqlite:{lake.folder}/lake.sqlite",
                                            "data_path": f"{lake.folder}/data/"}}}
        state = {"type": "duckdb", "database": f"{lake.folder}/state.duckdb"}
        files = {"config.yaml": json.dumps({"gateways": {"lake": {"connection": connection, "state_connection": state}},
                                            "default_gateway": "lake", "model_defaults": {"dialect": "duckdb"},
                                            "disable_anonymized_analytics": True})}
        files.update({f"models/{name}.sql": f"MODEL (name {self.schema}.{name}, kind FULL);\n{query}"
                      for name, query in queries.items()})
        self.planned = False
        super().__init__(lake, commands, files)

    def refresh(self):
        again = ["--restate-model", f"{self.schema}.*"] if self.planned else []
        self.planned = True
        self.call("plan", "--auto-apply", "--no-prompts", "--skip-tests", *again)
        return None  # it doesn't tell


def qualified(query):
    """Other programs don't have the lake's schema as the current one. Columns that are named as tables (in queries 8 and 9) aren't told
    apart."""
    return re.sub(rf"\b({'|'.join(TABLES)})\b", r"lake.main.\1", query)


def change(lake, number, share):
    slices = round(1 / share)
    lake.run("BEGIN;" + ";".join(
        f"INSERT INTO {table} SELECT * REPLACE ({key} + {1000000000 * number} AS {key}) FROM {table} "
        f"WHERE {key} < 1000000000 AND hash({key}) % {slices} = {number}" for table, key in
        (("orders", "o_orderkey"), ("lineitem", "l_orderkey"))) + ";COMMIT")


def measure(lake, programs, options):
    """{program: [(time of the command, time of the models alone), ...]}; programs take turns."""
    times = {one.name: [] for one in programs}
    for number in range(1, options.rounds + 1):
        change(lake, number, options.share)
        for one in programs[number % len(programs):] + programs[:number % len(programs)]:
            began = time.monotonic()
            own = one.refresh()
            times[one.name].append(((time.monotonic() - began) * 1000, own))
    return times


def spread(values):
    if None in values:
        return "not told"
    return f"{statistics.median(values):.0f} ({min(values):.0f} to {max(values):.0f})"


def main(options):
    commands = {name: environment(options.environments, name) for name in options.peers}
    with Lake("sqlite", "extensions: [tpch]\n") as lake:
        lake.run(f"CALL dbgen(sf = {options.scale}, catalog = 'memory');"
                 + ";".join(f"CREATE TABLE {table} AS FROM memory.main.{table}" for table in TABLES)
                 + ";CREATE SCHEMA by_dbt; CREATE SCHEMA by_sqlmesh")
        queries = {f"q{number:02}": text.rstrip().rstrip(";") for number, text in
                   lake.rows("SELECT query_nr, query FROM tpch_queries()") if number in options.queries}
        extensions = extension_directory(lake, commands[options.peers[0]] / "python")
        models = {name: qualified(query) for name, query in queries.items()}
        programs = [Freshet(lake, queries), *(peer(lake, models, commands[peer.name], extensions) for peer in (Dbt, SqlMesh)
                                              if peer.name in options.peers)]
        times = measure(lake, programs, options)
        print(f"TPC-H at scale factor {options.scale}, queries {options.queries}, {options.share:.2%} of the orders come each round")
        for one in programs:
            whole, own = zip(*times[one.name])
            print(f"{one.name:8}  command {spread(whole):>24} ms   models alone {spread(own):>24} ms")
            for name in queries:
                lake.assert_equal(f"{one.schema}.{name}", f"FROM main.{name}")
        print("equal")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", type=float, default=0.1)
    parser.add_argument("--share", type=float, default=0.001)
    parser.add_argument("--queries", type=lambda text: [int(number) for number in text.split(",")], default=[1, 3, 6])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", type=lambda text: text.split(","), default=["dbt"], help="dbt, sqlmesh, or both")
    parser.add_argument("--environments", type=pathlib.Path, default=pathlib.Path(".cache/peers"))
    main(parser.parse_args())
