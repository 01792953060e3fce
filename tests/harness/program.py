"""Runs the program under test, named by FRESHET_BIN."""
import dataclasses
import json
import os
import pathlib
import subprocess
import threading

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TIMEOUT = 600  # seconds, for one command; sanitizers on a busy machine are slow


def program():
    """Path of the freshet under test."""
    return str(pathlib.Path(os.environ.get("FRESHET_BIN") or ROOT / "build" / "freshet").resolve())


@dataclasses.dataclass
class Outcome:
    """What one run of the program left."""

    code: int
    out: str
    err: str

    def json(self):
        """The one JSON value on standard output."""
        return json.loads(self.out)

    def lines(self):
        """One JSON value per line of standard output."""
        return [json.loads(line) for line in self.out.splitlines()]


def environment(changes=None):
    """This process's environment without the settings that would change what the program does."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("FRESHET_") and name != "NO_COLOR"}
    clean.update(changes or {})
    return clean


def freshet(*arguments, folder=None, input="", env=None):
    """Runs the program to its end. A crash (a signal) is always a failure of the test."""
    done = subprocess.run([program(), *map(str, arguments)], cwd=folder, input=input.encode(), env=environment(env),
                          capture_output=True, timeout=TIMEOUT, check=False)
    outcome = Outcome(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))
    if done.returncode < 0 or "Sanitizer" in outcome.err:
        raise AssertionError(f"freshet {arguments} ended by signal {-done.returncode}\n{outcome.err}")
    return outcome


def killed_at(point, *arguments, folder=None, input=""):
    """Runs the program with a failure point set; returns its exit code, negative where a signal ended it."""
    done = subprocess.run([program(), *map(str, arguments)], cwd=folder, input=input.encode(),
                          env=environment({"FRESHET_FAIL_AT": point}), capture_output=True, timeout=TIMEOUT, check=False)
    return done.returncode


def start(*arguments, folder=None, input=""):
    """Starts the program without waiting for it; `finish` gives what it left."""
    process = subprocess.Popen([program(), *map(str, arguments)], cwd=folder, env=environment(), stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    answers = []
    reader = threading.Thread(target=lambda: answers.extend(process.communicate(input.encode(), timeout=TIMEOUT)))
    reader.start()
    return process, reader, answers


def finish(started):
    process, reader, answers = started
    reader.join()
    return Outcome(process.returncode, *(answer.decode("utf-8", "replace") for answer in answers))
