"""An installed freshet in an environment that has nothing of the build: no variables, an empty HOME, no folder of ours."""
import json
import pathlib
import subprocess
import tempfile
import unittest

from tests.harness.program import ROOT, TIMEOUT, program

BUILD = pathlib.Path(program()).resolve().parent
SEARCHED = "/usr/local/bin:/usr/bin:/bin"

FIRST_STEPS = """CREATE TABLE orders (id INTEGER, amount DECIMAL(10, 2));
INSERT INTO orders VALUES (1, 10), (2, 20);
CREATE DYNAMIC TABLE total TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS
  SELECT count(*) AS orders, sum(amount) AS amount FROM orders;
INSERT INTO orders VALUES (3, 30);
"""


class CleanPlace(unittest.TestCase):
    """Tests with a folder of the class's own."""

    @classmethod
    def setUpClass(cls):
        place = tempfile.TemporaryDirectory(prefix="freshet-clean-")
        cls.addClassCleanup(place.cleanup)
        cls.folder = pathlib.Path(place.name)


def make(*command, cwd=ROOT):
    """Runs a tool that must succeed; returns what it printed."""
    done = subprocess.run([str(word) for word in command], cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=TIMEOUT, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}: exit code {done.returncode}\n{done.stdout}")
    return done.stdout


def run_clean(folder, *command):
    """Runs a command in the folder, whose subfolder "home" is the only thing the environment tells of."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    done = subprocess.run([str(word) for word in command], cwd=folder, env={"HOME": str(home), "PATH": SEARCHED},
                          capture_output=True, text=True, timeout=TIMEOUT, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def keeps_a_table_fresh(freshet, folder):
    """Creates a lake, a table and a dynamic table, refreshes and verifies with the program given. Asserts each step."""
    (folder / "freshet.yml").write_text("lake: { catalog: sqlite:lake.sqlite, data: data/ }\n", encoding="utf-8")
    run_clean(folder, freshet, "sql", FIRST_STEPS)
    refreshed, = json.loads(run_clean(folder, freshet, "refresh", "--json", "--all"))
    verified, = json.loads(run_clean(folder, freshet, "verify", "--json", "--all"))
    shown = json.loads(run_clean(folder, freshet, "sql", "--json", "FROM total"))["rows"]
    got = (refreshed["action"], verified["missing"], verified["extra"], shown)
    if got != ("INCREMENTAL", 0, 0, [[3, "60.00"]]):
        raise AssertionError(f"{refreshed}\n{verified}\n{shown}")
    run_clean(folder, freshet, "doctor")


def loaded_from(freshet, folder):
    """The shared libraries that the loader finds for the program there: name -> path."""
    lines = (line.split() for line in run_clean(folder, "ldd", freshet).splitlines())
    return {words[0]: words[2] for words in lines if len(words) > 2 and words[1] == "=>"}
