"""The Debian package: unpacked under another root, it runs with nothing but what it depends on."""
import pathlib
import re
import shutil
import unittest

from tests.harness.clean_place import BUILD, CleanPlace, keeps_a_table_fresh, loaded_from, make


@unittest.skipUnless(shutil.which("dpkg-deb") and shutil.which("dpkg-shlibdeps"),
                     "NOT TESTED: no dpkg-deb or dpkg-shlibdeps here (Debian's dpkg-dev)")
class Deb(CleanPlace):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deb = make("tools/package", "--build", BUILD, "--out", cls.folder / "out", "deb").split()[-1]
        cls.root = cls.folder / "root"
        make("dpkg-deb", "-x", cls.deb, cls.root)

    def test_keeps_a_table_fresh(self):
        keeps_a_table_fresh(self.root / "usr/bin/freshet", self.folder)

    def test_carries_its_own_engine(self):
        libraries = loaded_from(self.root / "usr/bin/freshet", self.folder)
        self.assertEqual(pathlib.Path(libraries["libduckdb.so"]).resolve(), (self.root / "usr/lib/freshet/libduckdb.so").resolve())

    def test_installs_nothing_outside_its_places(self):
        files = {str(path.relative_to(self.root)) for path in self.root.rglob("*") if path.is_file()}
        strange = [name for name in files if not re.match(r"usr/(bin/freshet$|lib/freshet/|share/(doc|man|bash-completion|zsh|fish)/)", name)]
        self.assertEqual(strange, [])

    def test_what_it_depends_on_is_what_its_libraries_are_of(self):
        depends = re.findall(r"[\w.+-]+(?= \()|(?<=, )[\w.+-]+", make("dpkg-deb", "-f", self.deb, "Depends"))
        self.assertIn("libpq5", depends)
        self.assertIn("libsqlite3-0", depends)
        make("dpkg-query", "-W", *depends)  # they are installed here, and so the program ran

    def test_has_version_and_licence(self):
        self.assertRegex(make("dpkg-deb", "-f", self.deb, "Version"), r"^\d+\.\d+\.\d+")
        self.assertTrue((self.root / "usr/share/doc/freshet/copyright").exists())
