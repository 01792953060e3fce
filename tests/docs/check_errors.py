#!/usr/bin/env python3
"""Every error number is documented once, with cause and remedy, under its name, and no other number is.

Compares the enum Code of src/base/error.hpp with the headings of docs/reference/errors.md, and its text with the pages that
`freshet explain FRS-...` shows; --fix writes the text of the document into those pages.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
HEADER = ROOT / "src" / "base" / "error.hpp"
PAGE = ROOT / "docs" / "reference" / "errors.md"
SHOWN = ROOT / "src" / "cli" / "error_pages.cpp"


def declared():
    body = re.search(r"enum class Code \{(.*?)\};", HEADER.read_text(encoding="utf-8"), re.S).group(1)
    return [(name, int(number)) for name, number in re.findall(r"^\s*(\w+) = (\d+),", body, re.M)]


def documented():
    """Number, name and text of each section."""
    parts = re.split(r"^### FRS-(\d+) (\w+)\n", PAGE.read_text(encoding="utf-8"), flags=re.M)
    return [(name, int(number), re.split(r"^## ", text, flags=re.M)[0])
            for number, name, text in zip(parts[1::3], parts[2::3], parts[3::3])]


def plain(text):
    """Markdown's text without its marks."""
    return " ".join(re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text).replace("`", "").split())


def cause_and_remedy(section):
    cause, _, remedy = re.search(r"\*\*Cause\.\*\*(.*?)(\*\*Remedy\.\*\*)(.*)", section, re.S).groups()
    return plain(cause), plain(remedy)


LITERALS = r'(?:"(?:[^"\\]|\\.)*"\s*)+'
ENTRY = re.compile(rf"\{{Code::(\w+),\s*({LITERALS}),\s*({LITERALS}),\s*({LITERALS})\}}")


def shown():
    """Cause and remedy of each page of the program, by name."""
    def text(literals):
        return "".join(part.replace('\\"', '"').replace("\\\\", "\\")
                       for part in re.findall(r'"((?:[^"\\]|\\.)*)"', literals))
    return {name: (text(cause), text(remedy)) for name, _, cause, remedy in ENTRY.findall(SHOWN.read_text(encoding="utf-8"))}


def fix(sections):
    """Formatting is left to tools/check_format --fix."""
    wanted = {name: cause_and_remedy(text) for name, _, text in sections}

    def literal(text):
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    def entry(match):
        cause, remedy = wanted[match.group(1)]
        return f"{{Code::{match.group(1)}, {match.group(2).strip()}, {literal(cause)}, {literal(remedy)}}}"
    SHOWN.write_text(ENTRY.sub(entry, SHOWN.read_text(encoding="utf-8")), encoding="utf-8")


def main():
    codes, sections, problems = declared(), documented(), []
    if len(codes) < 10:
        problems.append(f"{HEADER.name}: the list of codes was not understood")
    pages = [(name, number) for name, number, _ in sections]
    problems += [f"FRS-{number} {name} is not in {PAGE.name}" for name, number in codes if (name, number) not in pages]
    problems += [f"FRS-{number} {name} of {PAGE.name} is not in {HEADER.name}"
                 for name, number in pages if (name, number) not in codes]
    numbers = [number for _, number in pages]
    if numbers != sorted(set(numbers)):
        problems.append(f"{PAGE.name}: numbers are out of order or given twice")
    for _, number, text in sections:
        problems += [f"FRS-{number} has no {word}" for word in ("Cause", "Remedy")
                     if not re.search(rf"^\*\*{word}\.\*\* \S", text, re.M)]
    if "--fix" in sys.argv and not problems:
        fix(sections)
    texts = shown()
    problems += [f"freshet explain has no page for FRS-{number}" for name, number in codes if name not in texts]
    problems += [f"freshet explain FRS-{number} does not say what {PAGE.name} does: tests/docs/check_errors.py --fix" for name, number, text in sections
                 if name in texts and texts[name] != cause_and_remedy(text)]
    for problem in problems:
        print(problem)
    print(f"{len(codes)} errors, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
