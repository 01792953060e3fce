"""A PostgreSQL server for tests: that of FRESHET_TEST_POSTGRES, else one of our own, started when first needed."""
import atexit
import glob
import itertools
import os
import pathlib
import shutil
import subprocess

from tests.harness.program import ROOT

VARIABLES = ["FRESHET_TEST_POSTGRES", "FRESHET_TEST_POSTGRES_HOST", "FRESHET_TEST_POSTGRES_PORT", "FRESHET_TEST_POSTGRES_PASSWORD"]

_counter = itertools.count(1)


class OwnServer:
    """A server that nobody else uses, so that it may be stopped."""

    def __init__(self):
        """Starts tools/with_postgres around a command that ends when its input does."""
        script = "".join(f'echo "${name}"; ' for name in VARIABLES) + "exec cat >/dev/null"
        self._process = subprocess.Popen([str(ROOT / "tools" / "with_postgres"), "sh", "-c", script], stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, text=True)
        atexit.register(self.remove)
        values = [self._process.stdout.readline().strip() for _ in VARIABLES]
        if not all(values):
            raise RuntimeError("PostgreSQL did not start")
        self.variables = dict(zip(VARIABLES, values))
        self.connection = values[0]
        self._options = dict(word.split("=") for word in self.connection.split())

    def new_database(self):
        name = f"lake_{os.getpid()}_{next(_counter)}"
        psql(f"CREATE DATABASE {name}", self.connection)
        return f"{self.connection} dbname={name}"

    def _control(self, *arguments):
        binaries = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
        program = f"{binaries[-1]}/pg_ctl" if binaries else shutil.which("pg_ctl")
        folder = self._options["host"]
        owner = pathlib.Path(folder, "data").owner()
        as_owner = ["runuser", "-u", owner, "--"] if os.getuid() == 0 else []
        subprocess.run([*as_owner, program, *arguments, "-D", f"{folder}/data", "-w"], cwd=folder, check=True, stdout=subprocess.DEVNULL)

    def stop(self):
        """Ends all connections; what was committed stays (a crash may lose it, since this server keeps nothing safe)."""
        self._control("stop", "-m", "fast")

    def start(self):
        self._control("start", "-o", f"-p {self._options['port']}", "-l", f"{self._options['host']}/server.log")

    def remove(self):
        if self._process.poll() is None:
            self._process.stdin.close()
            self._process.wait(timeout=60)


def server():
    """Connection string of a superuser."""
    if not os.environ.get("FRESHET_TEST_POSTGRES"):
        os.environ.update(OwnServer().variables)
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
