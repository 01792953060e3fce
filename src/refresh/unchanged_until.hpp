#pragma once

#include "lake/session.hpp"
#include "refresh/dynamic_table.hpp"

namespace freshet {

/// The state store's word that a table's content was right at a snapshot, given at a moment.
struct UnchangedUntil {
    Snapshot snapshot = kNoSnapshot;
    Timestamp known_at = 0;
};

/// The hint's snapshot if it may be believed in a transaction that reads at `newest`, else kNoSnapshot.
Snapshot TrustedHint(Session& session, const UnchangedUntil& hint, Snapshot newest);

} // namespace freshet
