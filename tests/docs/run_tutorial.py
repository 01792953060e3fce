#!/usr/bin/env python3
"""Runs the console blocks of pages and compares what they show.

    tests/docs/run_tutorial.py [PAGE.md ...]      default: the README, tutorials, how-to guides and explanations
    tests/docs/run_tutorial.py --write [PAGE.md]  puts what the program printed into the page

A block fenced as `console` holds commands behind "$ " ("> " continues one) and what they print, errors included. All
blocks of a page run in order, in one new folder, in bash, with `freshet` being the program that FRESHET_BIN names. A page that
speaks of PGHOST gets an empty PostgreSQL database in libpq's variables. Times, identifiers and the widths of columns may
differ; a line "..." stands for any lines.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
from tests.harness import postgres  # noqa: E402

PAGES = [ROOT / "README.md", *(page for folder in ("tutorial", "how_to", "explanation")
                               for page in sorted((ROOT / "docs" / folder).glob("*.md")))]
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.S | re.M)

VARYING = [
    (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?(\+\d\d(:\d\d)?)?", "<time>"),
    (r"\b[0-9a-f]{12,32}\b", "<id>"),
    (r"\d+\.\d seconds", "<lag>"),
    (r"\blag \d+ (s|min)\b", "<lag>"),
    (r"\b\d+(\.\d+)? ms\b", "<ms>"),
    (r"(?<=\s)\d+\.(\d|\d{3,})(?=\s)", "<ms>"),
    (r"\([+-]\d+ %\)", "<error>"),
    (r"\s+", " "),
]


def steps(block):
    """Pairs of a command and the lines that it prints."""
    found = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif line.startswith("> ") and not found[-1][1]:
            found[-1] = (found[-1][0] + "\n" + line[2:], [])
        else:
            found[-1][1].append(line)
    return found


def normal(line):
    for pattern, replacement in VARYING:
        line = re.sub(pattern, replacement, line)
    return line.strip()


def same(expected, actual):
    """Do the lines agree, "..." standing for any?"""
    if not expected:
        return not actual
    if expected[0].strip() == "...":
        return any(same(expected[1:], actual[i:]) for i in range(len(actual) + 1))
    return bool(actual) and normal(expected[0]) == normal(actual[0]) and same(expected[1:], actual[1:])


class Shell:
    """Runs commands one after the other; the current folder is kept between them."""

    def __init__(self, program, folder, variables):
        commands = folder / "bin"
        commands.mkdir()
        (commands / "freshet").symlink_to(program)
        self.where = folder / "where"
        self.folder = folder / "work"
        self.folder.mkdir()
        self.environment = dict(os.environ, PATH=f"{commands}:{os.environ['PATH']}", NO_COLOR="1", LC_ALL="C.UTF-8", **variables)

    def run(self, command):
        done = subprocess.run(["bash", "-c", f"{command}\nstatus=$?\npwd > {self.where}\nexit $status"], cwd=self.folder,
                              env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=300)
        self.folder = pathlib.Path(self.where.read_text().strip())
        return [line.rstrip() for line in done.stdout.splitlines()]


def empty_database():
    """libpq's variables for it."""
    host, port, name, password = postgres.new_guarded_database()
    return {"PGHOST": host, "PGPORT": str(port), "PGDATABASE": name, "PGUSER": "postgres", "PGPASSWORD": password}


def run_page(page, program, write):
    """Number of commands that printed something else than the page shows."""
    text = page.read_text(encoding="utf-8")
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="freshet-docs-") as folder:
        shell = Shell(program, pathlib.Path(folder), empty_database() if "PGHOST" in text else {})

        def run_block(match):
            nonlocal wrong
            shown = ""
            for command, expected in steps(match.group(1)):
                actual = shell.run(command)
                keep = same(expected, actual)
                if not keep:
                    wrong += 1
                    print(f"{page.name}: $ {command}\n  shown:   " + "\n           ".join(expected) +
                          "\n  printed: " + "\n           ".join(actual))
                shown += "$ " + command.replace("\n", "\n> ") + "\n"
                shown += "".join(line + "\n" for line in (expected if keep else actual))
            return f"```console\n{shown}```"

        result = BLOCK.sub(run_block, text)
    if write:
        page.write_text(result, encoding="utf-8")
    commands = sum(len(steps(block)) for block in BLOCK.findall(text))
    print(f"{page.name}: {commands} commands, {wrong} differ")
    return wrong


def main(arguments):
    write = "--write" in arguments
    pages = [pathlib.Path(name) for name in arguments if not name.startswith("--")] or PAGES
    program = pathlib.Path(os.environ["FRESHET_BIN"]).resolve()
    wrong = sum(run_page(page, program, write) for page in pages)
    return 1 if wrong and not write else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
