#pragma once

#include "plan/node.hpp"

#include <duckdb.hpp>
#include <duckdb/planner/expression/bound_aggregate_expression.hpp>
#include <duckdb/planner/expression/bound_window_expression.hpp>

namespace freshet {

// What a translated expression prints as, bound again, must be the same expression: so the SQL that is emitted computes
// what the definition computes, whatever the function. All three bind in the connection's transaction.

bool IsProved(duckdb::Connection& connection, const duckdb::Expression& bound, const plan::ExprPtr& translated);
bool IsProved(duckdb::Connection& connection, const duckdb::BoundAggregateExpression& bound,
              const plan::AggregateCall& translated);
bool IsProved(duckdb::Connection& connection, const duckdb::BoundWindowExpression& bound,
              const plan::WindowCall& translated);

} // namespace freshet
