#pragma once

#include "plan/node.hpp"

namespace freshet::plan {

/// Can aggregates without GROUP BY, some of them DISTINCT, be computed by SplitDistinct()?
bool CanSplitDistinct(const std::vector<AggregateCall>& calls);

/// Such aggregates in terms of operators that can be maintained: each DISTINCT argument is grouped first, so that its
/// aggregate reads every value once; the rest reads the input. One row each, side by side. Columns are `names`.
NodePtr SplitDistinct(const NodePtr& input, const std::vector<AggregateCall>& calls,
                      const std::vector<std::string>& names);

/// DISTINCT by other values than those that are shown, as for texts that a collation takes for equal: of each group
/// any row.
NodePtr OneRowOfEach(const NodePtr& input, const std::vector<ExprPtr>& groups);

} // namespace freshet::plan
