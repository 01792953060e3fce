#include "bind/asof_guard.hpp"

#include <duckdb/parser/expression/comparison_expression.hpp>
#include <duckdb/parser/expression/conjunction_expression.hpp>
#include <duckdb/parser/expression/operator_expression.hpp>
#include <duckdb/planner/expression.hpp>

namespace freshet {

namespace {

using duckdb::ExpressionType;
using ParsedPtr = duckdb::unique_ptr<duckdb::ParsedExpression>;

bool IsInequality(ExpressionType type) {
    return type == ExpressionType::COMPARE_LESSTHAN || type == ExpressionType::COMPARE_LESSTHANOREQUALTO ||
           type == ExpressionType::COMPARE_GREATERTHAN || type == ExpressionType::COMPARE_GREATERTHANOREQUALTO;
}

ParsedPtr IsGiven(const duckdb::ParsedExpression& expression) {
    return duckdb::make_uniq<duckdb::OperatorExpression>(ExpressionType::OPERATOR_IS_NOT_NULL, expression.Copy());
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
    return left.GetExpressionType() == ExpressionType::OPERATOR_IS_NOT_NULL &&
           right.GetExpressionType() == ExpressionType::OPERATOR_IS_NOT_NULL;
}

} // namespace freshet
