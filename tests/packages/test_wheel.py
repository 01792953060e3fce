"""The wheel: installed by pip into a new environment, without network, it runs with libraries of its own alone."""
import pathlib
import re
import sys

from tests.harness.clean_place import BUILD, CleanPlace, keeps_a_table_fresh, loaded_from, make, run_clean

OF_THE_SYSTEM = r"lib(c|m|dl|pthread|rt|resolv|stdc\+\+|gcc_s)\.so"


class Wheel(CleanPlace):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        wheel = make("tools/package", "--build", BUILD, "--out", cls.folder / "out", "wheel").split()[-1]
        cls.environment = cls.folder / "venv"
        make(sys.executable, "-m", "venv", cls.environment)
        cls.pip = [cls.environment / "bin/python", "-m", "pip", "--disable-pip-version-check"]
        make(*cls.pip, "install", "--no-index", wheel)
        pathlib.Path(wheel).unlink()
        cls.freshet = cls.environment / "bin/freshet"

    def test_1_keeps_a_table_fresh(self):
        keeps_a_table_fresh(self.freshet, self.folder)

    def test_2_carries_every_library_but_the_runtimes(self):
        own = self.environment.resolve()
        for name, path in loaded_from(self.freshet, self.folder).items():
            if not re.match(OF_THE_SYSTEM, name):
                self.assertTrue(pathlib.Path(path).resolve().is_relative_to(own), f"{name} is taken from {path}")

    def test_3_leaves_nothing_when_uninstalled(self):
        self.assertIn("freshet", run_clean(self.folder, *self.pip, "list"))
        make(*self.pip, "uninstall", "--yes", "freshet")
        left = [path for path in self.environment.rglob("*freshet*") if path.is_file()]
        self.assertEqual(left, [])
