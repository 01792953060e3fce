#pragma once

#include "lake/catalog.hpp"

#include <optional>
#include <string>
#include <vector>

namespace freshet {

/// The folder that paths of a table's files are relative to, as DuckLake's scans have it, with the separator at its
/// end; nothing if the table isn't there at that snapshot. Metadata holds a path for each of lake, schema and table.
std::optional<std::string> TableFolder(Session& session, int64_t table_id, Snapshot at);

/// SQL: the path of a file by which scans know it (`filename`), where `file` is the alias of a row of DuckLake's
/// metadata about data or delete files.
std::string FilePath(const std::string& folder, const std::string& file);

/// SQL condition on a row of the metadata about delete files: made after this version. Files are numbered in the order
/// of their making. Such a file may hold positions of later snapshots: each delete writes those of its data file anew,
/// and a flush writes all that it finds into one file, which names the first snapshot only.
std::string MadeSince(Snapshot at);

/// SQL of a relation with the rows of these delete files and `_ducklake_internal_snapshot_id`, which is NULL where all
/// positions of a file are of one snapshot, and `filename`.
std::string DeleteFileRows(const std::vector<std::string>& paths);

} // namespace freshet
