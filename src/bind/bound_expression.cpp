#include "bind/bound_expression.hpp"

#include "base/identifier.hpp"

#include <duckdb/execution/expression_executor.hpp>
#include <duckdb/planner/expression/list.hpp>
#include <duckdb/planner/expression_iterator.hpp>
#include <fmt/format.h>

namespace freshet {

namespace {

using duckdb::ExpressionClass;
using duckdb::ExpressionType;
using plan::ExprKind;
using plan::ExprPtr;

std::string TypeOf(const duckdb::Expression& expression) {
    return expression.return_type.ToString();
}

std::vector<ExprPtr> TranslateAll(const duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& expressions,
                                  bool implicit_casts) {
    std::vector<ExprPtr> out;
    for (const auto& expression : expressions) {
        out.push_back(TranslateExpression(*expression, implicit_casts));
    }
    return out;
}

/// A literal whose type is exact: NULL and text carry a cast, since a bare literal may bind to another type.
ExprPtr TranslateConstant(const duckdb::BoundConstantExpression& constant) {
    std::string type = TypeOf(constant);
    auto id = constant.return_type.id();
    std::string text = constant.value.ToSQLString();
    bool exact =
        !constant.value.IsNull() && (id == duckdb::LogicalTypeId::BOOLEAN || id == duckdb::LogicalTypeId::VARCHAR ||
                                     (id == duckdb::LogicalTypeId::INTEGER && constant.value.GetValue<int32_t>() >= 0));
    if (!exact) {
        text = fmt::format("CAST({} AS {})", constant.value.IsNull() ? "NULL" : text, type);
    }
    return plan::Literal(text, type);
}

ExprPtr TranslateOperator(const duckdb::BoundOperatorExpression& op, bool implicit_casts) {
    auto args = TranslateAll(op.children, implicit_casts);
    switch (op.GetExpressionType()) {
    case ExpressionType::OPERATOR_NOT:
        return plan::Call(ExprKind::Not, TypeOf(op), args);
    case ExpressionType::OPERATOR_IS_NULL:
        return plan::Call(ExprKind::IsNull, TypeOf(op), args);
    case ExpressionType::OPERATOR_IS_NOT_NULL:
        return plan::Call(ExprKind::IsNotNull, TypeOf(op), args);
    case ExpressionType::COMPARE_IN:
        return plan::Call(ExprKind::In, TypeOf(op), args);
    case ExpressionType::COMPARE_NOT_IN:
        return plan::Call(ExprKind::NotIn, TypeOf(op), args);
    case ExpressionType::OPERATOR_COALESCE:
        return plan::Call(ExprKind::Coalesce, TypeOf(op), args);
    default:
        throw Refused("operator " + duckdb::ExpressionTypeToString(op.GetExpressionType()) + " has no rule");
    }
}

ExprPtr TranslateCase(const duckdb::BoundCaseExpression& expression, bool implicit_casts) {
    std::vector<ExprPtr> args;
    for (const auto& check : expression.case_checks) {
        args.push_back(TranslateExpression(*check.when_expr, implicit_casts));
        args.push_back(TranslateExpression(*check.then_expr, implicit_casts));
    }
    args.push_back(TranslateExpression(*expression.else_expr, implicit_casts));
    return plan::Call(ExprKind::Case, TypeOf(expression), args);
}

ExprPtr TranslateBetween(const duckdb::BoundBetweenExpression& between, bool implicit_casts) {
    auto input = TranslateExpression(*between.input, implicit_casts);
    auto lower = TranslateExpression(*between.lower, implicit_casts);
    auto upper = TranslateExpression(*between.upper, implicit_casts);
    if (between.lower_inclusive && between.upper_inclusive) {
        return plan::Call(ExprKind::Between, "BOOLEAN", {input, lower, upper});
    }
    return plan::Call(ExprKind::And, "BOOLEAN",
                      {plan::Compare(between.lower_inclusive ? ">=" : ">", input, lower),
                       plan::Compare(between.upper_inclusive ? "<=" : "<", input, upper)});
}

ExprPtr TranslateFunction(const duckdb::BoundFunctionExpression& call, bool implicit_casts) {
    // error() is volatile only to keep the optimizer from raising it early.
    if (call.function.GetStability() != duckdb::FunctionStability::CONSISTENT && call.function.name != "error") {
        throw Refused(fmt::format("function {}() does not give the same result every time", call.function.name));
    }
    auto args = TranslateAll(call.children, implicit_casts);
    bool arithmetic = call.function.name == "+" || call.function.name == "-" || call.function.name == "*";
    if (!implicit_casts && arithmetic && call.return_type.id() == duckdb::LogicalTypeId::DECIMAL) {
        for (auto& arg : args) {
            arg = arg->kind == ExprKind::Cast && !arg->try_cast ? arg->args[0] : arg;
        }
    }
    auto plain = plan::Call(ExprKind::Function, TypeOf(call), args, call.function.name);
    if (call.function.name != "struct_pack" && call.function.name != "struct_insert") {
        return plain;
    }
    plan::Expr named = *plain;
    for (const auto& child : call.children) {
        named.arg_names.push_back(child->GetAlias());
    }
    return std::make_shared<const plan::Expr>(std::move(named));
}

std::string ComparisonText(ExpressionType type) {
    switch (type) {
    case ExpressionType::COMPARE_EQUAL:
        return "=";
    case ExpressionType::COMPARE_NOTEQUAL:
        return "<>";
    case ExpressionType::COMPARE_DISTINCT_FROM:
        return "IS DISTINCT FROM";
    case ExpressionType::COMPARE_NOT_DISTINCT_FROM:
        return "IS NOT DISTINCT FROM";
    default:
        return duckdb::ExpressionTypeToOperator(type);
    }
}

} // namespace

ExprPtr TranslateExpression(const duckdb::Expression& expression, bool implicit_casts) {
    switch (expression.GetExpressionClass()) {
    case ExpressionClass::BOUND_REF: {
        const auto& reference = expression.Cast<duckdb::BoundReferenceExpression>();
        return plan::ColumnRef(static_cast<int>(reference.index), TypeOf(expression));
    }
    case ExpressionClass::BOUND_CONSTANT:
        return TranslateConstant(expression.Cast<duckdb::BoundConstantExpression>());
    case ExpressionClass::BOUND_CAST: {
        const auto& cast = expression.Cast<duckdb::BoundCastExpression>();
        plan::Expr node;
        node.kind = ExprKind::Cast;
        node.type = TypeOf(expression);
        node.try_cast = cast.try_cast;
        node.args = {TranslateExpression(*cast.child, implicit_casts)};
        return std::make_shared<const plan::Expr>(node);
    }
    case ExpressionClass::BOUND_COMPARISON: {
        const auto& comparison = expression.Cast<duckdb::BoundComparisonExpression>();
        return plan::Compare(ComparisonText(comparison.GetExpressionType()),
                             TranslateExpression(*comparison.left, implicit_casts),
                             TranslateExpression(*comparison.right, implicit_casts));
    }
    case ExpressionClass::BOUND_CONJUNCTION: {
        const auto& conjunction = expression.Cast<duckdb::BoundConjunctionExpression>();
        bool is_and = conjunction.GetExpressionType() == ExpressionType::CONJUNCTION_AND;
        return plan::Call(is_and ? ExprKind::And : ExprKind::Or, "BOOLEAN",
                          TranslateAll(conjunction.children, implicit_casts));
    }
    case ExpressionClass::BOUND_OPERATOR:
        return TranslateOperator(expression.Cast<duckdb::BoundOperatorExpression>(), implicit_casts);
    case ExpressionClass::BOUND_CASE:
        return TranslateCase(expression.Cast<duckdb::BoundCaseExpression>(), implicit_casts);
    case ExpressionClass::BOUND_BETWEEN:
        return TranslateBetween(expression.Cast<duckdb::BoundBetweenExpression>(), implicit_casts);
    case ExpressionClass::BOUND_FUNCTION:
        return TranslateFunction(expression.Cast<duckdb::BoundFunctionExpression>(), implicit_casts);
    default:
        throw Refused("expression " + expression.ToString() + " has no rule");
    }
}

namespace {

bool SameValue(duckdb::ClientContext& context, const duckdb::Expression& a, const duckdb::Expression& b) {
    duckdb::Value left, right;
    return duckdb::ExpressionExecutor::TryEvaluateScalar(context, a, left) &&
           duckdb::ExpressionExecutor::TryEvaluateScalar(context, b, right) && left.type() == right.type() &&
           duckdb::Value::NotDistinctFrom(left, right);
}

bool SameData(const duckdb::FunctionData* a, const duckdb::FunctionData* b) {
    return (!a && !b) || (a && b && a->Equals(*b));
}

/// Children; those of a conjunction inside a like one count as the outer one's (a AND (b AND c) binds as a AND b AND
/// c).
void CollectChildren(const duckdb::Expression& expression, std::vector<const duckdb::Expression*>& into) {
    duckdb::ExpressionIterator::EnumerateChildren(expression, [&](const duckdb::Expression& child) {
        bool nested = child.GetExpressionClass() == ExpressionClass::BOUND_CONJUNCTION &&
                      child.GetExpressionType() == expression.GetExpressionType();
        if (nested) {
            CollectChildren(child, into);
        } else {
            into.push_back(&child);
        }
    });
}

bool SameChildren(duckdb::ClientContext& context, const duckdb::Expression& a, const duckdb::Expression& b) {
    std::vector<const duckdb::Expression*> left, right;
    CollectChildren(a, left);
    CollectChildren(b, right);
    if (left.size() != right.size()) {
        return false;
    }
    for (size_t i = 0; i < left.size(); i++) {
        if (!SameBound(context, *left[i], *right[i])) {
            return false;
        }
    }
    return true;
}

} // namespace

bool SameBound(duckdb::ClientContext& context, const duckdb::Expression& a, const duckdb::Expression& b) {
    if (a.return_type != b.return_type) {
        return false;
    }
    if (a.IsFoldable() && b.IsFoldable()) {
        return SameValue(context, a, b) || a.Equals(b);
    }
    if (a.GetExpressionClass() != b.GetExpressionClass() || a.GetExpressionType() != b.GetExpressionType()) {
        return false;
    }
    switch (a.GetExpressionClass()) {
    case ExpressionClass::BOUND_REF:
        return a.Cast<duckdb::BoundReferenceExpression>().index == b.Cast<duckdb::BoundReferenceExpression>().index;
    case ExpressionClass::BOUND_CAST:
        if (a.Cast<duckdb::BoundCastExpression>().try_cast != b.Cast<duckdb::BoundCastExpression>().try_cast) {
            return false;
        }
        break;
    case ExpressionClass::BOUND_FUNCTION: {
        const auto& left = a.Cast<duckdb::BoundFunctionExpression>();
        const auto& right = b.Cast<duckdb::BoundFunctionExpression>();
        if (left.function.name != right.function.name || left.function.return_type != right.function.return_type ||
            !SameData(left.bind_info.get(), right.bind_info.get())) {
            return false;
        }
        break;
    }
    default:
        break;
    }
    return SameChildren(context, a, b);
}

} // namespace freshet
