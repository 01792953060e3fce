#include "service/relations.hpp"

#include "base/caseless.hpp"
#include "base/identifier.hpp"
#include "service/names.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace freshet {

namespace {

constexpr const char* kHistory = "freshet_refresh_history";
/// A column of the history that is looked at and not shown.
constexpr const char* kNameNow = "__freshet_name_now";
/// Begins the message of the error that the macro raises for a table that there is none of.
constexpr const char* kUnknown = "freshet_refresh_history of unknown table ";

bool Mentions(const std::string& statement, const std::string& name) {
    return FindWord(statement, name) != std::string::npos;
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
        Fill("freshet_tables", ListTable(operations_.List()));
    }
    if (Mentions(statement, kHistory)) {
        FillHistory();
    }
    if (Mentions(statement, "freshet_graph")) {
        Fill("freshet_graph", GraphTable(operations_.Graph()));
    }
}

std::string SessionRelations::Store(const std::string& name, const Table& content) {
    std::string columns;
    for (const auto& column : content.columns) {
        columns += (columns.empty() ? "" : ", ") + QuoteIdentifier(column.name) + " " + column.type;
    }
    std::string table = QuoteIdentifier("__" + name);
    session_.Query(fmt::format("CREATE OR REPLACE TEMP TABLE {} ({})", table, columns));
    table = "temp.main." + table;
    InsertRows(session_, table, content);
    return table;
}

void SessionRelations::Fill(const std::string& name, const Table& content) {
    session_.Query(
        fmt::format("CREATE OR REPLACE TEMP MACRO {}() AS TABLE (SELECT * FROM {})", name, Store(name, content)));
}

void SessionRelations::FillHistory() {
    Table names{{{"name", "VARCHAR"}}, {}};
    Registry registry = operations_.ReadTables();
    // The history moves with the table: it is asked for by the name of today.
    std::vector<RefreshRecord> records = operations_.History({}, 0);
    Table content = HistoryTable(records);
    content.columns.push_back({kNameNow, "VARCHAR"});
    for (size_t i = 0; i < records.size(); i++) {
        const DynamicTable* table = registry.FindById(records[i].table_id);
        content.rows[i].push_back((table != nullptr ? table->name : records[i].table).Text());
    }
    std::string history = Store(kHistory, content);
    for (const auto& table : registry.Tables()) {
        names.rows.push_back({table.name.Text()});
    }
    std::string known = Store("freshet_names", names);
    // A name alone means the table in any schema.
    auto matches = [](const char* column) {
        return fmt::format("(lower({0}) = lower(wanted) OR ends_with(lower({0}), '.' || lower(wanted)))", column);
    };
    session_.Query(
        fmt::format("CREATE OR REPLACE TEMP MACRO {0}() AS TABLE (SELECT * EXCLUDE {6} FROM {1}), (wanted) AS TABLE "
                    "(SELECT * EXCLUDE {6} "
                    "FROM {1} WHERE {2} UNION ALL (SELECT t.* EXCLUDE {6} FROM (SELECT 1) AS one LEFT JOIN {1} AS t ON "
                    "false WHERE CASE WHEN EXISTS (FROM {1} "
                    "WHERE {2}) "
                    "OR EXISTS (FROM {3} WHERE {4}) THEN false ELSE CAST(error({5} || wanted) AS BOOLEAN) END))",
                    kHistory, history, matches(kNameNow), known, matches("name"), QuoteLiteral(kUnknown), kNameNow));
}

void SessionRelations::CheckUnknown(const EngineError& error, const Excerpt& statement, const Source& source) const {
    const std::string& message = error.Message();
    if (message.rfind(kUnknown, 0) != 0) {
        return;
    }
    size_t at = std::min(FindWord(statement.text, kHistory), statement.text.size());
    try {
        MatchNames(operations_.ReadTables(), {message.substr(std::string(kUnknown).size())});
    } catch (Error& unknown) {
        throw unknown.At(source.At(statement.offset + at, std::string(kHistory).size()));
    }
}

} // namespace freshet
