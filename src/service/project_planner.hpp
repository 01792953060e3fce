#pragma once

#include "service/operations.hpp"
#include "service/project_plan.hpp"

#include <map>
#include <string>

namespace freshet {

/// Compares the project's models with what exists. What a change would mean is found out in a lake transaction that is
/// rolled back: later models are bound over what earlier ones make. Throws what is wrong with models, with its place in
/// their files.
ProjectPlan PlanProject(Operations& operations, const PlanRequest& request);

/// Does the plan, several steps at a time, a step after those that it needs. What is found as the plan wants it counts
/// as done, so that a plan that was interrupted goes on. Throws StalePlan, before anything is done, where something
/// else is found than the plan was made for.
ApplyReport ApplyPlan(Operations& operations, const ProjectPlan& plan, const ApplyRequest& request);

/// A step's definition as an operation takes it.
NewDefinition DefinitionOf(const PlanStep& step);
/// Id and version of a dynamic table, for PlanStep::found.
std::string FoundText(const DynamicTable& table);

/// What a project of that name made, by earlier calls of RememberObjects().
using ProjectObject = std::pair<ObjectKind, TableName>;
std::vector<ProjectObject> ReadProjectObjects(Session& session, const std::string& project);
/// Which other project made each object that this one didn't; where nothing is said, it was made by hand.
std::map<ProjectObject, std::string> ReadOtherOwners(Session& session, const std::string& project);
void RememberObjects(Session& session, const std::string& project, const std::vector<ProjectObject>& objects);
void ForgetObject(Session& session, const std::string& project, const ProjectObject& object);

} // namespace freshet
