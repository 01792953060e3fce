#pragma once

#include "lake/session.hpp"

#include <cstdint>

namespace freshet {

/// Bytes that queries and their results hold in the whole engine just now, caches that can be given up left out; and
/// how many they may.
struct MemoryUse {
    int64_t used = 0;
    int64_t limit = 0;
};
MemoryUse ReadMemoryUse(Session& session);

} // namespace freshet
