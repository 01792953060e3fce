#pragma once

#include "lake/session.hpp"

#include <functional>

namespace freshet {

/// Does `work` (which runs its own transactions) until no other process disturbs it: rolls back and begins again after
/// Overtaken and after an EngineError that IsConflict(), waiting a little longer each time. DuckLake's own retries are
/// off, since they stamp deletes with a wrong snapshot (measured); after a few collisions they are left on, so that
/// busy writers can't starve the work.
void UntilUndisturbed(Session& session, const std::function<void()>& work);

/// The same for a write transaction that can be redone as it is: lost races for a snapshot id and locked catalogs are
/// tried again, while Overtaken (its basis is gone) is passed on.
void UntilCommitted(Session& session, const std::function<void()>& write);

/// Has work in the session's instance been disturbed in the last ten seconds, as NoteDisturbance() was told?
bool WasDisturbedLately(Session& session);
void NoteDisturbance(Session& session);

/// Was a version expired while it was read? DuckLake says so once; DuckDB then refuses whatever follows in the
/// transaction. Another one finds a newer version.
bool TellsOfExpiry(const Error& error);

/// Can nothing be read in the session's instance any more? DuckLake goes on asking for inlined rows where they were
/// before another client flushed them, or an internal error has ended the instance. Session::Renew() helps.
bool NeedsRenewal(const Session& session, const Error& error);

} // namespace freshet
