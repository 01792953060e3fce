#pragma once

#include "refresh/dynamic_table.hpp"

#include <optional>

namespace freshet {

/// The oldest snapshot that a table needs so that its next refresh can be by change, and its content be verified:
/// versions of inputs, and the log of what happened since. Every later one is needed too, for where the log has gaps
/// nobody knows what changed. Nothing for a table that was never filled.
std::optional<Snapshot> OldestNeeded(const Frontier& frontier);

/// Where snapshots must be kept from, and for whom.
struct Guard {
    Snapshot oldest = kNoSnapshot;
    TableName table;
};

/// Of all dynamic tables, suspended ones too: a table resumed goes on from its frontier. Nothing if none needs any.
/// At the snapshot of the session's transaction. A frontier never goes back, and that of a new table begins at a
/// snapshot that was the newest while it was filled, so that the guard holds beside other processes.
std::optional<Guard> ReadGuard(Session& session, const Registry& registry);

} // namespace freshet
