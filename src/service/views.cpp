#include "delta/recorded_sql.hpp"
#include "refresh/dependencies.hpp"
#include "refresh/explain.hpp"
#include "refresh/lake_state.hpp"
#include "service/operations.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace freshet {

namespace {

std::string StateOf(const DynamicTable& table, const Progress& progress) {
    switch (table.suspended) {
    case Suspension::ByUser:
    case Suspension::ByFailures:
        return "SUSPENDED";
    case Suspension::ByCascade:
        return "SUSPENDED BY CASCADE";
    case Suspension::None:
        break;
    }
    if (!progress.last_error.empty()) {
        return "FAILED";
    }
    return progress.data_snapshot == kNoSnapshot ? "NOT FILLED" : "ACTIVE";
}

/// Who reads whom, as the store knows it since the lake was opened: binding every definition anew to find that out
/// would take most of the time of a list of many tables.
class Demand {
public:
    Demand(const Registry& registry, const std::vector<Dependency>& dependencies) : registry_(registry) {
        for (const auto& dependency : dependencies) {
            if (const DynamicTable* parent = registry.Find(dependency.input)) {
                consumers_[parent->id].push_back(dependency.table_id);
            }
        }
    }

    /// Seconds within which a table must be fresh: the least of its own lag and those of its consumers; nothing if
    /// nobody asks for a time.
    std::optional<int64_t> EffectiveLag(const std::string& id) const {
        std::optional<int64_t> least;
        std::set<std::string> seen = {id};
        std::vector<std::string> open = {id};
        while (!open.empty()) {
            std::string table = open.back();
            open.pop_back();
            if (auto lag = OwnLag(table)) {
                least = least ? std::min(*least, *lag) : *lag;
            }
            auto found = consumers_.find(table);
            for (const auto& consumer : found == consumers_.end() ? std::vector<std::string>{} : found->second) {
                if (seen.insert(consumer).second) {
                    open.push_back(consumer);
                }
            }
        }
        return least;
    }

private:
    std::optional<int64_t> OwnLag(const std::string& id) const {
        const DynamicTable* table = registry_.FindById(id);
        bool asks = table != nullptr && table->suspended == Suspension::None && table->options.target_lag &&
                    !table->options.target_lag->downstream;
        return asks ? std::optional(table->options.target_lag->seconds) : std::nullopt;
    }

    const Registry& registry_;
    std::map<std::string, std::vector<std::string>> consumers_;
};

ListEntry EntryOf(const Demand& demand, const DynamicTable& table, const Progress& progress, Timestamp now) {
    constexpr double kMicroseconds = 1e6;
    ListEntry entry;
    entry.table = table.name;
    entry.id = table.id;
    entry.target_lag = table.options.target_lag ? table.options.target_lag->Text() : "";
    entry.refresh_mode = ModeText(table.options.Mode());
    entry.mode = table.mode;
    entry.state = StateOf(table, progress);
    entry.data_timestamp = progress.data_timestamp;
    entry.last_action = progress.last_action;
    entry.last_error = progress.last_error;
    entry.comment = table.options.comment.value_or("");
    if (progress.data_timestamp > 0) {
        entry.lag_seconds = static_cast<double>(now - progress.data_timestamp) / kMicroseconds;
    }
    auto lag = demand.EffectiveLag(table.id);
    if (lag && table.suspended == Suspension::None) {
        entry.target_seconds = lag;
        entry.next_due = progress.data_timestamp == 0 ? now : progress.data_timestamp + *lag * 1'000'000;
    }
    return entry;
}

/// What the store knows; where it knows nothing, what the lake says.
Progress ProgressOf(Session& session, const std::map<std::string, Progress>& known, const std::string& id) {
    auto found = known.find(id);
    if (found != known.end()) {
        return found->second;
    }
    Progress progress;
    Frontier frontier = ReadFrontier(session, id);
    progress.data_snapshot = frontier.data_snapshot;
    progress.data_timestamp = frontier.data_timestamp;
    return progress;
}

std::vector<ColumnReport> StoredColumns(Session& session, const DynamicTable& table, const Analysis* analysis) {
    std::vector<ColumnReport> reports;
    for (const auto& column : ResultColumns(session, "SELECT * FROM " + table.name.Sql())) {
        bool inexact = analysis != nullptr && analysis->inexact.count(column.name) > 0;
        bool undetermined = analysis != nullptr && analysis->undetermined.count(column.name) > 0;
        reports.push_back({column, inexact, undetermined});
    }
    return reports;
}

ExplainReport ReportOf(const DynamicTable& table, const Explanation& explanation) {
    ExplainReport report;
    report.table = table.name;
    report.mode = explanation.mode;
    report.reason = explanation.reason;
    report.operators = explanation.operators;
    report.plan = explanation.plan;
    report.advice = explanation.advice;
    report.sql = explanation.statements;
    report.costs = explanation.costs;
    return report;
}

} // namespace

std::vector<ListEntry> Operations::List() {
    auto session = OpenSession();
    Registry registry = ReadRegistry(*session);
    Demand demand(registry, books_.WithStore([](StateStore& store) { return store.ListDependencies(); }));
    std::map<std::string, Progress> known = books_.ReadProgress();
    Timestamp now = books_.Now();
    std::vector<ListEntry> entries;
    std::map<std::string, Timestamp> retries;
    for (const FailureNote& note : books_.WithStore([](StateStore& store) { return store.ListFailureNotes(); })) {
        const DynamicTable* table = registry.FindById(note.table_id);
        if (table != nullptr && table->definition_version == note.definition_version) {
            retries[note.table_id] = note.retry_at;
        }
    }
    for (const auto& table : registry.Tables()) {
        entries.push_back(EntryOf(demand, table, ProgressOf(*session, known, table.id), now));
        auto retry = retries.find(table.id);
        if (entries.back().next_due && retry != retries.end()) {
            entries.back().next_due = retry->second;
        }
    }
    return entries;
}

