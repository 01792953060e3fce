#pragma once

#include "http/server.hpp"
#include "observe/worker_metrics.hpp"
#include "refresh/run.hpp"
#include "schedule/scheduler.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

namespace freshet {

/// Microseconds of a clock that never jumps, by which a worker lives. Only differences mean anything.
Instant SteadyNow();

/// How a worker is, as it tells with every turn of its loop. Thread-safe.
class WorkerHealth {
public:
    /// The loop has turned.
    void Turned(Instant now);
    /// It has looked at the lake and planned what to do.
    void Planned(Instant now);
    /// Lake or state store can't be reached, until Planned() or Reached().
    void Missed(const std::string& what);
    void Reached(const std::string& what);
    void Stopping();

    /// /healthz: the loop turns. A loop that hangs for longer than any wait of its own doesn't come back.
    HttpResponse Alive(Instant now) const;
    /// /readyz: it keeps tables fresh just now.
    HttpResponse Ready(Instant now) const;
    /// As the metric says it: alive, and nothing is out of reach.
    bool Good(Instant now) const;

private:
    std::string Trouble(Instant now) const;

    mutable std::mutex mutex_;
    Instant turned_ = -1;
    Instant planned_ = -1;
    bool stopping_ = false;
    std::set<std::string> missed_;
};

/// A worker's metrics and health, and, once it listens, their pages over HTTP.
class WorkerMonitor {
public:
    /// Serves /metrics, /healthz and /readyz from now on. Throws ListenFailed.
    const HttpAddress& Listen(const HttpAddress& address);
    bool Listens() const { return server_ != nullptr; }

    WorkerMetrics& Metrics() { return metrics_; }
    WorkerHealth& Health() { return health_; }

private:
    WorkerMetrics metrics_;
    WorkerHealth health_;
    std::unique_ptr<HttpServer> server_; ///< last: its threads use what is above
};

/// A table as the metrics tell it at that moment, with the lag that holds for it. None is promised of one that was
/// suspended by hand, or that reads such a one.
ObservedTable ObservedOf(const DynamicTable& table, const TableView& view, std::optional<int64_t> lag_seconds,
                         Instant now);
/// A finished attempt as the metrics tell it.
ObservedRefresh ObservedOf(const TableOutcome& outcome);

} // namespace freshet
