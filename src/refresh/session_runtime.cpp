#include "refresh/session_runtime.hpp"

#include "base/identifier.hpp"
#include "refresh/key_ranges.hpp"

#include <fmt/format.h>

namespace freshet {

namespace {

SessionRuntime::Rewrite& TheRewrite() {
    static SessionRuntime::Rewrite rewrite;
    return rewrite;
}

} // namespace

void SessionRuntime::RewriteStatements(Rewrite rewrite) {
    TheRewrite() = std::move(rewrite);
}

delta::Facts SessionRuntime::Make(const std::string& name, const std::string& sql, bool weighted,
                                  const std::vector<std::string>& null_columns) {
    statements_.push_back(
        fmt::format("CREATE OR REPLACE TEMP TABLE {} AS {}", name, TheRewrite() ? TheRewrite()(name, sql) : sql));
    delta::Facts facts;
    facts.rows = AsInt(session_.QueryValue(statements_.back()));
    facts.has_null.resize(null_columns.size());
    tables_.push_back(name);
    if (facts.rows > 0 && (weighted || !null_columns.empty())) {
        LookInto(name, weighted, null_columns, facts);
    }
    return facts;
}

std::vector<emit::ValueRange> SessionRuntime::Ranges(const std::string& table, int64_t rows, const std::string& column,
                                                     const std::string& type) {
    constexpr int64_t kFewKeys = 50; // DuckDB's joins prune by each of them (dynamic_or_filter_threshold)
    if (rows <= kFewKeys && !session_.AvoidsJoinFilters()) {
        return {};
    }
    return FindKeyRanges(session_, table, column, type);
}

void SessionRuntime::LookInto(const std::string& name, bool weighted, const std::vector<std::string>& null_columns,
                              delta::Facts& facts) {
    std::string list = weighted ? fmt::format("count(*) FILTER (WHERE {} > 0)", QuoteIdentifier(kWeight)) : "0";
    for (const auto& column : null_columns) {
        list += fmt::format(", bool_or({} IS NULL)", QuoteIdentifier(column));
    }
    auto row = session_.Query(fmt::format("SELECT {} FROM {}", list, name)).rows.at(0);
    if (weighted) {
        facts.inserted = AsInt(row[0]);
        facts.deleted = facts.rows - facts.inserted;
    }
    for (size_t i = 0; i < null_columns.size(); i++) {
        facts.has_null[i] = AsInt(row[i + 1]) != 0;
    }
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
