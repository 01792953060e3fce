#include "bind/proof.hpp"

#include "bind/bound_expression.hpp"

#include <duckdb/planner/expression/list.hpp>
#include <duckdb/planner/operator/list.hpp>
#include <fmt/format.h>
#include <map>

namespace freshet {

using duckdb::LogicalOperator;
using duckdb::LogicalOperatorType;
using plan::ExprKind;
using plan::ExprPtr;

namespace {

/// FROM clause that gives columns c0, c1 ... the types with which the expressions use them.
std::string TypedInput(const std::vector<ExprPtr>& expressions) {
    std::map<int, std::string> types;
    std::function<void(const ExprPtr&)> collect = [&](const ExprPtr& expr) {
        if (expr->kind == ExprKind::Column) {
            types[expr->column] = expr->type;
        }
        for (const auto& arg : expr->args) {
            collect(arg);
        }
    };
    for (const auto& expr : expressions) {
        collect(expr);
    }
    if (types.empty()) {
        return "";
    }
    std::string inputs;
    for (int i = 0; i <= types.rbegin()->first; i++) {
        inputs += fmt::format("{}CAST(NULL AS {}) AS c{}", i ? ", " : "", types.count(i) ? types[i] : "INTEGER", i);
    }
    return " FROM (SELECT " + inputs + ") t";
}

std::string PositionName(int column) {
    return fmt::format("c{}", column);
}

/// The expression of the first operator of that kind below `sql`'s root, if it has exactly one; null if it does not
/// even bind, as where binding took an argument away.
duckdb::unique_ptr<duckdb::Expression> BindAgain(duckdb::Connection& connection, const std::string& sql,
                                                 LogicalOperatorType type) {
    duckdb::unique_ptr<LogicalOperator> plan;
    try {
        plan = connection.ExtractPlan(sql);
    } catch (const std::exception&) {
        return nullptr;
    }
    LogicalOperator* op = plan.get();
    while (op->type != type && op->children.size() == 1) {
        op = op->children[0].get();
    }
    return op->type == type && op->expressions.size() == 1 ? std::move(op->expressions[0]) : nullptr;
}

bool SameData(const duckdb::unique_ptr<duckdb::FunctionData>& a, const duckdb::unique_ptr<duckdb::FunctionData>& b) {
    return (!a && !b) || (a && b && a->Equals(*b));
}

/// Either may be null.
bool SameOptional(duckdb::ClientContext& context, const duckdb::unique_ptr<duckdb::Expression>& a,
                  const duckdb::unique_ptr<duckdb::Expression>& b) {
    return (!a && !b) || (a && b && SameBound(context, *a, *b));
}

bool SameList(duckdb::ClientContext& context, const duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& a,
              const duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& b) {
    bool same = a.size() == b.size();
    for (size_t i = 0; same && i < a.size(); i++) {
        same = SameBound(context, *a[i], *b[i]);
    }
    return same;
}

bool SameOrders(duckdb::ClientContext& context, const duckdb::vector<duckdb::BoundOrderByNode>& a,
                const duckdb::vector<duckdb::BoundOrderByNode>& b) {
    bool same = a.size() == b.size();
    for (size_t i = 0; same && i < a.size(); i++) {
        same = a[i].type == b[i].type && a[i].null_order == b[i].null_order &&
               SameBound(context, *a[i].expression, *b[i].expression);
    }
    return same;
}

bool SameWindow(duckdb::ClientContext& context, const duckdb::BoundWindowExpression& a,
                const duckdb::BoundWindowExpression& b) {
    bool same_function =
        a.GetExpressionType() == b.GetExpressionType() && a.return_type == b.return_type &&
        SameData(a.bind_info, b.bind_info) &&
        (a.aggregate ? a.aggregate->name : "") == (b.aggregate ? b.aggregate->name : "") &&
        a.ignore_nulls == b.ignore_nulls && a.distinct == b.distinct && SameList(context, a.children, b.children) &&
        SameOptional(context, a.offset_expr, b.offset_expr) && SameOptional(context, a.default_expr, b.default_expr) &&
        SameOptional(context, a.filter_expr, b.filter_expr) && SameOrders(context, a.arg_orders, b.arg_orders);
    return same_function && a.start == b.start && a.end == b.end && a.exclude_clause == b.exclude_clause &&
           SameOptional(context, a.start_expr, b.start_expr) && SameOptional(context, a.end_expr, b.end_expr) &&
           SameList(context, a.partitions, b.partitions) && SameOrders(context, a.orders, b.orders);
}

} // namespace

bool IsProved(duckdb::Connection& connection, const duckdb::Expression& bound, const ExprPtr& translated) {
    auto kind = bound.GetExpressionClass();
    if ((translated->kind == ExprKind::Column && kind == duckdb::ExpressionClass::BOUND_REF) ||
        (translated->kind == ExprKind::Constant && kind == duckdb::ExpressionClass::BOUND_CONSTANT)) {
        return true;
    }
    try {
        auto plan =
            connection.ExtractPlan("SELECT " + plan::ToSql(translated, PositionName) + TypedInput({translated}));
        return plan->type == LogicalOperatorType::LOGICAL_PROJECTION &&
               SameBound(*connection.context, bound, *plan->expressions[0]);
    } catch (const std::exception&) { // it does not even bind
        return false;
    }
}

bool IsProved(duckdb::Connection& connection, const duckdb::BoundAggregateExpression& bound,
              const plan::AggregateCall& translated) {
    auto found = BindAgain(
        connection, "SELECT " + plan::CallToSql(translated, PositionName) + TypedInput(plan::ReadsOf(translated)),
        LogicalOperatorType::LOGICAL_AGGREGATE_AND_GROUP_BY);
    if (!found) {
        return false;
    }
    const auto& again = found->Cast<duckdb::BoundAggregateExpression>();
    return bound.function.name == again.function.name && bound.return_type == again.return_type &&
           SameData(bound.bind_info, again.bind_info) && bound.children.size() == again.children.size() &&
           bound.IsDistinct() == again.IsDistinct();
}

bool IsProved(duckdb::Connection& connection, const duckdb::BoundWindowExpression& bound,
              const plan::WindowCall& translated) {
    auto found = BindAgain(
        connection, "SELECT " + plan::WindowToSql(translated, PositionName) + TypedInput(plan::ReadsOf(translated)),
        LogicalOperatorType::LOGICAL_WINDOW);
    return found && SameWindow(*connection.context, bound, found->Cast<duckdb::BoundWindowExpression>());
}

} // namespace freshet
