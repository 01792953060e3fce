#pragma once

#include "observe/worker_metrics.hpp"
#include "schedule/scheduler.hpp"
#include "service/admission.hpp"
#include "service/operations.hpp"

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace freshet {

/// What came of an order.
struct OrderEnd {
    OrderEnded event; ///< for the scheduler
    std::string run_id;
    std::vector<RefreshRecord> records;    ///< as the history has them, in order
    std::vector<ObservedRefresh> observed; ///< the same for the metrics
    bool claim_lost = false;               ///< another process took it over: it was given up
    std::optional<Error> store_error;      ///< the store couldn't be written; the lake is right all the same
    std::vector<TableOutcome> unrecorded;  ///< what the history lacks because of that
};

/// An order as it is handed over.
struct OrderTask {
    std::string worker_id;
    std::string run_id; ///< for which the claims of all tables of the order were taken
    Order order;
    std::set<std::string> alone; ///< tables of it that want the engine for themselves
    int64_t most_lanes = 1;      ///< threads that it may have
};

/// An order of the scheduler that is carried out, in threads and warm sessions of its own: first what its lanes share,
/// then the lanes beside each other, at one data snapshot. Admission decides when a table begins. The claims are
/// released when the order ends.
class OrderRun {
public:
    /// `on_end` is called last in its thread.
    OrderRun(Operations& operations, Admission& admission, OrderTask task, std::function<void(OrderEnd)> on_end);
    /// Waits for the thread.
    ~OrderRun();
    OrderRun(const OrderRun&) = delete;
    OrderRun& operator=(const OrderRun&) = delete;

    const Order& TheOrder() const { return task_.order; }
    const std::string& RunId() const { return task_.run_id; }

    /// A table that it is at.
    struct Current {
        std::string id;
        std::string step; ///< WAITING (for admission), COMPUTING, WRITING
        double step_seconds = 0;
        double seconds = 0; ///< since its refresh began; 0 while it waits
    };
    std::vector<Current> Running() const;

    /// Stops what runs before its commit, and begins nothing further. An engine may miss one call: repeat it until the
    /// order has ended.
    void Abandon();
    /// The same for one table, if that is being refreshed: it has taken too long. The others go on.
    void StopTable(const std::string& id);

private:
    /// One thread's place of work.
    struct Lane {
        std::shared_ptr<Session> session;
        std::optional<Admission::Place> place;
        bool is_new = true; ///< the place is for the run's first table, whichever that is
        std::string current;
        const char* step = "";
        Stopwatch since;
        Stopwatch step_since;
    };

    void Run(const std::function<void(OrderEnd)>& on_end);
    OrderEnd Refresh();
    std::vector<TableOutcome> RefreshLanes();
    std::vector<TableOutcome> RefreshInLane(const RunRequest& request);
    void Enter(Lane& lane, const std::string& id, RunStep step);
    void Wait(Lane& lane, const std::string& id);
    void CheckAllowed();
    bool IsAbandoned() const;
    void Explain(TableOutcome& outcome) const;

    Operations& operations_;
    Admission& admission_;
    const OrderTask task_;

    mutable std::mutex mutex_;
    std::list<Lane> lanes_; ///< those at work
    bool abandoned_ = false;
    bool claim_lost_ = false;
    std::set<std::string> stopped_; ///< tables that took too long
    std::thread thread_;
};

} // namespace freshet
