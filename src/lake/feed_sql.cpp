#include "lake/feed_sql.hpp"

#include <fmt/format.h>

namespace freshet {

namespace {

std::string ColumnsAtTo(const FeedRequest& request) {
    std::string text;
    for (const std::string& column : request.columns) {
        text += (text.empty() ? "" : ", ") + QuoteIdentifier(column);
    }
    return text.empty() ? "NULL" : text;
}

/// One of a group's rows, which are copies of one row.
std::string FirstOfEach(const FeedRequest& request) {
    std::string text;
    for (const std::string& column : request.columns) {
        std::string name = QuoteIdentifier(column);
        text += fmt::format("{}first({}) AS {}", text.empty() ? "" : ", ", name, name);
    }
    return text.empty() ? "NULL" : text;
}

/// Both ends of the function's window are included.
std::string FeedFunction(const char* kind, const FeedRequest& request) {
    return fmt::format("ducklake_table_{}({}, {}, {}, {}, {})", kind, QuoteLiteral(kLake),
                       QuoteLiteral(request.table.schema), QuoteLiteral(request.table.name), request.from + 1,
                       request.to);
}

} // namespace

std::string OldVersion(const FeedRequest& request, const std::string& alias) {
    return fmt::format("{} AS {} AT (VERSION => {})", request.table_at_from.Sql(), alias, request.from);
}

std::string ColumnsAtFrom(const FeedRequest& request, const std::string& prefix) {
    std::string text;
    for (size_t i = 0; i < request.columns.size(); i++) {
        text += fmt::format("{}{}{} AS {}", text.empty() ? "" : ", ", prefix,
                            QuoteIdentifier(request.columns_at_from.at(i)), QuoteIdentifier(request.columns[i]));
    }
    return text.empty() ? "NULL" : text;
}

std::string SurvivingInsertions(const FeedRequest& request) {
    return fmt::format("SELECT {} FROM {} WHERE snapshot_id > {}", ColumnsAtTo(request),
                       AtVersion(request.table, request.to), request.from);
}

std::string Insertions(const FeedRequest& request) {
    return fmt::format("SELECT {} FROM {}", ColumnsAtTo(request), FeedFunction("insertions", request));
}

FeedSql AppendOnlySql(const FeedRequest& request, bool identity) {
    return {identity ? SurvivingInsertions(request) : Insertions(request), ""};
}

FeedSql ChangeFeedSql(const FeedRequest& request, bool identity) {
    std::string deletions = FeedFunction("deletions", request);
    return {Insertions(request), identity
                                     ? fmt::format("SELECT {} FROM {} GROUP BY filename, file_row_number, snapshot_id",
                                                   FirstOfEach(request), deletions)
                                     : fmt::format("SELECT {} FROM {}", ColumnsAtTo(request), deletions)};
}

FeedSql IdentityDifferenceSql(const FeedRequest& request) {
    return {SurvivingInsertions(request),
            fmt::format("SELECT {} FROM {} ANTI JOIN (SELECT filename, file_row_number, snapshot_id FROM {}) AS now "
                        "ON was.filename = now.filename AND was.file_row_number = now.file_row_number "
                        "AND was.snapshot_id = now.snapshot_id",
                        ColumnsAtFrom(request, "was."), OldVersion(request, "was"),
                        AtVersion(request.table, request.to))};
}

FeedSql ValueDifferenceSql(const FeedRequest& request) {
    return {fmt::format("SELECT {} FROM {}", ColumnsAtTo(request), AtVersion(request.table, request.to)),
            fmt::format("SELECT {} FROM {}", ColumnsAtFrom(request, "was."), OldVersion(request, "was"))};
}

} // namespace freshet
