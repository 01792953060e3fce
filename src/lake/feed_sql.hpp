#pragma once

#include "lake/change_feed.hpp"

#include <string>

namespace freshet {

/// Two queries of the requested columns, by their names at `to`: rows that came and rows that went, before netting.
/// Empty text: there are none.
struct FeedSql {
    std::string inserted;
    std::string deleted;
};

/// "a", "b" AS "c", each after `prefix`: requested columns as named at `from`, under their names at `to`. An empty list
/// is NULL: a query must select something.
std::string ColumnsAtFrom(const FeedRequest& request, const std::string& prefix = "");

/// "lake"."s"."t" AS alias AT (VERSION => from)
std::string OldVersion(const FeedRequest& request, const std::string& alias);

/// Rows at `to` that were written after `from`; rows born and gone in between are not among them.
std::string SurvivingInsertions(const FeedRequest& request);

/// Rows that DuckLake's feed has as inserted, those that are gone at `to` among them. It opens no file but those that
/// were written in the window.
std::string Insertions(const FeedRequest& request);

/// `identity`, here and below: the virtual columns that identify a row are not hidden by columns of the table.
///
/// A transaction that deletes rows which it inserted itself is logged as an insert only, yet the insertion feed has the
/// rows; without identity they are taken as inserted, which the sum of the window shows.
FeedSql AppendOnlySql(const FeedRequest& request, bool identity);

/// Without identity deletions that DuckLake reports twice (A2) stay double, which the sum of the window shows.
FeedSql ChangeFeedSql(const FeedRequest& request, bool identity);

/// Rows are the same row if file, position and writing snapshot agree (A7).
FeedSql IdentityDifferenceSql(const FeedRequest& request);

/// Everything at `to` against everything at `from`: right by definition, and the dearest.
FeedSql ValueDifferenceSql(const FeedRequest& request);

} // namespace freshet
