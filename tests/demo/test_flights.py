"""freshet demo flights on files of the OpenFlights format: a small set made here, and the real ones where
OPENFLIGHTS_DIR names their folder."""
import os
import pathlib
import random
import tempfile
import unittest

from tests.harness.program import freshet

TABLES = ["country_pairs", "hubs", "unknown_routes", "unserved_airports", "codeshares", "codeshare_share", "aircraft_types",
          "aircraft_names"]
COUNTRIES = ["Turkey", "Czech Republic", "Japan", "Côte d'Ivoire", "日本"]


def quoted(text):
    return '"' + text.replace('"', '""') + '"'


def airports():
    """400 airports; number 7 has quotes inside quotes, every ninth has no codes."""
    for number in range(1, 401):
        name = 'Field ""' if number == 7 else f"Field {number}"
        codes = r"\N,\N" if number % 9 == 0 else f'"A{number}","ICAO{number}"'
        yield (f'{number},{quoted(name)},{quoted("Town, with comma")},{quoted(COUNTRIES[number % 5])},{codes},'
               rf'{number / 10},-{number / 7},{number * 3},\N,"E",\N,"airport","made up"')


def airlines():
    yield r'-1,"Unknown",\N,"-","N/A",\N,\N,"Y"'
    for number in range(1, 41):
        yield rf'{number},"Line {number}",\N,"","L{number:02}","","{COUNTRIES[number % 5]}","{"NY"[number % 2]}"'


def routes(chance):
    """3000 routes, some twice; airports up to 420 and airlines up to 44 exist only here; one hub."""
    for number in range(3000):
        line = chance.randint(1, 44)
        start = 1 if number % 20 == 0 else chance.randint(1, 420)
        end = chance.randint(1, 420)
        ids = [r"\N" if chance.random() < 0.02 else str(key) for key in (line, start, end)]
        equipment = chance.choice(["738", "738 320", "", r"\N", "CNJ 320 XXX"])
        share = chance.choice(["", "", "Y"])
        row = f"L{line},{ids[0]},A{start},{ids[1]},A{end},{ids[2]},{share},0,{equipment}"
        yield row
        if number % 100 == 0:
            yield row


PLANES = ['"Boeing 737-800","738","B738"', '"Airbus A320","320","A320"', '"Jet ""C""","CNJ","C500"', r'"Nameless",\N,\N',
          '"Jet D","CNJ","C510"']


