#pragma once

#include "schedule/scheduler.hpp"
#include "service/lake_watch.hpp"
#include "state/claims.hpp"

namespace freshet {

/// What the scheduler is told of a table: what the lake says of it, how far the store knows it to have come, and how
/// its last refreshes failed. `now` is the store's.
TableView ViewOf(const WatchedTable& watched, const Progress& progress, const FailureNote& note, Timestamp now);

} // namespace freshet
