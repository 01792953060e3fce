"""Completion scripts and the manual page name every command and option of the program."""
import shutil
import subprocess
import unittest

from tests.harness.lake import Lake
from tests.harness.program import freshet, program

COMMANDS = ("init", "sql", "plan", "apply", "refresh", "diff", "worker", "completion")


class Completion(unittest.TestCase):
    def script(self, shell):
        outcome = freshet("completion", shell)
        self.assertEqual((outcome.code, outcome.err), (0, ""))
        return outcome.out

    def complete(self, *words, folder=None):
        """What bash proposes for the last word."""
        array = " ".join(f"'{word}'" for word in ("freshet", *words))
        text = (f"freshet() {{ '{program()}' \"$@\"; }}\n{self.script('bash')}\nCOMP_WORDS=({array}); COMP_CWORD={len(words)}; _freshet; "
                "printf '%s\\n' \"${COMPREPLY[@]}\"")
        done = subprocess.run(["bash", "-c", text], cwd=folder, capture_output=True, text=True, timeout=60, check=True)
        self.assertEqual(done.stderr, "")
        return done.stdout.splitlines()

    def test_bash(self):
        self.assertEqual(self.complete("pl"), ["plan"])
        self.assertIn("--profile", self.complete("--pr"))
        self.assertEqual(self.complete("plan", "--pru"), ["--prune"])
        self.assertEqual(self.complete("--json", "apply", "--para"), ["--parallel"])

    def test_bash_names_tables(self):
        with Lake() as lake:
            lake.run("CREATE TABLE t (a INTEGER); CREATE DYNAMIC TABLE orders TARGET_LAG = '1 hour' AS FROM t")
            self.assertEqual(self.complete("describe", "main.o", folder=lake.folder), ["main.orders"])
            self.assertEqual(self.complete("describe", "ord", folder=lake.folder), ["orders"])

    def test_bash_names_tables_as_they_are(self):
        with Lake() as lake:
            lake.run("""CREATE SCHEMA "select"; CREATE TABLE t (a INTEGER);
                        CREATE DYNAMIC TABLE "select"."its a.b" TARGET_LAG = '1 hour' AS FROM t""")
            self.assertEqual(lake.done("completion", "tables").out, '"select"."its a.b"\n')
            self.assertEqual(self.complete("-C", str(lake.folder), "describe", "", folder="/")[-1], '"select"."its a.b"')

    def test_bash_values(self):
        self.assertEqual(self.complete("graph", "--format", "d"), ["dot"])
        self.assertEqual(self.complete("sql", "-o", "js"), ["json", "jsonl"])
        self.assertEqual(self.complete("explain", "--stage", "del"), ["delta"])
        self.assertEqual(self.complete("completion", "z"), ["zsh"])
        self.assertEqual(self.complete("explain", "FRS-100"), [f"FRS-100{n}" for n in range(1, 8)])
        self.assertEqual(self.complete("--profile", "list", "pl"), ["plan"])

    def test_manual_page(self):
        page = self.script("man")
        self.assertIn(".B \\-\\-set KEY=VALUE\n", page)
        self.assertIn(".B \\-\\-format text|dot", page)
        self.assertIn("130: ended by Ctrl\\-C.", page)

    def test_every_form_has_every_command(self):
        for shell in ("bash", "zsh", "fish", "man"):
            text = self.script(shell)
            for command in COMMANDS:
                self.assertIn(command, text, shell)
            self.assertIn("detailed", text)
        for shell in ("zsh", "fish"):
            if shutil.which(shell):
                subprocess.run([shell, "-n"], input=self.script(shell), text=True, check=True, timeout=60)

    def test_usage(self):
        self.assertEqual(freshet("completion").code, 2)
        self.assertEqual(freshet("completion", "tcsh").code, 2)


if __name__ == "__main__":
    unittest.main()
