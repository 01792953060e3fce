#include "state/rows.hpp"
#include "state/sql_store.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>
#include <tuple>

namespace freshet {

namespace {

/// A newer definition brings its own progress, an equal one only newer progress; the data timestamp never goes back.
std::string UpsertSql() {
    constexpr const char* kTaken =
        "excluded.definition_version > t.definition_version OR excluded.data_timestamp > t.data_timestamp";
    return fmt::format(
        R"(INSERT INTO freshet_state.dynamic_table AS t ({0})
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
ON CONFLICT (id) DO UPDATE SET
    schema_name = excluded.schema_name, table_name = excluded.table_name, definition = excluded.definition,
    options = excluded.options, search_path = excluded.search_path, suspended = excluded.suspended,
    definition_version = excluded.definition_version, created_at = excluded.created_at, mode = excluded.mode,
    mode_reason = excluded.mode_reason,
    data_snapshot = CASE WHEN {1} THEN excluded.data_snapshot ELSE t.data_snapshot END,
    data_timestamp = CASE WHEN excluded.data_timestamp > t.data_timestamp THEN excluded.data_timestamp
                          ELSE t.data_timestamp END,
    unchanged_until = CASE WHEN {1} THEN excluded.unchanged_until ELSE t.unchanged_until END,
    last_action = CASE WHEN {1} THEN excluded.last_action ELSE t.last_action END,
    last_error = CASE WHEN {1} THEN excluded.last_error ELSE t.last_error END
WHERE excluded.definition_version >= t.definition_version)",
        kTableColumns, kTaken);
}

constexpr const char* kInsertDependency =
    "INSERT INTO freshet_state.dependency (table_id, input_schema, input_name, input_id, place) "
    "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (table_id, place) DO UPDATE SET input_schema = excluded.input_schema, "
    "input_name = excluded.input_name, input_id = excluded.input_id";

/// Rows of kInsertDependency: each table's dependencies numbered in their order.
Rows Placed(const std::vector<Dependency>& dependencies) {
    std::map<std::string, int64_t> places;
    Rows rows;
    for (const Dependency& dependency : dependencies) {
        rows.push_back(ToRow(dependency));
        rows.back().push_back(places[dependency.table_id]++);
    }
    return rows;
}

/// Sorted by id, so that two processes lock rows in one order.
Rows SortedRows(const std::vector<StoredTable>& tables) {
    Rows rows;
    for (const StoredTable& table : tables) {
        rows.push_back(ToRow(table));
    }
    std::sort(rows.begin(), rows.end());
    return rows;
}

} // namespace

void SqlStore::UpsertTable(const StoredTable& table) {
    connection_->InTransaction([&] { connection_->Query(UpsertSql(), ToRow(table)); });
}

void SqlStore::RemoveTable(const std::string& id) {
    connection_->InTransaction([&] {
        connection_->Query("DELETE FROM freshet_state.dependency WHERE table_id = $1", {id});
        connection_->Query("DELETE FROM freshet_state.claim WHERE table_id = $1", {id});
        connection_->Query("DELETE FROM freshet_state.failure WHERE table_id = $1", {id});
        connection_->Query("DELETE FROM freshet_state.dynamic_table WHERE id = $1", {id});
    });
}

std::vector<StoredTable> SqlStore::ListTables() {
    std::vector<StoredTable> tables;
    for (const Row& row :
         connection_->Query(fmt::format("SELECT {} FROM freshet_state.dynamic_table", kTableColumns))) {
        tables.push_back(ToTable(row));
    }
    // Not by ORDER BY: the databases collate differently.
    std::sort(tables.begin(), tables.end(), [](const StoredTable& a, const StoredTable& b) {
        return std::tie(a.name, a.id) < std::tie(b.name, b.id);
    });
    return tables;
}

std::optional<StoredTable> SqlStore::OneTable(const std::string& condition, const Row& parameters) {
    Rows rows = connection_->Query(fmt::format("SELECT {} FROM freshet_state.dynamic_table WHERE {} "
                                               "ORDER BY created_at DESC LIMIT 1",
                                               kTableColumns, condition),
                                   parameters);
    return rows.empty() ? std::nullopt : std::optional(ToTable(rows[0]));
}

std::optional<StoredTable> SqlStore::GetTable(const std::string& id) {
    return OneTable("id = $1", {id});
}

std::optional<StoredTable> SqlStore::FindTable(const TableName& name) {
    return OneTable("schema_name = $1 AND table_name = $2", {name.schema, name.name});
}

void SqlStore::ReplaceDependencies(const std::string& table_id, const std::vector<Dependency>& inputs) {
    connection_->InTransaction([&] {
        connection_->Query("DELETE FROM freshet_state.dependency WHERE table_id = $1", {table_id});
        connection_->ForEach(kInsertDependency, Placed(inputs));
    });
}

std::vector<Dependency> SqlStore::ListDependencies(const std::optional<std::string>& table_id) {
    std::string sql = fmt::format("SELECT {} FROM freshet_state.dependency {} ORDER BY table_id, place",
                                  kDependencyColumns, table_id ? "WHERE table_id = $1" : "");
    std::vector<Dependency> dependencies;
    for (const Row& row : connection_->Query(sql, table_id ? Row{*table_id} : Row{})) {
        dependencies.push_back(ToDependency(row));
    }
    return dependencies;
}

void SqlStore::RemoveTablesOutside(const LakeView& view) {
    std::set<std::string> kept;
    for (const StoredTable& table : view.tables) {
        kept.insert(table.id);
    }
    Rows gone;
    for (const Row& row : connection_->Query("SELECT id FROM freshet_state.dynamic_table ORDER BY id")) {
        if (!kept.contains(AsText(row.at(0)))) {
            gone.push_back(row);
        }
    }
    for (const char* sql : {"DELETE FROM freshet_state.dynamic_table WHERE id = $1",
                            "DELETE FROM freshet_state.claim WHERE table_id = $1",
                            "DELETE FROM freshet_state.failure WHERE table_id = $1"}) {
        connection_->ForEach(sql, gone);
    }
}

bool SqlStore::Reconcile(const LakeView& view) {
    bool done = false;
    connection_->InTransaction([&] {
        done = LockLake(view.at.lake_uuid).snapshot <= view.at.snapshot;
        if (!done) {
            return;
        }
        RemoveTablesOutside(view);
        connection_->ForEach(UpsertSql(), SortedRows(view.tables));
        connection_->Query("DELETE FROM freshet_state.dependency");
        connection_->ForEach(kInsertDependency, Placed(view.dependencies));
        WriteReconciled(view.at);
    });
    return done;
}

} // namespace freshet
