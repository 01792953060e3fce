#include "lake/compaction.hpp"

#include <fmt/format.h>

namespace freshet {

namespace {

/// DuckLake keeps inlined rows and inlined deletions in metadata tables of their own, named by the table's id.
int64_t CountInlined(Session& session, int64_t table_id) {
    Table tables = session.Query(
        fmt::format("SELECT table_name FROM duckdb_tables() WHERE database_name = '__ducklake_metadata_{0}' AND "
                    "(starts_with(table_name, 'ducklake_inlined_data_{1}_') OR table_name = "
                    "'ducklake_inlined_delete_{1}')",
                    kLake, table_id));
    int64_t rows = 0;
    for (const auto& row : tables.rows) {
        rows += AsInt(
            session.QueryValue(fmt::format("SELECT count(*) FROM {}", MetadataTable(QuoteIdentifier(AsText(row[0]))))));
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
        "count(*) FILTER (gone IS NULL AND file_size_bytes < {}), count(*) FILTER (gone >= {} * record_count) "
        "FROM (SELECT data_file_id, record_count, file_size_bytes FROM {} WHERE {}) AS f LEFT JOIN "
        "(SELECT data_file_id, sum(delete_count) AS gone FROM {} WHERE {} GROUP BY 1) AS d USING (data_file_id)",
        FileLayout::kSmallFile, FileLayout::kWornShare, MetadataTable("ducklake_data_file"), live,
        MetadataTable("ducklake_delete_file"), live));
    const auto& row = found.rows.at(0);
    return {AsInt(row[0]), AsInt(row[1]), AsInt(row[2]), AsInt(row[3]), CountInlined(session, table_id)};
}

void FlushInlinedRows(Session& session, const TableName& table) {
    session.Query(fmt::format("CALL ducklake_flush_inlined_data({}, schema_name => {}, table_name => {})",
                              QuoteLiteral(kLake), QuoteLiteral(table.schema), QuoteLiteral(table.name)));
}

void RewriteWornFiles(Session& session, const TableName& table) {
    session.Query(fmt::format("CALL ducklake_rewrite_data_files({}, delete_threshold => {})", Arguments(table),
                              FileLayout::kWornShare));
}

void MergeSmallFiles(Session& session, const TableName& table) {
    session.Query(fmt::format("CALL ducklake_merge_adjacent_files({}, max_file_size => {})", Arguments(table),
                              FileLayout::kSmallFile));
}

} // namespace freshet
