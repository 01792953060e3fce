#pragma once

#include "lake/catalog.hpp"

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace freshet {

/// What DuckLake's metadata tell of one table's files in a window, without a look at data. Rows that are kept in the
/// catalog are not counted.
struct WrittenFiles {
    int64_t rows = 0;   ///< in files of the window
    int64_t others = 0; ///< what isn't a plain new file: files that ended, were merged with later ones, delete files
    int64_t live = 0;   ///< rows in all files at the window's end, without deleted ones
};

/// By window, after one snapshot up to another one, and table id.
using WrittenInWindows = std::map<std::pair<Snapshot, Snapshot>, std::map<int64_t, WrittenFiles>>;

/// Of each table, after `from` up to `to`, in one query. A table without files in the metadata is not in it.
std::map<int64_t, WrittenFiles> ReadWrittenFiles(Session& session, const std::vector<int64_t>& table_ids, Snapshot from,
                                                 Snapshot to);

} // namespace freshet
