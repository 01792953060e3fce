#include "plan/windows.hpp"

#include <algorithm>

namespace freshet::plan {

namespace {

/// Calls that one operator computes.
struct Group {
    std::vector<ExprPtr> partitions;
    std::vector<size_t> calls;
};

std::vector<ExprPtr> Common(const std::vector<ExprPtr>& a, const std::vector<ExprPtr>& b) {
    std::vector<ExprPtr> common;
    for (const auto& expr : a) {
        if (std::any_of(b.begin(), b.end(), [&](const auto& other) { return Same(expr, other); })) {
            common.push_back(expr);
        }
    }
    return common;
}

Group Together(const std::vector<WindowCall>& calls) {
    Group all{calls.front().partitions, {}};
    for (size_t i = 0; i < calls.size(); i++) {
        all.partitions = Common(all.partitions, calls[i].partitions);
        all.calls.push_back(i);
    }
    return all;
}

std::vector<Group> Apart(const std::vector<WindowCall>& calls) {
    std::vector<Group> groups;
    for (size_t i = 0; i < calls.size(); i++) {
        const auto& partitions = calls[i].partitions;
        auto same = std::find_if(groups.begin(), groups.end(), [&](const Group& group) {
            return group.partitions.size() == partitions.size() &&
                   Common(group.partitions, partitions).size() == partitions.size();
        });
        auto& group = same == groups.end() ? groups.emplace_back(Group{partitions, {}}) : *same;
        group.calls.push_back(i);
    }
    // What reads every row comes last: the others' partitions can then be traced to the input.
    std::stable_partition(groups.begin(), groups.end(), [](const Group& group) { return !group.partitions.empty(); });
    return groups;
}

} // namespace

NodePtr MakeWindows(const NodePtr& input, const std::vector<WindowCall>& calls, const std::vector<std::string>& names) {
    Group all = Together(calls);
    std::vector<Group> groups = all.partitions.empty() ? Apart(calls) : std::vector<Group>{all};
    NodePtr node = input;
    auto outputs = AllColumns(*input);
    auto output_names = NamesOf(input->columns);
    outputs.resize(input->columns.size() + calls.size());
    output_names.insert(output_names.end(), names.begin(), names.end());
    for (const auto& group : groups) {
        std::vector<WindowCall> own;
        std::vector<std::string> own_names;
        for (size_t call : group.calls) {
            outputs[input->columns.size() + call] =
                ColumnRef(static_cast<int>(node->columns.size() + own.size()), calls[call].type);
            own.push_back(calls[call]);
            own_names.push_back(names[call]);
        }
        node = MakeWindow(node, group.partitions, own, own_names);
    }
    return groups.size() == 1 ? node : MakeProject(node, outputs, output_names);
}

NodePtr FirstOfEach(const NodePtr& input, const std::vector<ExprPtr>& groups, const std::vector<SortKey>& order) {
    WindowCall number;
    number.function = "row_number";
    number.partitions = groups;
    number.order_by = order;
    number.frame_unit = "ROWS";
    number.start.text = "UNBOUNDED PRECEDING";
    number.end.text = "CURRENT ROW";
    number.breaks_ties = true;
    number.type = "BIGINT";
    auto numbered = MakeWindow(input, groups, {number}, {"row_number"});
    auto position = ColumnRef(static_cast<int>(input->columns.size()), "BIGINT");
    auto first = MakeFilter(numbered, {Compare("=", position, Literal("CAST(1 AS BIGINT)", "BIGINT"))});
    return MakeProject(first, AllColumns(*input), NamesOf(input->columns));
}

} // namespace freshet::plan
