#include "lake/written_files.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <string>

namespace freshet {

std::map<int64_t, WrittenFiles> ReadWrittenFiles(Session& session, const std::vector<int64_t>& table_ids, Snapshot from,
                                                 Snapshot to) {
    auto in_window = [&](const char* column) { return fmt::format("{0} > {1} AND {0} <= {2}", column, from, to); };
    Table found = session.Query(fmt::format(
        "SELECT table_id, coalesce(sum(written), 0)::BIGINT, count(*) FILTER (more), coalesce(sum(live), 0)::BIGINT "
        "FROM (SELECT table_id, CASE WHEN {0} THEN record_count END AS written, {1} OR ({0} AND partial_max IS NOT "
        "NULL) AS more, CASE WHEN {2} THEN record_count END AS live FROM {3} UNION ALL SELECT table_id, NULL, {0}, "
        "CASE WHEN {2} THEN -delete_count END FROM {4}) WHERE table_id IN ({5}) GROUP BY table_id",
        in_window("begin_snapshot"), in_window("end_snapshot"), ValidAt(to), MetadataTable("ducklake_data_file"),
        MetadataTable("ducklake_delete_file"), fmt::join(table_ids, ", ")));
    std::map<int64_t, WrittenFiles> files;
    for (const auto& row : found.rows) {
        files[AsInt(row[0])] = {AsInt(row[1]), AsInt(row[2]), AsInt(row[3])};
    }
    return files;
}

} // namespace freshet
