#include "delta/analysis.hpp"

#include "base/netting.hpp"
#include "base/type_name.hpp"
#include "delta/accumulators.hpp"
#include "delta/exactness.hpp"
#include "delta/kept_relations.hpp"
#include "delta/maintained_input.hpp"
#include "delta/refusal.hpp"
#include "delta/rules.hpp"
#include "emit/relation.hpp"
#include "plan/representatives.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>

namespace freshet::delta {

using plan::ExprKind;
using plan::ExprPtr;
using plan::NodeKind;
using plan::NodePtr;

namespace {

/// Walks the plan once, numbering operators and checking that each has a rule.
class Analyzer {
public:
    explicit Analyzer(const plan::Query& query, bool settled = false) {
        analysis_.query = query;
        analysis_.settled = settled;
    }

    Analysis Run() {
        try {
            Determine();
            Maintain();
            Number(analysis_.query.root, 0);
            CollectKept(analysis_.query.root);
            CheckExactness(analysis_.query.root);
            CheckRepresentatives();
            CheckStorable(analysis_.query.root);
            CheckMoments(analysis_.query.root);
            Check(analysis_.query.root);
            FindShape();
            FindChoices();
            analysis_.incremental = true;
        } catch (const Refusal& refusal) {
            analysis_.reason = refusal.reason;
        }
        NameInexact();
        return analysis_;
    }

private:
    // ---- numbering and what is kept

    void Determine() {
        const NodePtr written = analysis_.query.root;
        bool keeps_rows = CopiesEqualValues(written) || ComputesEqualValuesInside(written);
        auto inexact = [](const plan::Node& node, const ExprPtr& expr) { return ReadsAny(expr, InexactInputs(node)); };
        plan::DeterminedPlan determined = plan::DetermineRepresentatives(written, keeps_rows, inexact);
        analysis_.query.root = determined.root;
        analysis_.determined = determined.root != written;
        complete_ = determined.complete;
    }

    /// Does the topmost operator read values that are one of several equal ones? What it reads is computed more than
    /// once in a refresh, and netted by identity: the same one has to come each time.
    static bool ComputesEqualValuesInside(const NodePtr& root) {
        NodePtr top = root;
        while (top->kind == NodeKind::Project || top->kind == NodeKind::Filter) {
            top = top->inputs[0];
        }
        return std::any_of(top->inputs.begin(), top->inputs.end(), [](const NodePtr& input) {
            return plan::DeterminationOf(input).worst != plan::Determined::Fully;
        });
    }

    /// Is a value of a row that is kept, by identity, one of several that are equal?
    static bool CopiesEqualValues(const NodePtr& root) {
        auto copies = MaintainInputs(root).copies;
        return std::any_of(copies.begin(), copies.end(), [](const auto& copy) {
            auto columns = plan::DeterminationOf(copy.second->inputs[0]).columns;
            return std::any_of(columns.begin(), columns.end(),
                               [](auto column) { return column != plan::Determined::Fully; });
        });
    }

    void Maintain() {
        MaintainedPlan plan = MaintainInputs(analysis_.query.root);
        analysis_.query.root = plan.root;
        analysis_.copies = std::move(plan.copies);
    }

    void Number(const NodePtr& node, int depth) {
        if (analysis_.operator_id.count(node.get())) {
            return;
        }
        CheckNames(*node);
        int id = static_cast<int>(analysis_.operator_id.size());
        analysis_.operator_id[node.get()] = id;
        depths_[node.get()] = depth;
        bool inside_copy = analysis_.copies.count(node.get()) > 0 || node->kind == NodeKind::Unnest;
        for (const auto& input : node->inputs) {
            Number(input, depth + (inside_copy && IsPartOfCopy(input) ? 0 : 1));
        }
    }

