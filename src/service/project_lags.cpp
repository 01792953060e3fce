#include "service/project_lags.hpp"

#include "refresh/new_definition.hpp"

#include <set>
#include <vector>

namespace freshet {

namespace {

/// Once the plan is done; nothing for what it drops.
std::optional<TargetLag> LagOf(const TableName& name, const Registry& registry, const ProjectPlan& plan) {
    std::optional<TargetLag> lag;
    if (const DynamicTable* table = registry.Find(name)) {
        lag = table->options.target_lag;
    }
    for (const auto& step : plan.steps) {
        if (step.kind == ObjectKind::DynamicTable && step.name == name) {
            lag = step.action == StepAction::Drop ? std::nullopt : step.options.target_lag;
        }
    }
    return lag;
}

/// Does any table with a lag of its own read it, also through DOWNSTREAM ones?
bool IsReadWithLag(const TableName& name, const std::map<TableName, PlannedReads>& reads, const Registry& registry,
                   const ProjectPlan& plan) {
    std::set<TableName> seen = {name};
    std::vector<TableName> open = {name};
    while (!open.empty()) {
        TableName table = open.back();
        open.pop_back();
        for (const auto& [reader, its] : reads) {
            auto lag = its.inputs.count(table) > 0 ? LagOf(reader, registry, plan) : std::nullopt;
            if (lag && !lag->downstream) {
                return true;
            }
            if (lag && seen.insert(reader).second) {
                open.push_back(reader);
            }
        }
    }
    return false;
}

} // namespace

void WarnOfTablesWithoutReaders(const std::map<TableName, PlannedReads>& reads, const Registry& registry,
                                ProjectPlan& plan) {
    for (auto& step : plan.steps) {
        bool stays = step.kind == ObjectKind::DynamicTable && step.action != StepAction::Drop;
        bool downstream = stays && step.options.target_lag && step.options.target_lag->downstream;
        if (downstream && !IsReadWithLag(step.name, reads, registry, plan)) {
            step.warnings.emplace_back(kWarningOfDownstream);
        }
    }
}

} // namespace freshet
