#pragma once

#include "plan/node.hpp"

#include <duckdb.hpp>
#include <duckdb/planner/operator/logical_get.hpp>

namespace freshet {

/// Below an in-out table function ExtractPlan leaves column bindings unresolved: makes positions of them. Gives the
/// operator that computes the function's arguments and carries the columns of the rows along for which it is called.
/// Throws Refused where that is no projection.
duckdb::LogicalOperator& ResolveLateralInput(duckdb::LogicalGet& get);

/// FROM t, unnest(list of t), range(...) or generate_series(...), also WITH ORDINALITY. `input` is what
/// ResolveLateralInput() gave, translated; or one row of the arguments, where these are constants. Throws Refused for
/// other functions.
plan::NodePtr TranslateLateral(const duckdb::LogicalGet& get, const plan::NodePtr& input);

} // namespace freshet
