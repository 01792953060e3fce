#include "lake/row_count.hpp"

#include "lake/file_paths.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

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

/// Was a delete file made after this version? It may hold positions of later snapshots then: DuckLake writes it anew
/// with each delete, and a flush writes all that it finds into one. Files are numbered in the order of their making.
std::string MadeLater(Snapshot at) {
    return fmt::format("delete_file_id >= coalesce((SELECT next_file_id FROM {} WHERE snapshot_id = {}), 0)",
                       MetadataTable("ducklake_snapshot"), at);
}

/// Positions of later snapshots in the delete files of this version.
std::optional<int64_t> LaterPositions(Session& session, int64_t table_id, Snapshot at) {
    Table found = session.Query(fmt::format(
        "SELECT {} AS path, format = 'parquet' AND encryption_key IS NULL FROM {} AS f WHERE table_id = {} AND {} AND "
        "{}",
        FilePath(TableFolder(session, table_id, at), "f"), MetadataTable("ducklake_delete_file"), table_id, ValidAt(at),
        MadeLater(at)));
    std::vector<std::string> paths;
    for (const auto& row : found.rows) {
        if (IsNull(row[1]) || AsInt(row[1]) == 0) {
            return std::nullopt;
        }
        paths.push_back(QuoteLiteral(AsText(row[0])));
    }
    // Where all positions are of one snapshot the file doesn't say so.
    return AsInt(session.QueryValue(fmt::format(
        "SELECT count(*) FROM (SELECT NULL::BIGINT AS _ducklake_internal_snapshot_id WHERE false UNION ALL BY NAME "
        "FROM read_parquet([{}], union_by_name = true)) WHERE _ducklake_internal_snapshot_id > {}",
        fmt::join(paths, ", "), at)));
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
        MetadataTable("ducklake_inlined_data_tables"), MadeLater(at)));
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
