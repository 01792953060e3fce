#pragma once

#include "lake/feed_sql.hpp"

#include <cstdint>
#include <string>

namespace freshet {

/// The TEMP table that a change is read into.
class StagedChange {
public:
    StagedChange(Session& session, const FeedRequest& request, const std::string& target);

    /// Makes the table anew, with the columns' types as at `to`.
    void Fill(const FeedSql& sql);
    /// Nets by value over all columns, NULL-safe; does nothing where rows of one sign only were filled in.
    void Net();
    /// Counts the rows anew: after Net().
    void Recount();
    /// Does the table hold the rows that were filled in, as far as their number tells?
    bool IsComplete();

    int64_t Inserted() const { return inserted_; }
    int64_t Deleted() const { return deleted_; }

private:
    /// The requested columns with their types at `to`.
    std::vector<Column> TypedColumns();
    /// Makes the table anew, empty, with the columns of the query, by their names and types: DuckDB 1.5.5 loses the
    /// rows of a large INSERT into a table to which the same transaction has appended nothing before, as CREATE TABLE
    /// AS does with an empty query (docs/explanation/ducklake.md).
    void CreateLike(const std::string& query);
    /// The query of `rows` with their weight.
    std::string Weighted(const std::string& rows, int weight) const;

    Session& session_;
    const FeedRequest& request_;
    std::string table_;   ///< qualified and quoted
    std::string columns_; ///< quoted, each followed by a comma
    std::string weight_;  ///< quoted
    int64_t inserted_ = 0;
    int64_t deleted_ = 0;
};

} // namespace freshet