    /// Of the operators that make up a copy explain shows the first alone.
    bool IsPartOfCopy(const NodePtr& node) const {
        return std::any_of(analysis_.copies.begin(), analysis_.copies.end(),
                           [&](const auto& copy) { return copy.first->inputs[0] == node || copy.second == node; });
    }

    /// Weights and accumulators stand beside the columns, under names of their own.
    static void CheckNames(const plan::Node& node) {
        for (const auto& column : node.columns) {
            const std::string& name = column.name;
            bool whole = name == "__n" || name == "__dirty" || name == "__copies" || name == "__copy";
            bool begun = false;
            for (const char* start : {"__freshet", "__count_", "__sum_", "__min_", "__max_"}) {
                begun = begun || name.starts_with(start);
            }
            if (whole || begun) {
                throw Refusal{fmt::format("the rules use the name of column {} themselves", name)};
            }
        }
    }

    void CollectKept(const NodePtr& node) {
        bool known =
            std::any_of(analysis_.kept.begin(), analysis_.kept.end(), [&](const auto& k) { return k == node; });
        if (!known && node->kind == NodeKind::Aggregate && Accumulators::Supports(node->As<plan::Aggregate>())) {
            analysis_.kept.push_back(node);
        }
        for (const auto& input : node->inputs) {
            CollectKept(input);
        }
    }

    void RequireChain(const NodePtr& node) {
        if (node->kind == NodeKind::Aggregate) {
            analysis_.required.insert(analysis_.operator_id[node.get()]);
            return;
        }
        RequireChain(node->inputs[0]);
    }

    // ---- checks

    /// All columns decide among equal rows: one that noise changes would decide otherwise from time to time.
    static void DemandExactTies(const plan::Window& window, const std::vector<bool>& input) {
        bool inexact = std::any_of(input.begin(), input.end(), [](bool b) { return b; });
        for (const auto& call : window.calls) {
            if (inexact && call.breaks_ties) {
                throw Refusal{
                    fmt::format("a value that depends on the order of rows decides ties in {}()", call.function)};
            }
        }
    }

    bool IsCopy(const NodePtr& node) const {
        return std::any_of(analysis_.copies.begin(), analysis_.copies.end(),
                           [&](const auto& copy) { return copy.second == node; });
    }

    /// Is the value as close to what it would be without noise in the arguments as these are?
    static bool PassesNoiseOn(const plan::AggregateCall& call) {
        static constexpr std::array kNames = {"sum",     "avg",         "min",           "max",
                                              "stddev",  "stddev_samp", "stddev_pop",    "variance",
                                              "var_pop", "median",      "quantile_cont", "var_samp"};
        bool known = std::any_of(kNames.begin(), kNames.end(), [&](const char* name) { return call.function == name; });
        return known && !call.distinct && (call.type == "DOUBLE" || call.type == "FLOAT");
    }

    void CheckExactness(const NodePtr& node) {
        auto input = InexactInputs(*node);
        auto demand = [&](const ExprPtr& expr, const char* what) {
            if (ReadsAny(expr, input)) {
                auto columns = plan::InputColumns(*node);
                auto name = [&](int column) { return columns.at(static_cast<size_t>(column)).name; };
                throw Refusal{fmt::format("a value that depends on the order of rows decides {} ({})", what,
                                          plan::ToSql(expr, name))};
            }
        };
        if (node->kind == NodeKind::Filter) {
            for (const auto& predicate : node->As<plan::Filter>().predicates) {
                demand(predicate, "a filter");
            }
        } else if (node->kind == NodeKind::Join) {
            for (const auto& predicate : node->As<plan::Join>().predicates) {
                demand(predicate, "a join");
            }
        } else if (node->kind == NodeKind::Aggregate && !IsCopy(node)) {
            for (const auto& group : node->As<plan::Aggregate>().groups) {
                demand(group, "a group");
            }
            for (const auto& call : node->As<plan::Aggregate>().calls) {
                for (const auto& arg : call.args) {
                    if (!analysis_.settled || !PassesNoiseOn(call)) {
                        demand(arg, "an aggregate");
                    }
                }
            }
        } else if (node->kind == NodeKind::Unnest) {
            for (const auto& list : node->As<plan::Unnest>().lists) {
                demand(list, "an unnest");
            }
        } else if (node->kind == NodeKind::TopK) {
            if (std::any_of(input.begin(), input.end(), [](bool b) { return b; })) {
                throw Refusal{"ORDER BY ... LIMIT over a value that depends on the order of rows (floating point)"};
            }
        } else if (node->kind == NodeKind::Window) {
            DemandExactTies(node->As<plan::Window>(), input);
            for (const auto& key : node->As<plan::Window>().partitions) {
                demand(key, "a partition");
            }
            for (const auto& call : node->As<plan::Window>().calls) {
                for (const auto* keys : {&call.order_by, &call.arg_orders}) {
                    for (const auto& key : *keys) {
                        demand(key.expression, "the order in a window");
                    }
                }
            }
        }
        for (const auto& child : node->inputs) {
            CheckExactness(child);
        }
    }

