#pragma once

#include "plan/node.hpp"

#include <string>
#include <vector>

namespace freshet {

/// Which result columns depend on an aggregate whose value depends on the order of its input (sums in floating point):
/// recomputing may change their last bits though nothing changed.
struct Inexactness {
    std::vector<bool> columns; ///< by position in the result
    std::string decides;       ///< where such a value decides a filter, key, join or LIMIT; empty: nowhere
};
Inexactness FindInexact(const plan::Query& query);

/// Is the aggregate's value order-sensitive over arguments of that type?
bool IsOrderSensitive(const std::string& function, const std::string& argument_type);

} // namespace freshet
