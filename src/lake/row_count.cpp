#include "lake/row_count.hpp"

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

} // namespace

std::optional<int64_t> RowsByMetadata(Session& session, int64_t table_id, Snapshot at) {
    if (MetadataTableExists(session, fmt::format("ducklake_inlined_delete_{}", table_id))) {
        return std::nullopt;
    }
    Table found = session.Query(fmt::format(
        "WITH deletes AS (SELECT data_file_id, count(*) AS files, sum(delete_count) AS positions, max(partial_max) AS "
        "newest FROM {0} WHERE table_id = {2} AND {3} GROUP BY data_file_id) "
        "SELECT coalesce(sum(record_count - coalesce(positions, 0)), 0)::BIGINT, coalesce(bool_or(record_count IS NULL "
        "OR partial_max > {4} OR files > 1 OR (files = 1 AND positions IS NULL) OR newest > {4}), false), "
        "(SELECT count(*) FROM {5} WHERE table_id = {2}) "
        "FROM (SELECT * FROM {1} WHERE table_id = {2} AND {3}) LEFT JOIN deletes USING (data_file_id)",
        MetadataTable("ducklake_delete_file"), MetadataTable("ducklake_data_file"), table_id, ValidAt(at), at,
        MetadataTable("ducklake_inlined_data_tables")));
    const auto& row = found.rows.at(0);
    if (AsInt(row[1]) != 0) {
        return std::nullopt;
    }
    return AsInt(row[0]) + (AsInt(row[2]) != 0 ? InlinedRows(session, table_id, at) : 0);
}

int64_t CountRows(Session& session, const TableName& name, int64_t table_id, Snapshot at) {
    auto rows = RowsByMetadata(session, table_id, at);
    return rows ? *rows : CountRows(session, name, at);
}

} // namespace freshet
