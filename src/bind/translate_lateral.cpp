#include "bind/translate_lateral.hpp"

#include "base/type_name.hpp"
#include "bind/bound_expression.hpp"

#include <duckdb/planner/expression/list.hpp>
#include <duckdb/planner/expression_iterator.hpp>
#include <duckdb/planner/operator/list.hpp>
#include <fmt/format.h>

namespace freshet {

using plan::ExprKind;
using plan::ExprPtr;
using plan::NodePtr;

namespace {

void Resolve(duckdb::unique_ptr<duckdb::Expression>& expression,
             const duckdb::vector<duckdb::ColumnBinding>& bindings) {
    if (expression->GetExpressionClass() == duckdb::ExpressionClass::BOUND_COLUMN_REF) {
        auto& reference = expression->Cast<duckdb::BoundColumnRefExpression>();
        for (size_t i = 0; i < bindings.size(); i++) {
            if (bindings[i] == reference.binding) {
                expression = duckdb::make_uniq<duckdb::BoundReferenceExpression>(reference.return_type, i);
                return;
            }
        }
        throw Refused("a column of a lateral join can't be resolved");
    }
    duckdb::ExpressionIterator::EnumerateChildren(
        *expression, [&](duckdb::unique_ptr<duckdb::Expression>& child) { Resolve(child, bindings); });
}

/// How many of the input's columns are the function's arguments.
size_t ArgumentsOf(const duckdb::LogicalGet& get) {
    return get.children.empty() ? get.parameters.size() : get.input_table_types.size();
}

/// The list of the values that the function gives for one row; its arguments are the input's first columns.
ExprPtr ListOf(const duckdb::LogicalGet& get, const NodePtr& input) {
    const std::string& function = get.function.name;
    std::string element = get.returned_types.at(0).ToString();
    if (function == "unnest") {
        const std::string& type = input->columns.at(0).type;
        return ElementOfList(type).empty() ? throw Refused("unnest of " + type + " has no rule")
                                           : plan::ColumnRef(0, type);
    }
    if (function != "range" && function != "generate_series") {
        throw Refused(fmt::format("table function {}() has no change feed", function));
    }
    std::vector<ExprPtr> arguments;
    for (size_t i = 0; i < ArgumentsOf(get); i++) {
        auto argument = plan::ColumnRef(static_cast<int>(i), input->columns.at(i).type);
        bool step = i == 2 && element != "BIGINT";
        const std::string& type = step ? argument->type : element;
        arguments.push_back(argument->type == type ? argument : plan::Call(ExprKind::Cast, type, {argument}));
    }
    return plan::Call(ExprKind::Function, element + "[]", arguments, function);
}

/// 1, 2, ... for the elements of a list.
ExprPtr PositionsIn(const ExprPtr& list) {
    auto length = plan::Call(ExprKind::Function, "BIGINT", {list}, "len");
    return plan::Call(ExprKind::Function, "BIGINT[]", {plan::Literal("CAST(1 AS BIGINT)", "BIGINT"), length},
                      "generate_series");
}

} // namespace

duckdb::LogicalOperator& ResolveLateralInput(duckdb::LogicalGet& get) {
    auto& input = *get.children.at(0);
    if (input.type != duckdb::LogicalOperatorType::LOGICAL_PROJECTION) {
        throw Refused("a lateral table function over " + duckdb::LogicalOperatorToString(input.type) +
                      " has no rule yet");
    }
    auto bindings = input.children[0]->GetColumnBindings();
    for (auto& expression : input.expressions) {
        Resolve(expression, bindings);
    }
    return input;
}

NodePtr TranslateLateral(const duckdb::LogicalGet& get, const NodePtr& input) {
    auto list = ListOf(get, input);
    std::vector<ExprPtr> lists = {list};
    std::vector<Column> columns = {{get.function.name, ElementOfList(list->type)}};
    if (get.ordinality_idx.IsValid()) {
        lists.push_back(PositionsIn(list));
        columns.push_back({"ordinality", "BIGINT"});
    }
    auto unnest = plan::MakeUnnest(input, lists, columns);
    int width = static_cast<int>(input->columns.size());
    std::vector<ExprPtr> outputs;
    std::vector<std::string> names;
    auto add = [&](int column) {
        const auto& taken = unnest->columns.at(static_cast<size_t>(column));
        outputs.push_back(plan::ColumnRef(column, taken.type));
        names.push_back(taken.name);
    };
    for (const auto& column : get.GetColumnIds()) {
        bool ordinality = get.ordinality_idx.IsValid() && column.GetPrimaryIndex() == get.ordinality_idx.GetIndex();
        add(width + (ordinality ? 1 : 0));
    }
    for (auto column : get.projected_input) {
        add(static_cast<int>(column));
    }
    return plan::MakeProject(unnest, outputs, names);
}

} // namespace freshet
