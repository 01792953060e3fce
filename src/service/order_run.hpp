#pragma once

#include "observe/worker_metrics.hpp"
#include "schedule/scheduler.hpp"
#include "service/operations.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
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
    std::optional<Error> store_error;      ///< the history couldn't be written; the lake is right all the same
};

/// An order of the scheduler that is carried out, in a thread of its own, in a warm session. Its claims have been taken
/// for run_id; they are released when it ends.
class OrderRun {
public:
    /// `on_end` is called last in that thread.
    OrderRun(Operations& operations, const std::string& worker_id, const std::string& run_id, const Order& order,
             std::function<void(OrderEnd)> on_end);
    /// Waits for the thread.
    ~OrderRun();
    OrderRun(const OrderRun&) = delete;
    OrderRun& operator=(const OrderRun&) = delete;

    const Order& TheOrder() const { return order_; }
    const std::string& RunId() const { return run_id_; }

    /// The table that is being refreshed, and for how many seconds.
    struct Current {
        std::string id;
        double seconds = 0;
    };
    std::optional<Current> Now() const;

    /// Stops what runs before its commit, and begins nothing further. An engine may miss one call: repeat it until the
    /// order has ended.
    void Abandon();
    /// The same for one table, if that is being refreshed: it has taken too long. The others go on.
    void StopTable(const std::string& id);

private:
    void Run(const std::function<void(OrderEnd)>& on_end);
    OrderEnd Refresh();
    void Begin(const std::string& id);
    void Explain(TableOutcome& outcome) const;

    Operations& operations_;
    std::string worker_id_;
    std::string run_id_;
    Order order_;

    mutable std::mutex mutex_;
    std::shared_ptr<Session> session_;
    std::string current_;
    Stopwatch since_;
    bool abandoned_ = false;
    std::set<std::string> stopped_; ///< tables that took too long
    std::thread thread_;
};

} // namespace freshet
