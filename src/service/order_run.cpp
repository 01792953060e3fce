#include "service/order_run.hpp"

#include "base/duration.hpp"
#include "base/redact.hpp"
#include "service/worker_monitor.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace freshet {

namespace {

Error Abandoned() {
    return {Code::RefreshAbandoned, "the worker ends: the refresh was stopped, and nothing of it was written",
            "the next worker, or a refresh by hand, does it"};
}

TableResult ResultOf(const TableOutcome& outcome) {
    TableResult result;
    result.id = outcome.table.id;
    result.duration = static_cast<int64_t>(outcome.duration_ms * 1000);
    if (outcome.error) {
        result.failure = ClassOf(*outcome.error);
    } else {
        result.data_snapshot = outcome.data_snapshot;
        result.data_timestamp = outcome.data_timestamp;
    }
    return result;
}

/// Where the run as a whole failed: for each table that was named.
std::vector<TableOutcome> AllFailed(Operations& operations, const Order& order, const Error& error,
                                    Timestamp started_at) {
    std::vector<TableOutcome> outcomes;
    auto stored = operations.Books().WithStore([](StateStore& store) { return store.ListTables(); });
    for (const auto& table : stored) {
        if (std::find(order.due.begin(), order.due.end(), table.id) != order.due.end()) {
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

} // namespace

OrderRun::OrderRun(Operations& operations, const std::string& worker_id, const std::string& run_id, const Order& order,
                   std::function<void(OrderEnd)> on_end)
    : operations_(operations), worker_id_(worker_id), run_id_(run_id), order_(order) {
    thread_ = std::thread([this, on_end = std::move(on_end)] { Run(on_end); });
}

OrderRun::~OrderRun() {
    thread_.join();
}

std::optional<OrderRun::Current> OrderRun::Now() const {
    std::lock_guard lock(mutex_);
    if (current_.empty()) {
        return {};
    }
    return Current{current_, since_.Milliseconds() / 1000};
}

void OrderRun::Abandon() {
    std::lock_guard lock(mutex_);
    abandoned_ = true;
    if (session_) {
        session_->Interrupt();
    }
}

void OrderRun::StopTable(const std::string& id) {
    std::lock_guard lock(mutex_);
    if (current_ == id && session_) {
        stopped_.insert(id);
        session_->Interrupt();
    }
}

void OrderRun::Begin(const std::string& id) {
    std::lock_guard lock(mutex_);
    if (abandoned_) {
        throw Abandoned();
    }
    current_ = id;
    since_ = {};
}

/// A table that was stopped failed because of that, whatever the engine says of the query.
void OrderRun::Explain(TableOutcome& outcome) const {
    std::lock_guard lock(mutex_);
    if (outcome.error && !outcome.skipped && abandoned_) {
        outcome.error = Abandoned();
    } else if (outcome.error && stopped_.count(outcome.table.id) > 0) {
        outcome.error =
            Error(Code::RefreshTimeout,
                  fmt::format("the refresh was stopped after {}", DurationText(outcome.table.options.TimeoutSeconds())),
                  "raise the table's TIMEOUT");
    }
}

OrderEnd OrderRun::Refresh() {
    OrderEnd end;
    end.run_id = run_id_;
    end.event.number = order_.number;
    Timestamp started_at = freshet::Now();
    std::vector<TableOutcome> outcomes;
    try {
        auto session = operations_.OpenSession();
        {
            std::lock_guard lock(mutex_);
            session_ = session;
        }
        outcomes =
            operations_.RefreshScheduled(*session, order_.due, run_id_, [this](const std::string& id) { Begin(id); });
    } catch (const Error& error) {
        outcomes = AllFailed(operations_, order_, error, started_at);
    } catch (const std::exception& problem) {
        outcomes = AllFailed(operations_, order_, {Code::Defect, Redact(problem.what())}, started_at);
    }
    {
        std::lock_guard lock(mutex_);
        current_.clear();
        session_.reset();
    }
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
        end.records = operations_.Books().Record(outcomes, run_id_, Trigger::Scheduled);
    } catch (const Error& error) {
        end.store_error = error;
    }
    return end;
}

void OrderRun::Run(const std::function<void(OrderEnd)>& on_end) {
    OrderEnd end;
    try {
        end = Refresh();
        operations_.Books().WithStore([&](StateStore& store) { store.ReleaseClaims(worker_id_, run_id_); });
    } catch (const Error& error) {
        end.store_error = error;
    } catch (const std::exception& problem) {
        end.store_error = Error(Code::Defect, Redact(problem.what()));
    }
    end.run_id = run_id_;
    end.event.number = order_.number;
    on_end(std::move(end));
}

} // namespace freshet
