#pragma once

#include "bind/tree_walker.hpp"

namespace freshet {

/// DuckDB 1.5 skips row groups in which every x is NULL for `x IS DISTINCT FROM 1 OR x = 2` (IS NOT TRUE and NOT (x IS
/// NOT DISTINCT FROM 1) likewise), although NULL is distinct from 1: the answer depends on how the rows lie in files.
/// Where such a comparison of a value with a constant stands under OR or NOT, IS TRUE is put behind it, which changes
/// nothing but that it isn't compared with a row group's statistics any more. `expression` is one OR or NOT; what
/// stands below other operators is left to the walk that comes there.
void GuardDistinctFrom(duckdb::ParsedExpression& expression);

} // namespace freshet
