#pragma once

#include "plan/node.hpp"

#include <duckdb.hpp>
#include <duckdb/planner/operator/logical_get.hpp>
#include <optional>

namespace freshet {

/// FROM unnest(...), range(...) or generate_series(...) with constant arguments: rows that never change. The list
/// function of the same name, unnested, gives the same, but holds all values at once: nothing for more than a million
/// of them. repeat(...), json_each(...) and the like are evaluated, up to 1,000 rows. Nothing for other table
/// functions.
std::optional<plan::NodePtr> TranslateConstantFunction(duckdb::LogicalGet& get, duckdb::Connection& connection);

} // namespace freshet
