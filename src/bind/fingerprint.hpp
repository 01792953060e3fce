#pragma once

#include <duckdb.hpp>
#include <duckdb/planner/logical_operator.hpp>
#include <string>

namespace freshet {

/// Hash of a raw bound plan: changes when the meaning of a definition changes, as when a view or macro that it goes
/// through was replaced. Stable between processes.
std::string FingerprintOf(duckdb::LogicalOperator& plan);

} // namespace freshet
