#pragma once

#include "cli/invocation.hpp"
#include "service/reports.hpp"

namespace freshet {

/// What create did or validate would do: JSON, or some lines and the table of first fills.
void ShowDefinition(Invocation& invocation, const CreateReport& report);

} // namespace freshet
