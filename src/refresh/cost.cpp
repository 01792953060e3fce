#include "refresh/cost.hpp"

#include "lake/catalog.hpp"

#include <nlohmann/json.hpp>

namespace freshet {

namespace {

constexpr double kFixedFull = 25;      ///< bind, evaluate, compare, commit of next to nothing
constexpr double kFixedByChange = 60;  ///< feeds, TEMP tables, location of rows, commit
constexpr double kEvaluateRow = 60e-6; ///< a source row read, joined and aggregated
constexpr double kCompareRow = 300e-6; ///< a stored row compared with a new one
constexpr double kChangedRow = 6e-3;   ///< a changed row through the rules and written
constexpr double kProbeRow = 8e-6;     ///< a source row passed over while keys are looked up
constexpr double kLocateRow = 15e-6;   ///< a stored row passed over while rows are located

} // namespace

CostEstimate EstimateCosts(Session& session, const delta::Analysis& analysis, const std::vector<InputVersion>& inputs,
                           const Frontier& before, int64_t changed) {
    double rows = 0;
    for (const auto& input : inputs) {
        rows += static_cast<double>(input.rows >= 0 ? input.rows : Statistics(session, input.table_id).rows);
    }
    auto stored = static_cast<double>(before.row_count);
    // A single source is read through its feed alone where accumulators are kept or every operator is linear.
    bool needs_other_rows = inputs.size() > 1 || (!analysis.kept.empty() && before.companions.empty());
    CostEstimate costs;
    costs.full_ms = kFixedFull + kEvaluateRow * rows + kCompareRow * stored;
    costs.by_change_ms = kFixedByChange + kChangedRow * static_cast<double>(changed) + kLocateRow * stored +
                         (needs_other_rows ? kProbeRow * rows : 0);
    return costs;
}

std::string CandidatesJson(const CostEstimate& costs, bool by_change, bool free_choice) {
    std::string why = free_choice ? "estimated to be cheaper" : "REFRESH_MODE = INCREMENTAL";
    std::string why_not = free_choice ? "estimated to be dearer" : "REFRESH_MODE = INCREMENTAL";
    nlohmann::json list = {{{"way", "INCREMENTAL"},
                            {"estimated_ms", costs.by_change_ms},
                            {"taken", by_change},
                            {"reason", by_change ? why : why_not}},
                           {{"way", "FULL"},
                            {"estimated_ms", costs.full_ms},
                            {"taken", !by_change},
                            {"reason", by_change ? why_not : why}}};
    return list.dump();
}

} // namespace freshet
