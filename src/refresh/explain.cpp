#include "refresh/explain.hpp"

#include "delta/compiler.hpp"
#include "refresh/advice.hpp"
#include "refresh/compute.hpp"
#include "refresh/cost.hpp"
#include "refresh/difference.hpp"
#include "refresh/lake_state.hpp"
#include "refresh/row_estimates.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace freshet {

namespace {

/// Writes the statements down instead of running them, as if every change held inserts and deletes.
class RecordingRuntime : public delta::Runtime {
public:
    delta::Facts Make(const std::string& name, const std::string& sql, bool /*weighted*/,
                      const std::vector<std::string>& null_columns) override {
        statements.push_back(fmt::format("CREATE TEMP TABLE {} AS {}", name, sql));
        return {2, 1, 1, std::vector<bool>(null_columns.size(), false)};
    }
    std::vector<std::string> statements;
};

delta::Interval HypotheticalInterval(const DynamicTable& table, const Analysis& analysis, const Frontier& frontier,
                                     Snapshot newest) {
    delta::Interval interval;
    for (const auto& source : analysis.plan->query.sources) {
        delta::SourceInterval part;
        Snapshot then = newest;
        for (const auto& input : frontier.inputs) {
            then = input.name == source.table ? input.version : then;
        }
        part.old_relation = fmt::format("(FROM {})", AtVersion(source.table, then));
        part.new_relation = fmt::format("(FROM {})", AtVersion(source.table, newest));
        part.delta = TempSql("change_of_" + source.table.name);
        part.inserted = 1;
        part.deleted = 1;
        interval.sources.push_back(part);
    }
    for (const auto& companion : frontier.companions) {
        interval.companions[companion.operator_id] = TableName{kOwnSchema, companion.table}.Sql();
    }
    for (int id : analysis.plan->required) { // not there before the first fill, and where AUTO keeps none
        interval.companions.emplace(id, CompanionTable(table.id, id).Sql());
    }
    for (const auto& column : analysis.columns) {
        interval.result_columns.push_back(column.name);
    }
    interval.prefix = "step";
    interval.old_moment = "$frontier_time";
    interval.new_moment = "$snapshot_time";
    return interval;
}

std::vector<InputVersion> InputsToday(Session& session, const TableNode& node, Snapshot newest) {
    std::vector<InputVersion> inputs;
    for (const auto& name : node.definition->Tables()) {
        if (auto info = FindTable(session, name, newest)) {
            InputVersion input;
            input.name = name;
            input.table_id = info->id;
            inputs.push_back(input);
        }
    }
    return inputs;
}

void AddCosts(Session& session, const TableNode& node, const Analysis& analysis, const Frontier& frontier,
              Snapshot newest, Explanation& explanation) {
    constexpr int64_t kThousandth = 1000;
    std::vector<InputVersion> inputs = InputsToday(session, node, newest);
    InputChanges changes;
    for (auto& input : inputs) {
        input.rows = Statistics(session, input.table_id).rows;
        delta::SourceInterval interval;
        interval.rows = input.rows;
        interval.inserted = input.rows / kThousandth;
        changes.rows += interval.inserted;
        changes.sources.push_back(interval);
    }
    CostEstimate costs = EstimateCosts(*analysis.plan, StoredBy(frontier), changes, {});
    explanation.costs = {{"by change, 0.1 % of the rows changed", costs.by_change_ms}, {"in full", costs.full_ms}};
}

/// Where optional accumulators are not kept, their groups are read again.
void TellWhatIsKept(const delta::Analysis& analysis, const Frontier& frontier,
                    std::vector<delta::OperatorReport>& reports) {
    for (auto& report : reports) {
        const auto& known = frontier.companions;
        bool kept = analysis.required.count(report.operator_id) > 0 ||
                    std::any_of(known.begin(), known.end(), [&](const CompanionVersion& companion) {
                        return companion.operator_id == report.operator_id;
                    });
        if (report.strategy == "accumulators" && !kept && frontier.Filled()) {
            report.rule = report.rule == "distinct" ? report.rule : "aggregate_affected_groups";
            report.strategy = "affected groups";
            report.reason = "accumulators are kept where they pay";
        }
    }
}

delta::OperatorReport WholeDefinition(const std::string& reason) {
    delta::OperatorReport whole;
    whole.name = "Definition";
    whole.rule = "difference";
    whole.strategy = "difference";
    whole.reason = "evaluated whole, then the difference is written: " + reason;
    return whole;
}

} // namespace

Explanation ExplainTable(Session& session, const TableNode& node) {
    Transaction transaction(session);
    Snapshot newest = CurrentSnapshot(session);
    std::shared_ptr<const Analysis> known = Analyze(session, node);
    const Analysis& analysis = *known;
    Frontier frontier = ReadFrontier(session, node.table.id);
    Explanation explanation;
    explanation.mode = analysis.mode;
    explanation.reason = analysis.mode_reason;
    explanation.plan = analysis.query ? plan::Print(*analysis.query) : "";
    explanation.advice = HowToBeIncremental(*node.definition, analysis);
    if (analysis.mode != "INCREMENTAL") {
        explanation.operators = {WholeDefinition(analysis.mode_reason)};
        transaction.Commit();
        return explanation;
    }
    explanation.reason = "every operator has a delta rule";
    std::string why = node.table.options.Mode() == RefreshMode::Auto ? analysis.WhyAutoDoesNot() : "";
    if (!why.empty()) {
        explanation.reason += fmt::format("; {}: it refreshes in full, REFRESH_MODE = INCREMENTAL by change", why);
        explanation.advice = "SET REFRESH_MODE = INCREMENTAL";
    }
    RecordingRuntime runtime;
    delta::ComputeChange(*analysis.plan, HypotheticalInterval(node.table, analysis, frontier, newest), runtime);
    explanation.operators = analysis.plan->operators;
    TellWhatIsKept(*analysis.plan, frontier, explanation.operators);
    EstimateRows(session, *analysis.plan, frontier, newest, explanation.operators);
    explanation.statements = runtime.statements;
    AddCosts(session, node, analysis, frontier, newest, explanation);
    transaction.Commit();
    return explanation;
}

} // namespace freshet
