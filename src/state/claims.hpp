#pragma once

#include "base/clock.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace freshet {

/// A process that refreshes tables for longer than one command, or waits for others to: a worker, or a refresh by hand
/// beside workers. Times are the store's.
struct WorkerInfo {
    std::string id;
    std::string kind;    ///< WORKER or COMMAND
    std::string host;    ///< one value for all processes that can see each other's process ids, and for no others
    int64_t process = 0; ///< process id there
    int64_t process_started = 0; ///< tells it from a later process of that id
    Timestamp started_at = 0;
    Timestamp heartbeat_at = 0;
    int64_t heartbeat_every = 0; ///< microseconds
    int64_t refreshed = 0;       ///< tables, since it began
    int64_t expires_after = 0;   ///< microseconds without a heartbeat after which its claims are free

    bool operator==(const WorkerInfo&) const = default;
};

/// The right to refresh a table, for as long as its worker gives signs of life. It keeps workers from doing work twice;
/// what keeps content right is the state row in the lake.
struct Claim {
    std::string table_id;
    int64_t generation = 0; ///< raised each time the claim changes hands: the fence
    std::string worker_id;
    std::string run_id;
    Timestamp taken_at = 0;
    std::string step;         ///< what its holder said that it is at: WAITING, COMPUTING, WRITING; empty: nothing yet
    Timestamp step_since = 0; ///< store time

    bool operator==(const Claim&) const = default;
};

/// What a worker is at with a table that it has claimed.
struct ClaimStep {
    std::string table_id;
    std::string step;
    Timestamp since = 0; ///< store time
};

struct ClaimAnswer {
    bool taken = false;
    /// Taken: the claims. Else those of others that stand in the way; empty where somebody is taking them right now.
    std::vector<Claim> claims;
};

/// How often a table's scheduled refreshes failed in a row, as the worker that tried last left it.
struct FailureNote {
    std::string table_id;
    int64_t definition_version = 0; ///< under which they failed: another one starts afresh
    int64_t failures = 0;
    int64_t retries = 0;
    Timestamp noted_at = 0; ///< store time
    Timestamp retry_at = 0; ///< store time: not before

    bool operator==(const FailureNote&) const = default;
};

} // namespace freshet
