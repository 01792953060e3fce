#include "lake/file_paths.hpp"

#include <fmt/format.h>

namespace freshet {

std::string TableFolder(Session& session, int64_t table_id, Snapshot at) {
    Value folder = session.QueryValue(
        fmt::format("SELECT CASE WHEN NOT t.path_is_relative THEN '' WHEN NOT s.path_is_relative THEN s.path ELSE "
                    "l.data_path || s.path END || t.path FROM (SELECT * FROM {} WHERE table_id = {} AND {}) AS t "
                    "JOIN (SELECT * FROM {} WHERE {}) AS s USING (schema_id), ducklake_settings({}) AS l",
                    MetadataTable("ducklake_table"), table_id, ValidAt(at), MetadataTable("ducklake_schema"),
                    ValidAt(at), QuoteLiteral(kLake)));
    return IsNull(folder) ? "" : AsText(folder);
}

std::string FilePath(const std::string& folder, const std::string& file) {
    return fmt::format("CASE WHEN {0}.path_is_relative THEN {1} ELSE '' END || {0}.path", file, QuoteLiteral(folder));
}

} // namespace freshet
