#include "refresh/inlining.hpp"

#include "lake/catalog.hpp"

#include <fmt/format.h>
#include <set>

namespace freshet {

namespace {

struct InliningOptions {
    bool own_schema = false;    ///< off for __freshet
    std::set<TableName> off;    ///< tables that have the option, at 0
    std::set<TableName> own_on; ///< tables of __freshet that have it, at anything else
};

InliningOptions ReadOptions(Session& session) {
    Table rows = session.Query(fmt::format(
        "SELECT s.schema_name, t.table_name, o.value = '0' FROM {} AS o LEFT JOIN {} AS t ON o.scope = 'table' AND "
        "t.table_id = o.scope_id AND t.end_snapshot IS NULL JOIN {} AS s ON s.end_snapshot IS NULL AND s.schema_id = "
        "CASE o.scope WHEN 'schema' THEN o.scope_id ELSE t.schema_id END WHERE o.key = 'data_inlining_row_limit'",
        MetadataTable("ducklake_metadata"), MetadataTable("ducklake_table"), MetadataTable("ducklake_schema")));
    InliningOptions options;
    for (const auto& row : rows.rows) {
        bool own = AsText(row[0]) == kOwnSchema, off = std::get<bool>(row[2]);
        if (IsNull(row[1])) {
            options.own_schema = options.own_schema || (own && off);
        } else if (off) {
            options.off.insert({AsText(row[0]), AsText(row[1])});
        } else if (own) {
            options.own_on.insert({AsText(row[0]), AsText(row[1])});
        }
    }
    return options;
}

void TurnOff(Session& session, const std::string& scope) {
    session.Query(fmt::format("CALL {}.set_option('data_inlining_row_limit', 0, {})", QuoteIdentifier(kLake), scope));
}

} // namespace

void TurnInliningOff(Session& session, const TableName& table) {
    TurnOff(session,
            fmt::format("schema => {}, table_name => {}", QuoteLiteral(table.schema), QuoteLiteral(table.name)));
}

void KeepInliningOff(Session& session, const std::vector<TableName>& tables) {
    InliningOptions options = ReadOptions(session);
    if (!options.own_schema) {
        TurnOff(session, "schema => " + QuoteLiteral(kOwnSchema));
    }
    for (const auto& table : options.own_on) {
        TurnInliningOff(session, table);
    }
    for (const auto& table : tables) {
        if (options.off.count(table) == 0 && FindTable(session, table, CurrentSnapshot(session))) {
            TurnInliningOff(session, table);
        }
    }
}

} // namespace freshet
