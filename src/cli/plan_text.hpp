#pragma once

#include "cli/command.hpp"

namespace freshet {

/// Options that plan and apply share.
struct PlanOptions {
    std::vector<std::string> select;
    std::vector<std::string> exclude;
    std::vector<std::string> variables; ///< --var NAME=VALUE
    bool prune = false;

    PlanRequest Request(const Configuration& configuration) const;
};

void DeclarePlanOptions(Arguments& arguments, PlanOptions& options);

/// What would be done, as Terraform shows it: a sign per object, the difference of texts, a line that sums up.
void ShowPlan(Invocation& invocation, const ProjectPlan& plan);

/// "create dynamic table main.t"
std::string StepTitle(const PlanStep& step);

} // namespace freshet
