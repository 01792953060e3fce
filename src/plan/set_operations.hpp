#pragma once

#include "plan/node.hpp"

namespace freshet::plan {

enum class SetOperation { Intersect, Except };

/// INTERSECT or EXCEPT of two inputs with the same column types, in terms of operators that have rules: the rows of
/// both are grouped by all columns (NULL equals NULL) and counted by side. With `all` a row comes as often as the
/// smaller count, or the left count less the right one, says; without it at most once.
NodePtr MakeSetOperation(SetOperation operation, bool all, const NodePtr& left, const NodePtr& right);

/// GROUP BY with several grouping sets: the union of one aggregate per set, over one shared input. `sets` holds, per
/// set, positions in `groups`. Groups outside a set are NULL. Each of `grouping_functions` lists the groups of one
/// GROUPING(): a bit per group, the last one's lowest, set where the group is not in the set.
NodePtr MakeGroupingSets(const NodePtr& input, const std::vector<ExprPtr>& groups,
                         const std::vector<AggregateCall>& calls, const std::vector<std::string>& names,
                         const std::vector<std::vector<size_t>>& sets,
                         const std::vector<std::vector<size_t>>& grouping_functions);

} // namespace freshet::plan
