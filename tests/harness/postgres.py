"""A PostgreSQL server for tests: that of FRESHET_TEST_POSTGRES, else one of our own, started when first needed."""
import atexit
import itertools
import os
import subprocess

from tests.harness.program import ROOT

VARIABLES = ["FRESHET_TEST_POSTGRES", "FRESHET_TEST_POSTGRES_HOST", "FRESHET_TEST_POSTGRES_PORT", "FRESHET_TEST_POSTGRES_PASSWORD"]

_counter = itertools.count(1)
_server = None


def _start():
    """Starts tools/with_postgres around a command that ends when its input does."""
    global _server
    script = "".join(f'echo "${name}"; ' for name in VARIABLES) + "exec cat >/dev/null"
    _server = subprocess.Popen([str(ROOT / "tools" / "with_postgres"), "sh", "-c", script], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True)
    atexit.register(_stop)
    values = [_server.stdout.readline().strip() for _ in VARIABLES]
    if not all(values):
        raise RuntimeError("PostgreSQL did not start")
    os.environ.update(zip(VARIABLES, values))


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


def _create_database():
    name = f"lake_{os.getpid()}_{next(_counter)}"
    psql(f"CREATE DATABASE {name}")
    return name


def new_database():
    """Connection string of a new, empty database."""
    return f"{server()} dbname={_create_database()}"


def new_guarded_database():
    """Host, port, name and password of a new, empty database of user postgres, where the server asks for the password."""
    name = _create_database()
    host, port, password = (os.environ[variable] for variable in VARIABLES[1:])
    return host, port, name, password
