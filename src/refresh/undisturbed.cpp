#include "refresh/undisturbed.hpp"

#include "refresh/lake_state.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

namespace freshet {

namespace {

constexpr int kPatientAfter = 5;
constexpr int kMaxAttempts = 60;

void Pause(int attempt) {
    std::this_thread::sleep_for(std::chrono::milliseconds(std::min(5 * attempt, 100)));
}

/// True if the work was done, false if it was disturbed and may be tried again.
bool Try(Session& session, const std::function<void()>& work, bool even_overtaken, bool last) {
    try {
        work();
        return true;
    } catch (const Overtaken&) {
        session.Rollback();
        if (last || !even_overtaken) {
            throw;
        }
    } catch (const EngineError& error) {
        session.Rollback();
        if (!error.IsConflict()) {
            throw;
        }
        if (last) {
            throw Error(Code::LakeConflict, "other processes changed the lake at each attempt: " + error.Message(),
                        "try again when the lake is less busy");
        }
    }
    return false;
}

/// DuckLake's own waits grow to several seconds, in which others overtake again and again who has lost before.
constexpr const char* kRetryByDuckLake = "SET SESSION ducklake_max_retry_count = 30; "
                                         "SET SESSION ducklake_retry_wait_ms = 10; "
                                         "SET SESSION ducklake_retry_backoff = 1.15";
constexpr const char* kRetryAsUsual = "RESET SESSION ducklake_retry_wait_ms; RESET SESSION ducklake_retry_backoff";

void Repeat(Session& session, const std::function<void()>& work, bool even_overtaken) {
    for (int attempt = 1;; attempt++) {
        session.Query(attempt > kPatientAfter ? kRetryByDuckLake : "SET SESSION ducklake_max_retry_count = 0");
        if (Try(session, work, even_overtaken, attempt == kMaxAttempts)) {
            if (attempt > kPatientAfter) {
                session.Query(kRetryAsUsual); // for what the session does next
            }
            return;
        }
        Pause(attempt);
    }
}

using Clock = std::chrono::steady_clock;

/// Part of EngineMemory. Thread-safe.
struct LastDisturbance {
    std::atomic<Clock::time_point> at = Clock::time_point::min();
};

} // namespace

bool WasDisturbedLately(Session& session) {
    Clock::time_point at = session.Memory<LastDisturbance>().at;
    return at != Clock::time_point::min() && Clock::now() - at < std::chrono::seconds(10);
}

void NoteDisturbance(Session& session) {
    session.Memory<LastDisturbance>().at = Clock::now();
}

void UntilUndisturbed(Session& session, const std::function<void()>& work) {
    Repeat(session, work, true);
}

void UntilCommitted(Session& session, const std::function<void()>& write) {
    Repeat(session, write, false);
}

bool TellsOfExpiry(const Error& error) {
    auto has = [&](const char* text) { return error.Message().find(text) != std::string::npos; };
    return has("No snapshot found at version") || has("Current transaction is aborted");
}

bool NeedsRenewal(const Session& session, const Error& error) {
    bool flushed = error.Message().find("Failed to read inlined data from DuckLake") != std::string::npos;
    return session.CanRenew() && (flushed || session.IsOver());
}

} // namespace freshet
