#pragma once

#include "delta/analysis.hpp"
#include "lake/session.hpp"
#include "refresh/by_change.hpp"
#include "refresh/dynamic_table.hpp"

#include <string>
#include <vector>

namespace freshet {

/// What the two ways of refreshing a table would take, in milliseconds, from row counts alone. The coefficients are
/// rough guesses, not fitted; docs/explanation/cost.md holds them against what bench_refresh measured. Only their ratio
/// matters for the choice.
struct CostEstimate {
    double by_change_ms = 0;
    double full_ms = 0;
};

CostEstimate EstimateCosts(Session& session, const delta::Analysis& analysis, const std::vector<InputVersion>& inputs,
                           const Frontier& before, const InputChanges& changes);

/// The ways considered, their costs, and why one was taken: for the history.
std::string CandidatesJson(const CostEstimate& costs, bool by_change, bool free_choice);

} // namespace freshet
