"""All 22 TPC-H queries refreshed by change, whatever changes: every table is inserted into, updated and deleted from,
keys move, columns become NULL. After each round every table equals its query, and none was recomputed."""
import unittest

from tests.harness.lake import Lake

TABLES = ("lineitem", "orders", "customer", "part", "partsupp", "supplier", "nation", "region")

ROUNDS = (
    # RF1: new orders with their lines
    """CREATE TEMP TABLE fresh AS SELECT * FROM orders USING SAMPLE 20 ROWS (reservoir, 1);
    INSERT INTO lineitem SELECT l.* REPLACE (l_orderkey + 1000000 AS l_orderkey) FROM lineitem l
        WHERE l_orderkey IN (SELECT o_orderkey FROM fresh);
    INSERT INTO orders SELECT * REPLACE (o_orderkey + 1000000 AS o_orderkey) FROM fresh""",
    # RF2: orders leave with their lines
    """CREATE TEMP TABLE gone AS SELECT o_orderkey FROM orders USING SAMPLE 20 ROWS (reservoir, 2);
    DELETE FROM lineitem WHERE l_orderkey IN (FROM gone);
    DELETE FROM orders WHERE o_orderkey IN (FROM gone)""",
    # values that filters, groups and sums read, in every table
    """UPDATE lineitem SET l_quantity = l_quantity + 1, l_shipdate = l_shipdate + INTERVAL 30 DAY WHERE l_orderkey % 97 = 1;
    UPDATE orders SET o_orderdate = o_orderdate + INTERVAL 90 DAY, o_totalprice = o_totalprice + 1 WHERE o_orderkey % 89 = 3;
    UPDATE customer SET c_acctbal = -c_acctbal, c_mktsegment = 'BUILDING' WHERE c_custkey % 53 = 5;
    UPDATE part SET p_type = 'STANDARD BRASS', p_size = 15, p_brand = 'Brand#12' WHERE p_partkey % 61 = 7;
    UPDATE partsupp SET ps_supplycost = ps_supplycost / 2, ps_availqty = ps_availqty + 10 WHERE ps_partkey % 71 = 11;
    UPDATE supplier SET s_comment = 'Customer some Complaints', s_acctbal = 0 WHERE s_suppkey % 17 = 3;
    UPDATE nation SET n_name = 'GERMANY' WHERE n_name = 'FRANCE';
    UPDATE region SET r_name = 'EUROPE' WHERE r_name = 'ASIA'""",
    # keys move, NULLs appear
    """UPDATE lineitem SET l_suppkey = l_suppkey % 100 + 1 WHERE l_orderkey % 83 = 2;
    UPDATE lineitem SET l_discount = NULL, l_returnflag = NULL WHERE l_orderkey % 79 = 4;
    UPDATE orders SET o_custkey = o_custkey % 1500 + 1 WHERE o_orderkey % 73 = 6;
    UPDATE orders SET o_custkey = NULL WHERE o_orderkey % 101 = 8;
    UPDATE customer SET c_nationkey = NULL WHERE c_custkey % 47 = 9;
    UPDATE supplier SET s_nationkey = 7 WHERE s_suppkey % 13 = 1;
    UPDATE partsupp SET ps_suppkey = NULL WHERE ps_partkey % 59 = 10;
    UPDATE part SET p_partkey = p_partkey + 100000 WHERE p_partkey % 67 = 12;
    UPDATE nation SET n_regionkey = 3 WHERE n_nationkey % 5 = 2""",
    # rows leave and come back within one interval; others leave for good
    """CREATE TEMP TABLE away AS FROM supplier WHERE s_suppkey % 3 = 0;
    DELETE FROM supplier WHERE s_suppkey % 3 = 0;
    INSERT INTO supplier FROM away;
    DELETE FROM customer WHERE c_custkey % 41 = 3;
    DELETE FROM part WHERE p_partkey % 43 = 4;
    DELETE FROM partsupp WHERE ps_partkey % 37 = 5;
    INSERT INTO lineitem SELECT * FROM lineitem WHERE l_orderkey % 103 = 6""",
)


class AllQueries(unittest.TestCase):
    def test_every_query_is_refreshed_by_change(self):
        with Lake("sqlite", "extensions: [tpch]\n") as lake:
            lake.run("CALL dbgen(sf = 0.01, catalog = 'memory');"
                     + ";".join(f"CREATE TABLE {table} AS FROM memory.main.{table}" for table in TABLES))
            queries = {f"q{number:02}": text.rstrip().rstrip(";") for number, text in
                       lake.rows("SELECT query_nr, query FROM tpch_queries() ORDER BY 1")}
            lake.run(";\n".join(
                f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS {query}"
                for name, query in queries.items()))
            for number, changes in enumerate(ROUNDS, 1):
                lake.run(changes)
                entries = lake.refresh()
                compared = lake.run(";\n".join(
                    f"SELECT count(*) FROM ((FROM ({query}) EXCEPT ALL FROM {name}) UNION ALL "
                    f"(FROM {name} EXCEPT ALL FROM ({query})))" for name, query in queries.items()))
                for (name, _), result in zip(queries.items(), compared):
                    with self.subTest(round=number, query=name):
                        self.assertEqual(result["rows"], [[0]], entries[f"main.{name}"])
                        self.assertIn(entries[f"main.{name}"]["action"], ("INCREMENTAL", "NO_DATA"))
            self.assertTrue(all(entry["missing"] == entry["extra"] == 0 for entry in lake.verify().values()))


if __name__ == "__main__":
    unittest.main()
