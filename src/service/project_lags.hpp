#pragma once

#include "refresh/dynamic_table.hpp"
#include "service/project_cycles.hpp"
#include "service/project_plan.hpp"

namespace freshet {

/// Adds a warning to each step whose dynamic table is DOWNSTREAM and, once the plan is done, read by nothing with a lag
/// of its own. `reads`: of what the plan makes and of what there is.
void WarnOfTablesWithoutReaders(const std::map<TableName, PlannedReads>& reads, const Registry& registry,
                                ProjectPlan& plan);

} // namespace freshet
