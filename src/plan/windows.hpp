#pragma once

#include "plan/node.hpp"

namespace freshet::plan {

/// Window functions over one input; output is the input's columns, then the calls in order. Calls with partitions in
/// common make one operator; where there are none, those with the same ones do, and the operators stand on top of each
/// other.
NodePtr MakeWindows(const NodePtr& input, const std::vector<WindowCall>& calls, const std::vector<std::string>& names);

/// DISTINCT ON: the first row of each group in the given order, as row_number() = 1.
NodePtr FirstOfEach(const NodePtr& input, const std::vector<ExprPtr>& groups, const std::vector<SortKey>& order);

} // namespace freshet::plan