TableReport Operations::Describe(const DynamicTable& table) {
    auto session = OpenSession();
    Registry registry = ReadRegistry(*session);
    Dependencies dependencies = Dependencies::OfAll(*session, registry);
    TableReport report;
    Frontier frontier = ReadFrontier(*session, table.id);
    Progress progress = ProgressOf(*session, books_.ReadProgress(), table.id);
    Demand demand(registry, books_.WithStore([](StateStore& store) { return store.ListDependencies(); }));
    report.entry = EntryOf(demand, table, progress, books_.Now());
    report.definition = table.definition;
    report.search_path = table.search_path;
    report.mode_reason = table.mode_reason;
    report.options = table.options.Show();
    report.data_snapshot = progress.data_snapshot;
    report.row_count = frontier.row_count;
    const TableNode& node = dependencies.At(table.id);
    report.inputs.assign(node.inputs.begin(), node.inputs.end());
    for (const auto& consumer : dependencies.Consumers(table.id)) {
        report.consumers.push_back(dependencies.At(consumer).table.name);
    }
    std::shared_ptr<const Analysis> analysis;
    if (node.definition) {
        try {
            analysis = Analyze(*session, node);
            report.warnings = analysis->warnings;
        } catch (const Error& error) {
            report.warnings.push_back(error.Message());
        }
    } else if (node.error) {
        report.warnings.push_back(node.error->Message());
    }
    if (FindTable(*session, table.name, CurrentSnapshot(*session))) {
        report.columns = StoredColumns(*session, table, analysis.get());
    }
    return report;
}

std::vector<RefreshRecord> Operations::History(const std::optional<TableName>& name, int64_t limit) {
    HistoryQuery query;
    query.limit = limit;
    if (name) {
        const Registry registry = ReadTables();
        const DynamicTable* table = registry.Find(*name);
        if (table != nullptr) {
            query.table_id = table->id;
        } else {
            query.table = *name;
        }
    }
    return books_.ReadHistory(query);
}

GraphReport Operations::Graph() {
    auto session = OpenSession();
    Registry registry = ReadRegistry(*session);
    Dependencies dependencies = Dependencies::OfAll(*session, registry);
    Demand demand(registry, books_.WithStore([](StateStore& store) { return store.ListDependencies(); }));
    std::map<std::string, Progress> known = books_.ReadProgress();
    Timestamp now = books_.Now();
    GraphReport graph;
    std::set<TableName> sources;
    for (const auto& id : dependencies.Order()) {
        for (const auto& input : dependencies.At(id).inputs) {
            graph.edges.push_back({input, dependencies.At(id).table.name});
            if (registry.Find(input) == nullptr) {
                sources.insert(input);
            }
        }
    }
    for (const auto& source : sources) {
        graph.nodes.push_back({source, false, "", "", {}});
    }
    for (const auto& id : dependencies.Order()) {
        const DynamicTable& table = dependencies.At(id).table;
        ListEntry entry = EntryOf(demand, table, ProgressOf(*session, known, id), now);
        graph.nodes.push_back({table.name, true, entry.state, entry.target_lag, entry.lag_seconds});
    }
    return graph;
}

ExplainReport Operations::Explain(const DynamicTable& table) {
    auto session = OpenSession();
    Registry registry = ReadRegistry(*session);
    Dependencies dependencies = Dependencies::Of(*session, registry, {table.id});
    const TableNode& node = dependencies.At(table.id);
    if (!node.definition) {
        throw *node.error;
    }
    ExplainReport report = ReportOf(table, ExplainTable(*session, node));
    for (const auto& record : books_.ReadChoices(table.id, 1)) {
        if (record.estimated_cost && record.measured_cost) {
            report.last_choice = {record.action, record.candidates, *record.estimated_cost, *record.measured_cost};
        }
    }
    return report;
}

ExplainReport Operations::ExplainMeasured(const DynamicTable& table) {
    auto session = OpenSession();
    RunRequest request;
    request.ids = {table.id};
    request.atomic = true; // parents that are behind count as refreshed
    request.dry_run = true;
    std::vector<TableOutcome> outcomes = Run(*session, ReadRegistry(*session), request, Trigger::Manual);
    auto failed = std::find_if(outcomes.begin(), outcomes.end(),
                               [](const TableOutcome& outcome) { return outcome.error && !outcome.skipped; });
    if (failed != outcomes.end()) {
        throw *failed->error;
    }
    auto own = std::find_if(outcomes.begin(), outcomes.end(),
                            [&](const TableOutcome& outcome) { return outcome.table.id == table.id; });
    ExplainReport report = Explain(table);
    report.mode = own->action;
    report.reason =
        fmt::format("{}; strategy {}; would insert {} rows and delete {}; computed in {:.0f} ms", own->reason,
                    own->strategy, own->rows_inserted, own->rows_deleted, own->measured_ms.value_or(0));
    return report;
}

ExplainReport Operations::ExplainNew(const NewDefinition& definition, const Source& source) {
    auto session = OpenSession();
    Registry registry = ReadRegistry(*session);
    PlannedDefinition plan = PlanDefinition(*session, registry, definition, source, books_.Now());
    registry.Replace(plan.change.table);
    const DynamicTable& table = plan.change.table;
    Dependencies dependencies = Dependencies::Of(*session, registry, {table.id});
    return ReportOf(table, ExplainTable(*session, dependencies.At(table.id)));
}

} // namespace freshet
