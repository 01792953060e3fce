#include "delta/exactness.hpp"

#include "base/aggregate_sensitivity.hpp"
#include "base/netting.hpp"
#include "plan/rewrite.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace freshet::delta {

using plan::ExprKind;
using plan::ExprPtr;
using plan::NodeKind;
using plan::NodePtr;

namespace {

bool IsFloat(const std::string& type) {
    return type == "DOUBLE" || type == "FLOAT";
}

/// Functions whose result over floating-point numbers does not depend on order.
bool IsOrderFree(const std::string& function) {
    static constexpr std::array kNames = {"min",     "max",    "count",         "count_star",   "bool_and",
                                          "bool_or", "median", "quantile_disc", "quantile_cont"};
    return std::any_of(kNames.begin(), kNames.end(), [&](const char* name) { return function == name; });
}

bool IsOrderedBy(const plan::AggregateCall& call, const ExprPtr& expr) {
    return std::any_of(call.order_by.begin(), call.order_by.end(),
                       [&](const auto& key) { return plan::Same(key, expr); });
}

/// Does ORDER BY among the arguments settle what is aggregated? Elements that are equal in it are then the same.
bool OrderSettles(const plan::AggregateCall& call) {
    Sensitivity sensitivity = SensitivityOf(call.function);
    bool by_place = sensitivity == Sensitivity::Order || sensitivity == Sensitivity::Choice;
    return by_place && !call.args.empty() && IsOrderedBy(call, call.args[0]) &&
           (!EqualityIsLoose(call.args[0]->type) || IsOrderedBy(call, plan::TextOf(call.args[0])));
}

/// Functions whose result depends on which row comes first even over exact values.
bool DependsOnFirst(const plan::AggregateCall& call) {
    if (OrderSettles(call)) {
        return false;
    }
    return SensitivityOf(call.function) != Sensitivity::None || call.function == "histogram" ||
           call.function.starts_with("approx");
}

bool DependsOnOrder(const plan::AggregateCall& call) {
    bool floats = std::any_of(call.args.begin(), call.args.end(), [](const auto& arg) { return IsFloat(arg->type); });
    return DependsOnFirst(call) || (floats && !IsOrderFree(call.function));
}

bool IsInexactCall(const plan::AggregateCall& call, const std::vector<bool>& input, Exactness exactness) {
    bool passes_on =
        std::any_of(call.args.begin(), call.args.end(), [&](const auto& arg) { return ReadsAny(arg, input); });
    return passes_on || (DependsOnOrder(call) && !(call.settled && exactness == Exactness::Reproducible));
}

bool IsInexactWindow(const plan::WindowCall& call, const std::vector<bool>& input, Exactness exactness) {
    plan::AggregateCall like;
    like.function = call.is_aggregate ? call.function : "count";
    like.args = call.args;
    like.settled = call.settled;
    for (const auto& key : call.arg_orders) {
        like.order_by.push_back(key.expression);
    }
    return IsInexactCall(like, input, exactness);
}

/// Sampling gives another value whatever the order.
bool CanBeSettled(const plan::AggregateCall& call) {
    return !call.settled && DependsOnOrder(call) && call.function != "reservoir_quantile" && !call.args.empty();
}

plan::AggregateCall Settled(plan::AggregateCall call) {
    auto add = [&](const ExprPtr& key) {
        if (!IsOrderedBy(call, key)) {
            call.order_by.push_back(key);
            call.order_sql_suffix.emplace_back(" ASC NULLS LAST");
        }
    };
    for (const auto& arg : call.args) {
        if (arg->kind == ExprKind::Constant) {
            continue;
        }
        add(arg);
        if (EqualityIsLoose(arg->type) && !call.distinct) { // DISTINCT admits no other keys than its argument
            add(plan::TextOf(arg));
        }
    }
    call.settled = true;
    return call;
}

} // namespace

bool ReadsAny(const ExprPtr& expr, const std::vector<bool>& columns) {
    auto read = plan::ColumnsOf(expr);
    return std::any_of(read.begin(), read.end(), [&](int c) { return columns[static_cast<size_t>(c)]; });
}

std::vector<bool> InexactInputs(const plan::Node& node, Exactness exactness) {
    std::vector<bool> all;
    for (const auto& input : node.inputs) {
        auto own = InexactColumns(input, exactness);
        all.insert(all.end(), own.begin(), own.end());
    }
    return all;
}

std::vector<bool> InexactColumns(const NodePtr& node, Exactness exactness) {
    auto input = InexactInputs(*node, exactness);
    std::vector<bool> out;
    switch (node->kind) {
    case NodeKind::Project:
        for (const auto& expr : node->As<plan::Project>().expressions) {
            out.push_back(ReadsAny(expr, input));
        }
        return out;
    case NodeKind::Aggregate:
        for (const auto& group : node->As<plan::Aggregate>().groups) {
            out.push_back(ReadsAny(group, input));
        }
        for (const auto& call : node->As<plan::Aggregate>().calls) {
            out.push_back(IsInexactCall(call, input, exactness));
        }
        return out;
    case NodeKind::UnionAll: {
        out.resize(node->columns.size());
        for (const auto& branch : node->inputs) {
            auto own = InexactColumns(branch, exactness);
            for (size_t i = 0; i < out.size(); i++) {
                out[i] = out[i] || own[i];
            }
        }
        return out;
    }
    case NodeKind::Window:
        out = input;
        for (const auto& call : node->As<plan::Window>().calls) {
            out.push_back(IsInexactWindow(call, input, exactness));
        }
        return out;
    case NodeKind::Unnest:
        out = input;
        for (const auto& list : node->As<plan::Unnest>().lists) {
            out.push_back(ReadsAny(list, input));
        }
        return out;
    default:
        out = input;
        out.resize(node->columns.size());
        return out;
    }
}

NodePtr SettleAggregates(const NodePtr& root) {
    return plan::Rewrite(root, [](const NodePtr& node) -> NodePtr {
        if (node->kind != NodeKind::Aggregate) {
            return node;
        }
        auto copy = std::make_shared<plan::Aggregate>(node->As<plan::Aggregate>());
        for (auto& call : copy->calls) {
            call = CanBeSettled(call) ? Settled(call) : call;
        }
        return copy;
    });
}

} // namespace freshet::delta
