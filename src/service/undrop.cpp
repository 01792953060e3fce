#include "base/caseless.hpp"
#include "refresh/dropped_tables.hpp"
#include "refresh/lake_state.hpp"
#include "refresh/undisturbed.hpp"
#include "service/operations.hpp"
#include "service/overtaken.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace freshet {

namespace {

bool SameName(const TableName& a, const TableName& b) {
    return a.schema == b.schema && SameWord(a.name, b.name);
}

Error NothingDropped(const TableName& name, const std::vector<DroppedTable>& dropped) {
    std::vector<std::string> names;
    for (const auto& one : dropped) {
        if (std::string text = one.table.name.Text(); std::find(names.begin(), names.end(), text) == names.end()) {
            names.push_back(text);
        }
    }
    auto nearest = NearestName(name.Text(), names);
    std::string hint = nearest         ? fmt::format("did you mean \"{}\"?", *nearest)
                       : names.empty() ? "definitions are kept for 30 days after DROP"
                                       : fmt::format("dropped within 30 days: {}", fmt::join(names, ", "));
    return {Code::UnknownTable, fmt::format("no dynamic table {} was dropped within 30 days", name.Text()), hint};
}

/// A table, view or dynamic table in the place.
void RequireFree(Session& session, const TableName& name) {
    Snapshot now = CurrentSnapshot(session);
    bool dynamic = ReadRegistry(session).Find(name) != nullptr;
    auto views = ListViews(session, now);
    bool taken = dynamic || FindTable(session, name, now) || std::find(views.begin(), views.end(), name) != views.end();
    if (taken) {
        throw Error(dynamic ? Code::AlreadyExists : Code::NotADynamicTable,
                    fmt::format("{} exists{}", name.Text(), dynamic ? " again" : " as an ordinary table or view"),
                    "rename or drop it first");
    }
}

NewDefinition DefinitionOf(const DynamicTable& table) {
    NewDefinition definition;
    definition.name = table.name;
    definition.name_place = DefinitionSource(table).At(0);
    definition.column_names = table.column_names;
    definition.options = table.options;
    definition.query = {table.definition, 0};
    definition.search_path = table.search_path;
    definition.settings = table.settings;
    return definition;
}

} // namespace

CreateReport Operations::Undrop(const TableName& name) {
    return UnlessOvertaken([&] { return UndropOnce(name); });
}

CreateReport Operations::UndropOnce(const TableName& name) {
    auto session = OpenSession();
    Timestamp now = books_.Now();
    auto dropped = ReadDropped(*session, now);
    RequireFree(*session, name);
    auto found = std::find_if(dropped.begin(), dropped.end(),
                              [&](const DroppedTable& one) { return SameName(one.table.name, name); });
    if (found == dropped.end()) {
        throw NothingDropped(name, dropped);
    }
    CreateReport report;
    DynamicTable restored;
    if (RestoreTable(*session, *found, restored)) {
        StoreChanged(*session, {restored});
        books_.TakeProgress(*session, restored);
        report.table = restored.name;
        report.created = true;
        return report;
    }
    Registry registry = ReadRegistry(*session);
    PlannedDefinition plan =
        PlanDefinition(*session, registry, DefinitionOf(found->table), DefinitionSource(found->table), now);
    plan.change.table.id = found->table.id;
    plan.change.table.created_at = found->table.created_at;
    plan.change.table.suspended = found->table.suspended;
    plan.change.table.definition_version = found->table.definition_version + 1;
    plan.change.leave_empty = false;
    report = Carry(*session, registry, plan);
    UntilUndisturbed(*session, [&] { ForgetDropped(*session, found->table.id); });
    report.warnings.insert(report.warnings.begin(),
                           fmt::format("the content of before the drop has expired (snapshot {}): {} was filled anew",
                                       found->dropped.last, name.Text()));
    return report;
}

} // namespace freshet
