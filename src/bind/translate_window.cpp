#include "bind/translate_window.hpp"

#include "base/aggregate_sensitivity.hpp"
#include "base/netting.hpp"
#include "bind/bound_expression.hpp"

#include <algorithm>
#include <duckdb/planner/expression/list.hpp>
#include <fmt/format.h>

namespace freshet {

using duckdb::ExpressionType;
using duckdb::WindowBoundary;

namespace {

std::string NameOf(const duckdb::BoundWindowExpression& bound) {
    switch (bound.GetExpressionType()) {
    case ExpressionType::WINDOW_AGGREGATE:
        return bound.aggregate->name;
    case ExpressionType::WINDOW_ROW_NUMBER:
        return "row_number";
    case ExpressionType::WINDOW_RANK:
        return "rank";
    case ExpressionType::WINDOW_RANK_DENSE:
        return "dense_rank";
    case ExpressionType::WINDOW_PERCENT_RANK:
        return "percent_rank";
    case ExpressionType::WINDOW_CUME_DIST:
        return "cume_dist";
    case ExpressionType::WINDOW_NTILE:
        return "ntile";
    case ExpressionType::WINDOW_LEAD:
        return "lead";
    case ExpressionType::WINDOW_LAG:
        return "lag";
    case ExpressionType::WINDOW_FIRST_VALUE:
        return "first_value";
    case ExpressionType::WINDOW_LAST_VALUE:
        return "last_value";
    case ExpressionType::WINDOW_NTH_VALUE:
        return "nth_value";
    default:
        throw Refused("window function " + bound.ToString() + " has no rule yet");
    }
}

bool IsOneOf(const std::string& name, std::initializer_list<const char*> names) {
    return std::any_of(names.begin(), names.end(), [&](const char* candidate) { return name == candidate; });
}

std::string UnitOf(WindowBoundary bound) {
    switch (bound) {
    case WindowBoundary::CURRENT_ROW_ROWS:
    case WindowBoundary::EXPR_PRECEDING_ROWS:
    case WindowBoundary::EXPR_FOLLOWING_ROWS:
        return "ROWS";
    case WindowBoundary::CURRENT_ROW_GROUPS:
    case WindowBoundary::EXPR_PRECEDING_GROUPS:
    case WindowBoundary::EXPR_FOLLOWING_GROUPS:
        return "GROUPS";
    case WindowBoundary::CURRENT_ROW_RANGE:
    case WindowBoundary::EXPR_PRECEDING_RANGE:
    case WindowBoundary::EXPR_FOLLOWING_RANGE:
        return "RANGE";
    default:
        return "";
    }
}

std::string TextOf(WindowBoundary bound) {
    switch (bound) {
    case WindowBoundary::UNBOUNDED_PRECEDING:
        return "UNBOUNDED PRECEDING";
    case WindowBoundary::UNBOUNDED_FOLLOWING:
        return "UNBOUNDED FOLLOWING";
    case WindowBoundary::EXPR_PRECEDING_ROWS:
    case WindowBoundary::EXPR_PRECEDING_GROUPS:
    case WindowBoundary::EXPR_PRECEDING_RANGE:
        return "PRECEDING";
    case WindowBoundary::EXPR_FOLLOWING_ROWS:
    case WindowBoundary::EXPR_FOLLOWING_GROUPS:
    case WindowBoundary::EXPR_FOLLOWING_RANGE:
        return "FOLLOWING";
    default:
        return "CURRENT ROW";
    }
}

/// What the binder makes of a RANGE frame's offset: "sort key - offset", perhaps cast to the sort key's type.
const duckdb::BoundFunctionExpression& RangeBound(const duckdb::Expression& bound) {
    const duckdb::Expression* inner = &bound;
    while (inner->GetExpressionClass() == duckdb::ExpressionClass::BOUND_CAST) {
        inner = inner->Cast<duckdb::BoundCastExpression>().child.get();
    }
    if (inner->GetExpressionClass() != duckdb::ExpressionClass::BOUND_FUNCTION ||
        inner->Cast<duckdb::BoundFunctionExpression>().children.size() != 2) {
        throw Refused("a RANGE frame with the offset " + bound.ToString() + " has no rule yet");
    }
    return inner->Cast<duckdb::BoundFunctionExpression>();
}

/// What was there before the binder cast it to a DECIMAL that holds every difference.
const duckdb::Expression& WithoutDecimalCast(const duckdb::Expression& expression) {
    bool cast = expression.GetExpressionClass() == duckdb::ExpressionClass::BOUND_CAST &&
                expression.return_type.id() == duckdb::LogicalTypeId::DECIMAL;
    return cast ? *expression.Cast<duckdb::BoundCastExpression>().child : expression;
}

/// The offset as it was written.
const duckdb::Expression& WrittenOffset(const duckdb::Expression& bound, WindowBoundary boundary) {
    return UnitOf(boundary) == "RANGE" ? WithoutDecimalCast(*RangeBound(bound).children[1]) : bound;
}

/// The sort key of a RANGE frame as it was written: for a DATE and an INTERVAL the binder casts it, but computes the
/// frame's bounds without that cast; a DECIMAL it casts in both places.
const duckdb::Expression& WrittenSortKey(const duckdb::BoundWindowExpression& window) {
    const duckdb::Expression& key = Written(*window.orders.at(0).expression);
    if (key.GetExpressionClass() == duckdb::ExpressionClass::BOUND_CAST) {
        const duckdb::Expression& uncast = *key.Cast<duckdb::BoundCastExpression>().child;
        for (const auto& [bound, boundary] :
             {std::pair(window.start_expr.get(), window.start), std::pair(window.end_expr.get(), window.end)}) {
            bool range = bound != nullptr && UnitOf(boundary) == "RANGE";
            if (range && WithoutDecimalCast(*RangeBound(*bound).children[0]).Equals(uncast)) {
                return uncast;
            }
        }
    }
    return key;
}

std::string ExcludeText(duckdb::WindowExcludeMode mode) {
    switch (mode) {
    case duckdb::WindowExcludeMode::CURRENT_ROW:
        return " EXCLUDE CURRENT ROW";
    case duckdb::WindowExcludeMode::GROUP:
        return " EXCLUDE GROUP";
    case duckdb::WindowExcludeMode::TIES:
        return " EXCLUDE TIES";
    default:
        return "";
    }
}

/// Does the value depend on which of the rows that the sort keys leave equal comes first?
bool DependsOnTies(const plan::WindowCall& call) {
    bool whole = call.start.text == "UNBOUNDED PRECEDING" && call.end.text == "UNBOUNDED FOLLOWING";
    return call.is_aggregate ? call.frame_unit == "ROWS" && !whole
                             : !IsOneOf(call.function, {"rank", "dense_rank", "percent_rank", "cume_dist"});
}

/// More sort keys break ties, but they also tell apart the rows that a frame of RANGE or GROUPS and EXCLUDE GROUP or
/// TIES take together: refused where that would change the value.
void RefuseChangedFrame(const plan::WindowCall& call) {
    bool framed = call.is_aggregate || IsOneOf(call.function, {"first_value", "last_value", "nth_value"});
    bool whole = call.start.text == "UNBOUNDED PRECEDING" && call.end.text == "UNBOUNDED FOLLOWING";
    bool first_of_all = call.function == "first_value" && call.start.text == "UNBOUNDED PRECEDING" &&
                        call.end.text == "CURRENT ROW" && !call.ignore_nulls;
    if (framed && call.frame_unit != "ROWS" && !whole && !first_of_all) {
        throw Refused(fmt::format("{}() over a {} frame takes any of the rows that ORDER BY leaves equal",
                                  call.function, call.frame_unit));
    }
    if (call.exclude == " EXCLUDE GROUP" || call.exclude == " EXCLUDE TIES" ||
        (!call.is_aggregate && !call.exclude.empty())) {
        throw Refused(fmt::format("{}() with{} has no rule where rows may tie", call.function, call.exclude));
    }
}

} // namespace

std::vector<plan::SortKey> TranslateSortKeys(const duckdb::vector<duckdb::BoundOrderByNode>& orders,
                                             const ScalarTranslation& scalar) {
    std::vector<plan::SortKey> keys;
    for (const auto& order : orders) {
        keys.push_back({scalar(Written(*order.expression)), order.type == duckdb::OrderType::DESCENDING,
                        order.null_order == duckdb::OrderByNullType::NULLS_FIRST});
    }
    return keys;
}

plan::WindowCall TranslateWindowCall(const duckdb::BoundWindowExpression& bound, const ScalarTranslation& scalar) {
    plan::WindowCall call;
    call.function = NameOf(bound);
    call.is_aggregate = bound.GetExpressionType() == ExpressionType::WINDOW_AGGREGATE;
    if (bound.aggregate && bound.aggregate->GetStability() == duckdb::FunctionStability::VOLATILE) {
        throw Refused(fmt::format("aggregate {}() does not give the same result every time", call.function));
    }
    if (!bound.arg_orders.empty() && !call.is_aggregate) {
        throw Refused(call.function + "() with ORDER BY in its arguments has no rule as a window function yet");
    }
    for (const auto& child : bound.children) {
        call.args.push_back(scalar(*child));
    }
    for (const auto* more : {bound.offset_expr.get(), bound.default_expr.get()}) {
        if (more != nullptr) {
            call.args.push_back(scalar(*more));
        }
    }
    for (const auto& partition : bound.partitions) {
        call.partitions.push_back(scalar(Written(*partition)));
    }
    call.distinct = bound.distinct;
    call.ignore_nulls = bound.ignore_nulls;
    call.filter = bound.filter_expr ? scalar(*bound.filter_expr) : nullptr;
    call.order_by = TranslateSortKeys(bound.orders, scalar);
    if (call.order_by.size() == 1) {
        call.order_by[0].expression = scalar(WrittenSortKey(bound));
    }
    std::string unit = UnitOf(bound.start) + UnitOf(bound.end);
    call.frame_unit = unit.starts_with("GROUPS") ? "GROUPS" : unit.starts_with("RANGE") ? "RANGE" : "ROWS";
    call.start.text = TextOf(bound.start);
    call.end.text = TextOf(bound.end);
    call.start.offset = bound.start_expr ? scalar(WrittenOffset(*bound.start_expr, bound.start)) : nullptr;
    call.end.offset = bound.end_expr ? scalar(WrittenOffset(*bound.end_expr, bound.end)) : nullptr;
    call.exclude = ExcludeText(bound.exclude_clause);
    call.type = bound.return_type.ToString();
    call.arg_orders = TranslateSortKeys(bound.arg_orders, scalar);
    if (call.is_aggregate && SensitivityOf(call.function) == Sensitivity::Approximation) {
        throw Refused(call.function + "() as a window function depends on the order of rows");
    }
    call.breaks_ties = DependsOnTies(call);
    if (call.breaks_ties) {
        RefuseChangedFrame(call);
    }
    return call;
}

void SettleOrder(plan::WindowCall& call) {
    if (!call.is_aggregate || SensitivityOf(call.function) == Sensitivity::None) {
        return;
    }
    auto& keys = call.arg_orders;
    if (keys.empty() && !call.distinct) { // DISTINCT admits no other keys than its argument
        keys = call.order_by;
    }
    auto add = [&](const plan::ExprPtr& expr) {
        if (std::none_of(keys.begin(), keys.end(), [&](const auto& key) { return plan::Same(key.expression, expr); })) {
            keys.push_back({expr, false, false});
        }
    };
    for (const auto& arg : call.args) {
        if (arg->kind != plan::ExprKind::Constant) {
            add(arg);
        }
        if (EqualityIsLoose(arg->type) && !call.distinct) {
            add(plan::TextOf(arg));
        }
    }
    call.settled = true;
}

} // namespace freshet
