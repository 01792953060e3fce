"""A worker as a process of its own, followed through its log.

    with RunningWorker(lake, "--parallel", "2") as worker:
        worker.wait(lambda line: line["event"] == "refreshed" and line["table"] == "main.d")
    assert worker.code == 0
"""
import json
import os
import signal
import subprocess
import threading
import time

from tests.harness.program import TIMEOUT, environment, program


def long_run(usual, long):
    """How much of a thing a test does: more with FRESHET_TEST_LONG."""
    return long if os.environ.get("FRESHET_TEST_LONG") else usual


class RunningWorker:
    def __init__(self, lake, *arguments, env=None, prepare=None):
        """prepare: called in the new process before it becomes a worker."""
        self.lines = []
        self.broken = []  # what is no JSON
        self.code = None
        self._grown = threading.Condition()
        self.process = subprocess.Popen([program(), "-C", str(lake.folder), "worker", "--json", *arguments], env=environment(env),
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        preexec_fn=prepare)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if self.code is None:
            self.process.kill() if kind else self.stop()
            self._reader.join(TIMEOUT)

    def _read(self):
        for text in self.process.stdout:
            with self._grown:
                try:
                    self.lines.append(json.loads(text))
                except ValueError:
                    self.broken.append(text)
                self._grown.notify_all()
        self.errors = self.process.stderr.read()
        self.process.stdout.close()
        self.process.stderr.close()
        with self._grown:
            self.code = self.process.wait()
            self._grown.notify_all()

    def seen(self, event, table=None):
        """Lines of an event so far."""
        with self._grown:
            return [line for line in self.lines if line.get("event") == event and (table is None or line.get("table") == table)]

    def wait(self, event, table=None, count=1, seconds=120):
        """Waits until that many lines of an event came; returns the last one."""
        return self.until(lambda: len(self.seen(event, table)) >= count and self.seen(event, table)[-1], seconds,
                          f"{count} of {event} {table or ''}")

    def until(self, met, seconds=120, what="it"):
        """Waits until `met` gives something true; looks when a line comes, and a few times a second."""
        end = time.monotonic() + seconds
        while True:
            result = met()
            if result:
                return result
            if time.monotonic() > end or self.code is not None:
                raise AssertionError(f"waited for {what}, code {self.code}:\n" + "\n".join(map(str, self.lines[-30:])))
            with self._grown:
                self._grown.wait(0.2)

    def stop(self, with_signal=signal.SIGTERM, seconds=60):
        """Ends it and returns its exit code, negative for a signal."""
        self.process.send_signal(with_signal)
        return self.ended(seconds)

    def ended(self, seconds=TIMEOUT):
        self._reader.join(seconds)
        if self.code is None:
            self.process.kill()
            raise AssertionError(f"the worker did not end within {seconds} s:\n" + "\n".join(map(str, self.lines[-10:])))
        if "Sanitizer" in self.errors or self.broken:
            raise AssertionError(f"{self.errors}\n{self.broken}")
        return self.code
