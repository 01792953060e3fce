#include "refresh/definition_changes.hpp"
#include "refresh/lake_state.hpp"
#include "service/definition_difference.hpp"
#include "service/operations.hpp"

#include <fmt/format.h>

namespace freshet {

TableOptions KeptOptions(const NewDefinition& wanted) {
    TableOptions options = wanted.options;
    options.adopt.reset();
    return options;
}

DefinitionDifference Compare(const DynamicTable& existing, const NewDefinition& wanted) {
    DefinitionDifference difference;
    difference.query = existing.definition != wanted.query.text || existing.column_names != wanted.column_names;
    difference.surroundings = existing.search_path != wanted.search_path || existing.settings != wanted.settings;
    auto before = existing.options.Show(), after = KeptOptions(wanted).Show();
    std::vector<Option> shown = AllOptions();
    for (size_t i = 0; i < before.size(); i++) {
        if (before[i].value != after[i].value) {
            difference.options.push_back(shown[i]);
        }
    }
    return difference;
}

CreateReport Operations::CreateOrAlter(const NewDefinition& definition, const Source& source) {
    auto session = OpenSession();
    Registry registry = ReadRegistry(*session);
    const DynamicTable* existing = registry.Find(definition.name);
    if (existing == nullptr) {
        return Create(definition, source, false);
    }
    DefinitionDifference difference = Compare(*existing, definition);
    CreateReport report;
    report.table = existing->name;
    report.mode = existing->mode;
    report.mode_reason = existing->mode_reason;
    if (!difference.Any()) {
        return report;
    }
    TableOptions options = KeptOptions(definition);
    if (difference.Content()) {
        NewDefinition replacing = definition;
        replacing.or_replace = true;
        PlannedDefinition plan = PlanDefinition(*session, registry, replacing, source, existing->created_at);
        plan.change.table.suspended = existing->suspended;
        // The layout follows by a statement of its own, which this commit can't hold.
        plan.change.table.options.partitioned_by = existing->options.partitioned_by;
        plan.change.table.options.sorted_by = existing->options.sorted_by;
        plan.change.leave_empty = plan.change.leave_empty && !ReadFrontier(*session, existing->id).Filled();
        report = Carry(*session, registry, plan);
        if (plan.change.table.options == options) {
            return report;
        }
        StoreChanged(*session, {ChangeOptions(*session, plan.change.table, options)});
        return report;
    }
    SetOptions(*existing, options);
    report.created = true;
    return report;
}

} // namespace freshet
