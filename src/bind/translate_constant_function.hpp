#pragma once

#include "plan/node.hpp"

#include <duckdb/planner/operator/logical_get.hpp>
#include <optional>

namespace freshet {

/// FROM unnest(...), range(...) or generate_series(...) with constant arguments, also WITH ORDINALITY: rows that never
/// change. The list function of the same name, unnested, gives the same, but holds all values at once: nothing for more
/// than a million of them, nor for any other table function.
std::optional<plan::NodePtr> TranslateConstantFunction(duckdb::LogicalGet& get, duckdb::ClientContext& context);

} // namespace freshet
