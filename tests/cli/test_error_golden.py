"""What every error number looks like when a user runs into it: tests/golden/errors.txt, made by the real program.

FRESHET_UPDATE_GOLDEN=1 writes that file anew. A new number needs a way to provoke it here, or a reason why there is none.
"""
import os
import pathlib
import re
import unittest

from tests.harness.lake import Lake
from tests.harness.program import freshet

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden" / "errors.txt"

NOT_PROVOKED = {
    1006: "what an address that can't be listened on says is the system's; see src/http/server_test.cpp",
    1007: "wants a terminal; see test_prompt.py",
    3002: "the text is that of SQLite, DuckDB or PostgreSQL; see test_configuration.py",
    3003: "root may write everywhere; see test_configuration.py",
    3004: "wants another library than the one that was built with",
    3005: "wants another process that commits in between; see tests/guarantees/test_exactly_once.py",
    4007: "wants a foreign write; see test_error_texts.py",
    4008: "a defect",
    4009: "wants a worker; see tests/worker",
    4010: "wants a worker that is stopped; see tests/worker",
    4011: "wants a worker at work; see tests/worker",
    5001: "the text is SQLite's or PostgreSQL's",
    5002: "wants a newer release; see src/refresh/lake_state_test.cpp",
    5004: "wants a second worker; see tests/worker",
    9001: "a defect",
}

PREPARATION = """
    CREATE TABLE orders (id INTEGER, amount INTEGER, note VARCHAR);
    INSERT INTO orders VALUES (1, 10, '1'), (2, 20, '2');
    CREATE TABLE extra AS SELECT 1 AS a;
    CREATE DYNAMIC TABLE daily TARGET_LAG = '1 minute' AS SELECT id, amount FROM orders;
    CREATE DYNAMIC TABLE weekly TARGET_LAG = '1 minute' AS SELECT sum(amount) AS amount FROM daily;
    CREATE DYNAMIC TABLE lost TARGET_LAG = '1 minute' AS SELECT a FROM extra;
    CREATE DYNAMIC TABLE first TARGET_LAG = '1 minute' INITIALIZE = ON_SCHEDULE AS SELECT note::INTEGER AS n FROM orders;
    DROP TABLE extra;
    UPDATE orders SET note = 'x' WHERE id = 1;
    CREATE SCHEMA elsewhere;
"""
LAG = "TARGET_LAG = '1 minute'"
STATEMENTS = {
    2001: "SELECT 1 +",
    2002: "SELECT * FROM ordrs",
    2003: "SELECT id,\n  amout\nFROM orders",
    2004: f"CREATE DYNAMIC TABLE nowhere.d {LAG} AS SELECT 1 AS a",
    2005: "CREATE DYNAMIC TABLE d\n  TARGT_LAG = '1 minute' AS SELECT 1 AS a",
    2006: "CREATE DYNAMIC TABLE d TARGET_LAG = 'soon' AS SELECT 1 AS a",
    2007: "CREATE DYNAMIC TABLE d AS SELECT 1 AS a",
    2008: f"CREATE DYNAMIC TABLE d {LAG} AS INSERT INTO orders VALUES (3, 30, 'z')",
    2009: "ALTER DYNAMIC TABLE daily AS SELECT amount FROM weekly",
    2010: f"CREATE DYNAMIC TABLE daily {LAG} AS SELECT 1 AS a",
    2011: "ALTER DYNAMIC TABLE orders REFRESH",
    2012: "DROP DYNAMIC TABLE daily",
    2013: "INSERT INTO daily VALUES (3, 30)",
    2014: f"CREATE DYNAMIC TABLE d {LAG} REFRESH_MODE = INCREMENTAL AS SELECT random() AS r FROM orders",
    2015: f"CREATE DYNAMIC TABLE d {LAG} AS SELECT '101'::BIT AS b",
    2016: "BEGIN; ALTER DYNAMIC TABLE daily REFRESH; ROLLBACK",
    2017: "SELECT id, sum(amount) FROM orders",
    2018: f"CREATE DYNAMIC TABLE other.main.d {LAG} AS SELECT 1 AS a",
    2019: "ALTER DYNAMIC TABLE weekly RENAME TO elsewhere.weekly",
    2020: "SELECT note::INTEGER FROM orders",
    4001: "ALTER DYNAMIC TABLE first REFRESH",
    4002: f"CREATE DYNAMIC TABLE third {LAG} AS SELECT n FROM first",
    4003: "ALTER DYNAMIC TABLE daily SUSPEND; ALTER DYNAMIC TABLE weekly REFRESH; ALTER DYNAMIC TABLE daily RESUME",
    4004: "ALTER DYNAMIC TABLE lost REFRESH",
    4005: f"CREATE DYNAMIC TABLE d {LAG} AS SELECT 170141183460469231731687303715884105727::HUGEINT AS h",
    4006: "VERIFY DYNAMIC TABLE daily AT (VERSION => 9999)",
}