    void CheckRepresentatives() const {
        if (!complete_) {
            throw Refusal{"a value is told from others that are equal to it (0.0 and -0.0, a month and 30 days), and "
                          "the input does not determine which of them it is"};
        }
    }

    /// Time alone changes what such expressions give. There is a rule for rows of a table that a filter by them
    /// selects.
    static void CheckMoments(const NodePtr& node) {
        for (const auto& expr : plan::ExpressionsOf(*node)) {
            if (plan::IsTimely(expr) && !(node->kind == NodeKind::Filter && IsPlainScan(node->inputs[0]))) {
                throw Refusal{"the data timestamp (now(), current_date ...) does more than to select rows of a table"};
            }
        }
        for (const auto& input : node->inputs) {
            CheckMoments(input);
        }
    }

    /// Changes are kept in TEMP tables, and values that are compared are their keys.
    static void CheckStorable(const NodePtr& node) {
        auto demand = [](const std::string& type) {
            if (HasUnnamedStruct(type)) {
                throw Refusal{fmt::format("a value of type {}, whose fields have no names, can't be kept", type)};
            }
        };
        for (const auto& column : node->columns) {
            demand(column.type);
        }
        if (node->kind == NodeKind::Window) {
            for (const auto& key : node->As<plan::Window>().partitions) {
                demand(key->type);
            }
        }
        if (node->kind == NodeKind::Join) {
            for (const auto& predicate : node->As<plan::Join>().predicates) {
                std::for_each(predicate->args.begin(), predicate->args.end(),
                              [&](const auto& side) { demand(side->type); });
            }
        }
        for (const auto& input : node->inputs) {
            CheckStorable(input);
        }
    }

    void Report(const NodePtr& node, std::string name, std::string rule, std::string strategy,
                std::string reason = "") {
        OperatorReport& report = analysis_.operators.emplace_back();
        report.name = std::move(name);
        report.rule = std::move(rule);
        report.strategy = std::move(strategy);
        report.reason = std::move(reason);
        report.depth = depths_[node.get()];
        report.operator_id = analysis_.operator_id[node.get()];
    }

    void ReportFilter(const NodePtr& node) {
        bool moving = IsMoving(*node);
        Report(node, "Filter", moving ? "moving_filter" : "filter", moving ? "moving filter" : "linear");
    }

