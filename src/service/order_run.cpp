#include "service/order_run.hpp"

#include "base/redact.hpp"
#include "service/time_limit.hpp"
#include "service/worker_monitor.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace freshet {

namespace {

Error Abandoned() {
    return {Code::RefreshAbandoned,
            "the refresh was given up, since the worker ends or another process has taken it over; nothing of it was "
            "written",
            "none is needed: the other process, or the next worker, does it"};
}

TableResult ResultOf(const TableOutcome& outcome) {
    TableResult result;
    result.id = outcome.table.id;
    result.duration = static_cast<int64_t>(outcome.duration_ms * 1000);
    result.no_data = outcome.action == "NO_DATA";
    if (outcome.error) {
        result.failure = ClassOf(*outcome.error);
    } else {
        result.data_snapshot = outcome.data_snapshot;
        result.data_timestamp = outcome.data_timestamp;
    }
    return result;
}

/// Where the run as a whole failed: for each table that was named.
std::vector<TableOutcome> AllFailed(Operations& operations, const std::vector<std::string>& ids, const Error& error,
                                    Timestamp started_at) {
    std::vector<TableOutcome> outcomes;
    auto stored = operations.Books().WithStore([](StateStore& store) { return store.ListTables(); });
    for (const auto& table : stored) {
        if (std::find(ids.begin(), ids.end(), table.id) != ids.end()) {
            TableOutcome outcome;
            outcome.table.id = table.id;
            outcome.table.name = table.name;
            outcome.started_at = started_at;
            outcome.finished_at = Now();
            outcome.error = error;
            outcomes.push_back(outcome);
        }
    }
    return outcomes;
}

void Append(std::vector<TableOutcome>& all, std::vector<TableOutcome> more) {
    all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

} // namespace

OrderRun::OrderRun(Operations& operations, Admission& admission, OrderTask task, std::function<void(OrderEnd)> on_end)
    : operations_(operations), admission_(admission), task_(std::move(task)) {
    thread_ = std::thread([this, on_end = std::move(on_end)] { Run(on_end); });
}

OrderRun::~OrderRun() {
    thread_.join();
}

std::vector<OrderRun::Current> OrderRun::Running() const {
    std::lock_guard lock(mutex_);
    std::vector<Current> running;
    for (const Lane& lane : lanes_) {
        if (!lane.current.empty()) {
            running.push_back({lane.current, lane.step, lane.step_since.Milliseconds() / 1000,
                               lane.place ? lane.since.Milliseconds() / 1000 : 0});
        }
    }
    return running;
}

void OrderRun::Abandon() {
    std::lock_guard lock(mutex_);
    abandoned_ = true;
    for (Lane& lane : lanes_) {
        if (lane.session) {
            lane.session->Interrupt();
        }
    }
}

void OrderRun::StopTable(const std::string& id) {
    std::lock_guard lock(mutex_);
    for (Lane& lane : lanes_) {
        if (lane.current == id && lane.place) {
            stopped_.insert(id);
            lane.session->Interrupt();
        }
    }
}

bool OrderRun::IsAbandoned() const {
    std::lock_guard lock(mutex_);
    return abandoned_;
}

/// A refresh that has to begin again may have been overtaken by somebody who took its claim.
void OrderRun::CheckAllowed() {
    auto held = operations_.Books().WithStore(
        [&](StateStore& store) { return store.CountClaims(task_.worker_id, task_.run_id); });
    if (held < static_cast<int64_t>(task_.order.tables.size())) {
        std::lock_guard lock(mutex_);
        abandoned_ = claim_lost_ = true;
    }
}

void OrderRun::Wait(Lane& lane, const std::string& id) {
    {
        std::lock_guard lock(mutex_);
        lane.place.reset();
        lane.current = id;
        lane.step = "WAITING";
        lane.step_since = {};
    }
    auto place = admission_.Enter(task_.alone.contains(id), [this] { return IsAbandoned(); });
    std::lock_guard lock(mutex_);
    lane.place = std::move(place);
    lane.since = {};
}

void OrderRun::Enter(Lane& lane, const std::string& id, RunStep step) {
    if (std::exchange(lane.is_new, false)) {
        std::lock_guard lock(mutex_);
        lane.current = id;
    } else if (step == RunStep::Computing && lane.current != id) {
        Wait(lane, id);
    } else if (step == RunStep::Computing) {
        CheckAllowed();
    }
    std::lock_guard lock(mutex_);
    if (abandoned_) {
        throw Abandoned();
    }
    if (stopped_.contains(id)) {                                      // the interrupt came between two statements
        throw Error(Code::RefreshTimeout, "the refresh was stopped"); // which Explain() words
    }
    lane.step = step == RunStep::Computing ? "COMPUTING" : "WRITING";
    lane.step_since = {};
}

/// A table that was stopped failed because of that, whatever the engine says of the query.
void OrderRun::Explain(TableOutcome& outcome) const {
    std::lock_guard lock(mutex_);
    if (outcome.error && !outcome.skipped && abandoned_) {
        outcome.error = Abandoned();
    } else if (outcome.error && stopped_.contains(outcome.table.id)) {
        outcome.error = StoppedByTimeout(outcome.table);
    }
}

std::vector<TableOutcome> OrderRun::RefreshInLane(const RunRequest& request) {
    Timestamp started_at = Now();
    std::list<Lane>::iterator lane;
    {
        std::lock_guard lock(mutex_);
        lane = lanes_.emplace(lanes_.end());
    }
    std::vector<TableOutcome> outcomes;
    try {
        auto session = operations_.OpenSession();
        {
            std::lock_guard lock(mutex_);
            lane->session = session;
        }
        Wait(*lane, request.ids.front()); // before the data snapshot is chosen
        outcomes = operations_.RefreshScheduled(*session, request, task_.run_id,
                                                [&](const std::string& id, RunStep step) { Enter(*lane, id, step); });
    } catch (const Error& error) {
        outcomes = AllFailed(operations_, request.ids, error, started_at);
    } catch (const std::exception& problem) {
        outcomes = AllFailed(operations_, request.ids, {Code::Defect, Redact(problem.what())}, started_at);
    }
    std::lock_guard lock(mutex_);
    lanes_.erase(lane);
    return outcomes;
}

std::vector<TableOutcome> OrderRun::RefreshLanes() {
    const Order& order = task_.order;
    if (order.lanes.size() < 2) {
        RunRequest request;
        request.ids = order.due;
        return RefreshInLane(request);
    }
    RunRequest first, rest;
    first.ids = order.shared;
    std::vector<TableOutcome> outcomes = RefreshInLane(first);
    for (const TableOutcome& outcome : outcomes) {
        if (outcome.error) {
            rest.failed.emplace(outcome.table.id, *outcome.error);
        } else if (outcome.data_snapshot != kNoSnapshot) {
            rest.at = {outcome.data_snapshot, outcome.data_timestamp};
        }
    }
    std::mutex mutex;
    size_t next = 0;
    auto work = [&] {
        while (true) {
            RunRequest request = rest;
            {
                std::lock_guard lock(mutex);
                if (next == order.lanes.size()) {
                    return;
                }
                request.ids = order.lanes[next++];
            }
            std::vector<TableOutcome> part = RefreshInLane(request);
            std::erase_if(part, [&](const TableOutcome& outcome) { // told already
                bool shared =
                    std::find(order.shared.begin(), order.shared.end(), outcome.table.id) != order.shared.end();
                return shared && (outcome.error || outcome.action == "NO_DATA");
            });
            std::lock_guard lock(mutex);
            Append(outcomes, std::move(part));
        }
    };
    std::vector<std::thread> threads;
    for (size_t count = 1; count < std::min<size_t>(order.lanes.size(), static_cast<size_t>(task_.most_lanes));
         count++) {
        threads.emplace_back(work);
    }
    work();
    for (std::thread& thread : threads) {
        thread.join();
    }
    return outcomes;
}

OrderEnd OrderRun::Refresh() {
    OrderEnd end;
    end.run_id = task_.run_id;
    end.event.number = task_.order.number;
    std::vector<TableOutcome> outcomes = RefreshLanes();
    end.claim_lost = claim_lost_;
    for (TableOutcome& outcome : outcomes) {
        Explain(outcome);
    }
    // Not tried, as far as anybody may tell.
    bool abandoned = std::any_of(outcomes.begin(), outcomes.end(), [](const TableOutcome& outcome) {
        return outcome.error && outcome.error->GetCode() == Code::RefreshAbandoned;
    });
    if (abandoned) {
        std::erase_if(outcomes, [](const TableOutcome& outcome) { return outcome.error.has_value(); });
    }
    for (const TableOutcome& outcome : outcomes) {
        end.event.results.push_back(ResultOf(outcome));
        end.observed.push_back(ObservedOf(outcome));
    }
    try {
        end.records = operations_.Books().Record(outcomes, task_.run_id, Trigger::Scheduled);
    } catch (const Error& error) {
        end.store_error = error;
        end.unrecorded = std::move(outcomes);
    }
    return end;
}

void OrderRun::Run(const std::function<void(OrderEnd)>& on_end) {
    OrderEnd end;
    try {
        end = Refresh();
        operations_.Books().WithStore([&](StateStore& store) { store.ReleaseClaims(task_.worker_id, task_.run_id); });
    } catch (const Error& error) {
        end.store_error = error;
    } catch (const std::exception& problem) {
        end.store_error = Error(Code::Defect, Redact(problem.what()));
    }
    end.run_id = task_.run_id;
    end.event.number = task_.order.number;
    on_end(std::move(end));
}

} // namespace freshet
