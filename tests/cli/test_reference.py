"""The pages of the reference tell of the commands, options and keys that the program has, and of no others."""
import pathlib
import re
import unittest

from tests.harness.lake import Lake

PAGES = pathlib.Path(__file__).resolve().parents[2] / "docs" / "reference"
LONG_OPTION = re.compile(r"--[a-z][a-z-]+")
EVERYWHERE = {"--help"}


def page(name):
    return (PAGES / name).read_text(encoding="utf-8")


class Reference(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lake = Lake()
        cls.addClassCleanup(cls.lake.remove)

    def help(self, *command):
        return self.lake.done("help", *command).out

    def subcommands(self, *command):
        return re.findall(r"^  ([a-z]+) ", self.help(*command).partition("Subcommands:")[2], re.M)

    def options(self, *command):
        """As the help lists them at the beginning of lines."""
        lines = re.findall(r"^  (?:-\w,)?(--[a-z][a-z-]+)", self.help(*command), re.M)
        return set(lines) - EVERYWHERE

    def sections(self):
        """By command: the text below its heading."""
        parts = re.split(r"^### freshet ([^\n]+)\n", page("commands.md"), flags=re.M)
        sections = {}
        for heading, text in zip(parts[1::2], parts[2::2]):
            for command in re.findall(r"(?:^|/ freshet )([a-z]+)", heading):
                sections[command] = sections.get(command, "") + heading + "\n" + re.split(r"^## ", text, flags=re.M)[0]
        return sections, parts[0]

    def test_commands_and_their_options(self):
        sections, common = self.sections()
        commands = set(self.subcommands())
        self.assertEqual(commands - {"help"}, set(sections), "commands of the program and of commands.md")
        shared = set(LONG_OPTION.findall(common))
        self.assertLessEqual(self.options() - {"--version"}, shared)
        for command in sorted(commands - {"help"}):
            with self.subTest(command):
                own = self.options(command)
                for below in self.subcommands(command):
                    own |= self.options(command, below)
                told = set(LONG_OPTION.findall(sections[command]))
                self.assertEqual(own - told, set(), "options that commands.md lacks")
                others = set().union(*(self.options(other) for other in commands if other != command))
                self.assertEqual(told - own - shared - others, set(), "options that the program lacks")

    def test_options_of_tables(self):
        told = set(re.findall(r"^\| `([A-Z_]+(?: BY)?)", page("options.md"), re.M))
        self.lake.run("CREATE TABLE t (a INTEGER); CREATE DYNAMIC TABLE d TARGET_LAG = '1 hour' AS SELECT a FROM t")
        known = {row[0].removeprefix("option ") for row in self.lake.rows("DESCRIBE DYNAMIC TABLE d") if row[0].startswith("option ")}
        self.assertEqual(told - {"ADOPT"}, known)  # ADOPT acts once, at CREATE

    def test_keys_of_the_configuration(self):
        told = set(re.findall(r"`([a-z_]+(?:\.[a-zA-Z_]+)?)`", "\n".join(line.split("|")[1] for line in page("configuration.md").splitlines() if line.startswith("| `"))))
        shown = {entry["key"] for entry in self.lake.done("config", "show", "--json").json()}
        self.assertLessEqual(shown - {"profile"}, told)


if __name__ == "__main__":
    unittest.main()
