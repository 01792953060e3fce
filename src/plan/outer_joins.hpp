#pragma once

#include "plan/node.hpp"

namespace freshet::plan {

// Outer joins in terms of left and anti joins. Predicates are over left ++ right, and so are the output columns.

NodePtr MakeRightJoin(const NodePtr& left, const NodePtr& right, const std::vector<ExprPtr>& predicates);

/// L FULL JOIN R = (L LEFT JOIN R) UNION ALL (NULLs, R ANTI JOIN L).
NodePtr MakeFullJoin(const NodePtr& left, const NodePtr& right, const std::vector<ExprPtr>& predicates);

} // namespace freshet::plan
