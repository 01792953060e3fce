#include "lake/staged_change.hpp"

#include "base/netting.hpp"

#include <fmt/format.h>

namespace freshet {

StagedChange::StagedChange(Session& session, const FeedRequest& request, const std::string& target)
    : session_(session), request_(request), table_("temp.main." + QuoteIdentifier(target)),
      weight_(QuoteIdentifier(request.weight)) {
    for (const std::string& column : request.columns) {
        columns_ += QuoteIdentifier(column) + ", ";
    }
}

void StagedChange::CreateLike(const std::string& query) {
    std::string columns;
    for (const Column& column : session_.Query(query + " LIMIT 0").columns) {
        columns += (columns.empty() ? "" : ", ") + QuoteIdentifier(column.name) + " " + column.type;
    }
    session_.Query(fmt::format("CREATE OR REPLACE TEMP TABLE {} ({})", table_, columns));
}

std::string StagedChange::Weighted(const std::string& rows, int weight) const {
    // Without columns the query's single NULL takes the weight's place.
    std::string selected = columns_.empty() ? "" : "rows.*, ";
    return fmt::format("SELECT {}{}::TINYINT AS {} FROM ({}) AS rows", selected, weight, weight_, rows);
}

void StagedChange::Fill(const FeedSql& sql) {
    inserted_ = deleted_ = 0;
    if (sql.inserted.empty()) {
        CreateLike(fmt::format("SELECT {}1::TINYINT AS {} FROM {}", columns_, weight_,
                               AtVersion(request_.table, request_.to)));
    } else { // these have the types of `to`
        inserted_ = AsInt(session_.QueryValue(
            fmt::format("CREATE OR REPLACE TEMP TABLE {} AS {}", table_, Weighted(sql.inserted, 1))));
    }
    if (sql.deleted.empty()) {
        return;
    }
    if (!sql.inserted.empty() && inserted_ == 0) {
        CreateLike("SELECT * FROM " + table_);
    }
    deleted_ = AsInt(session_.QueryValue(fmt::format("INSERT INTO {} {}", table_, Weighted(sql.deleted, -1))));
}

void StagedChange::Net() {
    if (inserted_ == 0 || deleted_ == 0) {
        return;
    }
    std::vector<Column> columns = TypedColumns();
    bool many = inserted_ + deleted_ > kFewToNet && !columns.empty();
    if (many && session_.Query(AnyCancelled(columns, table_, weight_)).rows.empty()) {
        return;
    }
    // GROUP BY takes NULLs as equal, nested values too. The sum stands in the weight's column until its copies are
    // made.
    std::string group = columns_.empty() ? "" : "GROUP BY " + IdentityGroups(columns, "");
    std::string sums = fmt::format("SELECT {0}sum({1})::BIGINT AS {1} FROM {2} {3} HAVING sum({1}) <> 0", columns_,
                                   weight_, table_, group);
    std::string copies =
        fmt::format("SELECT {0}sign({1})::TINYINT AS {1}, unnest(range(abs({1}))) FROM ({2})", columns_, weight_, sums);
    session_.Query(
        fmt::format("CREATE OR REPLACE TEMP TABLE {} AS SELECT {}{} FROM ({})", table_, columns_, weight_, copies));
}

std::vector<Column> StagedChange::TypedColumns() {
    std::vector<Column> typed;
    auto table = FindTable(session_, request_.table, request_.to);
    for (const std::string& name : request_.columns) {
        typed.push_back({name, ""});
        for (const auto& column : table ? table->columns : std::vector<ColumnInfo>{}) {
            typed.back().type = column.name == name ? column.type : typed.back().type;
        }
    }
    return typed;
}

void StagedChange::Recount() {
    auto count = [&](const char* sign) {
        return AsInt(session_.QueryValue(fmt::format("SELECT count(*) FROM {} WHERE {} {} 0", table_, weight_, sign)));
    };
    inserted_ = count(">");
    deleted_ = count("<");
}

bool StagedChange::IsComplete() {
    return AsInt(session_.QueryValue("SELECT count(*) FROM " + table_)) == inserted_ + deleted_;
}

} // namespace freshet
