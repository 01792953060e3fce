#pragma once

#include "lake/change_feed.hpp"
#include "lake/row_count.hpp"
#include "lake/test_lake.hpp"

#include <map>
#include <string>
#include <vector>

namespace freshet {

/// Watches one table: keeps a copy of what it held at each snapshot, as a consumer saw it then, and judges changes by
/// the copies, not by what DuckLake later says about old versions.
class WatchedTable {
public:
    WatchedTable(TestLake& lake, std::string name) : lake_(lake), name_(std::move(name)) { Remember(); }

    /// To be called after each change that versions are compared over.
    Snapshot Remember() {
        Snapshot now = lake_.Newest();
        lake_.Run(fmt::format("CREATE OR REPLACE TABLE {} AS FROM {}", Copy(now), Name().Sql()));
        rows_[now] = lake_.Number("SELECT count(*) FROM " + Copy(now));
        return now;
    }
    Snapshot After(const std::string& sql) {
        lake_.Run(sql);
        return Remember();
    }

    /// The request that a refresh would make: all columns, or those named.
    FeedRequest Request(Snapshot from, Snapshot to) {
        FeedRequest request;
        request.from = from;
        request.to = to;
        request.table = request.table_at_from = Name();
        TableInfo table = FindTable(lake_.Main(), Name(), to).value();
        request.table_id = table.id;
        for (const ColumnInfo& column : table.columns) {
            request.columns.push_back(column.name);
        }
        request.columns_at_from = request.columns;
        request.changes = ChangeLog::Read(lake_.Main(), from, to).Of(table.id);
        request.deleted_later = ChangeLog::Read(lake_.Main(), to, lake_.Newest()).Of(table.id).deleted;
        request.rows_at_from = rows_.at(from);
        return request;
    }

    FeedResult Read(const FeedRequest& request) {
        Transaction transaction(lake_.Main());
        CurrentSnapshot(lake_.Main());
        FeedResult result = ReadChanges(lake_.Main(), request, "change");
        transaction.Commit(); // keeps the TEMP table
        return result;
    }

    /// Values whose copies at `from`, as remembered, plus and minus the change that was read, are not those that a
    /// query of `to` finds now.
    int64_t Differences(const FeedRequest& request) {
        std::string columns = Columns(request);
        return lake_.Number(fmt::format(
            "SELECT count(*) FROM (SELECT {0}sum(w) AS total FROM (SELECT {0}1 AS w FROM {1} UNION ALL BY NAME "
            "SELECT {0}w FROM temp.main.change UNION ALL BY NAME SELECT {0}-1 AS w FROM {2}) {3} HAVING sum(w) <> 0)",
            columns, Copy(request.from), AtVersion(request.table, request.to), Grouped(columns)));
    }
    /// Values that are inserted as well as deleted, or of another weight than +1 and -1.
    int64_t NotNetted(const FeedRequest& request) {
        std::string columns = Columns(request);
        return lake_.Number(fmt::format("SELECT count(*) FROM (SELECT {0}count(*) FROM temp.main.change {1} "
                                        "HAVING min(w) <> max(w) OR max(abs(w)) <> 1)",
                                        columns, Grouped(columns)));
    }

    /// Reads the window and checks that the change leads exactly from one copy to the other.
    FeedResult Check(const FeedRequest& request) {
        FeedResult result = Read(request);
        EXPECT_TRUE(result.usable) << result.problem;
        EXPECT_TRUE(IsAsRemembered(request.to));
        ExpectMetadataTell(request, request.to);
        if (result.usable) {
            EXPECT_EQ(Differences(request), 0) << FeedMethodName(result.method);
            EXPECT_EQ(NotNetted(request), 0) << FeedMethodName(result.method);
            EXPECT_EQ(result.rows_at_to, CountRows(lake_.Main(), request.table, request.to));
        }
        return result;
    }
    FeedResult Check(Snapshot from, Snapshot to) { return Check(Request(from, to)); }

    /// Where metadata tell the rows of a version, they tell what a scan counts.
    void ExpectMetadataTell(const FeedRequest& request, Snapshot at) {
        int64_t scanned = CountRows(lake_.Main(), request.table, at);
        EXPECT_EQ(RowsByMetadata(lake_.Main(), request.table_id, at).value_or(scanned), scanned);
    }

    /// Does DuckLake still read the version as it was?
    bool IsAsRemembered(Snapshot at) {
        std::string now = "FROM " + AtVersion(Name(), at);
        std::string was = "FROM " + Copy(at);
        return lake_.Number(fmt::format("SELECT count(*) FROM (({0} EXCEPT ALL {1}) UNION ALL ({1} EXCEPT ALL {0}))",
                                        now, was)) == 0;
    }

    TableName Name() const { return {"main", name_}; }
    const std::map<Snapshot, int64_t>& Versions() const { return rows_; }

private:
    std::string Copy(Snapshot at) const {
        return fmt::format("memory.main.{}", QuoteIdentifier(fmt::format("{} {}", name_, at)));
    }
    static std::string Columns(const FeedRequest& request) {
        std::string columns;
        for (const std::string& column : request.columns) {
            columns += QuoteIdentifier(column) + ", ";
        }
        return columns;
    }
    static std::string Grouped(const std::string& columns) {
        return columns.empty() ? "" : "GROUP BY " + columns.substr(0, columns.size() - 2);
    }

    TestLake& lake_;
    std::string name_;
    std::map<Snapshot, int64_t> rows_;
};

} // namespace freshet
