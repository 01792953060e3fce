#pragma once

#include "lake/session.hpp"
#include "refresh/dynamic_table.hpp"

#include <vector>

namespace freshet {

/// So long after DROP a definition can be brought back: 30 days.
inline constexpr Timestamp kDroppedKept = Timestamp{30} * 24 * 3600 * 1'000'000;

/// When a table was dropped, and the last snapshot that had it.
struct DropMoment {
    Timestamp at = 0;
    Snapshot last = kNoSnapshot;
};

/// A dynamic table that was dropped, as it was then: a row of __freshet.dropped_tables.
struct DroppedTable {
    DynamicTable table;
    DropMoment dropped;
};

/// Makes the table of dropped tables where it is missing.
void EnsureDroppedTables(Session& session);

/// Keeps the registry's rows of tables that the caller's transaction drops, and forgets those that were dropped more
/// than kDroppedKept ago.
void RememberDropped(Session& session, const std::vector<DynamicTable>& tables, const DropMoment& moment);

/// Inside the caller's transaction: it exists again.
void ForgetDropped(Session& session, const std::string& id);

/// Those that can be brought back at this moment, the last dropped first.
std::vector<DroppedTable> ReadDropped(Session& session, Timestamp now);

/// Brings a table back with the content, state and accumulators that it had in its last snapshot, in one lake
/// transaction; table and companions are new ones in the lake, the dynamic table keeps its id. False if that snapshot
/// has expired: nothing was done. Throws Cycle if it would read itself by what was made since.
bool RestoreTable(Session& session, const DroppedTable& dropped, DynamicTable& restored);

} // namespace freshet
