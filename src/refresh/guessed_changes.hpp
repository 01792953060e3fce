#pragma once

#include "delta/analysis.hpp"
#include "refresh/by_change.hpp"

namespace freshet {

/// What changed between a frontier and a pass's snapshot, about, from DuckLake's metadata alone: enough to choose a way
/// without reading what the other way would not need. Not usable where metadata doesn't tell: files were rewritten,
/// merged or flushed in the window, snapshots are gone, or the same commit writes an input.
InputChanges GuessInputChanges(Session& session, const plan::Query& query, const Frontier& before,
                               const Inputs& inputs);

} // namespace freshet
