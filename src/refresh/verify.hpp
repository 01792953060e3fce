#pragma once

#include "lake/session.hpp"
#include "refresh/dynamic_table.hpp"
#include "refresh/unchanged_until.hpp"

#include <optional>

namespace freshet {

struct Verification {
    int64_t missing = 0; ///< rows that the definition gives and the table doesn't have
    int64_t extra = 0;   ///< rows that the table has and the definition doesn't give
    Snapshot data_snapshot = kNoSnapshot;
};

/// Evaluates the definition at the frontier and compares it with the content, both as bags: exactly, but for inexact
/// columns (1e-12 relative) and undetermined ones (left out). `version`: the content and frontier at that lake
/// snapshot. `unchanged_until`: up to there refreshes found nothing changed and left the frontier; source tables are
/// then read there. Throws NotVerifiable where a version is gone or rewritten.
Verification VerifyTable(Session& session, const DynamicTable& table, std::optional<Snapshot> version,
                         const UnchangedUntil& unchanged_until);

} // namespace freshet
