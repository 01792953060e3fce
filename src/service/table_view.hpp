#pragma once

#include "schedule/scheduler.hpp"
#include "service/lake_watch.hpp"
#include "state/claims.hpp"

namespace freshet {

/// What the scheduler is told of the tables: what the lake says of each, how far the store knows it to have come, and
/// how its last refreshes failed. One that is so new that the store doesn't know it yet is left out. `now` is the
/// store's.
TablesSeen ViewsOf(const std::map<std::string, WatchedTable>& watched, const std::vector<StoredTable>& stored,
                   const std::vector<FailureNote>& failures, Timestamp now);

} // namespace freshet
