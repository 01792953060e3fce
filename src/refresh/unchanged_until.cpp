#include "refresh/unchanged_until.hpp"

#include "lake/catalog.hpp"

namespace freshet {

/// A lake that was put back to an older state may have given the hint's number to another snapshot since: that one is
/// younger than the hint.
Snapshot TrustedHint(Session& session, const UnchangedUntil& hint, Snapshot newest) {
    if (hint.snapshot == kNoSnapshot || hint.snapshot > newest) {
        return kNoSnapshot;
    }
    auto committed_at = CommittedAt(session, hint.snapshot);
    return committed_at && *committed_at <= hint.known_at ? hint.snapshot : kNoSnapshot;
}

} // namespace freshet
