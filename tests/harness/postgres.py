"""A PostgreSQL server for tests: that of FRESHET_TEST_POSTGRES, else one of our own, started when first needed."""
import atexit
import itertools
import os
import subprocess

from tests.harness.program import ROOT

_counter = itertools.count(1)
_server = None


def _start():
    """Starts tools/with_postgres around a command that ends when its input does."""
    global _server
    script = 'echo "$FRESHET_TEST_POSTGRES"; exec cat >/dev/null'
    _server = subprocess.Popen([str(ROOT / "tools" / "with_postgres"), "sh", "-c", script], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True)
    atexit.register(_stop)
    connection = _server.stdout.readline().strip()
    if not connection:
        raise RuntimeError("PostgreSQL did not start")
    os.environ["FRESHET_TEST_POSTGRES"] = connection


def _stop():
    _server.stdin.close()
    _server.wait(timeout=60)


def server():
    """Connection string of a superuser."""
    if not os.environ.get("FRESHET_TEST_POSTGRES"):
        _start()
    return os.environ["FRESHET_TEST_POSTGRES"]


def psql(sql, connection=None):
    """Runs SQL on the server and returns its bare output."""
    done = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", connection or server(), "-c", sql],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"psql failed: {done.stderr}")
    return done.stdout


def new_database():
    """Connection string of a new, empty database."""
    name = f"lake_{os.getpid()}_{next(_counter)}"
    psql(f"CREATE DATABASE {name}")
    return f"{server()} dbname={name}"
