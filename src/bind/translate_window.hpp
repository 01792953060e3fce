#pragma once

#include "bind/bound_expression.hpp"
#include "plan/node.hpp"

#include <duckdb.hpp>
#include <duckdb/planner/expression/bound_window_expression.hpp>
#include <vector>

namespace freshet {

std::vector<plan::SortKey> TranslateSortKeys(const duckdb::vector<duckdb::BoundOrderByNode>& orders,
                                             const ScalarTranslation& scalar);

/// A bound window function as a call of the plan; `scalar` translates its expressions. Throws Refused for what has no
/// rule.
plan::WindowCall TranslateWindowCall(const duckdb::BoundWindowExpression& bound, const ScalarTranslation& scalar);

/// Aggregates whose value depends on the order of rows (list, arg_max ...) get ORDER BY among their arguments, by the
/// window's order and then by all that they read of a row: the value is then a function of the frame's bag.
void SettleOrder(plan::WindowCall& call);

} // namespace freshet
