#pragma once

namespace freshet {

/// DuckLake 1.5.5 applies today's column statistics to old versions, and DuckDB 1.5.5 answers some correlated EXISTS
/// wrongly where it takes a delim join apart (docs/explanation/ducklake.md).
inline constexpr const char* kAvoidedOptimizers = "statistics_propagation,deliminator";
/// See Session::AvoidJoinFilters().
inline constexpr const char* kAvoidedBelowCuts = "statistics_propagation,deliminator,join_filter_pushdown";

} // namespace freshet
