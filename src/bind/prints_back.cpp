#include "bind/prints_back.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <duckdb/parser/parser.hpp>
#include <duckdb/planner/expression/bound_columnref_expression.hpp>
#include <duckdb/planner/expression_iterator.hpp>
#include <duckdb/planner/logical_operator_visitor.hpp>
#include <duckdb/planner/operator/logical_aggregate.hpp>
#include <duckdb/planner/planner.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <optional>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

namespace freshet {

namespace {

/// SELECT * around something gives what it gets.
bool PassesThrough(duckdb::LogicalOperator& plan) {
    if (plan.type != duckdb::LogicalOperatorType::LOGICAL_PROJECTION || plan.types != plan.children[0]->types) {
        return false;
    }
    for (size_t i = 0; i < plan.expressions.size(); i++) {
        bool column = plan.expressions[i]->GetExpressionType() == duckdb::ExpressionType::BOUND_COLUMN_REF;
        if (!column || plan.expressions[i]->Cast<duckdb::BoundColumnRefExpression>().binding.column_index != i) {
            return false;
        }
    }
    return true;
}

/// The types of an expression and its parts: what prints alike may still be computed in another type.
std::string TypesOf(duckdb::Expression& expression) {
    std::string text = expression.return_type.ToString() + "(";
    duckdb::ExpressionIterator::EnumerateChildren(expression,
                                                  [&](duckdb::Expression& child) { text += TypesOf(child); });
    return text + ")";
}

using Parts = std::vector<std::string>;

std::string Joined(Parts parts, bool sorted) {
    if (sorted) {
        std::sort(parts.begin(), parts.end());
    }
    return fmt::format("{},", fmt::join(parts, ","));
}

Parts LinesOf(const std::string& text) {
    Parts lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(line);
    }
    return lines;
}

/// The sets by the names of what they group.
std::string GroupingSets(const duckdb::LogicalAggregate& aggregate) {
    Parts sets;
    for (const auto& set : aggregate.grouping_sets) {
        Parts groups;
        for (auto group : set) {
            groups.push_back(aggregate.groups[group]->ToString());
        }
        sets.push_back(Joined(groups, true));
    }
    return sets.size() < 2 ? "" : Joined(sets, true);
}

/// In which order such an operator has its groups, its conditions, or the columns of an outer query, depends on how
/// these are written, and means nothing.
bool IsUnordered(duckdb::LogicalOperatorType type, bool correlated) {
    switch (type) {
    case duckdb::LogicalOperatorType::LOGICAL_AGGREGATE_AND_GROUP_BY:
    case duckdb::LogicalOperatorType::LOGICAL_COMPARISON_JOIN:
    case duckdb::LogicalOperatorType::LOGICAL_CROSS_PRODUCT:
    case duckdb::LogicalOperatorType::LOGICAL_DELIM_GET:
    case duckdb::LogicalOperatorType::LOGICAL_DELIM_JOIN:
    case duckdb::LogicalOperatorType::LOGICAL_EXPRESSION_GET:
    case duckdb::LogicalOperatorType::LOGICAL_FILTER:
    case duckdb::LogicalOperatorType::LOGICAL_GET:
        return true;
    case duckdb::LogicalOperatorType::LOGICAL_PROJECTION:
        return correlated; // the outer query's columns stand among its own
    default:
        return false;
    }
}

/// An operator's parameter: a number that tells CTEs apart is written as the binding of a column, numbered anew with
/// them.
std::string ParameterText(const std::string& key, const std::string& value, bool any_order) {
    bool binding = key == "Table Index" || key == "CTE Index";
    return key + "=" + (binding ? fmt::format("#[{}.]", value) : Joined(LinesOf(value), any_order)) + ";";
}

/// A bound plan in words, without what only tells one binding from another. `correlated`: it is part of a correlated
/// subquery.
std::string Describe(duckdb::LogicalOperator& plan, bool correlated) {
    if (PassesThrough(plan)) {
        return Describe(*plan.children[0], correlated);
    }
    std::string text = duckdb::LogicalOperatorToString(plan.type) + "(";
    bool any_order = IsUnordered(plan.type, correlated);
    for (const auto& [key, value] : plan.ParamsToString()) {
        text += ParameterText(key, value, any_order);
    }
    if (plan.type == duckdb::LogicalOperatorType::LOGICAL_AGGREGATE_AND_GROUP_BY) {
        text += GroupingSets(plan.Cast<duckdb::LogicalAggregate>());
    }
    Parts types;
    for (const auto& type : plan.types) {
        types.push_back(type.ToString());
    }
    duckdb::LogicalOperatorVisitor::EnumerateExpressions(
        plan, [&](duckdb::unique_ptr<duckdb::Expression>* expression) { types.push_back(TypesOf(**expression)); });
    text += Joined(types, any_order);
    for (auto& child : plan.children) {
        bool dependent = plan.type == duckdb::LogicalOperatorType::LOGICAL_DELIM_JOIN && child != plan.children[0];
        text += Describe(*child, correlated || dependent);
    }
    return text + ")";
}

/// "#[9.0]" names a column of an operator by a number that depends on how the text was cut into subqueries: numbered
/// anew, in the order of their appearance.
std::string WithOwnNumbers(const std::string& text) {
    static const std::regex kBinding(R"(#\[(\d+)\.)");
    std::map<std::string, size_t> numbers;
    std::string result;
    auto rest = text.cbegin();
    for (std::sregex_iterator found(text.begin(), text.end(), kBinding), end; found != end; ++found) {
        size_t number = numbers.emplace((*found)[1], numbers.size()).first->second;
        result += std::string(rest, (*found)[0].first) + fmt::format("#[{}.", number);
        rest = (*found)[0].second;
    }
    return result + std::string(rest, text.cend());
}

/// The types that DuckDB itself puts into a tree are quoted once they have been read as text: CAST(1 AS "DOUBLE").
std::string WithoutQuotedTypes(const std::string& text) {
    static const std::regex kQuoted(R"re( AS "([A-Z_]+)"\))re");
    return std::regex_replace(text, kQuoted, " AS $1)");
}

std::string BoundText(duckdb::ClientContext& context, duckdb::unique_ptr<duckdb::SQLStatement> statement) {
    duckdb::Planner planner(context);
    planner.CreatePlan(std::move(statement));
    planner.plan->ResolveOperatorTypes();
    return WithoutQuotedTypes(WithOwnNumbers(Describe(*planner.plan, false)));
}

/// What the query is bound to; nothing where it can't be, which BindDefinition() explains with the place.
std::optional<std::string> Bound(duckdb::ClientContext& context, duckdb::unique_ptr<duckdb::SQLStatement> statement) {
    try {
        return BoundText(context, std::move(statement));
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

std::optional<std::string> BoundAgain(duckdb::ClientContext& context, const std::string& text) {
    try {
        duckdb::Parser parser(context.GetParserOptions());
        parser.ParseQuery(text);
        return parser.statements.size() == 1 ? Bound(context, std::move(parser.statements[0])) : std::nullopt;
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

} // namespace

void CheckPrintsBack(duckdb::ClientContext& context, const duckdb::SelectStatement& statement) {
    auto meant = Bound(context, statement.Copy());
    if (meant && meant != BoundAgain(context, statement.ToString())) {
        throw Error(Code::Binding, "DuckDB can't write this query down again, which a definition needs",
                    "put the clause in other words");
    }
}

} // namespace freshet
