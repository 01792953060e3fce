#pragma once

#include "refresh/edit_task.hpp"

#include <string>

namespace freshet {

/// Why what is stored can't be built on, so that the table is filled anew; empty if it can. Needs the edit's target.
std::string RefillReason(EditTask& task);

} // namespace freshet