def provoke_by_statements(lake):
    """All in one session: number to what standard error says."""
    outcome = lake.command("sql", "--quiet", "--keep-going", "-f", "-", input=";\n".join(STATEMENTS.values()))
    errors = re.split(r"^(?=error\[)", outcome.err, flags=re.M)[1:]
    if len(errors) != len(STATEMENTS):
        raise AssertionError(outcome.err)
    return dict(zip(STATEMENTS, errors))


class Golden(unittest.TestCase):
    maxDiff = None

    def commands(self, lake):
        """Errors of commands: number to outcome."""
        def project(files, *arguments, env=None):
            for path, text in files.items():
                file = lake.folder / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(text if isinstance(text, bytes) else text.encode())
            outcome = lake.command(*arguments, env=env)
            for path in files:
                (lake.folder / path).unlink()
            return outcome

        model = f"CREATE DYNAMIC TABLE m {LAG} AS SELECT id FROM orders;\n"
        (lake.folder / "other").mkdir()
        other = 'lake: {catalog: "sqlite:other.sqlite", data: data/}\n'
        yield 1001, lake.command("lst")
        yield 1002, project({"bad/freshet.yml": "lake:\n  catalog: sqlite:x\n  dta: y\n"}, "-C", "bad", "list")
        yield 1003, lake.command("-C", "other", "list")
        yield 1004, lake.command("sql", "-f", "missing.sql")
        yield 1005, lake.command("describe", "dayly")
        yield 3001, project({"other/freshet.yml": other}, "-C", "other", "list")
        yield 5003, project({"other/freshet.yml": other + f"state: sqlite:{lake.folder}/lake.sqlite.freshet\n"}, "-C", "other", "sql", "SELECT 1")
        yield 6001, project({"models/a.sql": model, "models/b.sql": model}, "plan")
        yield 6002, project({"models/a.sql": "DELETE FROM orders;\n"}, "plan")
        yield 6003, project({"models/a.sql": model.replace("id", "${colum}")}, "plan")
        yield 6004, project({"models/a.sql": model, "p.json": "{}"}, "apply", "p.json", "--yes")
        yield 6005, project(
            {"newer/freshet.yml": 'lake: {catalog: "sqlite:x"}\nproject: {format: 99}\n'}, "-C", "newer", "plan")
        yield 6006, project({"models/a.sql": b"-- caf\xe9\nSELECT 1;\n"}, "plan")
        yield 6007, project({"models/a.sql": model}, "plan", "--select", "nothing_of_this_name")

    def test_every_number_has_its_text(self):
        with Lake() as lake:
            lake.run(PREPARATION)
            texts = {}
            for number, text in provoke_by_statements(lake).items():
                self.assertTrue(text.startswith(f"error[FRS-{number}]"), f"FRS-{number}: {text}")
                texts[number] = text.splitlines()
            for number, outcome in self.commands(lake):
                self.assertIn(f"error[FRS-{number}]", outcome.err)
                self.assertNotEqual(outcome.code, 0)
                shown = outcome.err.replace(os.path.realpath(lake.folder), "<folder>").replace(str(lake.folder), "<folder>")
                texts[number] = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\b[0-9a-f]{16,}\b", "<id>", shown).splitlines()
        header = (ROOT / "src" / "base" / "error.hpp").read_text()
        numbers = {int(number) for number in re.findall(r"= (\d{4}),\s+///<", header)}
        self.assertEqual(set(texts) | set(NOT_PROVOKED), numbers)
        self.assertEqual(set(texts) & set(NOT_PROVOKED), set())
        actual = "\n".join(f"### FRS-{number}\n" + "\n".join(texts[number]) + "\n" for number in sorted(texts))
        if os.environ.get("FRESHET_UPDATE_GOLDEN"):
            GOLDEN.write_text(actual, encoding="utf-8")
        self.assertEqual(actual, GOLDEN.read_text(encoding="utf-8"))

    def test_numbers_that_are_not_provoked_have_their_page(self):
        for number in NOT_PROVOKED:
            self.assertEqual(freshet("explain", f"FRS-{number}", folder="/").code, 0)


if __name__ == "__main__":
    unittest.main()
