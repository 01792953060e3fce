#include "lake/row_count.hpp"

#include "lake/file_paths.hpp"

#include <fmt/format.h>

namespace freshet {

namespace {

/// Rows that live in the catalog.
int64_t InlinedRows(Session& session, int64_t table_id, Snapshot at) {
    int64_t rows = 0;
    for (const auto& name : InlinedDataTables(session, table_id)) {
        rows += AsInt(session.QueryValue(
            fmt::format("SELECT count(*) FROM {} WHERE {}", MetadataTable(QuoteIdentifier(name)), ValidAt(at))));
    }
    return rows;
}

constexpr int64_t kMostFiles = 1000; ///< that are opened rather than those of the whole table

/// Positions of later snapshots in the delete files of this version.
std::optional<int64_t> LaterPositions(Session& session, int64_t table_id, Snapshot at) {
    auto folder = TableFolder(session, table_id, at);
    if (!folder) {
        return std::nullopt;
    }
    Table found = session.Query(fmt::format(
        "SELECT {0} AS path, format = 'parquet' AND encryption_key IS NULL FROM {1} AS f WHERE table_id = {2} AND {3} "
        "AND {4} AND data_file_id IN (SELECT data_file_id FROM {5} WHERE table_id = {2} AND {3})",
        FilePath(*folder, "f"), MetadataTable("ducklake_delete_file"), table_id, ValidAt(at), MadeSince(at),
        MetadataTable("ducklake_data_file")));
    std::vector<std::string> paths;
    for (const auto& row : found.rows) {
        if (IsNull(row[1]) || AsInt(row[1]) == 0) {
            return std::nullopt;
        }
        paths.push_back(AsText(row[0]));
    }
    return AsInt(session.QueryValue(
        fmt::format("SELECT count(*) FROM {} WHERE _ducklake_internal_snapshot_id > {}", DeleteFileRows(paths), at)));
}

} // namespace

std::optional<int64_t> RowsByMetadata(Session& session, int64_t table_id, Snapshot at) {
    if (MetadataTableExists(session, fmt::format("ducklake_inlined_delete_{}", table_id))) {
        return std::nullopt;
    }
    Table found = session.Query(fmt::format(
        "WITH deletes AS (SELECT data_file_id, count(*) AS files, sum(delete_count) AS positions, bool_or({6}) AS "
        "later FROM {0} WHERE table_id = {2} AND {3} GROUP BY data_file_id) "
        "SELECT coalesce(sum(record_count - coalesce(positions, 0)), 0)::BIGINT, coalesce(bool_or(record_count IS NULL "
        "OR partial_max > {4} OR files > 1 OR (files = 1 AND positions IS NULL)), false), "
        "count(*) FILTER (later), (SELECT count(*) FROM {5} WHERE table_id = {2}) "
        "FROM (SELECT * FROM {1} WHERE table_id = {2} AND {3}) LEFT JOIN deletes USING (data_file_id)",
        MetadataTable("ducklake_delete_file"), MetadataTable("ducklake_data_file"), table_id, ValidAt(at), at,
        MetadataTable("ducklake_inlined_data_tables"), MadeSince(at)));
    const auto& row = found.rows.at(0);
    int64_t rows = AsInt(row[0]), with_later = AsInt(row[2]);
    if (AsInt(row[1]) != 0 || with_later > kMostFiles) {
        return std::nullopt;
    }
    if (with_later > 0) {
        auto later = LaterPositions(session, table_id, at);
        if (!later) {
            return std::nullopt;
        }
        rows += *later;
    }
    return rows + (AsInt(row[3]) != 0 ? InlinedRows(session, table_id, at) : 0);
}

int64_t CountRows(Session& session, const TableName& name, int64_t table_id, Snapshot at) {
    auto rows = RowsByMetadata(session, table_id, at);
    return rows ? *rows : CountRows(session, name, at);
}

} // namespace freshet
