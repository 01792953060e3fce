#pragma once

#include "service/worker.hpp"
#include "state/model.hpp"

namespace freshet {

/// What the log of a worker says of a refresh. Without the worker's id.
WorkerLine LineOf(const RefreshRecord& record);

} // namespace freshet
