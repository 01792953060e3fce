#include "lake/change_estimate.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace freshet {

namespace {

/// SELECT of n, inserted, deleted of the files whose `column` falls into a window.
std::string Part(const char* table, const char* column, const char* inserted, const char* deleted) {
    return fmt::format(
        "SELECT n, {} AS inserted, {} AS deleted FROM {} AS f JOIN windows AS w ON f.table_id = w.id AND "
        "f.{} > w.v0 AND f.{} <= w.v1",
        inserted, deleted, MetadataTable(table), column, column);
}

} // namespace

std::vector<EstimatedChange> EstimateChanges(Session& session, const std::vector<ChangeWindow>& windows) {
    std::vector<EstimatedChange> changes(windows.size());
    if (windows.empty()) {
        return changes;
    }
    std::string values;
    for (size_t i = 0; i < windows.size(); i++) {
        values +=
            fmt::format("{}({}, {}, {}, {})", i ? ", " : "", i, windows[i].table_id, windows[i].from, windows[i].to);
    }
    // A later delete file of a data file holds the deletes of the one that it replaces.
    Table sums = session.Query(fmt::format("WITH windows(n, id, v0, v1) AS (VALUES {}) SELECT n, "
                                           "sum(inserted)::BIGINT, sum(deleted)::BIGINT FROM ({} UNION "
                                           "ALL {} UNION ALL {} UNION ALL {}) GROUP BY n",
                                           values, Part("ducklake_data_file", "begin_snapshot", "record_count", "0"),
                                           Part("ducklake_data_file", "end_snapshot", "0", "record_count"),
                                           Part("ducklake_delete_file", "begin_snapshot", "0", "delete_count"),
                                           Part("ducklake_delete_file", "end_snapshot", "0", "-delete_count")));
    for (const auto& row : sums.rows) {
        auto& change = changes.at(static_cast<size_t>(AsInt(row[0])));
        change = {std::max<int64_t>(0, AsInt(row[1])), std::max<int64_t>(0, AsInt(row[2]))};
    }
    return changes;
}

} // namespace freshet
