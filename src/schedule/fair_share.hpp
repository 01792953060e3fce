#pragma once

#include "schedule/retry.hpp"
#include "state/claims.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

namespace freshet {

/// How long a worker steps back before its next order, so that workers that share a lake refresh about as many tables
/// each. Who commits first tends to commit first again: a loser waits, and longer each time. Times in microseconds on
/// one clock. Not thread-safe.
class FairShare {
public:
    explicit FairShare(std::string own_id) : own_id_(std::move(own_id)) {}

    /// All workers there are, itself included. `now` never goes back.
    void Take(Instant now, const std::vector<WorkerInfo>& workers);

    /// Zero unless it is ahead of the others that are getting on: who works on one large table for long holds up
    /// nobody, and who has just begun needn't be caught up with. At most half the time that it takes for a table; where
    /// that is less than a quarter of a second, at most that or the table's whole time.
    int64_t Pause() const;

private:
    struct Sample {
        Instant at = 0;
        std::map<std::string, int64_t> refreshed; ///< since each began
    };

    std::string own_id_;
    std::deque<Sample> samples_; ///< of the last half minute, oldest first
};

} // namespace freshet
