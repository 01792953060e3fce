#pragma once

#include "base/error.hpp"
#include "base/identifier.hpp"

#include <map>
#include <set>

namespace freshet {

/// What a dynamic table will read once a plan is done.
struct PlannedReads {
    std::set<TableName> inputs;
    std::map<TableName, Place> places; ///< where a model names them; none for tables outside the project
};

/// Throws Error Cycle, with its path, files and lines, if a table would read itself. Circles among models alone are
/// found earlier, by ModelGraph; these lead through tables that exist and are no models.
void CheckNoCycle(const std::map<TableName, PlannedReads>& reads);

} // namespace freshet
