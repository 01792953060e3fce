#include "service/sure_reading.hpp"

namespace freshet {

void PrepareToRead(Session& session) {
    constexpr int kAttempts = 3;
    for (int attempt = 1; !LoadInlinedSchemas(session); attempt++) {
        if (attempt == kAttempts) {
            throw SchemasForgotten();
        }
        RenewSession(session);
    }
}

} // namespace freshet
