#pragma once

#include "plan/expression.hpp"

#include <duckdb.hpp>
#include <duckdb/planner/expression/bound_function_expression.hpp>
#include <vector>

namespace freshet {

/// The translated arguments of a call without the casts that binding puts around those of DECIMAL arithmetic: written
/// out and bound again, they would widen the result. Nothing tells them from the user's but that binding the call again
/// without them gives the same call.
std::vector<plan::ExprPtr> WithoutAddedCasts(duckdb::Connection& connection,
                                             const duckdb::BoundFunctionExpression& call,
                                             std::vector<plan::ExprPtr> args);

} // namespace freshet
