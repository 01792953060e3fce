#pragma once

#include "lake/catalog.hpp"

#include <vector>

namespace freshet {

/// A window of one table's history: (from, to].
struct ChangeWindow {
    int64_t table_id = 0;
    Snapshot from = 0;
    Snapshot to = 0;
    int64_t rows_at_from = 0; ///< as they were counted then
};

struct EstimatedChange {
    int64_t inserted = 0;
    int64_t deleted = 0;
};

/// About how many rows were inserted and deleted in each window, from the row counts in DuckLake's metadata: no data
/// file is opened. Rows that are kept in the catalog are not counted. Means nothing for windows in which files were
/// merged, rewritten or flushed. One query, whatever the number of windows.
std::vector<EstimatedChange> EstimateChanges(Session& session, const std::vector<ChangeWindow>& windows);

} // namespace freshet
