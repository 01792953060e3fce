#include "lake/compaction.hpp"

#include <fmt/format.h>
#include <string>
#include <vector>

namespace freshet {

namespace {

/// DuckLake keeps inlined rows and inlined deletions in metadata tables of their own.
int64_t CountInlined(Session& session, int64_t table_id) {
    std::vector<std::string> tables = InlinedDataTables(session, table_id);
    std::string deletions = fmt::format("ducklake_inlined_delete_{}", table_id);
    if (MetadataTableExists(session, deletions)) {
        tables.push_back(deletions);
    }
    int64_t rows = 0;
    for (const auto& table : tables) {
        rows += AsInt(session.QueryValue("SELECT count(*) FROM " + MetadataTable(QuoteIdentifier(table))));
    }
    return rows;
}

std::string Arguments(const TableName& table) {
    return fmt::format("{}, {}, schema => {}", QuoteLiteral(kLake), QuoteLiteral(table.name),
                       QuoteLiteral(table.schema));
}

} // namespace

FileLayout ReadFileLayout(Session& session, int64_t table_id) {
    std::string live = fmt::format("table_id = {} AND end_snapshot IS NULL", table_id);
    Table found = session.Query(fmt::format(
        "SELECT count(*), coalesce(sum(file_size_bytes), 0)::BIGINT, "
        "count(*) FILTER (gone IS NULL AND file_size_bytes < {0}), "
        "count(*) FILTER (gone >= {1} * record_count AND file_size_bytes < {0}), "
        "count(*) FILTER (gone >= {2} * record_count) "
        "FROM (SELECT data_file_id, record_count, file_size_bytes FROM {3} WHERE {4}) AS f LEFT JOIN "
        "(SELECT data_file_id, sum(delete_count) AS gone FROM {5} WHERE {4} GROUP BY 1) AS d USING (data_file_id)",
        FileLayout::kSmallFile, FileLayout::kNibbledShare, FileLayout::kWornShare, MetadataTable("ducklake_data_file"),
        live, MetadataTable("ducklake_delete_file")));
    const auto& row = found.rows.at(0);
    return {AsInt(row[0]), AsInt(row[1]), AsInt(row[2]), AsInt(row[3]), AsInt(row[4]), CountInlined(session, table_id)};
}

void FlushInlinedRows(Session& session, const TableName& table) {
    session.Query(fmt::format("CALL ducklake_flush_inlined_data({}, schema_name => {}, table_name => {})",
                              QuoteLiteral(kLake), QuoteLiteral(table.schema), QuoteLiteral(table.name)));
}

void RewriteFiles(Session& session, const TableName& table, double deleted_share) {
    session.Query(
        fmt::format("CALL ducklake_rewrite_data_files({}, delete_threshold => {})", Arguments(table), deleted_share));
}

void MergeSmallFiles(Session& session, const TableName& table) {
    session.Query(fmt::format("CALL ducklake_merge_adjacent_files({}, max_file_size => {})", Arguments(table),
                              FileLayout::kSmallFile));
}

} // namespace freshet