    void Check(const NodePtr& node) {
        if (!checked_.insert(node.get()).second) {
            return;
        }
        if (auto copy = analysis_.copies.find(node.get()); copy != analysis_.copies.end()) {
            analysis_.required.insert(analysis_.operator_id[copy->second.get()]);
            Report(node, "Copy", "maintained_input", "kept rows", "an operator above needs every row of this input");
            return Check(copy->second->inputs[0]);
        }
        switch (node->kind) {
        case NodeKind::Scan: {
            const auto& source = analysis_.query.sources[static_cast<size_t>(node->As<plan::Scan>().source)];
            Report(node, "Scan " + source.table.Text(), "scan", "change feed");
            break;
        }
        case NodeKind::Constants:
            Report(node, "Constants", "", "never changes");
            break;
        case NodeKind::Filter:
            ReportFilter(node);
            break;
        case NodeKind::Project:
            Report(node, "Project", "projection", "linear");
            break;
        case NodeKind::UnionAll:
            Report(node, "UnionAll", "union_all", "linear");
            break;
        case NodeKind::Unnest:
            Report(node, "Unnest", "unnest", "linear");
            break;
        case NodeKind::Join:
            CheckJoin(node);
            break;
        case NodeKind::Aggregate:
            CheckAggregate(node);
            break;
        case NodeKind::Window:
            CheckWindow(node);
            break;
        case NodeKind::TopK:
            Report(node, "TopK", "top_k", kWholeStrategy);
            RequireChain(node->inputs[0]);
            break;
        case NodeKind::Domain:
            throw Refusal{"a correlated subquery of this shape has no rule yet"};
        }
        for (const auto& input : node->inputs) {
            Check(input);
        }
    }

    static bool IsOrderOfNestedValues(const plan::Expr& predicate) {
        static constexpr std::array kOrders = {"<", "<=", ">", ">="};
        bool order = std::any_of(kOrders.begin(), kOrders.end(), [&](const char* op) { return predicate.text == op; });
        return predicate.kind == ExprKind::Comparison && order && IsNested(predicate.args[0]->type);
    }

    static bool ComparesIntervals(const plan::Expr& predicate) {
        static constexpr std::array kOthersThanEqual = {"<", "<=", ">", ">=", "<>", "!=", "IS DISTINCT FROM"};
        bool compares = std::any_of(kOthersThanEqual.begin(), kOthersThanEqual.end(),
                                    [&](const char* op) { return predicate.text == op; });
        return predicate.kind == ExprKind::Comparison && compares && predicate.args[0]->type == "INTERVAL";
    }

    /// Its affected rows are found by a semi join.
    static void CheckSemiJoinExists(const plan::Join& join) {
        bool compares = std::any_of(join.predicates.begin(), join.predicates.end(),
                                    [](const auto& predicate) { return ComparesIntervals(*predicate); });
        if (compares && emit::EquiPairs(join).empty()) {
            throw Refusal{
                "INTERVALs are compared otherwise than by equality in an outer or semi join: DuckDB lacks the "
                "join that finds the affected rows"};
        }
    }

    void CheckJoin(const NodePtr& node) {
        const auto& join = node->As<plan::Join>();
        if (join.join_kind == plan::JoinKind::Inner) {
            Report(node, fmt::format("InnerJoin of {}", join.inputs.size()), "inner_join", "join terms");
            return;
        }
        if (join.join_kind == plan::JoinKind::Single) {
            throw Refusal{"a scalar subquery of this shape has no rule yet"};
        }
        if (join.null_aware && IsOrderOfNestedValues(*join.predicates.back())) {
            throw Refusal{
                "structs, lists or maps are compared by <, <=, > or >= with ANY or ALL of a subquery: DuckDB's "
                "answer depends on the order of rows"};
        }
        CheckSemiJoinExists(join);
        static constexpr std::array kNames = {"InnerJoin", "LeftJoin", "SemiJoin",
                                              "AntiJoin",  "MarkJoin", "SingleJoin"};
        static constexpr std::array kRules = {"inner_join",         "left_join", "semi_and_anti_join",
                                              "semi_and_anti_join", "mark_join", "subqueries"};
        auto kind = static_cast<size_t>(join.join_kind);
        Report(node, kNames[kind], kRules[kind], "affected rows");
    }

