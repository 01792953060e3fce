#pragma once

#include <duckdb.hpp>
#include <duckdb/parser/query_node.hpp>

namespace freshet {

/// Writes DOUBLE constants (1e-1, a number too long for DECIMAL) as casts of text. DuckDB prints them as decimal
/// numbers, which read back as DECIMAL: another type, and other arithmetic.
void KeepDoubleLiterals(duckdb::QueryNode& node);

} // namespace freshet
