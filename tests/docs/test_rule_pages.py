"""Pages of delta rules: their definitions are kept by change, with the operators, strategies and reasons that the page shows. And
the pieces of freshet.yml in the reference and the guides are accepted."""
import pathlib
import re
import unittest

from tests.harness.lake import Lake

DOCS = pathlib.Path(__file__).resolve().parent.parent.parent / "docs"
BLOCK = re.compile(r"(?<=\n\n)((?:    .*\n(?:\n(?=    ))?)+)")
TABLES = """
    CREATE TABLE returns (id INTEGER, amount DECIMAL(10, 2));
    CREATE TABLE trades (id INTEGER, symbol VARCHAR, ts TIMESTAMP, amount DECIMAL(10, 2));
    CREATE TABLE prices (symbol VARCHAR, ts TIMESTAMP, price DECIMAL(10, 2));
    INSERT INTO customers VALUES (1, 'Ann', 'NO'), (2, 'Bo', 'SE'), (3, 'Cy', 'NO'), (3, 'Cy', 'NO'), (NULL, NULL, NULL);
    INSERT INTO customers SELECT i, 'n' || i, 'c' || i % 5 FROM range(10, 500) AS r(i);
    INSERT INTO returns VALUES (1, 5), (9, 700), (9, 700);
    INSERT INTO trades VALUES (1, 'a', '2026-01-02', 3), (2, 'a', '2026-01-05', 4), (3, 'b', NULL, 5);
    INSERT INTO prices VALUES ('a', '2026-01-01', 10), ('a', '2026-01-04', 11), ('b', '2026-01-01', 12);
    ALTER TABLE orders ADD COLUMN placed_at TIMESTAMP; ALTER TABLE orders ADD COLUMN price DOUBLE;
    INSERT INTO orders SELECT i, i % 40, DATE '2026-01-01' + (i % 3)::INTEGER, 150 * i, [i::VARCHAR, 'x'], now()::TIMESTAMP - i * INTERVAL 1 DAY, 0.1 * i
      FROM range(1, 3001) AS r(i)"""
CHANGES = """
    INSERT INTO orders SELECT 20, 1, '2026-01-02', 999, ['y'], now()::TIMESTAMP, 0.3; UPDATE orders SET amount = 1 WHERE id = 4; DELETE FROM orders WHERE id = 6;
    INSERT INTO customers VALUES (4, 'Di', 'SE'); DELETE FROM customers WHERE id = 2; INSERT INTO returns VALUES (2, 3);
    INSERT INTO prices VALUES ('a', '2026-01-03', 13); INSERT INTO trades VALUES (4, 'b', '2026-01-09', 6)"""


def blocks(text):
    """Indented ones, as lists of lines."""
    return [[line[4:] for line in block.rstrip("\n").split("\n")] for block in BLOCK.findall(text)]


def definitions(page):
    """What the page is about: the queries that stand before its rule."""
    found = []
    for lines in blocks(page.split("\n## Rule")[0]):
        for line in lines if lines[0].startswith("SELECT") else []:
            if line.startswith("SELECT"):
                found.append(line)
            else:
                found[-1] += "\n" + line
    return [query.split("--")[0].rstrip() for query in found]


def shown_operators(page):
    """(depth, operator, strategy, reason) of each line below a header, whose words say where the columns begin."""
    for lines in blocks(page):
        if lines[0].startswith("operator"):
            at, why = lines[0].index("strategy"), lines[0].index("reason")
            return [((len(line) - len(line.lstrip())) // 2, line[:at].strip(), line[at:why].strip(), line[why:].strip()) for line in lines[1:]]
    return None


class RulePages(unittest.TestCase):
    def setUp(self):
        self.lake = Lake()
        self.addCleanup(self.lake.remove)

    def test_definitions_and_operators(self):
        examples = "\n".join(next(b for b in blocks((DOCS / "rules" / "README.md").read_text()) if b[0].startswith("CREATE TABLE customers")))
        self.lake.run(examples + TABLES)
        made = {}
        for page in sorted((DOCS / "rules").glob("*.md")):
            text = page.read_text()
            for number, query in enumerate(definitions(text)):
                name = f"{page.stem}_{number}"
                mode = "AUTO" if page.stem == "difference" else "INCREMENTAL"
                self.lake.run(f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 hour' REFRESH_MODE = {mode} AS {query}")
                made[name] = query
                if number == 0 and (shown := shown_operators(text)):
                    explained = self.lake.done("explain", name, "--json").json()["operators"]
                    self.assertEqual([(o["depth"], o["name"], o["strategy"], o["reason"]) for o in explained], shown, page.name)
        self.assertGreater(len(made), 25)
        self.lake.run(CHANGES)
        entries = self.lake.refresh()
        for name, query in made.items():
            full = name.startswith("difference")
            self.assertEqual(entries[f"main.{name}"]["action"], "FULL" if full else "INCREMENTAL", (name, entries[f"main.{name}"]))
        exact = {name: query for name, query in made.items() if "now()" not in query and "row_number()" not in query}
        for name, result in zip(exact, self.lake.run(";\n".join(
                f"(FROM ({query}) EXCEPT ALL FROM {name}) UNION ALL (FROM {name} EXCEPT ALL FROM ({query}))" for name, query in exact.items()))):
            self.assertEqual(result["rows"], [], name)
        self.lake.verify()

    def test_pieces_of_the_configuration(self):
        tried = 0
        for page in ("reference/configuration.md", "reference/projects.md", "how_to/projects.md"):
            for lines in blocks((DOCS / page).read_text()):
                if not re.match(r"(lake|secrets|attach|profiles|vars):", lines[0]):
                    continue
                text = "\n".join(lines)
                lake = "" if lines[0].startswith("lake:") else "lake:\n  catalog: sqlite:lake.sqlite\n"
                self.lake.configure(lake + text + "\n")
                names = {name: "x" for name in re.findall(r"\$\{(\w+)\}", text)}
                self.assertEqual(self.lake.command("config", "show", env=names).code, 0, (page, text))
                tried += 1
        self.assertEqual(tried, 6)


if __name__ == "__main__":
    unittest.main()
