#pragma once

#include "service/bookkeeping.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace freshet {

/// What a command claims beside workers, so that none of them refreshes the same tables meanwhile. Where no worker
/// lives it costs one look at the store and does nothing.
///
/// Waits for running refreshes of live workers, never for claims of the dead. Without the claims, after the wait, the
/// command may go on all the same: the state rows in the lake keep the content right, claims only save work.
class CommandClaims {
public:
    enum class Scope { Named, WithParents };
    /// How long to wait for the living, in seconds; nothing: their claims are taken away at once.
    using Patience = std::optional<int64_t>;

    /// Throws Error where the store can't be reached.
    CommandClaims(Bookkeeping& books, const std::vector<std::string>& table_ids, Scope scope, Patience patience);
    /// Gives them back.
    ~CommandClaims();
    CommandClaims(const CommandClaims&) = delete;
    CommandClaims& operator=(const CommandClaims&) = delete;

    /// Somebody worked at one of the tables, and it was waited for.
    bool Waited() const { return waited_; }
    /// Claims were taken from somebody who may be at work.
    bool Seized() const { return seized_; }
    /// Who is still at work there after the wait: these claims are not held.
    const std::optional<Claim>& InTheWay() const { return in_the_way_; }

private:
    bool AnybodyWorks();
    bool WorthWaiting(const std::vector<Claim>& claims);
    void Take(const std::vector<std::string>& tables, int64_t wait_seconds);
    void Seize(const std::vector<std::string>& tables);
    void Beat();

    Bookkeeping& books_;
    WorkerInfo self_;
    std::string run_id_;
    bool waited_ = false;
    bool seized_ = false;
    std::optional<Claim> in_the_way_;
    std::thread beating_; ///< while it holds claims
    std::mutex mutex_;
    std::condition_variable ended_;
    bool ends_ = false;
};

} // namespace freshet
