#pragma once

#include "refresh/edit_task.hpp"

namespace freshet {

/// The definition evaluated whole: the edit's rows are the difference to what is stored, or all rows where that is
/// cheaper or nothing is stored; with the accumulators that are worth keeping. Throws Error (RefreshFailed,
/// InexactValue).
void Evaluate(EditTask& task);

} // namespace freshet
