#include "bind/asof_guard.hpp"

#include <duckdb/parser/expression/case_expression.hpp>
#include <duckdb/parser/expression/comparison_expression.hpp>
#include <duckdb/parser/expression/conjunction_expression.hpp>
#include <duckdb/parser/expression/constant_expression.hpp>
#include <duckdb/parser/expression/operator_expression.hpp>
#include <duckdb/planner/expression.hpp>
#include <duckdb/planner/expression/bound_case_expression.hpp>
#include <duckdb/planner/expression/bound_cast_expression.hpp>
#include <duckdb/planner/expression/bound_constant_expression.hpp>

namespace freshet {

namespace {

using duckdb::ExpressionType;
using ParsedPtr = duckdb::unique_ptr<duckdb::ParsedExpression>;

// They differ: where both sides have many rows, the operator also takes NULL = NULL for true.
constexpr int kLeftNull = 1;
constexpr int kRightNull = 2;

bool IsInequality(ExpressionType type) {
    return type == ExpressionType::COMPARE_LESSTHAN || type == ExpressionType::COMPARE_LESSTHANOREQUALTO ||
           type == ExpressionType::COMPARE_GREATERTHAN || type == ExpressionType::COMPARE_GREATERTHANOREQUALTO;
}

/// CASE WHEN x IS NULL THEN `null` ELSE 0 END.
ParsedPtr WhetherGiven(const duckdb::ParsedExpression& expression, int null) {
    auto result = duckdb::make_uniq<duckdb::CaseExpression>();
    duckdb::CaseCheck check;
    check.when_expr =
        duckdb::make_uniq<duckdb::OperatorExpression>(ExpressionType::OPERATOR_IS_NULL, expression.Copy());
    check.then_expr = duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value::INTEGER(null));
    result->case_checks.push_back(std::move(check));
    result->else_expr = duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value::INTEGER(0));
    return result;
}

const duckdb::Expression& WithoutCasts(const duckdb::Expression& expression) {
    return expression.GetExpressionClass() == duckdb::ExpressionClass::BOUND_CAST
               ? WithoutCasts(*expression.Cast<duckdb::BoundCastExpression>().child)
               : expression;
}

bool IsNumber(const duckdb::Expression& expression, int number) {
    const auto& constant = WithoutCasts(expression);
    return constant.GetExpressionClass() == duckdb::ExpressionClass::BOUND_CONSTANT &&
           constant.Cast<duckdb::BoundConstantExpression>().value.ToString() == std::to_string(number);
}

bool SaysWhetherGiven(const duckdb::Expression& expression, int null) {
    const auto& plain = WithoutCasts(expression);
    if (plain.GetExpressionClass() != duckdb::ExpressionClass::BOUND_CASE) {
        return false;
    }
    const auto& choice = plain.Cast<duckdb::BoundCaseExpression>();
    return choice.case_checks.size() == 1 &&
           WithoutCasts(*choice.case_checks[0].when_expr).GetExpressionType() == ExpressionType::OPERATOR_IS_NULL &&
           IsNumber(*choice.case_checks[0].then_expr, null) && IsNumber(*choice.else_expr, 0);
}

void CollectGuards(const duckdb::ParsedExpression& condition, duckdb::vector<ParsedPtr>& guards) {
    if (condition.GetExpressionType() == ExpressionType::CONJUNCTION_AND) {
        for (const auto& child : condition.Cast<duckdb::ConjunctionExpression>().children) {
            CollectGuards(*child, guards);
        }
    } else if (IsInequality(condition.GetExpressionType())) {
        const auto& comparison = condition.Cast<duckdb::ComparisonExpression>();
        guards.push_back(duckdb::make_uniq<duckdb::ComparisonExpression>(ExpressionType::COMPARE_EQUAL,
                                                                         WhetherGiven(*comparison.left, kLeftNull),
                                                                         WhetherGiven(*comparison.right, kRightNull)));
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
    return (SaysWhetherGiven(left, kLeftNull) && SaysWhetherGiven(right, kRightNull)) ||
           (SaysWhetherGiven(left, kRightNull) && SaysWhetherGiven(right, kLeftNull));
}

} // namespace freshet