    void CheckAggregate(const NodePtr& node) {
        const auto& aggregate = node->As<plan::Aggregate>();
        std::string name = aggregate.calls.empty() ? "Distinct" : aggregate.IsGlobal() ? "Aggregate" : "Aggregate by";
        for (size_t i = 0; i < aggregate.groups.size(); i++) {
            name += (i ? ", " : " ") + aggregate.columns[i].name;
        }
        bool kept = Accumulators::Supports(aggregate);
        KeptRelations relations(analysis_.kept);
        bool reaches =
            !aggregate.IsGlobal() && emit::RestrictionReachesScan(node->inputs[0], aggregate.groups, relations);
        if (kept) {
            Report(node, name, aggregate.calls.empty() ? "distinct" : "aggregate_accumulators", "accumulators");
            if (!reaches || !relations.asked.empty()) {
                analysis_.required.insert(analysis_.operator_id[node.get()]);
            }
            return;
        }
        std::string call = FirstUnsupported(aggregate);
        if (NeedsWholeInput(aggregate)) {
            RequireChain(node->inputs[0]);
            return Report(node, name, "maintained_input", kWholeStrategy,
                          call + " without GROUP BY depends on every row");
        }
        if (!reaches) {
            throw Refusal{fmt::format("the groups of {} can't be traced to rows of a source", call)};
        }
        for (const auto* relied_on : relations.asked) {
            analysis_.required.insert(analysis_.operator_id[relied_on]);
        }
        Report(node, name, "aggregate_affected_groups", "affected groups",
               call + " is recomputed for groups that changed");
    }

    void CheckWindow(const NodePtr& node) {
        const auto& window = node->As<plan::Window>();
        std::string name = "Window " + window.calls[0].function + "() by";
        for (size_t i = 0; i < window.partitions.size(); i++) {
            auto column = [&](int c) { return node->columns[static_cast<size_t>(c)].name; };
            name += (i ? ", " : " ") + plan::ToSql(window.partitions[i], column);
        }
        if (NeedsWholeInput(window)) {
            RequireChain(node->inputs[0]);
            return Report(node, "Window " + window.calls[0].function + "()", "maintained_input", kWholeStrategy,
                          "without PARTITION BY it depends on every row");
        }
        KeptRelations relations(analysis_.kept);
        if (!emit::RestrictionReachesScan(node->inputs[0], window.partitions, relations)) {
            throw Refusal{
                fmt::format("the partitions of {}() can't be traced to rows of a source", window.calls[0].function)};
        }
        for (const auto* relied_on : relations.asked) {
            analysis_.required.insert(analysis_.operator_id[relied_on]);
        }
        Report(node, name, "window", "affected partitions");
    }

    static std::string FirstUnsupported(const plan::Aggregate& aggregate) {
        for (const auto& call : aggregate.calls) {
            plan::Aggregate probe = aggregate;
            probe.calls = {call};
            if (!Accumulators::Supports(probe)) {
                return call.function + (call.distinct ? "(DISTINCT)" : "()");
            }
        }
        return "the aggregate";
    }

    // ---- the root

    /// Traces columns through projections and filters down to an aggregate.
    void FindShape() {
        NodePtr node = analysis_.query.root;
        auto outputs = plan::AllColumns(*node);
        while (node->kind == NodeKind::Project || node->kind == NodeKind::Filter) {
            if (node->kind == NodeKind::Project) {
                for (auto& output : outputs) {
                    output = plan::Substitute(output, [&](int column, const std::string&) {
                        return node->As<plan::Project>().expressions[static_cast<size_t>(column)];
                    });
                }
            }
            node = node->inputs[0];
        }
        if (node->kind == NodeKind::TopK) {
            FindOrderingOutputs(node->As<plan::TopK>(), outputs);
        }
        bool small =
            NeedsWholeInput(*node) || (node->kind == NodeKind::Aggregate && node->As<plan::Aggregate>().IsGlobal());
        if (small) {
            analysis_.shape = RootShape::Whole;
            return;
        }
        if ((node->kind == NodeKind::Aggregate && FindKeyOutputs(GroupColumns(*node), outputs)) ||
            (node->kind == NodeKind::Window && FindKeyOutputs(node->As<plan::Window>().partitions, outputs))) {
            analysis_.shape = RootShape::Keyed;
            analysis_.keyed = node;
            return;
        }
        auto inexact = InexactColumns(analysis_.query.root, Exactness::Reproducible);
        if (std::any_of(inexact.begin(), inexact.end(), [](bool b) { return b; })) {
            throw Refusal{
                "the result holds values that depend on the order of rows (sums of floating-point numbers, unordered "
                "lists) without all of their group columns"};
        }
    }

