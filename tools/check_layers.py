#!/usr/bin/env python3
"""Checks the layers of src/: who may include whom, where third-party headers are allowed, names and lengths of files."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src"
LONGEST_FILE = 800  # lines

# folder of src/ -> the folders that it may include, besides itself
BELOW = {
    "base": set(),
    "plan": {"base"},
    "lake": {"base"},
    "bind": {"base", "plan", "lake"},
    "emit": {"base", "plan"},
    "delta": {"base", "plan", "emit"},
    "state": {"base"},
    "http": {"base"},
    "observe": {"base", "schedule"},
    "refresh": {"base", "plan", "lake", "bind", "emit", "delta", "state"},
    "schedule": {"base", "state"},
    "project": {"base", "lake", "bind"},
    "service": {"base", "plan", "lake", "bind", "emit", "delta", "state", "http", "observe", "refresh", "schedule",
                "project"},
    "selftest": {"base", "bind", "service", "refresh"},  # refresh: for its test, which breaks rules on purpose
    "cli": {"base", "bind", "http", "project", "service", "schedule", "state", "refresh", "selftest"},
    "embed": {"base", "bind", "service", "cli"},  # the other way in, beside main.cpp; of cli: its JSON
    "main.cpp": {"cli"},
}

# what a third-party include looks like -> the folders (or file names' ends) where it is allowed
THIRD_PARTY = [
    ("DuckDB", r"duckdb(\.h|\.hpp|/.*)", ("lake/", "bind/")),
    ("SQLite", r"sqlite3.*\.h", ("state/sqlite/",)),
    ("libpq", r"(postgresql/)?(libpq-fe\.h|libpq/.*|pg_config.*\.h)", ("state/postgres/",)),
    ("CLI11", r"CLI/.*", ("cli/",)),
    ("yaml-cpp", r"yaml-cpp/.*", ("service/",)),
    ("civetweb", r"civetweb\.h", ("http/",)),
    ("prometheus-cpp", r"prometheus/.*", ("observe/",)),
    ("readline", r"readline/.*", ("cli/",)),
    ("nlohmann-json", r"nlohmann/.*", (".cpp",)),
]

EMPTY_NAMES = {"common", "utils", "util", "helpers", "helper", "core", "manager", "misc"}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def layer_of(relative):
    return relative.parts[0]


def include_offence(relative, quote, name):
    """What is wrong with this include in this file, or None."""
    for title, pattern, allowed in THIRD_PARTY:
        if re.fullmatch(pattern, name):
            path = relative.as_posix()
            if any(path.startswith(place) or (place.startswith(".") and path.endswith(place)) for place in allowed):
                return None
            return f"{title} headers are allowed only in {', '.join(allowed)}: {name}"
    if quote != '"':
        return None
    first = name.split("/")[0]
    if "/" not in name or first not in BELOW or not (SOURCE / name).is_file():
        return f'includes of our own are written from src/, as in "base/error.hpp", and name a file: {name}'
    own = layer_of(relative)
    if first != own and first not in BELOW[own]:
        below = ", ".join(sorted(BELOW[own])) or "nothing"
        return f"{own} may include {below}, not {first}: {name}"
    return None


def name_offence(relative):
    for part in relative.parts:
        if EMPTY_NAMES & set(re.split(r"[_\-.]", part.lower())):
            return f"the name '{part}' says nothing about what is in it"
    return None


def offences_of_file(path):
    relative = path.relative_to(SOURCE)
    shown = path.relative_to(ROOT).as_posix()
    if layer_of(relative) not in BELOW:
        yield f"{shown}: {layer_of(relative)} is not a layer (see BELOW in tools/check_layers.py)"
        return
    lines = path.read_text(encoding="utf-8").splitlines()
    if len(lines) > LONGEST_FILE:
        yield f"{shown}: {len(lines)} lines, at most {LONGEST_FILE}"
    for number, line in enumerate(lines, 1):
        include = INCLUDE.match(line)
        if include:
            offence = include_offence(relative, include[1], include[2])
            if offence:
                yield f"{shown}:{number}: {offence}"


def offences():
    files = sorted(path for path in SOURCE.rglob("*") if path.suffix in (".cpp", ".hpp", ".h"))
    for path in files:
        yield from offences_of_file(path)
    for folder in ("src", "tests", "bench", "tools", "cmake", "docs", "deploy", "examples"):
        for path in sorted((ROOT / folder).rglob("*")):
            offence = name_offence(path.relative_to(ROOT))
            if offence and "__pycache__" not in path.parts:
                yield f"{path.relative_to(ROOT).as_posix()}: {offence}"


def main():
    found = list(offences())
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
