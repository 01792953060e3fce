#pragma once

#include "plan/expression.hpp"

#include <vector>

namespace freshet::plan {

/// (a, b) IN (SELECT x, y ...) as one comparison that IN over one column can work with, from the equalities a = x and
/// b = y. DuckDB takes a row for NULL as soon as one of its columns is.
ExprPtr RowEquality(const std::vector<ExprPtr>& equalities);

/// A filter by equality of rows, RowEquality() or row(a, b) = row(x, y), as filters by their columns; any other
/// predicate itself. They select the same rows, though they may be false where the comparison of rows is NULL.
std::vector<ExprPtr> ColumnEqualities(const ExprPtr& predicate);

} // namespace freshet::plan
