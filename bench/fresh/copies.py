"""Many dynamic tables by copying the metadata of a few: each CREATE makes DuckLake load its whole catalog anew, so that ten thousand
would take hours. The copies share the originals' files; refreshes of them write files of their own. For lakes on SQLite."""
import json
import secrets
import sqlite3
import uuid


def rows_of(catalog, table, where):
    found = catalog.execute(f'SELECT * FROM "{table}" WHERE {where}')
    names = [column[0] for column in found.description]
    return [dict(zip(names, row)) for row in found]


def insert(catalog, table, rows):
    if rows:
        names = list(rows[0])
        catalog.executemany(f'INSERT INTO "{table}" ({", ".join(names)}) VALUES ({", ".join("?" * len(names))})',
                            [[row[name] for name in names] for row in rows])


class Copier:
    def __init__(self, catalog):
        self.catalog = catalog
        newest = rows_of(catalog, "ducklake_snapshot", "snapshot_id = (SELECT max(snapshot_id) FROM ducklake_snapshot)")[0]
        self.next_table, self.next_file, self.newest = newest["next_catalog_id"], newest["next_file_id"], newest["snapshot_id"]

    def read(self, name):
        """Everything that the catalog has of one live table without deleted rows."""
        table = rows_of(self.catalog, "ducklake_table", f"table_name = '{name}' AND end_snapshot IS NULL")[0]
        of_table = f"table_id = {table['table_id']}"
        parts = {part: rows_of(self.catalog, part, of_table)
                 for part in ("ducklake_column", "ducklake_data_file", "ducklake_file_column_stats", "ducklake_table_stats",
                              "ducklake_table_column_stats", "ducklake_schema_versions")}
        options = rows_of(self.catalog, "ducklake_metadata", f"scope = 'table' AND scope_id = {table['table_id']}")
        return table, parts, options

    def write(self, original, name):
        table, parts, options = original
        ids = {row["data_file_id"]: self.next_file + number for number, row in enumerate(parts["ducklake_data_file"])}
        insert(self.catalog, "ducklake_table", [{**table, "table_id": self.next_table, "table_uuid": str(uuid.uuid4()), "table_name": name}])
        for part, rows in parts.items():
            insert(self.catalog, part, [{**row, "table_id": self.next_table,
                                         **({"data_file_id": ids[row["data_file_id"]]} if "data_file_id" in row else {})} for row in rows])
        insert(self.catalog, "ducklake_metadata", [{**row, "scope_id": self.next_table} for row in options])
        self.next_table += 1
        self.next_file += len(ids)

    def finish(self):
        self.catalog.execute("UPDATE ducklake_snapshot SET next_catalog_id = ?, next_file_id = ? WHERE snapshot_id = ?",
                             (self.next_table, self.next_file, self.newest))
        self.catalog.commit()


def copy_tables(lake, originals, count):
    """`count` more dynamic tables, named c0, c1, ..., as the named ones are, which are filled and were never refreshed."""
    if count == 0:
        return
    registered = {row[1]: row for row in lake.rows("SELECT id, table_name FROM lake.__freshet.dynamic_tables")}
    registry = []
    with sqlite3.connect(lake.folder / "lake.sqlite") as catalog:
        copier = Copier(catalog)
        read = {name: (copier.read(name), copier.read("state_" + registered[name][0])) for name in originals}
        for number in range(count):
            name, own_id = originals[number % len(originals)], secrets.token_hex(6)
            result, state = read[name]
            copier.write(state, "state_" + own_id)
            copier.write(result, f"c{number}")
            registry.append({"original": registered[name][0], "own_id": own_id, "name": f"c{number}"})
        copier.finish()
    with sqlite3.connect(lake.folder / "lake.sqlite.freshet") as store: # which would read each state row to get to know them
        known = {row["id"]: (row, rows_of(store, "dependency", f"table_id = '{row['id']}'")) for row in rows_of(store, "dynamic_table", "true")}
        for copy in registry:
            table, inputs = known[copy["original"]]
            insert(store, "dynamic_table", [{**table, "id": copy["own_id"], "table_name": copy["name"]}])
            insert(store, "dependency", [{**row, "table_id": copy["own_id"]} for row in inputs])
    lake.write("copies.json", "\n".join(map(json.dumps, registry)))
    with type(lake)() as client: # a client that is not Freshet's own session may write there
        client.run(f"ATTACH 'ducklake:sqlite:{lake.folder}/lake.sqlite' AS other; INSERT INTO other.__freshet.dynamic_tables "
                   "SELECT o.* REPLACE (c.own_id AS id, c.name AS table_name) FROM other.__freshet.dynamic_tables o "
                   f"JOIN read_json('{lake.folder}/copies.json') c ON c.original = o.id")
