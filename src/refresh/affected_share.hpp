#pragma once

#include "delta/analysis.hpp"
#include "refresh/by_change.hpp"

#include <cstdint>
#include <string>

namespace freshet {

/// How much of a result a change affects, for CARDINALITY_THRESHOLD.
struct AffectedShare {
    const char* what = ""; ///< "keys", "rows", "rows of the inputs"
    int64_t affected = 0;
    int64_t all = 0; ///< before the change

    bool Exceeds(double threshold) const;
    std::string Text() const; ///< "3 of 10 keys affected (0.30)"
};

/// Of an edit that the delta rules have made: keys (groups or partitions) of the result where they are among its
/// columns; else rows that come or go, of those stored; where the result is compared as a whole, changed rows of the
/// inputs.
AffectedShare AffectedShareOf(Session& session, const delta::Analysis& analysis, const InputChanges& changes,
                              const Edit& edit);

} // namespace freshet
