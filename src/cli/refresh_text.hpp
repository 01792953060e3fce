#pragma once

#include "cli/invocation.hpp"
#include "service/reports.hpp"

#include <vector>

namespace freshet {

/// A table of what was done, and the errors of tables that failed on standard error.
void ShowRefreshes(Invocation& invocation, const std::vector<RefreshEntry>& entries);

} // namespace freshet
