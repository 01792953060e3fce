#include "bind/asof_guard.hpp"

#include <algorithm>
#include <duckdb/parser/expression/comparison_expression.hpp>
#include <duckdb/parser/expression/conjunction_expression.hpp>
#include <duckdb/parser/expression/constant_expression.hpp>
#include <duckdb/parser/expression/operator_expression.hpp>
#include <duckdb/planner/expression.hpp>
#include <duckdb/planner/expression/bound_conjunction_expression.hpp>

namespace freshet {

namespace {

using duckdb::ExpressionType;
using ParsedPtr = duckdb::unique_ptr<duckdb::ParsedExpression>;

bool IsInequality(ExpressionType type) {
    return type == ExpressionType::COMPARE_LESSTHAN || type == ExpressionType::COMPARE_LESSTHANOREQUALTO ||
           type == ExpressionType::COMPARE_GREATERTHAN || type == ExpressionType::COMPARE_GREATERTHANOREQUALTO;
}

/// x IS NOT NULL OR NULL: true or NULL, which equals nothing.
ParsedPtr IsGiven(const duckdb::ParsedExpression& expression) {
    return duckdb::make_uniq<duckdb::ConjunctionExpression>(
        ExpressionType::CONJUNCTION_OR,
        duckdb::make_uniq<duckdb::OperatorExpression>(ExpressionType::OPERATOR_IS_NOT_NULL, expression.Copy()),
        duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value()));
}

bool IsGivenOrNull(const duckdb::Expression& expression) {
    if (expression.GetExpressionType() != ExpressionType::CONJUNCTION_OR) {
        return false;
    }
    const auto& children = expression.Cast<duckdb::BoundConjunctionExpression>().children;
    auto is = [&](ExpressionType type) {
        return std::any_of(children.begin(), children.end(),
                           [&](const auto& child) { return child->GetExpressionType() == type; });
    };
    return children.size() == 2 && is(ExpressionType::OPERATOR_IS_NOT_NULL) &&
           (is(ExpressionType::VALUE_CONSTANT) || is(ExpressionType::OPERATOR_CAST));
}

void CollectGuards(const duckdb::ParsedExpression& condition, duckdb::vector<ParsedPtr>& guards) {
    if (condition.GetExpressionType() == ExpressionType::CONJUNCTION_AND) {
        for (const auto& child : condition.Cast<duckdb::ConjunctionExpression>().children) {
            CollectGuards(*child, guards);
        }
    } else if (IsInequality(condition.GetExpressionType())) {
        const auto& comparison = condition.Cast<duckdb::ComparisonExpression>();
        guards.push_back(duckdb::make_uniq<duckdb::ComparisonExpression>(
            ExpressionType::COMPARE_EQUAL, IsGiven(*comparison.left), IsGiven(*comparison.right)));
    }
}

} // namespace

void GuardAsof(duckdb::JoinRef& join) {
    if (join.ref_type != duckdb::JoinRefType::ASOF || !join.condition) {
        return;
    }
    duckdb::vector<ParsedPtr> guards;
    CollectGuards(*join.condition, guards);
    for (auto& guard : guards) {
        join.condition = duckdb::make_uniq<duckdb::ConjunctionExpression>(ExpressionType::CONJUNCTION_AND,
                                                                          std::move(join.condition), std::move(guard));
    }
}

bool IsAsofGuard(const duckdb::Expression& left, const duckdb::Expression& right) {
    return IsGivenOrNull(left) && IsGivenOrNull(right);
}

} // namespace freshet
