"""An installed Freshet in other programs: examples/embed is built against the prefix with find_package, and run."""
from tests.harness.clean_place import BUILD, CleanPlace, keeps_a_table_fresh, make, run_clean
from tests.harness.program import ROOT

PRINTED = """main.revenue INCREMENTAL +1 -1
main.revenue equals its definition
CH: 2 orders, 15.00
DE: 2 orders, 10.00
{"statement":1,"ok":true,"columns":["n"],"rows":[[2]]}
FRS-2003 at 1:8, did you mean "amount"?
"""


class Embedding(CleanPlace):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.prefix = cls.folder / "prefix"
        make("cmake", "--install", BUILD, "--prefix", cls.prefix)

    def test_the_example_builds_against_the_prefix_and_runs(self):
        build = self.folder / "example"
        make("cmake", "-S", ROOT / "examples/embed", "-B", build, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={self.prefix}")
        make("cmake", "--build", build)
        home = self.folder / "shop"
        home.mkdir()
        self.assertEqual(run_clean(self.folder, build / "shop", home), PRINTED)

    def test_the_header_needs_the_standard_library_alone(self):
        header = (self.prefix / "include/freshet/freshet.hpp").read_text()
        includes = [line.split()[1] for line in header.splitlines() if line.startswith("#include")]
        self.assertTrue(all(name.startswith("<") and "." not in name and "/" not in name for name in includes), includes)

    def test_the_installed_program_runs(self):
        folder = self.folder / "program"
        folder.mkdir()
        keeps_a_table_fresh(self.prefix / "bin/freshet", folder)
