#pragma once

#include "service/bookkeeping.hpp"

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace freshet {

/// What a command claims beside workers, so that none of them refreshes the same tables meanwhile. Where no worker
/// lives it costs one look at the store and does nothing.
///
/// Waits for running refreshes of live workers, never for claims of the dead. Without the claims, after the wait, the
/// command goes on all the same: the state rows in the lake keep the content right, claims only save work.
class CommandClaims {
public:
    /// `table_ids`: those named; what they read is claimed with them. Throws Error where the store can't be reached.
    CommandClaims(Bookkeeping& books, const std::vector<std::string>& table_ids, int64_t wait_seconds);
    /// Gives them back.
    ~CommandClaims();
    CommandClaims(const CommandClaims&) = delete;
    CommandClaims& operator=(const CommandClaims&) = delete;

private:
    bool AnybodyWorks();
    bool WorthWaiting(const std::vector<Claim>& claims);
    void Take(const std::vector<std::string>& tables, int64_t wait_seconds);
    void Beat();

    Bookkeeping& books_;
    WorkerInfo self_;
    std::string run_id_;
    std::thread beating_; ///< while it holds claims
    std::mutex mutex_;
    std::condition_variable ended_;
    bool ends_ = false;
};

} // namespace freshet
