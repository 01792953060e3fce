#pragma once

#include "plan/node.hpp"

#include <duckdb.hpp>
#include <duckdb/planner/expression/bound_aggregate_expression.hpp>
#include <duckdb/planner/expression/bound_window_expression.hpp>
#include <string>
#include <vector>

namespace freshet {

/// Binding takes constant arguments away from some calls: quantile_cont(x, 0.5), list_aggregate(l, 'string_agg', '|').
/// They are among the constants of the query's text, and the right ones are those with which a call is proved.
class TakenConstants {
public:
    TakenConstants(duckdb::Connection& connection, const std::string& sql);

    void Restore(const duckdb::BoundAggregateExpression& bound, plan::AggregateCall& call) const;
    void Restore(const duckdb::BoundWindowExpression& bound, plan::WindowCall& call) const;
    plan::ExprPtr Restored(const duckdb::Expression& bound, const plan::ExprPtr& call) const;

private:
    template <class Bound, class Call>
    void RestoreCall(const Bound& bound, Call& call) const;

    duckdb::Connection& connection_;
    std::vector<std::vector<std::string>> constants_; ///< of each call, all but the first argument
};

} // namespace freshet
