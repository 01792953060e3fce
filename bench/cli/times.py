"""Times of commands that people wait for, from a cold start: version, list over many tables, plan over many models.

    FRESHET_BIN=build/freshet python3 bench/cli/times.py [--models 1000] [--tables 1000] [--repeat 5]

Prints a table; asserts nothing. A lake in a temporary folder, SQLite catalog. The tables are made unfilled (ON_SCHEDULE), in one
session, which takes most of the time that this program runs.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

PROGRAM = str(pathlib.Path(os.environ.get("FRESHET_BIN", "build/freshet")).resolve())
QUERIES = ["SELECT g, sum(v) AS s FROM t{source} GROUP BY g", "SELECT a.id, b.v FROM t{source} a JOIN t{next} b ON a.id = b.id",
           "SELECT id, v FROM t{source} WHERE v > {number}"]
SOURCES = 10


def run(folder, *arguments, input=""):
    done = subprocess.run([PROGRAM, *arguments], cwd=folder, input=input, text=True, capture_output=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"freshet {' '.join(arguments)}: exit code {done.returncode}\n{done.stderr[-2000:]}")


def query(number):
    return QUERIES[number % len(QUERIES)].format(source=number % SOURCES, next=(number + 1) % SOURCES, number=number)


def new_lake(folder):
    folder.mkdir()
    (folder / "freshet.yml").write_text("lake: { catalog: sqlite:lake.sqlite, data: data/ }\n")
    run(folder, "sql", "-f", "-", input="".join(
        f"CREATE TABLE t{i} (id INTEGER, g INTEGER, v INTEGER); INSERT INTO t{i} SELECT i, i % 7, i FROM range(100) r(i);\n"
        for i in range(SOURCES)))


def with_models(folder, count):
    new_lake(folder)
    (folder / "models").mkdir()
    for number in range(count):
        (folder / "models" / f"m{number}.sql").write_text(f"-- freshet: TARGET_LAG = '1 hour'\n{query(number)}\n")


def with_tables(folder, count):
    new_lake(folder)
    run(folder, "--quiet", "sql", "-f", "-", input="".join(
        f"CREATE DYNAMIC TABLE d{number} TARGET_LAG = '1 hour' INITIALIZE = ON_SCHEDULE AS {query(number)};\n" for number in range(count)))


def measure(folder, repeat, *arguments):
    """Wall times in milliseconds, and the processor's time of one run."""
    times = []
    before = os.times()
    for _ in range(repeat):
        begin = time.monotonic()
        run(folder, *arguments)
        times.append((time.monotonic() - begin) * 1000)
    after = os.times()
    used = (after.children_user + after.children_system - before.children_user - before.children_system) * 1000 / repeat
    return statistics.median(times), min(times), used


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", type=int, default=1000)
    parser.add_argument("--tables", type=int, default=1000)
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="freshet-bench-") as place:
        models, tables = pathlib.Path(place) / "models", pathlib.Path(place) / "tables"
        with_models(models, options.models)
        with_tables(tables, options.tables)
        print(f"{'command':36} {'median ms':>10} {'least ms':>10} {'cpu ms':>10}")
        for name, folder, arguments in (("version", models, ["version"]), (f"list, {options.tables} tables", tables, ["list"]),
                                        (f"plan, {options.models} models", models, ["plan"])):
            median, least, used = measure(folder, options.repeat, *arguments)
            print(f"{name:36} {median:10.0f} {least:10.0f} {used:10.0f}", flush=True)


if __name__ == "__main__":
    main()
