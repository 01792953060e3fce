#include "refresh/definition_changes.hpp"
#include "refresh/lake_state.hpp"
#include "service/definition_difference.hpp"
#include "service/operations.hpp"

#include <algorithm>
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

namespace {

/// Where the names differ the table is made anew, with the layout that the change asks for.
bool SameNames(const std::vector<Column>& columns, Session& session, const TableName& name) {
    if (!FindTable(session, name, CurrentSnapshot(session))) {
        return false;
    }
    std::vector<Column> stored = ResultColumns(session, "SELECT * FROM " + name.Sql());
    return std::equal(columns.begin(), columns.end(), stored.begin(), stored.end(),
                      [](const Column& a, const Column& b) { return a.name == b.name; });
}

} // namespace

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
        if (SameNames(plan.analysis.columns, *session, existing->name)) {
            // The table stays, and its layout follows by a statement of its own, which this commit can't hold.
            plan.change.table.options.partitioned_by = existing->options.partitioned_by;
            plan.change.table.options.sorted_by = existing->options.sorted_by;
        }
        Frontier frontier = ReadFrontier(*session, existing->id);
        plan.change.leave_empty = plan.change.leave_empty && !frontier.Filled() && !frontier.damaged;
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
