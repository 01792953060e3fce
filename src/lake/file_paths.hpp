#pragma once

#include "lake/catalog.hpp"

#include <string>

namespace freshet {

/// The folder that paths of a table's files are relative to, as DuckLake's scans have it, with the separator at its
/// end; empty if the table isn't there at that snapshot. Metadata holds a path for each of lake, schema and table.
std::string TableFolder(Session& session, int64_t table_id, Snapshot at);

/// SQL: the path of a file by which scans know it (`filename`), where `file` is the alias of a row of DuckLake's
/// metadata about data or delete files.
std::string FilePath(const std::string& folder, const std::string& file);

} // namespace freshet
