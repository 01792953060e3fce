#pragma once

#include "delta/analysis.hpp"
#include "refresh/by_change.hpp"
#include "refresh/dynamic_table.hpp"
#include "refresh/experience.hpp"

#include <string>

namespace freshet {

/// What the two ways of refreshing a table would take, in milliseconds: a model over row counts, corrected by what
/// earlier refreshes of the table took. docs/explanation/cost.md.
struct CostEstimate {
    double by_change_model_ms = 0;
    double full_model_ms = 0;
    double by_change_ms = 0;
    double full_ms = 0;
};

/// From numbers alone: nothing is read.
CostEstimate EstimateCosts(const delta::Analysis& analysis, const Frontier& before, const InputChanges& changes,
                           const Experience& experience);

/// A way taken, and why.
struct Choice {
    bool by_change = true;
    std::string why;     ///< of the way taken
    std::string why_not; ///< of the other
};
/// The cheaper way. One that was not taken for long, and is estimated to cost not much more, is tried: the estimate may
/// have gone stale.
Choice ChooseCheaper(const CostEstimate& costs, const Experience& experience);

/// The ways considered, with model and estimate, and why one was taken: for the history, from which
/// ExperienceOf() learns.
std::string CandidatesJson(const CostEstimate& costs, const Choice& choice);

} // namespace freshet
