#pragma once

#include "lake/inlined_schemas.hpp"
#include "refresh/settings.hpp"
#include "refresh/undisturbed.hpp"

namespace freshet {

/// Before a session reads tables at snapshots, or flushes them, otherwise than in a refresh (lake/inlined_schemas.hpp).
void PrepareToRead(Session& session);

/// What `read` gives, which runs a transaction of its own, once nothing that it read is in doubt: otherwise again, in
/// another instance of the engine. The session's settings are the defaults then.
template <class Read>
auto ReadSurely(Session& session, const Read& read) {
    constexpr int kAttempts = 3;
    for (int attempt = 1; attempt <= kAttempts; attempt++) {
        PrepareToRead(session);
        try {
            auto result = read();
            if (KeptInlinedSchemas(session)) {
                return result;
            }
        } catch (const Error& error) {
            session.Rollback();
            if (attempt == kAttempts || !NeedsRenewal(session, error)) {
                throw;
            }
            RenewSession(session);
        }
    }
    throw SchemasForgotten();
}

} // namespace freshet
