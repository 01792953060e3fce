#pragma once

#include "lake/session.hpp"

#include <functional>

namespace freshet {

/// Does `work` (which runs its own transactions) until no other process disturbs it: rolls back and begins again after
/// Overtaken and after an EngineError that IsConflict(), waiting a little longer each time. DuckLake's own retries are
/// off, since they stamp deletes with a wrong snapshot (measured); after a few collisions they are left on, so that
/// busy writers can't starve the work.
void UntilUndisturbed(Session& session, const std::function<void()>& work);

} // namespace freshet
