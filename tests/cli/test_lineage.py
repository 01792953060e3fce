"""lineage: which columns a column is computed from, through dynamic tables and views down to source tables."""
import unittest

from tests.harness.lake import Lake


def leaves(node):
    """Source columns that a column of `lineage --json` comes from."""
    if not node["dynamic"]:
        return {f"{node['table']}.{node['column']}"}
    return set().union(*map(leaves, node.get("inputs", [])), set())


class Lineage(unittest.TestCase):
    def setUp(self):
        self.lake = Lake()
        self.addCleanup(self.lake.remove)
        self.lake.run("""
            CREATE TABLE orders (id INTEGER, customer INTEGER, day DATE, price DECIMAL(10, 2), pieces INTEGER, state VARCHAR);
            CREATE TABLE customers (id INTEGER, country VARCHAR, "full name" VARCHAR);
            CREATE VIEW paid AS SELECT * FROM orders WHERE state = 'paid';
            CREATE DYNAMIC TABLE daily TARGET_LAG = DOWNSTREAM AS
                SELECT day, country, sum(price * pieces) AS revenue, count(*) AS n,
                       count(*) FILTER (WHERE pieces > 1) AS many
                FROM paid JOIN customers AS c ON c.id = customer GROUP BY ALL;
            CREATE DYNAMIC TABLE totals TARGET_LAG = '1 minute' AS
                SELECT country, sum(revenue) AS amount, 1 AS one FROM daily WHERE n > 1 GROUP BY country;
        """)

    def column(self, name):
        return self.lake.done("lineage", name, "--json").json()["columns"][0]

    def decided(self, name):
        return {f"{each['table']}.{each['column']}" for each in self.column(name)["decided_by"]}

    def test_values_and_what_chooses_rows(self):
        self.assertEqual(leaves(self.column("daily.revenue")), {"main.orders.price", "main.orders.pieces"})
        self.assertEqual(self.decided("daily.revenue"), {"main.orders.state", "main.orders.customer", "main.customers.id",
                                                         "main.orders.day", "main.customers.country"})
        self.assertEqual(self.decided("daily.many") - self.decided("daily.revenue"), {"main.orders.pieces"})
        self.assertEqual(leaves(self.column("daily.n")), set())

    def test_through_dynamic_tables(self):
        self.assertEqual(leaves(self.column("main.totals.amount")), {"main.orders.price", "main.orders.pieces"})
        self.assertEqual(self.column("totals.AMOUNT")["inputs"][0]["column"], "revenue")
        self.assertEqual(self.decided("totals.amount"), {"main.daily.n", "main.daily.country"})
        self.assertEqual([each["column"] for each in self.lake.done("lineage", "totals", "--json").json()["columns"]],
                         ["country", "amount", "one"])

    def test_text(self):
        self.assertEqual(self.lake.done("lineage", "totals.amount").out,
                         "main.totals.amount\n"
                         "├─ main.daily.revenue\n"
                         "│  ├─ main.orders.pieces\n"
                         "│  ├─ main.orders.price\n"
                         "│  └─ rows chosen by main.customers.country, main.customers.id, main.orders.customer, main.orders.day, "
                         "main.orders.state\n"
                         "└─ rows chosen by main.daily.country, main.daily.n\n")
        self.assertIn("no column", self.lake.done("lineage", "totals.one").out)
        self.assertEqual(self.lake.done("lineage", "totals").out.count("see above"), 0)

    def test_shapes_of_queries(self):
        queries = {
            "SELECT id AS x FROM orders UNION ALL SELECT id FROM customers": {"main.orders.id", "main.customers.id"},
            "SELECT CASE WHEN state = 'a' THEN price END AS x FROM orders": {"main.orders.state", "main.orders.price"},
            "SELECT (SELECT max(\"full name\") FROM customers) AS x FROM orders": {'main.customers."full name"'},
            "SELECT id IN (SELECT customer FROM orders) AS x FROM customers": {"main.customers.id", "main.orders.customer"},
            "SELECT sum(pieces) OVER (PARTITION BY customer ORDER BY day) AS x FROM orders": {"main.orders.pieces"},
            "SELECT unnest([price, pieces]) AS x FROM orders": {"main.orders.price", "main.orders.pieces"},
            "WITH c AS (SELECT id + customer AS s FROM orders) SELECT a.s AS x FROM c a JOIN c b USING (s)": {"main.orders.id", "main.orders.customer"},
        }
        for number, (query, expected) in enumerate(queries.items()):
            with self.subTest(query):
                self.lake.run(f"CREATE DYNAMIC TABLE q{number} TARGET_LAG = '1 minute' AS {query}")
                found = {leaf.replace("main.customers.full name", 'main.customers."full name"')
                         for leaf in leaves(self.column(f"q{number}.x"))}
                self.assertEqual(found, expected)

    def test_a_query_without_plan_says_so(self):
        self.lake.run("CREATE DYNAMIC TABLE r TARGET_LAG = '1 minute' AS WITH RECURSIVE c AS "
                      "(SELECT id AS n FROM orders UNION ALL SELECT n + 1 FROM c WHERE n < 3) SELECT n FROM c")
        column = self.column("r.n")
        self.assertIn("recursive", column["unknown"])
        self.assertEqual(leaves(column), {"main.orders.id"})
        self.assertIn("not known which", self.lake.done("lineage", "r.n").out)

    def test_bad_names(self):
        for name, code, hint in (("daily.revenu", "FRS-2003", 'did you mean "revenue"?'), ("dayly.revenue", "FRS-1005", None),
                                 ("orders.price", "FRS-1005", None), ("nothing", "FRS-1005", None), ("daily.", "FRS-2018", None)):
            with self.subTest(name):
                outcome = self.lake.command("lineage", name, "--json")
                self.assertEqual((outcome.code, outcome.json()["error"]["code"]), (1, code), outcome)
                if hint:
                    self.assertEqual(outcome.json()["error"]["hint"], hint)


if __name__ == "__main__":
    unittest.main()
