#pragma once

#include "plan/node.hpp"

#include <functional>

namespace freshet::plan {

/// The plan with every operator replaced by what `replace` makes of it, inputs first. Operators that several others
/// read stay shared.
NodePtr Rewrite(const NodePtr& root, const std::function<NodePtr(const NodePtr& node)>& replace);

} // namespace freshet::plan
