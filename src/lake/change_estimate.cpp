#include "lake/change_estimate.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace freshet {

namespace {

/// SELECT of n, inserted, rows of the files of which `condition` holds.
std::string Part(const char* table, const char* condition, const char* inserted, const char* rows) {
    return fmt::format(
        "SELECT n, {} AS inserted, {} AS rows FROM {} AS f JOIN windows AS w ON f.table_id = w.id AND {}", inserted,
        rows, MetadataTable(table), condition);
}

constexpr const char* kBegun = "f.begin_snapshot > w.v0 AND f.begin_snapshot <= w.v1";
constexpr const char* kLive = "f.begin_snapshot <= w.v1 AND (f.end_snapshot IS NULL OR f.end_snapshot > w.v1)";

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
    // DuckLake extends delete files and leaves their begin: what was deleted follows from what is left.
    Table sums = session.Query(fmt::format(
        "WITH windows(n, id, v0, v1) AS (VALUES {}) SELECT n, sum(inserted)::BIGINT, sum(rows)::BIGINT FROM ({} UNION "
        "ALL {} UNION ALL {}) GROUP BY n",
        values, Part("ducklake_data_file", kBegun, "record_count", "0"),
        Part("ducklake_data_file", kLive, "0", "record_count"),
        Part("ducklake_delete_file", kLive, "0", "-delete_count")));
    for (const auto& row : sums.rows) {
        auto n = static_cast<size_t>(AsInt(row[0]));
        int64_t inserted = AsInt(row[1]);
        changes.at(n) = {inserted, std::max<int64_t>(0, windows.at(n).rows_at_from + inserted - AsInt(row[2]))};
    }
    return changes;
}

} // namespace freshet
