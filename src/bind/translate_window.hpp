#pragma once

#include "plan/node.hpp"

#include <duckdb.hpp>
#include <duckdb/planner/expression/bound_window_expression.hpp>
#include <functional>

namespace freshet {

/// A bound window function as a call of the plan; `scalar` translates its expressions. Throws Refused for what has no
/// rule.
plan::WindowCall TranslateWindowCall(const duckdb::BoundWindowExpression& bound,
                                     const std::function<plan::ExprPtr(const duckdb::Expression&)>& scalar);

} // namespace freshet
