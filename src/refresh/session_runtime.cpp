#include "refresh/session_runtime.hpp"

#include "base/identifier.hpp"

#include <fmt/format.h>

namespace freshet {

delta::Facts SessionRuntime::Make(const std::string& name, const std::string& sql, bool weighted,
                                  const std::vector<std::string>& null_columns) {
    statements_.push_back(fmt::format("CREATE OR REPLACE TEMP TABLE {} AS {}", name, sql));
    session_.Query(statements_.back());
    tables_.push_back(name);
    std::string list = "count(*)";
    std::string weight = QuoteIdentifier(kWeight);
    list += weighted ? fmt::format(", count(*) FILTER (WHERE {0} > 0), count(*) FILTER (WHERE {0} < 0)", weight)
                     : std::string(", 0, 0");
    for (const auto& column : null_columns) {
        list += fmt::format(", coalesce(bool_or({} IS NULL), false)", QuoteIdentifier(column));
    }
    auto row = session_.Query(fmt::format("SELECT {} FROM {}", list, name)).rows.at(0);
    delta::Facts facts;
    facts.rows = AsInt(row[0]);
    facts.inserted = AsInt(row[1]);
    facts.deleted = AsInt(row[2]);
    for (size_t i = 3; i < row.size(); i++) {
        facts.has_null.push_back(AsInt(row[i]) != 0);
    }
    return facts;
}

void SessionRuntime::DropTables() noexcept {
    for (const auto& table : tables_) {
        try {
            session_.Query("DROP TABLE IF EXISTS " + table);
        } catch (...) { // an aborted transaction: the tables go with the session
            break;
        }
    }
    tables_.clear();
}

} // namespace freshet
