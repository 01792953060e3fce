#pragma once

#include "lake/session.hpp"
#include "refresh/run.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>

namespace freshet {

/// What is said of a refresh that was stopped for its table's TIMEOUT.
Error StoppedByTimeout(const DynamicTable& table);

/// Interrupts what a session runs when the refresh of one table takes longer than that table's TIMEOUT: for runs that
/// nobody else watches. Has a thread of its own; used by the thread that uses the session.
class TimeLimit {
public:
    /// Both outlive this.
    TimeLimit(Session& session, const Registry& registry);
    ~TimeLimit();
    TimeLimit(const TimeLimit&) = delete;
    TimeLimit& operator=(const TimeLimit&) = delete;

    /// From now on the session refreshes that table; its time begins unless it was the one before already. Throws
    /// RefreshTimeout if its time is over: an interrupt between two statements has no effect.
    void Begin(const std::string& id);

    /// A table that was stopped failed because of that, whatever the engine says of the query.
    void Explain(TableOutcome& outcome);

private:
    using Clock = std::chrono::steady_clock;
    void Watch();

    Session& session_;
    const Registry& registry_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::string current_;
    std::optional<Clock::time_point> deadline_; ///< of the current one, unless it was stopped
    std::set<std::string> stopped_;
    bool ends_ = false;
    std::thread thread_;
};

} // namespace freshet
