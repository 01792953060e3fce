#pragma once

#include "service/operations.hpp"
#include "service/reports.hpp"

#include <vector>

namespace freshet {

/// Maintenance of a lake, in this order: inlined rows of Freshet's tables (with `all_tables`, of all) are flushed, worn
/// files rewritten, small ones merged, where it is worth it; frontiers of tables without changes are moved past that;
/// snapshots older than the retention and than all frontiers are expired; files that were scheduled for deletion, and
/// those that no snapshot knows, are removed after a day.
///
/// A table that a live worker refreshes just now is compacted after that, or, with Operations::Force(), at once: then
/// the refresh begins again.
///
/// There is no record of who reads the lake or is about to commit. Whoever began less than an hour ago keeps his
/// snapshots, whatever the retention, and less than a day ago his files.
std::vector<MaintainEntry> Maintain(Operations& operations, const MaintainRequest& request);

} // namespace freshet
