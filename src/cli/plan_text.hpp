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

/// Puts the values of --var NAME=VALUE over those of freshet.yml.
void SetVariables(const std::vector<std::string>& given, Variables& variables);

/// What would be done, as Terraform shows it: a sign per object, the difference of texts, a line that sums up.
std::string PlanText(const ProjectPlan& plan, const Style& style);

/// "create dynamic table main.t"
std::string StepTitle(const PlanStep& step);

} // namespace freshet
