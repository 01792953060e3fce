#pragma once

#include <cstdint>
#include <string>

namespace freshet {

/// Who this process is, for other processes that want to know whether it lives.
struct ProcessIdentity {
    std::string host; ///< the same for all processes that see each other's ids: one boot of a machine, one namespace
    int64_t process = 0;
    int64_t started = 0; ///< ticks since boot: tells it from a later process of the same id
};

ProcessIdentity OwnIdentity();

/// False if the process is of this host and has certainly ended; true where that can't be told.
bool MayLive(const std::string& host, int64_t process, int64_t started);

/// Name of the machine, for people.
std::string HostName();

} // namespace freshet
