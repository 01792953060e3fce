#pragma once

#include <duckdb.hpp>
#include <duckdb/parser/query_node.hpp>

namespace freshet {

/// Writes DOUBLE constants (1e-1, a number too long for DECIMAL) and the BOOLEAN ones of IS TRUE as casts of text.
/// DuckDB prints the former as decimal numbers, which read back as DECIMAL: another type, and other arithmetic; the
/// latter read back as such casts.
void KeepLiteralTypes(duckdb::QueryNode& node);

} // namespace freshet
