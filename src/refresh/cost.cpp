#include "refresh/cost.hpp"

#include "delta/compiler.hpp"
#include "refresh/fill_companions.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace freshet {

namespace {

constexpr double kFixedFull = 40;         ///< bind, evaluate, compare, commit of next to nothing
constexpr double kFixedByChange = 30;     ///< one feed, TEMP tables, commit
constexpr double kAnotherSource = 5;      ///< its feed
constexpr double kFixedDeleted = 18;      ///< rows that left are counted, located and read
constexpr double kFixedKeyed = 15;        ///< stored rows of the affected keys are read and compared
constexpr double kFixedAccumulators = 13; ///< of one operator: those of the affected groups are read and written
constexpr double kEvaluateRow = 20e-6;    ///< a source row read and aggregated
constexpr double kJoinedRow = 15e-6;      ///< more, where there are several sources
constexpr double kCompareRow = 450e-6;    ///< a stored row compared with a new one
constexpr double kInsertedRow = 80e-6;    ///< an inserted row through the rules
constexpr double kScatteredRow = 10e-6;   ///< a row of a row group in which some were deleted, if they lie anywhere
constexpr double kDeletedRow = 600e-6;    ///< a deleted row read by its position, and through the rules
constexpr double kWrittenRow = 0.5e-3;    ///< a row of the result or of accumulators that comes or goes
constexpr double kReachedRow = 1e-3;      ///< a row that changed rows meet in another source or in their group
constexpr double kProbeRow = 8e-6;        ///< a source row passed over while keys are looked up
constexpr double kLocateRow = 15e-6;      ///< a stored row passed over while rows are located
constexpr double kOldRow = 50e-6;         ///< a row of a version that deletes have left behind, passed over

/// Refreshes with a choice before a way that was never taken may be tried.
constexpr int kBeforeFirstTry = 3;

/// A way that is estimated to cost up to so many times the other is tried when it was not for long.
constexpr double kWorthTrying = 1.5;

/// By change / in full, below which accumulators that aren't there are built, and above which those are dropped that
/// few refreshes have used of late: apart, lest changes of two kinds in turn build and drop them for ever.
constexpr double kBuildBelow = 0.9;
constexpr double kDropAbove = 1.15;

/// Of late refreshes, as many by change as make it usual: accumulators then are judged by the least change.
constexpr double kUsual = 0.5;

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

/// Rows that come or go: of as many keys as rows changed, at most all; or as many of the changed rows as the result has
/// of all.
double Written(const delta::Analysis& analysis, const InputChanges& changes, double rows, const StoredRows& stored) {
    auto changed = static_cast<double>(changes.rows);
    auto all = static_cast<double>(stored.rows);
    if (analysis.shape == delta::RootShape::Keyed) {
        return 2 * std::min(changed, all) * static_cast<double>(1 + stored.accumulators);
    }
    return changed * std::min(1.0, all / std::max(1.0, rows));
}

double FixedByChange(const delta::Analysis& analysis, const InputChanges& changes, const StoredRows& stored) {
    double fixed = kFixedByChange - kAnotherSource;
    bool deleted = false;
    for (const auto& source : changes.sources) {
        fixed += source.inserted + source.deleted > 0 ? kAnotherSource : 0;
        deleted |= source.deleted > 0;
    }
    fixed += deleted ? kFixedDeleted : 0;
    fixed += analysis.shape == delta::RootShape::Keyed ? kFixedKeyed : 0;
    return fixed + kFixedAccumulators * static_cast<double>(stored.accumulators);
}

/// Deleted rows are read of their row groups: at most as many as rows were deleted, at most all.
double ReadChange(const delta::SourceInterval& source) {
    constexpr double kRowGroup = 122880;
    auto deleted = static_cast<double>(source.deleted);
    double passed = std::min(deleted * kRowGroup, std::max(0.0, static_cast<double>(source.rows)));
    return kInsertedRow * static_cast<double>(source.inserted) + kDeletedRow * deleted + kScatteredRow * passed;
}

/// Looking for rows beside the changed ones: in all sources, and in versions that deletes have left behind.
double Probing(const delta::Analysis& analysis, const InputChanges& changes, double rows, bool kept) {
    // A single source is read through its feed alone where accumulators are kept or every operator is linear.
    if (changes.sources.size() <= 1 && (analysis.kept.empty() || kept)) {
        return 0;
    }
    double old_rows = 0;
    for (const auto& source : changes.sources) {
        old_rows += source.deleted > 0 ? static_cast<double>(source.rows) : 0;
    }
    return kProbeRow * rows + kOldRow * old_rows;
}

double RowsOf(const InputChanges& changes) {
    double rows = 0;
    for (const auto& source : changes.sources) {
        rows += std::max(0.0, static_cast<double>(source.rows));
    }
    return rows;
}

double ByChangeModel(const delta::Analysis& analysis, const StoredRows& stored, const InputChanges& changes) {
    double rows = RowsOf(changes), changed = 0;
    for (const auto& source : changes.sources) {
        changed += ReadChange(source);
    }
    auto all = static_cast<double>(stored.rows);
    bool kept = stored.accumulators > 0;
    return FixedByChange(analysis, changes, stored) + changed + kWrittenRow * Written(analysis, changes, rows, stored) +
           kLocateRow * all + kReachedRow * Reached(analysis, changes, rows, all, kept) +
           Probing(analysis, changes, rows, kept);
}

/// @param accumulators  that are filled anew
double FullModel(const StoredRows& stored, const InputChanges& changes, size_t accumulators) {
    double evaluated = kEvaluateRow + (changes.sources.size() > 1 ? kJoinedRow : 0);
    return kFixedFull + evaluated * RowsOf(changes) + kCompareRow * static_cast<double>(stored.rows) +
           kFixedAccumulators * static_cast<double>(accumulators);
}

} // namespace

