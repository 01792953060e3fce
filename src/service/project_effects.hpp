#pragma once

#include "refresh/dependencies.hpp"
#include "service/project_plan.hpp"

#include <set>

namespace freshet {

/// Does the table read, directly or through views and macros, what the step is about?
bool Reads(const TableNode& node, const PlanStep& step);

/// Tells at each step what becomes of the dynamic tables without a step that read what it changes, or that would read
/// what it makes in place of something else. `before` is the graph before the plan; the session's transaction has made
/// what the plan makes, where `reshaped` tables have other columns than before.
void FindEffects(Session& session, const Dependencies& before, const std::set<TableName>& reshaped, ProjectPlan& plan);

} // namespace freshet
