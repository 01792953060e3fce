"""The program on a pseudo-terminal.

    with Terminal("sql", folder=lake.folder, columns=20) as terminal:
        terminal.expect("freshet> ")
        terminal.type("SELECT 1;\n")
        print(terminal.expect("row"))
"""
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

from tests.harness.program import environment, program

ESCAPES = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\x07")


class Terminal:
    """arguments: of the program. env: more of the environment. columns, lines: size."""

    def __init__(self, *arguments, folder, columns=80, lines=24, env=None):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        surroundings = environment({"TERM": "xterm", "PAGER": "", "INPUTRC": "/dev/null", **(env or {})})

        def own_terminal():  # so that Ctrl-C reaches it
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen([program(), *arguments], stdin=slave, stdout=slave, stderr=slave, cwd=folder,
                                        env=surroundings, preexec_fn=own_terminal)
        os.close(slave)
        self.raw = b""  # all that was shown
        self.seen = 0   # of it, by expect()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self.master)

    def type(self, text):
        os.write(self.master, text if isinstance(text, bytes) else text.encode())

    def expect(self, text, seconds=60):
        """Waits until the text is shown; returns what was shown up to its end, without escape sequences."""
        wanted, deadline = text.encode(), time.monotonic() + seconds
        while True:
            shown = ESCAPES.sub(b"", self.raw[self.seen:])
            at = shown.find(wanted)
            if at >= 0:
                self.seen = len(self.raw) if at + len(wanted) == len(shown) else self.raw.find(wanted, self.seen) + len(wanted)
                text = shown[:at + len(wanted)].decode(errors="replace").replace("\r\n", "\n")
                return re.sub(r"(?m)^.*\r", "", text)  # a line of progress is written over
            if time.monotonic() > deadline or not self._read(deadline):
                raise AssertionError(f"{text!r} was not shown, but\n{shown.decode(errors='replace')}")

    def end(self, seconds=60):
        """Waits for the program's end; returns its exit code."""
        deadline = time.monotonic() + seconds
        while self._read(deadline):
            pass
        return self.process.wait(timeout=max(1, deadline - time.monotonic()))

    def _read(self, deadline):
        """More output; False at its end."""
        if not select.select([self.master], [], [], max(0, deadline - time.monotonic()))[0]:
            return False
        try:
            data = os.read(self.master, 1 << 16)
        except OSError:  # the other side is closed
            return False
        self.raw += data
        return bool(data)
