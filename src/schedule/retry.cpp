#include "schedule/retry.hpp"

#include <algorithm>

namespace freshet {

namespace {

/// 0 <= x < 1, evenly spread over ids, counts and seeds (FNV-1a, finished as splitmix64 is).
double Spread(const std::string& id, int64_t attempt, uint64_t seed) {
    uint64_t hash = 14695981039346656037ULL ^ seed;
    for (unsigned char c : id) {
        hash = (hash ^ c) * 1099511628211ULL;
    }
    hash += static_cast<uint64_t>(attempt) * 0x9e3779b97f4a7c15ULL;
    hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9ULL;
    hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebULL;
    return static_cast<double>((hash ^ (hash >> 31)) >> 11) / 9007199254740992.0; // 2^53
}

} // namespace

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