    /// Does a window put rows or values in an order of its own, where the query leaves it open?
    static bool ChoosesAmongTies(const NodePtr& node) {
        if (node->kind == NodeKind::Window) {
            const auto& calls = node->As<plan::Window>().calls;
            if (std::any_of(calls.begin(), calls.end(), [](const auto& c) { return c.breaks_ties || c.settled; })) {
                return true;
            }
        }
        return std::any_of(node->inputs.begin(), node->inputs.end(), ChoosesAmongTies);
    }

    /// Rows of a window at the root are compared with the stored ones, whatever was chosen before.
    void FindChoices() {
        NodePtr node = analysis_.query.root;
        while (analysis_.shape != RootShape::Bag &&
               (node->kind == NodeKind::Project || node->kind == NodeKind::Filter || node->kind == NodeKind::Window)) {
            bool window = node->kind == NodeKind::Window;
            node = node->inputs[0];
            if (window) {
                break;
            }
        }
        analysis_.determined = analysis_.determined || ChoosesAmongTies(node);
    }

    void FindOrderingOutputs(const plan::TopK& top, const std::vector<ExprPtr>& outputs) {
        for (size_t i = 0; i < outputs.size(); i++) {
            bool ordering = std::any_of(top.keys.begin(), top.keys.end(),
                                        [&](const auto& key) { return plan::Same(key.expression, outputs[i]); });
            if (ordering) {
                analysis_.ordering_outputs.push_back(static_cast<int>(i));
            }
        }
    }

    static std::vector<ExprPtr> GroupColumns(const plan::Node& node) {
        auto columns = plan::AllColumns(node);
        columns.resize(node.As<plan::Aggregate>().groups.size());
        return columns;
    }

    /// Are the keys, over the node's columns, all among the outputs?
    bool FindKeyOutputs(const std::vector<ExprPtr>& keys, const std::vector<ExprPtr>& outputs) {
        std::vector<int> positions;
        for (const auto& key : keys) {
            auto found = std::find_if(outputs.begin(), outputs.end(),
                                      [&](const auto& output) { return plan::Same(output, key); });
            if (found == outputs.end()) {
                return false;
            }
            positions.push_back(static_cast<int>(found - outputs.begin()));
        }
        analysis_.key_outputs = positions;
        return true;
    }

    void NameInexact() {
        auto inexact = InexactColumns(analysis_.query.root);
        for (size_t i = 0; i < inexact.size(); i++) {
            if (inexact[i]) {
                analysis_.inexact.push_back(analysis_.query.root->columns[i].name);
            }
        }
    }

    Analysis analysis_;
    bool complete_ = true; ///< as in DeterminedPlan
    std::map<const plan::Node*, int> depths_;
    std::set<const plan::Node*> checked_;
};

} // namespace

Analysis Analyze(const plan::Query& query) {
    Analysis analysis = Analyzer(query).Run();
    if (analysis.incremental) {
        return analysis;
    }
    Analysis settled = Analyzer({query.sources, SettleAggregates(query.root)}, true).Run();
    return settled.incremental ? settled : analysis;
}

} // namespace freshet::delta
