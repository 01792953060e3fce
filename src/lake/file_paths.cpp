#include "lake/file_paths.hpp"

#include <fmt/format.h>

namespace freshet {

std::optional<std::string> TableFolder(Session& session, int64_t table_id, Snapshot at) {
    Value folder = session.QueryValue(
        fmt::format("SELECT CASE WHEN NOT t.path_is_relative THEN '' WHEN NOT s.path_is_relative THEN s.path ELSE "
                    "l.data_path || s.path END || t.path FROM (SELECT * FROM {} WHERE table_id = {} AND {}) AS t "
                    "JOIN (SELECT * FROM {} WHERE {}) AS s USING (schema_id), ducklake_settings({}) AS l",
                    MetadataTable("ducklake_table"), table_id, ValidAt(at), MetadataTable("ducklake_schema"),
                    ValidAt(at), QuoteLiteral(kLake)));
    return IsNull(folder) ? std::nullopt : std::optional(AsText(folder));
}

std::string FilePath(const std::string& folder, const std::string& file) {
    return fmt::format("CASE WHEN {0}.path_is_relative THEN {1} ELSE '' END || {0}.path", file, QuoteLiteral(folder));
}

std::string MadeSince(Snapshot at) {
    return fmt::format("delete_file_id >= coalesce((SELECT next_file_id FROM {} WHERE snapshot_id = {}), 0)",
                       MetadataTable("ducklake_snapshot"), at);
}

std::string DeleteFileRows(const std::vector<std::string>& paths) {
    std::string list;
    for (const std::string& path : paths) {
        list += (list.empty() ? "" : ", ") + QuoteLiteral(path);
    }
    // A folder name=value in the lake's path would otherwise stand in for a column.
    return fmt::format("(SELECT NULL::BIGINT AS _ducklake_internal_snapshot_id WHERE false UNION ALL BY NAME FROM "
                       "read_parquet([{}], union_by_name = true, filename = true, hive_partitioning = false))",
                       list);
}

} // namespace freshet
