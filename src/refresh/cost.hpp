#pragma once

#include "delta/analysis.hpp"
#include "refresh/by_change.hpp"
#include "refresh/dynamic_table.hpp"
#include "refresh/experience.hpp"

#include <optional>
#include <string>
#include <vector>

namespace freshet {

/// What the two ways of refreshing a table would take, in milliseconds: a model over row counts, corrected by what
/// earlier refreshes of the table took. docs/explanation/cost.md.
struct CostEstimate {
    double by_change_model_ms = 0;
    double full_model_ms = 0;
    double by_change_ms = 0;
    double full_ms = 0;
};

/// What is stored of a table.
struct StoredRows {
    int64_t rows = 0;
    size_t accumulators = 0; ///< companions that are kept
};
StoredRows StoredBy(const Frontier& frontier);

/// From numbers alone: nothing is read.
CostEstimate EstimateCosts(const delta::Analysis& analysis, const StoredRows& stored, const InputChanges& changes,
                           const Experience& experience);

/// Will the accumulators that the definition may keep make a refresh by change cheaper than one in full? That is asked
/// of `changes`, or, where most of the latest refreshes have used them, of the least change; so it is where `changes`
/// is nothing, which means that the changes aren't known. Those that are there stay in a doubtful case, others don't
/// come. `source_rows` as of the new versions. For a free choice of the way only.
bool AccumulatorsPay(const delta::Analysis& analysis, const StoredRows& stored, const std::vector<int64_t>& source_rows,
                     const std::optional<InputChanges>& changes, const Experience& experience);

/// A way taken, and why.
struct Choice {
    bool by_change = true;
    std::string why;     ///< of the way taken
    std::string why_not; ///< of the other
};
/// The cheaper way. One that was never taken, or not for long, and is estimated to cost not much more, is tried: the
/// estimate may be wrong, or have gone stale.
Choice ChooseCheaper(const CostEstimate& costs, const Experience& experience);

/// The ways considered, with model and estimate, and why one was taken: for the history, from which
/// ExperienceOf() learns.
std::string CandidatesJson(const CostEstimate& costs, const Choice& choice);

/// Would a refresh of these changes take less than half the time if the table had its accumulators, which it has not?
/// Only known where each group is a row of the result.
bool MissesAccumulators(const delta::Analysis& analysis, const StoredRows& stored, const InputChanges& changes);

} // namespace freshet