class Flights(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="freshet-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.data = self.folder / "data"
        self.data.mkdir()
        self.write("airports.csv", airports())
        self.write("airlines.csv", airlines())
        self.write("planes.csv", PLANES)
        self.write("routes.csv", routes(random.Random(5)))

    def write(self, name, rows, end="\n"):
        (self.data / name).write_text("".join(row + end for row in rows), encoding="utf-8")

    def demo(self, *arguments, data=None):
        outcome = freshet("demo", "flights", "--json", "--data", data or self.data, *arguments, folder=self.folder)
        self.assertEqual(outcome.code, 0, outcome.out + outcome.err)
        report = outcome.json()
        self.assertTrue(report["equal"])
        for entry in report["rounds"]:
            self.assertEqual([line["table"] for line in entry["tables"]], [f"main.{name}" for name in TABLES])
            self.assertTrue(all(line["equal"] for line in entry["tables"]), entry)
        return report

    def rows(self, sql):
        """Rows of a query over the lake that was kept."""
        outcome = freshet("-C", "kept", "sql", "--json", sql, folder=self.folder)
        self.assertEqual(outcome.code, 0, outcome.err)
        return outcome.lines()[-1]["rows"]

    def test_by_change_on_every_catalog_of_a_file(self):
        for catalog in ("sqlite", "duckdb"):
            with self.subTest(catalog):
                report = self.demo("--mode", "incremental", "--catalog", catalog)
                self.assertEqual(report["notes"], [])
                self.assertEqual(len(report["rounds"]), 5)
                for entry in report["rounds"][1:]:
                    for line in entry["tables"]:
                        self.assertIn(line["action"], ("INCREMENTAL", "NO_DATA"), line)

    def test_tables_say_what_they_should(self):
        self.demo("--rounds", "0", "--keep", "kept")
        self.assertEqual(self.rows("SELECT name FROM airports WHERE id = 7"), [['Field ""']])
        self.assertEqual(self.rows("SELECT count(*) FROM airports WHERE iata IS NULL"), [[44]])
        self.assertEqual(self.rows("SELECT count(*) FROM routes"), [[3030]])
        self.assertEqual(self.rows("SELECT id FROM hubs"), [[1]])
        self.assertEqual(self.rows("SELECT DISTINCT type FROM aircraft_types ORDER BY ALL"),
                         [["320"], ["738"], ["CNJ"], ["XXX"]])
        self.assertEqual(self.rows("SELECT DISTINCT name FROM aircraft_names WHERE type IN ('CNJ', 'XXX') ORDER BY ALL"),
                         [['Jet "C"'], ["Jet D"], [None]])
        self.assertEqual(self.rows("SELECT bool_and(airline_unknown OR origin_unknown OR destination_unknown), "
                                   "count(*) > 0 FROM unknown_routes"), [[True, True]])
        self.assertEqual(self.rows("SELECT count(*) FROM unserved_airports WHERE id IN "
                                   "(SELECT origin_id FROM routes UNION SELECT destination_id FROM routes)"), [[0]])
        self.assertEqual(self.rows("SELECT sum(routes)::BIGINT FROM country_pairs"),
                         self.rows("SELECT count(*) FROM routes WHERE origin_id <= 400 AND destination_id <= 400"))
        self.assertEqual(self.rows("SELECT bool_and(share > 0 AND share <= 1) FROM codeshare_share"), [[True]])

    def test_broken_rows_are_left_out_and_told(self):
        broken = ["nonsense", '9001,"id of another type",x', 'x,"no number"' + "," * 12]
        self.write("airports.csv", [*broken, *airports()])
        outcome = freshet("demo", "flights", "--json", "--data", self.data, "--rounds", "1", folder=self.folder)
        self.assertEqual(outcome.code, 0, outcome.err)
        self.assertEqual(outcome.json()["notes"], ["airports.csv: 3 broken rows were left out, the first in line 1"])
        self.assertIn("3 broken rows", outcome.err)

    def test_windows_line_ends_and_empty_files(self):
        self.write("routes.csv", routes(random.Random(6)), end="\r\n")
        self.write("planes.csv", [])
        self.assertEqual(self.demo("--rounds", "1")["notes"], [])

    def assert_error(self, arguments, code, says):
        outcome = freshet("demo", "flights", *arguments, folder=self.folder)
        self.assertEqual(outcome.code, code, outcome)
        self.assertEqual(outcome.out, "")
        self.assertIn(says, outcome.err)

    def test_missing_data(self):
        self.assert_error([], 2, "--data DIR")
        self.assert_error(["--data", "nowhere"], 1, "there is no airports.csv in nowhere")
        self.assert_error(["--data", "data/routes.csv"], 1, "there is no airports.csv")
        for name in ("planes.csv", "routes.csv"):
            (self.data / name).unlink()
            self.assert_error(["--data", "data"], 1, f"there is no {name} in data")
            (self.data / name).mkdir()
            self.assert_error(["--data", "data"], 1, f"there is no {name} in data")
            (self.data / name).rmdir()
            self.write(name, PLANES)

    def test_real_files(self):
        real = os.environ.get("OPENFLIGHTS_DIR")
        if not real:
            self.skipTest("OPENFLIGHTS_DIR names no folder with the OpenFlights files")
        self.assertEqual(self.demo(data=real)["notes"], [])
        report = self.demo("--mode", "incremental", "--keep", "kept", data=real)
        for entry in report["rounds"][1:]:
            for line in entry["tables"]:
                self.assertIn(line["action"], ("INCREMENTAL", "NO_DATA"), line)
        self.assertGreater(self.rows("SELECT count(*) FROM hubs")[0][0], 50)
        self.assertEqual(self.rows("SELECT count(*) FROM airports WHERE name LIKE '%\"\"%'"), [[0]])


if __name__ == "__main__":
    unittest.main()
