#include "refresh/try_by_change.hpp"

#include "refresh/affected_share.hpp"
#include "refresh/cost.hpp"
#include "refresh/fill_companions.hpp"
#include "refresh/guessed_changes.hpp"
#include "refresh/result_types.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace freshet {

namespace {

class ByChange {
public:
    explicit ByChange(EditTask& task) : task_(task) {}

    bool Run(const std::string& changed) {
        task_.edit.action = "FULL";
        task_.edit.reason = WhyNotByChange();
        GuessChanges();
        if (!task_.edit.reason.empty()) {
            bool promised = task_.node.table.options.Mode() == RefreshMode::Incremental;
            task_.edit.action = promised ? "REINITIALIZE" : "FULL";
            task_.edit.frontier_moves = promised;
            task_.edit.reason += "; " + changed;
            return false;
        }
        if (task_.guess && !Choose(*task_.guess)) {
            return false;
        }
        InputChanges changes = ReadInputChanges(
            task_.session, task_.pass, task_.GetAnalysis().plan->query, task_.edit.before, task_.inputs,
            task_.edit.read_at, EditPrefix(task_.node.table), task_.guess ? task_.guess->written : WrittenInWindows{});
        if (!changes.usable) {
            task_.edit.action = "REINITIALIZE";
            task_.edit.reason = changes.problem;
            task_.edit.frontier_moves = true;
            return false;
        }
        TakeCounts(changes);
        return Choose(changes) && Apply(changes);
    }

private:
    /// Why a table that changed is not refreshed by change; empty if it may be.
    std::string WhyNotByChange() {
        if (task_.node.table.options.Mode() == RefreshMode::Full) {
            return "REFRESH_MODE = FULL";
        }
        if (!task_.request.not_by_change.empty()) {
            return task_.request.not_by_change;
        }
        const Analysis& analysis = task_.GetAnalysis();
        if (analysis.mode != "INCREMENTAL") {
            return analysis.mode_reason;
        }
        if (task_.now && !task_.edit.before.evaluated_at) {
            return "it is not known as of when it was evaluated";
        }
        if (std::string unwanted = task_.WhyAutoDoesNot(); !unwanted.empty()) {
            return unwanted;
        }
        return LacksRequired()
                   ? "the accumulators that it needs are not kept, as after a time in which it was refreshed in full"
                   : "";
    }

    bool LacksRequired() {
        const auto& required = task_.GetAnalysis().plan->required;
        return std::any_of(required.begin(), required.end(), [&](int operator_id) {
            return std::none_of(
                task_.edit.before.companions.begin(), task_.edit.before.companions.end(),
                [&](const CompanionVersion& companion) { return companion.operator_id == operator_id; });
        });
    }

    /// Where costs decide, and metadata tell what changed.
    void GuessChanges() {
        if (!task_.CostsDecide() || task_.GetAnalysis().mode != "INCREMENTAL" || !task_.WhyAutoDoesNot().empty()) {
            return;
        }
        InputChanges guess =
            GuessInputChanges(task_.session, task_.GetAnalysis().plan->query, task_.edit.before, task_.inputs);
        if (guess.usable) {
            task_.guess = std::move(guess);
        }
    }

    /// Reading the changes has counted the rows of what they lead to.
    void TakeCounts(const InputChanges& changes) {
        const auto& sources = task_.GetAnalysis().plan->query.sources;
        for (size_t i = 0; i < sources.size(); i++) {
            for (auto& input : task_.edit.after.inputs) {
                if (input.name == sources[i].table && !input.own_commit) {
                    input.rows = changes.sources[i].rows;
                }
            }
        }
    }

    /// The way to take; false: evaluate.
    bool Choose(const InputChanges& changes) {
        CostEstimate costs =
            EstimateCosts(*task_.GetAnalysis().plan, StoredBy(task_.edit.before), changes, task_.GetExperience());
        const char* given = task_.Threshold() ? "CARDINALITY_THRESHOLD" : "REFRESH_MODE = INCREMENTAL";
        Choice choice = task_.CostsDecide() ? ChooseCheaper(costs, task_.GetExperience()) : Choice{true, given, given};
        task_.edit.candidates = CandidatesJson(costs, choice);
        task_.edit.estimated_ms = choice.by_change ? costs.by_change_ms : costs.full_ms;
        const char* unchanged = task_.now ? "time moved" : "changes cancel out";
        task_.edit.reason = changes.summary.empty() ? unchanged : changes.summary;
        if (task_.CostsDecide()) {
            task_.edit.reason +=
                fmt::format("; estimated {:.0f} ms by change, {:.0f} ms in full", costs.by_change_ms, costs.full_ms);
            if (choice.by_change != (costs.by_change_ms <= costs.full_ms)) {
                task_.edit.reason += "; " + choice.why;
            }
        }
        return choice.by_change;
    }

    /// False if more keys are affected than CARDINALITY_THRESHOLD allows.
    bool Apply(const InputChanges& changes) {
        Edit before = task_.edit;
        task_.edit.action = "INCREMENTAL";
        RunRules(changes);
        if (auto threshold = task_.Threshold()) {
            AffectedShare share = ShareOf(changes);
            if (share.Exceeds(*threshold)) {
                std::vector<std::string> made = std::move(task_.edit.temporary_tables);
                task_.edit = std::move(before);
                task_.edit.temporary_tables.insert(task_.edit.temporary_tables.end(), made.begin(), made.end());
                task_.edit.reason +=
                    fmt::format("; {}: more than CARDINALITY_THRESHOLD = {}", share.Text(), *threshold);
                return false;
            }
        }
        if (task_.edit.rows.in_count > 0) {
            CheckStorableValues(task_.session, task_.node.table.name, task_.edit.columns, TempSql(task_.edit.rows.in));
        }
        if (MissesAccumulators(*task_.GetAnalysis().plan, StoredBy(task_.edit.before), changes)) {
            task_.RunQuery([&] { FillCompanions(task_.session, *task_.GetAnalysis().plan, task_.inputs, task_.edit); });
            task_.edit.reason += "; accumulators built, since the data have grown";
        }
        return true;
    }

    void RunRules(const InputChanges& changes) {
        try {
            CountInputs(task_.session, task_.edit.after.inputs);
            ComputeByChange(task_.session, *task_.GetAnalysis().plan, changes, task_.edit);
        } catch (const EngineError& error) {
            if (error.IsConflict()) {
                throw;
            }
            bool promised = task_.node.table.options.Mode() == RefreshMode::Incremental;
            if (promised && LacksMemory(error)) { // in full it would take more
                throw EvaluationFailed(task_.node.table, error);
            }
            throw ByChangeFailed(task_.node.table.id, error);
        } catch (const Error& error) {
            if (error.GetCode() != Code::InvariantBroken) {
                throw;
            }
            throw ByChangeFailed(task_.node.table.id, error);
        }
    }

    AffectedShare ShareOf(const InputChanges& changes) {
        AffectedShare share = AffectedShareOf(task_.session, *task_.GetAnalysis().plan, changes, task_.edit);
        if (task_.GetAnalysis().plan->shape == delta::RootShape::Keyed) {
            task_.edit.extent.result_keys = share.all;
        }
        return share;
    }

    EditTask& task_;
};

} // namespace

bool TryByChange(EditTask& task, const std::string& changed) {
    return ByChange(task).Run(changed);
}

} // namespace freshet
