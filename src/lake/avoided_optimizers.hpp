#pragma once

namespace freshet {

/// DuckLake 1.5.5 applies today's column statistics to old versions (docs/explanation/ducklake.md).
inline constexpr const char* kAvoidedOptimizers = "statistics_propagation";
/// See Session::AvoidJoinFilters().
inline constexpr const char* kAvoidedBelowCuts = "statistics_propagation,join_filter_pushdown";

} // namespace freshet
