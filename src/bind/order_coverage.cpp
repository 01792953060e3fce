#include "bind/order_coverage.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace freshet {

namespace {

using Expressions = std::vector<const duckdb::ParsedExpression*>;

bool IsStar(const duckdb::ParsedExpression& expression) {
    return expression.GetExpressionClass() == duckdb::ExpressionClass::STAR;
}

/// sum(x), count(*) ...: aggregates that certainly are some.
bool IsAggregateCall(const duckdb::ParsedExpression& expression) {
    constexpr std::array<std::string_view, 6> kNames = {"sum", "count", "count_star", "min", "max", "avg"};
    if (expression.GetExpressionClass() != duckdb::ExpressionClass::FUNCTION) {
        return false;
    }
    std::string name = duckdb::StringUtil::Lower(expression.Cast<duckdb::FunctionExpression>().function_name);
    return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

} // namespace

bool SameExpression(const duckdb::ParsedExpression& a, const duckdb::ParsedExpression& b) {
    bool columns = a.GetExpressionClass() == duckdb::ExpressionClass::COLUMN_REF &&
                   b.GetExpressionClass() == duckdb::ExpressionClass::COLUMN_REF;
    if (columns) {
        const auto& first = a.Cast<duckdb::ColumnRefExpression>();
        const auto& second = b.Cast<duckdb::ColumnRefExpression>();
        if (first.IsQualified() != second.IsQualified()) {
            return duckdb::StringUtil::CIEquals(first.GetColumnName(), second.GetColumnName());
        }
    }
    return a.Equals(b);
}

bool Covers(const Expressions& list, const duckdb::ParsedExpression& expression) {
    bool constant = expression.GetExpressionClass() == duckdb::ExpressionClass::CONSTANT;
    return constant ||
           std::any_of(list.begin(), list.end(), [&](const auto* each) { return SameExpression(*each, expression); });
}

const duckdb::ParsedExpression& SelectNames::Resolved(const duckdb::ParsedExpression& expression) const {
    if (expression.GetExpressionClass() == duckdb::ExpressionClass::CONSTANT) {
        const auto& value = expression.Cast<duckdb::ConstantExpression>().value;
        int64_t position = value.type().IsIntegral() && !value.IsNull() ? value.GetValue<int64_t>() : 0;
        bool inside = position > 0 && position <= static_cast<int64_t>(node_.select_list.size());
        return inside ? *node_.select_list[static_cast<size_t>(position - 1)] : expression;
    }
    if (expression.GetExpressionClass() == duckdb::ExpressionClass::COLUMN_REF) {
        const auto& column = expression.Cast<duckdb::ColumnRefExpression>();
        for (const auto& item : node_.select_list) {
            if (!column.IsQualified() && duckdb::StringUtil::CIEquals(item->GetAlias(), column.GetColumnName())) {
                return *item;
            }
        }
    }
    return expression;
}

Expressions SelectNames::GroupKeys() const {
    Expressions keys;
    if (node_.groups.grouping_sets.size() > 1) {
        return keys;
    }
    for (const auto& group : node_.groups.group_expressions) {
        keys.push_back(&Resolved(*group));
    }
    if (keys.empty() && node_.aggregate_handling == duckdb::AggregateHandling::FORCE_AGGREGATES) {
        for (const auto& item : node_.select_list) { // GROUP BY ALL
            if (!IsAggregateCall(*item)) {
                keys.push_back(item.get());
            }
        }
    }
    return keys;
}

bool SelectNames::GivesOneRow() const {
    return node_.groups.group_expressions.empty() && !node_.select_list.empty() &&
           node_.aggregate_handling != duckdb::AggregateHandling::FORCE_AGGREGATES &&
           std::all_of(node_.select_list.begin(), node_.select_list.end(),
                       [](const ExpressionPtr& item) { return IsAggregateCall(*item); });
}

bool SelectNames::CoversItems(const Expressions& resolved) const {
    return std::all_of(node_.select_list.begin(), node_.select_list.end(),
                       [&](const ExpressionPtr& item) { return !IsStar(*item) && Covers(resolved, *item); });
}

bool SelectNames::TellRowsApart(const Expressions& expressions) const {
    Expressions resolved;
    for (const auto* expression : expressions) {
        if (IsStar(*expression)) { // ORDER BY ALL
            return true;
        }
        resolved.push_back(&Resolved(*expression));
    }
    Expressions keys = GroupKeys();
    bool keys_covered = !keys.empty() && std::all_of(keys.begin(), keys.end(), [&](const auto* key) {
        return !IsStar(*key) && Covers(resolved, *key);
    });
    return keys_covered || GivesOneRow() || CoversItems(resolved);
}

} // namespace freshet
