#include "refresh/cost.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace freshet {

namespace {

constexpr double kFixedFull = 50;      ///< bind, evaluate, compare, commit of next to nothing
constexpr double kFixedByChange = 90;  ///< feeds, TEMP tables, location of rows, commit
constexpr double kEvaluateRow = 30e-6; ///< a source row read, joined and aggregated
constexpr double kCompareRow = 300e-6; ///< a stored row compared with a new one
constexpr double kChangedRow = 6e-3;   ///< a changed row through the rules and written
constexpr double kReachedRow = 1e-3;   ///< a row that changed rows meet in another source or in their group
constexpr double kProbeRow = 8e-6;     ///< a source row passed over while keys are looked up
constexpr double kLocateRow = 15e-6;   ///< a stored row passed over while rows are located
constexpr double kOldRow = 50e-6;      ///< a row of a version that deletes have left behind, passed over

/// A way that is estimated to cost up to so many times the other is tried when it was not for long.
constexpr double kWorthTrying = 1.5;

/// Rows that changed rows meet. A changed row of a source meets, in all other sources together, as many as any row of
/// that source does on average; where groups are read again, it meets the rows of its group.
double Reached(const delta::Analysis& analysis, const InputChanges& changes, double rows, double stored, bool kept) {
    double reached = 0;
    for (const auto& source : changes.sources) {
        auto changed = static_cast<double>(source.inserted + source.deleted);
        auto own = std::max(1.0, static_cast<double>(source.rows));
        reached += std::min(1.0, changed / own) * std::max(0.0, rows - own);
    }
    if (analysis.shape == delta::RootShape::Keyed && !kept) {
        reached += static_cast<double>(changes.rows) * rows / std::max(1.0, stored);
    }
    return std::min(reached, 2 * rows); // old and new state
}

} // namespace

CostEstimate EstimateCosts(const delta::Analysis& analysis, const Frontier& before, const InputChanges& changes,
                           const Experience& experience) {
    double rows = 0;
    for (const auto& source : changes.sources) {
        rows += std::max(0.0, static_cast<double>(source.rows));
    }
    auto stored = static_cast<double>(before.row_count);
    bool kept = !before.companions.empty();
    // A single source is read through its feed alone where accumulators are kept or every operator is linear.
    bool needs_other_rows = changes.sources.size() > 1 || (!analysis.kept.empty() && !kept);
    double old_rows = 0;
    for (const auto& source : changes.sources) {
        old_rows += source.deleted > 0 ? static_cast<double>(source.rows) : 0;
    }
    CostEstimate costs;
    costs.full_model_ms = kFixedFull + kEvaluateRow * rows + kCompareRow * stored;
    costs.by_change_model_ms = kFixedByChange + kChangedRow * static_cast<double>(changes.rows) + kLocateRow * stored +
                               kReachedRow * Reached(analysis, changes, rows, stored, kept) +
                               (needs_other_rows ? kProbeRow * rows + kOldRow * old_rows : 0);
    costs.full_ms = costs.full_model_ms * experience.full;
    costs.by_change_ms = costs.by_change_model_ms * experience.by_change;
    return costs;
}

Choice ChooseCheaper(const CostEstimate& costs, const Experience& experience) {
    bool by_change = costs.by_change_ms <= costs.full_ms;
    bool other_taken = by_change ? experience.full_taken : experience.by_change_taken;
    double ratio = by_change ? costs.full_ms / costs.by_change_ms : costs.by_change_ms / costs.full_ms;
    if (experience.choices >= kRemembered && !other_taken && ratio <= kWorthTrying) {
        return {!by_change, fmt::format("not taken in {} refreshes: tried again", kRemembered),
                "estimated to be cheaper, but the other way was not taken for long"};
    }
    return {by_change, "estimated to be cheaper", "estimated to be dearer"};
}

std::string CandidatesJson(const CostEstimate& costs, const Choice& choice) {
    auto candidate = [&](const char* way, double model, double estimate, bool taken) {
        return nlohmann::json{{"way", way},
                              {"model_ms", model},
                              {"estimated_ms", estimate},
                              {"taken", taken},
                              {"reason", taken ? choice.why : choice.why_not}};
    };
    return nlohmann::json::array(
               {candidate("INCREMENTAL", costs.by_change_model_ms, costs.by_change_ms, choice.by_change),
                candidate("FULL", costs.full_model_ms, costs.full_ms, !choice.by_change)})
        .dump();
}

} // namespace freshet
