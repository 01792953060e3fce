#pragma once

#include <duckdb/parser/tableref/joinref.hpp>

namespace freshet {

/// NULL is neither before nor after anything, but DuckDB 1.5's operator for ASOF joins takes it for the greatest value
/// on the left side where that has more than 64 rows (and not where it has fewer). For each inequality of an ASOF
/// join's condition, that both sides are given becomes a condition too: with it both ways agree. Joins by USING have no
/// place for it.
void GuardAsof(duckdb::JoinRef& join);

/// Is this condition of a bound join one of those that GuardAsof() adds?
bool IsAsofGuard(const duckdb::Expression& left, const duckdb::Expression& right);

} // namespace freshet