StoredRows StoredBy(const Frontier& frontier) {
    return {frontier.row_count, frontier.companions.size()};
}

CostEstimate EstimateCosts(const delta::Analysis& analysis, const StoredRows& stored, const InputChanges& changes,
                           const Experience& experience) {
    std::vector<int64_t> source_rows;
    for (const auto& source : changes.sources) {
        source_rows.push_back(source.rows);
    }
    bool stay = stored.accumulators > 0 &&
                (analysis.settled || AccumulatorsPay(analysis, stored, source_rows, changes, experience));
    CostEstimate costs;
    costs.full_model_ms = FullModel(stored, changes, stay ? stored.accumulators : 0);
    costs.by_change_model_ms = ByChangeModel(analysis, stored, changes);
    costs.full_ms = costs.full_model_ms * experience.full;
    costs.by_change_ms = costs.by_change_model_ms * experience.by_change;
    return costs;
}

bool AccumulatorsPay(const delta::Analysis& analysis, const StoredRows& stored, const std::vector<int64_t>& source_rows,
                     const std::optional<InputChanges>& changes, const Experience& experience) {
    InputChanges least;
    for (int64_t rows : source_rows) {
        least.sources.emplace_back().rows = rows;
    }
    if (!least.sources.empty()) {
        least.sources.front().inserted = least.rows = 1;
    }
    bool in_use = stored.accumulators > 0 && experience.by_change_share >= kUsual;
    const InputChanges& asked = in_use || !changes ? least : *changes;
    StoredRows wanted{stored.rows, delta::PlanCompanions(analysis).size()};
    double ratio =
        ByChangeModel(analysis, wanted, asked) * experience.by_change / (FullModel(stored, asked, 0) * experience.full);
    return ratio < (in_use ? 1 : stored.accumulators > 0 ? kDropAbove : kBuildBelow);
}

bool MissesAccumulators(const delta::Analysis& analysis, const StoredRows& stored, const InputChanges& changes) {
    bool group_is_row = analysis.keyed && analysis.keyed->kind == plan::NodeKind::Aggregate;
    if (stored.accumulators > 0 || !group_is_row || delta::PlanCompanions(analysis).size() != 1 ||
        !AreFewGroups(stored.rows, delta::SourceRows(analysis.keyed, changes.sources))) {
        return false;
    }
    return ByChangeModel(analysis, {stored.rows, 1}, changes) * 2 < ByChangeModel(analysis, stored, changes);
}

Choice ChooseCheaper(const CostEstimate& costs, const Experience& experience) {
    bool by_change = costs.by_change_ms <= costs.full_ms;
    bool other_taken = by_change ? experience.full_taken : experience.by_change_taken;
    double ratio = by_change ? costs.full_ms / costs.by_change_ms : costs.by_change_ms / costs.full_ms;
    if (experience.choices >= kBeforeFirstTry && !other_taken && ratio <= kWorthTrying) {
        return {!by_change, fmt::format("not taken in {} refreshes: tried", experience.choices),
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
