#pragma once

#include "lake/catalog.hpp"

#include <cstdint>
#include <map>
#include <vector>

namespace freshet {

/// What DuckLake's metadata tell of one table's files in a window.
struct WrittenFiles {
    int64_t rows = 0;   ///< in files of the window
    int64_t others = 0; ///< what isn't a plain new file: files that ended, were merged with later ones, delete files
};

/// Of each table, after `from` up to `to`, in one query. A table without files in the metadata is not in it.
std::map<int64_t, WrittenFiles> ReadWrittenFiles(Session& session, const std::vector<int64_t>& table_ids, Snapshot from,
                                                 Snapshot to);

} // namespace freshet
