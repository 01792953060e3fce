"""All 99 TPC-DS queries as dynamic tables: refreshed by change but for those named here, equal after changes to every table.
FRESHET_TPCDS_ROUNDS sets how many rounds of changes there are, FRESHET_TPCDS_SCALE the scale factor, FRESHET_TPCDS_QUERIES
which queries (1,2,3)."""
import os
import random
import unittest

from tests.harness.lake import Lake

ROUNDS = int(os.environ.get("FRESHET_TPCDS_ROUNDS", "1"))
SCALE = os.environ.get("FRESHET_TPCDS_SCALE", "0.01")
QUERIES = [int(number) for number in os.environ.get("FRESHET_TPCDS_QUERIES", "").split(",") if number]

# What stands in the way of a refresh by change: the whole result depends on each row, or on the order of rows.
IN_FULL = {
    4: "decides a join",
    17: "depends on the order of rows",
    39: "decides a filter",
    66: "depends on the order of rows",
}


def changes(lake, tables, rng):
    """Of every table rows leave, rows come again, keys move, values change and become NULL."""
    statements = []
    for table in tables:
        columns = [row[0] for row in lake.rows(
            f"SELECT column_name FROM duckdb_columns() WHERE database_name = 'lake' AND table_name = '{table}'")]
        part = f"hash({', '.join(columns[:3])}) % 61"
        statements.append(f"DELETE FROM {table} WHERE {part} = {rng.randrange(61)}")
        statements.append(f"INSERT INTO {table} SELECT * FROM {table} WHERE {part} = {rng.randrange(61)}")
        # Scalar subqueries read single months of the calendar: those of several would be errors, in the query, too.
        changed, emptied = rng.sample(("d_day_name", "d_quarter_name", "d_holiday") if table == "date_dim" else columns, 2)
        statements.append(f"UPDATE {table} SET {changed} = (SELECT min({changed}) FROM {table}) "
                          f"WHERE {part} = {rng.randrange(61)}")
        statements.append(f"UPDATE {table} SET {emptied} = NULL WHERE {part} = {rng.randrange(61)}")
    rng.shuffle(statements)
    return ";\n".join(statements)


class AllQueries(unittest.TestCase):
    def test_every_query_equals_after_changes(self):
        rng = random.Random(7)
        with Lake("sqlite", "extensions: [tpcds]\n") as lake:
            generate = f"CALL dsdgen(sf = {SCALE}, catalog = 'memory');"
            listed = lake.run(generate + "SELECT table_name FROM duckdb_tables() WHERE database_name = 'memory' ORDER BY 1")
            tables = [row[0] for row in listed[-1]["rows"]]
            lake.run(generate + ";".join(f"CREATE TABLE {table} AS FROM memory.main.{table}" for table in tables))
            queries = {number: text.rstrip().rstrip(";") for number, text in
                       lake.rows("SELECT query_nr, query FROM tpcds_queries() ORDER BY 1")
                       if not QUERIES or number in QUERIES}
            lake.run(";\n".join(
                f"CREATE DYNAMIC TABLE ds{number:02} TARGET_LAG = '1 hour' "
                f"REFRESH_MODE = {'AUTO' if number in IN_FULL else 'INCREMENTAL'} AS {query}"
                for number, query in queries.items()))
            for round_number in range(1, ROUNDS + 1):
                lake.run(changes(lake, tables, rng))
                entries = lake.refresh()
                verified = lake.verify()
                for number in queries:
                    name = f"main.ds{number:02}"
                    with self.subTest(round=round_number, query=number):
                        entry, result = entries[name], verified[name]
                        self.assertEqual((result["missing"], result["extra"]), (0, 0), entry)
                        if number in IN_FULL:
                            self.assertIn(IN_FULL[number], entry["reason"])
                        else:
                            self.assertIn(entry["action"], ("INCREMENTAL", "NO_DATA"), entry)


if __name__ == "__main__":
    unittest.main()
