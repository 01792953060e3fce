#pragma once

#include "plan/node.hpp"

#include <duckdb/planner/operator/logical_get.hpp>
#include <optional>

namespace freshet {

/// FROM range(...) and generate_series(...) with constant arguments: rows that never change. The list function of the
/// same name, unnested, gives the same. Nothing for any other table function.
std::optional<plan::NodePtr> TranslateSeries(duckdb::LogicalGet& get);

} // namespace freshet
