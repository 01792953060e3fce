#pragma once

#include "schedule/failure_class.hpp"

#include <cstdint>
#include <string>

namespace freshet {

/// Microseconds on a clock that neither jumps nor stands still. Only differences mean anything.
using Instant = int64_t;
inline constexpr int64_t kSecond = 1'000'000;

/// How often a table's scheduled refreshes have failed since one succeeded.
struct FailureCount {
    int64_t failures = 0; ///< in a row: what suspends
    int64_t retries = 0;  ///< of the present refresh, by failures that may pass by themselves

    bool Any() const { return failures > 0 || retries > 0; }
    bool operator==(const FailureCount&) const = default;
};

struct RetryPolicy {
    int64_t suspend_after = 5;         ///< failures in a row
    int64_t first_pause = 2 * kSecond; ///< after a failure that won't pass by itself; others begin at a quarter
    int64_t longest_pause = 600 * kSecond;
};

/// After a failure of that class. One that may pass counts only after `allowed_retries` repetitions (RETRIES); a
/// parent's failure never counts.
FailureCount AfterFailure(FailureCount before, FailureClass failure, int64_t allowed_retries);

/// How long to wait before the next attempt, microseconds: doubles with each failure, up to the longest pause; spread
/// by a quarter both ways, so that what failed together doesn't come back together. Pure: the same for the same
/// arguments.
int64_t PauseAfter(FailureCount count, FailureClass failure, const RetryPolicy& policy, const std::string& table_id,
                   uint64_t seed);

} // namespace freshet
