#pragma once

#include "refresh/edit_task.hpp"

#include <string>

namespace freshet {

/// Refreshes by change where the definition, the mode and the costs allow it; `changed` says what did. False if the
/// table has to be evaluated, with action and reason set.
bool TryByChange(EditTask& task, const std::string& changed);

} // namespace freshet
