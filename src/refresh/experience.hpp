#pragma once

#include <string>
#include <vector>

namespace freshet {

/// A finished refresh as the history tells it.
struct PastRefresh {
    std::string candidates;  ///< CandidatesJson() of then
    double measured_ms = -1; ///< -1: not known
};

/// What earlier refreshes of a table say about the model's estimates of the two ways.
struct Experience {
    double by_change =
        1; ///< measured / model; for a way that was never taken that of the other, at most a factor of two
    double full = 1;
    int choices = 0;              ///< refreshes that were looked at, at most kRemembered
    bool by_change_taken = false; ///< by any of them
    bool full_taken = false;
    double by_change_share = 0; ///< of these refreshes, weighted: how usual it is of late, with accumulators or without
};

/// Refreshes of a table that are looked at.
inline constexpr int kRemembered = 20;

/// Newest first. Per way the weighted geometric mean of measured / model, which outliers move little and which holds
/// when data grow. A refresh weighs 0.7 times the next newer one; the model's own word weighs as much as the newest, so
/// that one slow refresh doesn't rule out a way.
Experience Learn(const std::vector<PastRefresh>& newest_first);

} // namespace freshet
