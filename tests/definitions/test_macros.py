"""Macros and views mean in a definition what they mean in a query: arguments keep the columns that they name."""
import unittest

from tests.harness.lake import Lake

TABLES = """
CREATE TABLE c (id INTEGER, y INTEGER, l INTEGER[], st STRUCT(a INTEGER, id INTEGER), day INTEGER);
INSERT INTO c VALUES (1, 5, [1, 2], {'a': 2, 'id': 7}, 3), (2, 6, [3], {'a': 1, 'id': 1}, 200), (NULL, 7, [], NULL, 4);
CREATE TABLE o (id INTEGER, cid INTEGER, day INTEGER, y INTEGER);
INSERT INTO o VALUES (10, 1, 100, 5), (1, 5, 200, 6), (2, 2, 300, NULL), (7, 7, 700, 1);
CREATE SCHEMA s2; CREATE TABLE s2.o (cid INTEGER, y INTEGER); INSERT INTO s2.o VALUES (2, 2), (7, 7);
CREATE TABLE w (k INTEGER); INSERT INTO w VALUES (2);
CREATE VIEW s2.v AS SELECT id, y AS k FROM main.o;
CREATE MACRO last_day(k) AS (SELECT max(day) FROM o WHERE cid = k);
CREATE MACRO has(k) AS EXISTS (SELECT 1 FROM o WHERE cid = k);
CREATE MACRO among(k) AS k IN (SELECT cid FROM o);
CREATE MACRO deep(x) AS (SELECT max(q) FROM (SELECT x AS q UNION ALL SELECT day FROM o WHERE cid < x));
CREATE MACRO with_default(x, n := 1) AS (WITH w AS (SELECT day + n AS d FROM o WHERE cid = x) SELECT sum(d) FROM w);
CREATE MACRO either(a) AS coalesce(a, (SELECT min(id) FROM o WHERE day > a));
CREATE MACRO pair(a, b) AS (a, b) IN (SELECT cid, day FROM o);
CREATE MACRO added(x) AS list_transform([1, 2], lambda y: x + y);
CREATE MACRO each_plus(a) AS [z + a for z in [1, 2]];
CREATE MACRO total(a) AS (SELECT sum(u) FROM (SELECT unnest(a) AS u));
CREATE MACRO nested(a) AS last_day(a + 0);
CREATE MACRO as_rows(p) AS TABLE SELECT p, id FROM o;
CREATE MACRO plus(p) AS TABLE SELECT id + p FROM o
"""

QUERIES = [
    "SELECT id, last_day(id) AS v FROM c", "SELECT id, last_day(c.id) AS v FROM c", "SELECT y, last_day(y - 4) AS v FROM c",
    "SELECT id FROM c WHERE last_day(id) = 100", "SELECT id, has(id) AS v FROM c", "SELECT id, among(id) AS v FROM c",
    "SELECT y, deep(y) AS v FROM c", "SELECT with_default(y - 4, n := day) AS v FROM c", "SELECT y, either(id) AS v FROM c",
    "SELECT id, pair(id, day) AS v FROM c", "SELECT id, added(y) AS v FROM c", "SELECT each_plus(z) AS v FROM (SELECT y AS z FROM c)",
    "SELECT id, total(l) AS v FROM c", "SELECT id, nested(id) AS v FROM c", "SELECT last_day(st.a) AS v FROM c", "SELECT last_day(c.st.id) AS v FROM c",
    "SELECT cid, last_day(cid) AS v FROM o", "SELECT x.cid, last_day(x.cid) AS v FROM o AS x", "SELECT o.y, last_day(o.y) AS v FROM s2.o",
    "SELECT last_day(id) AS v, sum(y) AS s FROM c GROUP BY 1", "SELECT sum(last_day(id)) AS v FROM c",
    "SELECT last_day(max(id)) AS v FROM c", "SELECT id, max(y) AS m FROM c GROUP BY id HAVING last_day(id) > 0",
    "SELECT y, sum(last_day(id)) OVER (PARTITION BY y) AS v FROM c", "SELECT id FROM c ORDER BY last_day(id) DESC NULLS LAST LIMIT 1",
    "SELECT id, last_day(id) AS v FROM c JOIN w ON k > 0", "SELECT id, last_day(id) AS v FROM c JOIN (SELECT 1 AS id) AS one USING (id)",
    "SELECT id, last_day(id) AS v FROM c FULL JOIN (SELECT 5 AS id) AS one USING (id)", "SELECT last_day(i) AS v FROM range(3) AS r (i)",
    "SELECT * FROM as_rows(5)", "FROM plus(2)", 'SELECT "5" FROM as_rows(5)', "SELECT 7 AS id, 8 AS p UNION ALL BY NAME SELECT * FROM as_rows(5)",
    "SELECT s2.v.id FROM s2.v WHERE s2.v.k > 1", "SELECT id FROM s2.v WHERE EXISTS (SELECT 1 FROM w WHERE w.k = s2.v.k)",
]


class Macros(unittest.TestCase):
    def setUp(self):
        self.lake = Lake()
        self.addCleanup(self.lake.remove)
        self.lake.run(TABLES)

    def test_as_in_a_query(self):
        for number, query in enumerate(QUERIES):
            self.lake.run(f"CREATE DYNAMIC TABLE d{number} TARGET_LAG = '1 hour' AS {query}")
        self.compare()
        self.lake.run("INSERT INTO o VALUES (5, 6, 900, 1), (3, NULL, 50, 2); DELETE FROM o WHERE cid = 2; INSERT INTO c VALUES (6, 6, [4], {'a': 7, 'id': 2}, 900)")
        self.lake.refresh("*")
        self.compare()

    def compare(self):
        for number, query in enumerate(QUERIES):
            with self.subTest(query):
                here, plain = (self.lake.run(text)[0] for text in (f"FROM d{number}", query))
                self.assertEqual(here["columns"], plain["columns"])
                self.assertEqual(sorted(map(str, here["rows"])), sorted(map(str, plain["rows"])))

    def test_a_view_that_another_relation_hides(self):
        for hidden in ("SELECT id FROM s2.v WHERE EXISTS (SELECT 1 FROM w AS v WHERE v.k = s2.v.k)",
                       "WITH v AS (SELECT 2 AS k) SELECT id FROM s2.v WHERE EXISTS (SELECT 1 FROM v WHERE v.k = s2.v.k)"):
            code, lines = self.lake.statements(f"CREATE DYNAMIC TABLE d TARGET_LAG = '1 hour' AS {hidden}")
            self.assertEqual((code, lines[0]["error"]["code"]), (1, "FRS-2017"))
            self.assertIn("give the view an alias", lines[0]["error"]["message"])

    def test_settings_that_change_the_text(self):
        self.lake.run("SET integer_division = true; CREATE DYNAMIC TABLE d TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS SELECT day / 3 AS t FROM o")
        self.assertEqual(self.lake.refresh("d")["main.d"]["action"], "NO_DATA")
        self.lake.run("INSERT INTO o VALUES (1, 1, 11, 1)")
        self.assertEqual(self.lake.refresh("d")["main.d"]["action"], "INCREMENTAL")
        self.lake.assert_equal("d", "SELECT day // 3 AS t FROM o")
        self.lake.verify()

    def test_default_collation_is_refused(self):
        code, lines = self.lake.statements("SET default_collation = 'NOCASE'; CREATE DYNAMIC TABLE d TARGET_LAG = '1 hour' AS SELECT id FROM o WHERE 'a' = 'A'")
        self.assertEqual((code, lines[1]["error"]["code"]), (1, "FRS-2017"))


if __name__ == "__main__":
    unittest.main()
