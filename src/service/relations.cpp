#include "service/relations.hpp"

#include "base/identifier.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace freshet {

namespace {

bool Mentions(const std::string& statement, const std::string& name) {
    auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
    return std::search(statement.begin(), statement.end(), name.begin(), name.end(), same) != statement.end();
}

struct LiteralText {
    std::string operator()(std::monostate) const { return "NULL"; }
    std::string operator()(bool value) const { return value ? "true" : "false"; }
    std::string operator()(int64_t value) const { return std::to_string(value); }
    std::string operator()(uint64_t value) const { return std::to_string(value); }
    std::string operator()(double value) const { return fmt::format("{:.17g}", value); }
    std::string operator()(const std::string& value) const { return QuoteLiteral(value); }
};

/// INSERT statements of a bounded length.
void InsertRows(Session& session, const std::string& table, const Table& content) {
    constexpr size_t kBatch = 500;
    for (size_t begin = 0; begin < content.rows.size(); begin += kBatch) {
        std::string values;
        for (size_t i = begin; i < std::min(content.rows.size(), begin + kBatch); i++) {
            std::string row;
            for (const auto& value : content.rows[i]) {
                row += (row.empty() ? "" : ", ") + std::visit(LiteralText{}, value);
            }
            values += (values.empty() ? "(" : ", (") + row + ")";
        }
        session.Query(fmt::format("INSERT INTO {} VALUES {}", table, values));
    }
}

} // namespace

void SessionRelations::Prepare(const std::string& statement) {
    if (Mentions(statement, "freshet_tables")) {
        Fill("freshet_tables", ListTable(operations_.List()), "");
    }
    if (Mentions(statement, "freshet_refresh_history")) {
        Fill("freshet_refresh_history", HistoryTable(operations_.History({}, 0)), "table");
    }
    if (Mentions(statement, "freshet_graph")) {
        Fill("freshet_graph", GraphTable(operations_.Graph()), "");
    }
}

void SessionRelations::Fill(const std::string& name, const Table& content, const std::string& filter_column) {
    std::string columns;
    for (const auto& column : content.columns) {
        columns += (columns.empty() ? "" : ", ") + QuoteIdentifier(column.name) + " " + column.type;
    }
    std::string table = "temp.main." + QuoteIdentifier("__" + name);
    session_.Query(fmt::format("CREATE OR REPLACE TEMP TABLE {} ({})", QuoteIdentifier("__" + name), columns));
    InsertRows(session_, table, content);
    std::string macro = fmt::format("CREATE OR REPLACE TEMP MACRO {}() AS TABLE (SELECT * FROM {})", name, table);
    if (!filter_column.empty()) {
        // A name alone means the table in any schema.
        macro += fmt::format(", (wanted) AS TABLE (SELECT * FROM {0} WHERE lower({1}) = lower(wanted) OR "
                             "ends_with(lower({1}), '.' || lower(wanted)))",
                             table, QuoteIdentifier(filter_column));
    }
    session_.Query(macro);
}

} // namespace freshet
