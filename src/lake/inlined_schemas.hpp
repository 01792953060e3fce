#pragma once

#include "lake/session.hpp"

namespace freshet {

/// DuckLake 1.5.5 remembers the lake's catalog by schema version. Where it reads rows that are inlined in the catalog,
/// it loads the version in which their table was made, but may take a moment before that: from then on every read of a
/// table at a snapshot of that version finds the columns of that moment, or no table (docs/explanation/ducklake.md). So
/// these versions are loaded first, each from a snapshot that has it.
///
/// Before anything is read in a transaction, or in a statement of its own. False: one of them may be remembered wrong
/// already, since the engine gave up caches for want of memory; Session::Renew() helps. Of a DuckDB file, which no
/// other client writes meanwhile, they are loaded again. Thread-safe.
bool LoadInlinedSchemas(Session& session);

/// Were the versions that LoadInlinedSchemas() loaded remembered ever since? What was read is in doubt otherwise.
bool KeptInlinedSchemas(Session& session);

/// What to say where that happens again and again.
Error SchemasForgotten();

/// After DuckLake has forgotten versions, as it does where it expires snapshots or flushes inlined rows, and before
/// anything is read: they are to be loaded again.
void ForgetInlinedSchemas(Session& session);

/// After others had it forget versions, and may have read since: KeptInlinedSchemas() is false from now on.
void DoubtInlinedSchemas(Session& session);

} // namespace freshet
