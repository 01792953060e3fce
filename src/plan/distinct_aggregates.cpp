#include "plan/distinct_aggregates.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace freshet::plan {

namespace {

/// Functions that pass over NULL, so that a filter may become part of the argument.
bool IgnoresNull(const std::string& function) {
    static constexpr std::array kNames = {"count", "sum", "avg", "min", "max"};
    return std::any_of(kNames.begin(), kNames.end(), [&](const char* name) { return function == name; });
}

ExprPtr FilteredArgument(const AggregateCall& call) {
    const auto& argument = call.args[0];
    return call.filter
               ? Call(ExprKind::Case, argument->type,
                      {call.filter, argument, Literal(fmt::format("CAST(NULL AS {})", argument->type), argument->type)})
               : argument;
}

/// count(DISTINCT (a, b)): a row's fields have no names, and values of its type can't be kept. As many structs are
/// distinct.
AggregateCall WithNamedFields(AggregateCall call) {
    const auto& row = call.args[0];
    if (call.function != "count" || row->kind != ExprKind::Function || row->text != "row") {
        return call;
    }
    Expr named = *row;
    named.text = "struct_pack";
    std::string fields;
    for (size_t i = 0; i < row->args.size(); i++) {
        named.arg_names.push_back(fmt::format("v{}", i));
        fields += fmt::format("{}v{} {}", i ? ", " : "", i, row->args[i]->type);
    }
    named.type = call.argument_type = "STRUCT(" + fields + ")";
    call.args = {std::make_shared<const Expr>(std::move(named))};
    return call;
}

NodePtr OverDistinct(const NodePtr& input, const AggregateCall& written) {
    AggregateCall call = WithNamedFields(written);
    auto values = MakeAggregate(input, {FilteredArgument(call)}, {}, {"value"});
    AggregateCall plain = call;
    plain.distinct = false;
    plain.filter = nullptr;
    plain.args = {ColumnRef(0, values->columns[0].type)};
    return MakeAggregate(values, {}, {plain}, {"value"});
}

} // namespace

bool CanSplitDistinct(const std::vector<AggregateCall>& calls) {
    return std::all_of(calls.begin(), calls.end(), [](const AggregateCall& call) {
        return !call.distinct || (call.args.size() == 1 && call.order_by.empty() && IgnoresNull(call.function));
    });
}

NodePtr SplitDistinct(const NodePtr& input, const std::vector<AggregateCall>& calls,
                      const std::vector<std::string>& names) {
    std::vector<AggregateCall> plain;
    std::vector<std::string> plain_names;
    for (size_t i = 0; i < calls.size(); i++) {
        if (!calls[i].distinct) {
            plain.push_back(calls[i]);
            plain_names.push_back(names[i]);
        }
    }
    std::vector<NodePtr> rows;
    if (!plain.empty()) {
        rows.push_back(MakeAggregate(input, {}, plain, plain_names));
    }
    std::vector<ExprPtr> outputs;
    int next_plain = 0, next_distinct = static_cast<int>(plain.size());
    for (const auto& call : calls) {
        if (call.distinct) {
            rows.push_back(OverDistinct(input, call));
        }
        outputs.push_back(ColumnRef(call.distinct ? next_distinct++ : next_plain++, call.type));
    }
    auto together = rows.size() == 1 ? rows[0] : MakeJoin(JoinKind::Inner, rows, {});
    return MakeProject(together, outputs, names);
}

NodePtr OneRowOfEach(const NodePtr& input, const std::vector<ExprPtr>& groups) {
    std::vector<AggregateCall> calls;
    std::vector<std::string> names(groups.size(), "key");
    std::vector<int> shown;
    for (size_t i = 0; i < input->columns.size(); i++) {
        AggregateCall first;
        first.function = "first";
        first.type = first.argument_type = input->columns[i].type;
        first.args = {ColumnRef(static_cast<int>(i), first.type)};
        calls.push_back(first);
        names.push_back(input->columns[i].name);
        shown.push_back(static_cast<int>(groups.size() + i));
    }
    return PickColumns(MakeAggregate(input, groups, calls, names), shown);
}

} // namespace freshet::plan
