"""freshet init makes a project that runs, and overwrites nothing."""
import pathlib
import tempfile
import unittest

from tests.harness.program import freshet


class Init(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)

    def test_the_first_steps_work(self):
        self.assertEqual(freshet("init", "shop", folder=self.folder).code, 0)
        shop = self.folder / "shop"
        for arguments in (("sql", "-f", "seed.sql"), ("plan",), ("apply",), ("plan", "--detailed-exitcode"), ("refresh", "--all"),
                          ("verify", "--all"), ("doctor",)):
            outcome = freshet(*arguments, folder=shop)
            self.assertEqual(outcome.code, 0, f"{arguments}: {outcome}")
        listed = freshet("list", "--json", folder=shop).json()
        self.assertEqual([entry["name"] for entry in listed], ["daily_revenue"])

    def test_existing_files_stay(self):
        (self.folder / "freshet.yml").write_text("lake: {catalog: 'sqlite:mine.sqlite'}\n")
        result = freshet("init", "--json", folder=self.folder).json()
        self.assertEqual(result["kept"], ["freshet.yml"])
        self.assertIn("seed.sql", result["created"])
        self.assertIn("mine.sqlite", (self.folder / "freshet.yml").read_text())
        self.assertEqual(freshet("init", "--json", folder=self.folder).json()["created"], [])

    def test_nested_and_unusual_folders(self):
        self.assertEqual(freshet("init", "a/b c/ü", folder=self.folder).code, 0)
        self.assertTrue((self.folder / "a" / "b c" / "ü" / "models").is_dir())

    def test_the_next_step_can_be_pasted(self):
        self.assertIn("cd 'sp ace/d' && freshet", freshet("init", "sp ace/d", folder=self.folder).err)
        self.assertNotIn("cd ", freshet("init", "", folder=self.folder).err)

    def test_a_file_in_the_way(self):
        (self.folder / "shop").write_text("")
        outcome = freshet("init", "shop", folder=self.folder)
        self.assertEqual(outcome.code, 1)
        self.assertIn("error[FRS-1004]", outcome.err)


if __name__ == "__main__":
    unittest.main()
