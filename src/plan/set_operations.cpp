#include "plan/set_operations.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace freshet::plan {

namespace {

ExprPtr Null(const std::string& type) {
    return Literal(fmt::format("CAST(NULL AS {})", type), type);
}

/// The input's rows with a mark for each side: 1 on its own, NULL on the other.
NodePtr Marked(const NodePtr& input, bool left) {
    auto outputs = AllColumns(*input);
    auto names = NamesOf(input->columns);
    outputs.push_back(left ? Literal("1", "INTEGER") : Null("INTEGER"));
    outputs.push_back(left ? Null("INTEGER") : Literal("1", "INTEGER"));
    names.insert(names.end(), {"in_left", "in_right"});
    return MakeProject(input, outputs, names);
}

AggregateCall CountOf(int column) {
    AggregateCall count;
    count.function = "count";
    count.args = {ColumnRef(column, "INTEGER")};
    count.type = "BIGINT";
    count.argument_type = "INTEGER";
    return count;
}

/// As many copies of each row as `copies` says; none where it is not positive.
NodePtr Repeated(const NodePtr& counted, const ExprPtr& copies) {
    auto range = Call(ExprKind::Function, "BIGINT[]", {copies}, "range");
    return MakeUnnest(counted, {range}, {{"copy", "BIGINT"}});
}

} // namespace

NodePtr MakeSetOperation(SetOperation operation, bool all, const NodePtr& left, const NodePtr& right) {
    auto left_marked = Marked(left, true);
    auto both = MakeUnionAll({left_marked, Marked(right, false)}, left_marked->columns);
    int width = static_cast<int>(left->columns.size());
    auto groups = AllColumns(*both);
    groups.resize(left->columns.size());
    auto names = NamesOf(left_marked->columns);
    auto counted = MakeAggregate(both, groups, {CountOf(width), CountOf(width + 1)}, names);
    auto in_left = ColumnRef(width, "BIGINT");
    auto in_right = ColumnRef(width + 1, "BIGINT");
    NodePtr rows;
    if (all) {
        auto copies = operation == SetOperation::Intersect
                          ? Call(ExprKind::Function, "BIGINT", {in_left, in_right}, "least")
                          : Call(ExprKind::Function, "BIGINT", {in_left, in_right}, "-");
        rows = Repeated(counted, copies);
    } else {
        auto zero = Literal("0", "BIGINT");
        rows = MakeFilter(counted, {Compare(">", in_left, zero),
                                    Compare(operation == SetOperation::Intersect ? ">" : "=", in_right, zero)});
    }
    auto outputs = AllColumns(*rows);
    outputs.resize(left->columns.size());
    return MakeProject(rows, outputs, NamesOf(left->columns));
}

NodePtr MakeGroupingSets(const NodePtr& input, const std::vector<ExprPtr>& groups,
                         const std::vector<AggregateCall>& calls, const std::vector<std::string>& names,
                         const std::vector<std::vector<size_t>>& sets,
                         const std::vector<std::vector<size_t>>& grouping_functions) {
    std::vector<NodePtr> parts;
    for (const auto& set : sets) {
        std::vector<ExprPtr> own;
        std::vector<std::string> own_names;
        for (size_t group : set) {
            own.push_back(groups[group]);
            own_names.push_back(names[group]);
        }
        own_names.insert(own_names.end(), names.begin() + static_cast<std::ptrdiff_t>(groups.size()),
                         names.begin() + static_cast<std::ptrdiff_t>(groups.size() + calls.size()));
        auto kept = calls;
        if (own.empty() && kept.empty()) { // one row, whatever it holds
            kept.push_back({"count_star", {}, false, nullptr, {}, {}, "BIGINT", ""});
            own_names = {"rows"};
        }
        auto aggregate = MakeAggregate(input, own, kept, own_names);
        std::vector<ExprPtr> outputs;
        for (size_t group = 0; group < groups.size(); group++) {
            auto found = std::find(set.begin(), set.end(), group);
            outputs.push_back(found == set.end()
                                  ? Null(groups[group]->type)
                                  : ColumnRef(static_cast<int>(found - set.begin()), groups[group]->type));
        }
        for (size_t call = 0; call < calls.size(); call++) {
            outputs.push_back(ColumnRef(static_cast<int>(set.size() + call), calls[call].type));
        }
        for (const auto& function : grouping_functions) {
            int64_t bits = 0;
            for (size_t group : function) {
                bits = bits * 2 + (std::find(set.begin(), set.end(), group) == set.end() ? 1 : 0);
            }
            outputs.push_back(Literal(fmt::format("CAST({} AS BIGINT)", bits), "BIGINT"));
        }
        parts.push_back(MakeProject(aggregate, outputs, names));
    }
    return parts.size() == 1 ? parts[0] : MakeUnionAll(parts, parts[0]->columns);
}

} // namespace freshet::plan
