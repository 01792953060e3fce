#include "lake/catalog.hpp"

#include "lake/catalog_memory.hpp"
#include "lake/column_types.hpp"

#include <algorithm>
#include <duckdb.hpp>
#include <fmt/format.h>
#include <map>

namespace freshet {

namespace {

/// Named entries of a metadata table with their schema, at a snapshot. Each table is filtered by itself, so that the
/// filters reach the catalog database. Casts: uuid is text in SQLite and a UUID elsewhere.
std::string EntriesAt(const std::string& kind, Snapshot at) {
    return fmt::format("SELECT e.{0}_id, e.{0}_uuid::VARCHAR, s.schema_name, e.{0}_name, schema_id "
                       "FROM (SELECT * FROM {1} WHERE {2}) e "
                       "JOIN (SELECT schema_id, schema_name FROM {3} WHERE {2}) s USING (schema_id) ORDER BY ALL",
                       kind, MetadataTable("ducklake_" + kind), ValidAt(at), MetadataTable("ducklake_schema"));
}

/// Columns by table id.
std::map<int64_t, std::vector<ColumnInfo>> ColumnsAt(Session& session, Snapshot at) {
    Table found = session.Query(fmt::format("SELECT table_id, column_id, coalesce(parent_column, -1), column_name, "
                                            "column_type FROM {} WHERE {} ORDER BY table_id, column_order",
                                            MetadataTable("ducklake_column"), ValidAt(at)));
    std::map<int64_t, std::vector<ColumnRow>> rows;
    for (const auto& row : found.rows) {
        rows[AsInt(row[0])].push_back({AsInt(row[1]), AsInt(row[2]), AsText(row[3]), AsText(row[4])});
    }
    std::map<int64_t, std::vector<ColumnInfo>> columns;
    for (const auto& [table_id, columns_of_table] : rows) {
        columns[table_id] = ColumnsFromRows(columns_of_table);
    }
    return columns;
}

/// Notes how tables are partitioned, as far as DuckLake's pruning asks for care.
void NoteBuckets(Session& session, Snapshot at, std::vector<TableInfo>& tables) {
    Table found = session.Query(fmt::format("SELECT table_id, partition_id, column_id FROM {} JOIN (SELECT "
                                            "partition_id, table_id FROM {} WHERE {}) AS valid "
                                            "USING (table_id, partition_id) WHERE lower(transform) LIKE 'bucket%'",
                                            MetadataTable("ducklake_partition_column"),
                                            MetadataTable("ducklake_partition_info"), ValidAt(at)));
    for (const auto& row : found.rows) {
        auto table =
            std::find_if(tables.begin(), tables.end(), [&](const auto& one) { return one.id == AsInt(row[0]); });
        if (table != tables.end()) {
            table->partition_id = AsInt(row[1]);
            table->bucketed.insert(AsInt(row[2]));
        }
    }
}

/// `parents`: by table and column.
int64_t TopmostOf(const std::map<std::pair<int64_t, int64_t>, int64_t>& parents, int64_t table, int64_t column) {
    for (auto parent = parents.find({table, column}); parent != parents.end(); parent = parents.find({table, column})) {
        column = parent->second;
    }
    return column;
}

/// Notes columns whose type, or that of a field inside, was changed.
void NoteRetyped(Session& session, Snapshot at, std::vector<TableInfo>& tables) {
    Table found = session.Query(fmt::format("SELECT table_id, column_id, max(parent_column) FROM {} WHERE "
                                            "begin_snapshot <= {} GROUP BY table_id, column_id "
                                            "HAVING min(column_type) <> max(column_type)",
                                            MetadataTable("ducklake_column"), at));
    std::map<std::pair<int64_t, int64_t>, int64_t> parents;
    bool nested = std::any_of(found.rows.begin(), found.rows.end(), [](const auto& row) { return !IsNull(row[2]); });
    if (nested) {
        Table rows = session.Query(fmt::format("SELECT DISTINCT table_id, column_id, parent_column FROM {} WHERE "
                                               "parent_column IS NOT NULL",
                                               MetadataTable("ducklake_column")));
        for (const auto& row : rows.rows) {
            parents[{AsInt(row[0]), AsInt(row[1])}] = AsInt(row[2]);
        }
    }
    for (const auto& row : found.rows) {
        auto table =
            std::find_if(tables.begin(), tables.end(), [&](const auto& one) { return one.id == AsInt(row[0]); });
        if (table != tables.end()) {
            table->retyped.insert(TopmostOf(parents, table->id, AsInt(row[1])));
        }
    }
}

} // namespace

std::string MetadataTable(const std::string& name) {
    return fmt::format("__ducklake_metadata_{}.{}", kLake, name);
}

std::string ValidAt(Snapshot at) {
    return fmt::format("begin_snapshot <= {0} AND (end_snapshot IS NULL OR end_snapshot > {0})", at);
}

bool MetadataTableExists(Session& session, const std::string& name) {
    try {
        return session.Raw().TableInfo(fmt::format("__ducklake_metadata_{}", kLake), "", name) != nullptr;
    } catch (const std::exception& problem) {
        throw TranslateError(duckdb::ErrorData(problem));
    }
}

std::vector<std::string> InlinedDataTables(Session& session, int64_t table_id) {
    std::vector<std::string> names;
    Table found = session.Query(fmt::format("SELECT table_name FROM {} WHERE table_id = {}",
                                            MetadataTable("ducklake_inlined_data_tables"), table_id));
    for (const auto& row : found.rows) {
        names.push_back(AsText(row[0]));
    }
    return names;
}

std::string AtVersion(const TableName& name, Snapshot version) {
    return fmt::format("{} AT (VERSION => {})", name.Sql(), version);
}

Snapshot CurrentSnapshot(Session& session) {
    auto ask = [&] { return AsInt(session.QueryValue(fmt::format("FROM {}.current_snapshot()", kLake))); };
    if (!session.InTransaction()) {
        return ask();
    }
    auto& pinned = session.PinnedSnapshot();
    if (!pinned || pinned->transaction != session.TransactionId()) {
        Snapshot snapshot = ask(); // the first use of the lake in a transaction pins it
        pinned = Session::Pinned{session.TransactionId(), snapshot};
    }
    return pinned->snapshot;
}

bool ViewsAgree(Session& session) {
    Snapshot pinned = CurrentSnapshot(session);
    return pinned == AsInt(session.QueryValue("SELECT max(snapshot_id) FROM " + MetadataTable("ducklake_snapshot")));
}

bool WouldFillGap(Session& session) {
    if (session.Kind() != CatalogKind::Postgres) {
        return false;
    }
    Snapshot next = CurrentSnapshot(session) + 1;
    return AsInt(session.QueryValueAside(fmt::format(
               "SELECT (count(*) FILTER (snapshot_id > {0}) > 0 AND count(*) FILTER (snapshot_id = {0}) = 0)::INTEGER "
               "FROM {1} WHERE snapshot_id >= {0}",
               next, MetadataTable("ducklake_snapshot")))) != 0;
}

bool SnapshotExists(Session& session, Snapshot snapshot) {
    return SnapshotsExist(session, snapshot, snapshot);
}

bool SnapshotsExist(Session& session, Snapshot first, Snapshot last) {
    int64_t found =
        AsInt(session.QueryValue(fmt::format("SELECT count(*) FROM {} WHERE snapshot_id >= {} AND snapshot_id <= {}",
                                             MetadataTable("ducklake_snapshot"), first, last)));
    return found == last - first + 1;
}

std::vector<TableInfo> ReadTables(Session& session, Snapshot at) {
    std::vector<TableInfo> tables;
    auto columns = ColumnsAt(session, at);
    for (const auto& row : session.Query(EntriesAt("table", at)).rows) {
        int64_t id = AsInt(row[0]);
        tables.push_back(
            {id, AsText(row[1]), {AsText(row[2]), AsText(row[3])}, std::move(columns[id]), AsInt(row[4]), 0, {}, {}});
    }
    NoteBuckets(session, at, tables);
    NoteRetyped(session, at, tables);
    return tables;
}

std::optional<int64_t> SchemaVersion(Session& session, Snapshot at) {
    auto snapshot = session.Memory<CatalogMemory>().At(session, at);
    return snapshot ? std::optional(snapshot->schema_version) : std::nullopt;
}

std::optional<int64_t> CommittedAt(Session& session, Snapshot at) {
    auto snapshot = session.Memory<CatalogMemory>().At(session, at);
    return snapshot ? std::optional(snapshot->committed_at) : std::nullopt;
}

std::optional<TableInfo> FindTable(Session& session, const TableName& name, Snapshot at) {
    auto schema = session.Memory<CatalogMemory>().SchemaAt(session, at); // held: it may not be remembered
    const TableInfo* table = schema->Find(name);
    return table == nullptr ? std::nullopt : std::optional(*table);
}

std::vector<TableInfo> ListTables(Session& session, Snapshot at) {
    return session.Memory<CatalogMemory>().SchemaAt(session, at)->Tables();
}

std::vector<TableName> ListViews(Session& session, Snapshot at) {
    return session.Memory<CatalogMemory>().ViewsAt(session, at);
}

std::vector<TableName> ReadViews(Session& session, Snapshot at) {
    std::vector<TableName> views;
    for (const auto& row : session.Query(EntriesAt("view", at)).rows) {
        views.push_back({AsText(row[2]), AsText(row[3])});
    }
    return views;
}

std::vector<std::string> ListSchemas(Session& session, Snapshot at) {
    std::vector<std::string> schemas;
    for (const auto& row : session
                               .Query(fmt::format("SELECT schema_name FROM {} WHERE {} ORDER BY 1",
                                                  MetadataTable("ducklake_schema"), ValidAt(at)))
                               .rows) {
        schemas.push_back(AsText(row[0]));
    }
    return schemas;
}

int64_t CountRows(Session& session, const TableName& name, Snapshot at) {
    return AsInt(session.QueryValue("SELECT count(*) FROM " + AtVersion(name, at)));
}

TableStatistics Statistics(Session& session, int64_t table_id) {
    // ducklake_table_stats counts every row ever inserted, so the live files are summed instead.
    std::string live = fmt::format("table_id = {} AND end_snapshot IS NULL", table_id);
    Table data = session.Query(fmt::format(
        "SELECT coalesce(sum(record_count), 0)::BIGINT, coalesce(sum(file_size_bytes), 0)::BIGINT, count(*) "
        "FROM {} WHERE {}",
        MetadataTable("ducklake_data_file"), live));
    Value deleted = session.QueryValue(fmt::format( // the delete files of a file that went stay
        "SELECT coalesce(sum(delete_count), 0)::BIGINT FROM {0} WHERE {1} AND data_file_id IN "
        "(SELECT data_file_id FROM {2} WHERE {1})",
        MetadataTable("ducklake_delete_file"), live, MetadataTable("ducklake_data_file")));
    const auto& row = data.rows.at(0);
    return {AsInt(row[0]) - AsInt(deleted), AsInt(row[1]), AsInt(row[2])};
}

} // namespace freshet
