#include "schedule/retry.hpp"

#include "schedule/spread.hpp"

#include <algorithm>

namespace freshet {

FailureCount AfterFailure(FailureCount before, FailureClass failure, int64_t allowed_retries) {
    if (failure == FailureClass::Dependency) {
        return before;
    }
    if (IsPassing(failure) && before.retries < allowed_retries) {
        return {before.failures, before.retries + 1};
    }
    return {before.failures + 1, 0};
}

int64_t PauseAfter(FailureCount count, FailureClass failure, const RetryPolicy& policy, const std::string& table_id,
                   uint64_t seed) {
    int64_t attempts = std::max<int64_t>(count.failures + count.retries, 1);
    int64_t first = IsPassing(failure) ? policy.first_pause / 4 : policy.first_pause;
    int64_t doublings = std::min<int64_t>(attempts - 1, 30);
    double pause = static_cast<double>(first) * static_cast<double>(int64_t{1} << doublings);
    pause = std::min(pause, static_cast<double>(policy.longest_pause));
    return static_cast<int64_t>(pause * (0.75 + 0.5 * Spread(table_id, attempts, seed)));
}

} // namespace freshet
