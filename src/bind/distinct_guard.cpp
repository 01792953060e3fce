#include "bind/distinct_guard.hpp"

namespace freshet {

namespace {

using duckdb::ExpressionType;

bool IsNullSafe(const duckdb::ParsedExpression& expression) {
    return expression.GetExpressionType() == ExpressionType::COMPARE_DISTINCT_FROM ||
           expression.GetExpressionType() == ExpressionType::COMPARE_NOT_DISTINCT_FROM;
}

bool IsWithConstant(const duckdb::ParsedExpression& expression) {
    const auto& comparison = expression.Cast<duckdb::ComparisonExpression>();
    return comparison.left->IsScalar() != comparison.right->IsScalar();
}

void Guard(ExpressionPtr& expression) {
    if (IsNullSafe(*expression) && IsWithConstant(*expression)) {
        auto location = expression->GetQueryLocation();
        expression = duckdb::make_uniq<duckdb::ComparisonExpression>(
            ExpressionType::COMPARE_NOT_DISTINCT_FROM, std::move(expression),
            duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value::BOOLEAN(true)));
        expression->SetQueryLocation(location);
    } else if (expression->GetExpressionType() == ExpressionType::CONJUNCTION_AND) {
        for (auto& child : expression->Cast<duckdb::ConjunctionExpression>().children) {
            Guard(child);
        }
    }
}

} // namespace

void GuardDistinctFrom(duckdb::ParsedExpression& expression) {
    if (expression.GetExpressionType() == ExpressionType::CONJUNCTION_OR) {
        for (auto& child : expression.Cast<duckdb::ConjunctionExpression>().children) {
            Guard(child);
        }
    } else if (expression.GetExpressionType() == ExpressionType::OPERATOR_NOT) {
        Guard(expression.Cast<duckdb::OperatorExpression>().children[0]);
    }
}

} // namespace freshet
