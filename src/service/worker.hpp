#pragma once

#include "base/clock.hpp"
#include "base/value.hpp"
#include "http/address.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace freshet {

struct WorkerOptions {
    std::string id;                    ///< empty: one is made up of host and process
    int64_t parallel = 2;              ///< refreshes at once
    bool once = false;                 ///< try what is due once, then end
    bool drain = false;                ///< take in everything that has changed, with retries, then end
    int64_t grace_seconds = 30;        ///< how long running refreshes may go on when it is asked to end
    int64_t heartbeat_seconds = 30;    ///< between two signs of life
    int64_t expiry_seconds = 300;      ///< without one, others take its claims
    int64_t first_pause_seconds = 2;   ///< after a failed refresh; doubles with each further one
    std::optional<HttpAddress> listen; ///< serves metrics and health there; nothing: nowhere
    bool must_listen = true;           ///< false: if the address is taken it works without
};

/// Something that a worker did or met: one line of its log.
struct WorkerLine {
    Timestamp at = 0;
    std::string level; ///< info, warning, error
    std::string event; ///< worker_started, refresh_started, refreshed, refresh_failed, suspended ...
    std::string text;  ///< for people
    std::vector<std::pair<std::string, Value>> fields; ///< run_id, refresh_id, table ...
};

struct WorkerReport {
    int64_t refreshed = 0;    ///< tables whose refresh ended well, those included at which nothing was to be done
    int64_t failed = 0;       ///< attempts that failed
    int64_t left_failing = 0; ///< tables whose last attempt failed, or was left out because a parent's had
};

class Operations;

/// Keeps all dynamic tables of a lake within their target lag. Several may work on one lake, in any processes and
/// machines that share the state store.
class Worker {
public:
    using Log = std::function<void(const WorkerLine&)>;

    /// `log` is called in the thread of Run().
    Worker(Operations& operations, const WorkerOptions& options, Log log);
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    /// Works until Stop(), or until done with `once` or `drain`. A lake or store that can't be reached is waited for.
    /// Throws WorkerExists before it begins; afterwards only what leaves it unable to go on.
    WorkerReport Run();
    /// Begins no further refresh; those that run get the grace time. From any thread, also before Run().
    void Stop();

private:
    class Loop;
    std::unique_ptr<Loop> loop_;
};

} // namespace freshet
