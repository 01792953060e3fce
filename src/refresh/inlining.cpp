#include "refresh/inlining.hpp"

#include <fmt/format.h>

namespace freshet {

namespace {

/// Scopes at which the option is 0, and those at which it is anything else.
struct InliningOptions {
    std::set<int64_t> schemas_off;
    std::set<int64_t> tables_off;
    std::set<int64_t> tables_on;
};

InliningOptions ReadOptions(Session& session) {
    Table rows = session.Query(fmt::format("SELECT scope, scope_id, value = '0' FROM {} WHERE key = "
                                           "'data_inlining_row_limit' AND scope_id IS NOT NULL",
                                           MetadataTable("ducklake_metadata")));
    InliningOptions options;
    for (const auto& row : rows.rows) {
        bool off = std::get<bool>(row[2]);
        if (AsText(row[0]) == "table") {
            (off ? options.tables_off : options.tables_on).insert(AsInt(row[1]));
        } else if (off) {
            options.schemas_off.insert(AsInt(row[1]));
        }
    }
    return options;
}

std::string ScopeOf(const TableName& table) {
    return fmt::format("schema => {}, table_name => {}", QuoteLiteral(table.schema), QuoteLiteral(table.name));
}

} // namespace

std::vector<std::string> InliningScopes(Session& session, const std::vector<TableName>& tables) {
    InliningOptions options = ReadOptions(session);
    std::vector<std::string> scopes;
    Snapshot now = CurrentSnapshot(session);
    bool own_schema_off = false;
    for (const auto& table : ListTables(session, now)) {
        if (table.name.schema == kOwnSchema) {
            own_schema_off = own_schema_off || options.schemas_off.count(table.schema_id) > 0;
            if (options.tables_on.count(table.id) > 0) {
                scopes.push_back(ScopeOf(table.name));
            }
        }
    }
    if (!own_schema_off) {
        scopes.push_back("schema => " + QuoteLiteral(kOwnSchema));
    }
    for (const auto& name : tables) {
        auto table = FindTable(session, name, now);
        if (table && options.tables_off.count(table->id) == 0) {
            scopes.push_back(ScopeOf(name));
        }
    }
    return scopes;
}

std::set<int64_t> TablesWithoutInlining(Session& session, const std::vector<TableInfo>& tables) {
    InliningOptions options = ReadOptions(session);
    std::set<int64_t> ids;
    for (const auto& table : tables) {
        bool schema_off = options.schemas_off.count(table.schema_id) > 0 && options.tables_on.count(table.id) == 0;
        if (schema_off || options.tables_off.count(table.id) > 0) {
            ids.insert(table.id);
        }
    }
    return ids;
}

void TurnInliningOff(Session& session, const TableName& table) {
    TurnInliningOff(session, std::vector<std::string>{ScopeOf(table)});
}

void TurnInliningOff(Session& session, const std::vector<std::string>& scopes) {
    for (const auto& scope : scopes) {
        session.Query(
            fmt::format("CALL {}.set_option('data_inlining_row_limit', 0, {})", QuoteIdentifier(kLake), scope));
    }
}

} // namespace freshet
