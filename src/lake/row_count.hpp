#pragma once

#include "lake/catalog.hpp"

#include <optional>

namespace freshet {

/// count(*) of a table's version by DuckLake's metadata, which opens no file but delete files that also hold positions
/// of later snapshots. Nothing where they don't tell: some of the version's files also hold rows of later snapshots, a
/// data file has several delete files (two commits deleted at once, A10), or deletes are noted in the catalog. 2 to 3
/// ms.
std::optional<int64_t> RowsByMetadata(Session& session, int64_t table_id, Snapshot at);

/// count(*) of a table's version: by metadata, or else by a scan, which opens every file.
int64_t CountRows(Session& session, const TableName& name, int64_t table_id, Snapshot at);

} // namespace freshet
