#include "service/worker_monitor.hpp"

#include "base/caseless.hpp"
#include "schedule/failure_class.hpp"
#include "service/bookkeeping.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <map>

namespace freshet {

namespace {

/// Longer than a loop waits for a lake or store that doesn't answer.
constexpr Instant kDeadAfter = 120 * kSecond;
constexpr Instant kLateAfter = 30 * kSecond;

} // namespace

Instant SteadyNow() {
    auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

void WorkerHealth::Turned(Instant now) {
    std::lock_guard lock(mutex_);
    turned_ = now;
}

void WorkerHealth::Planned(Instant now) {
    std::lock_guard lock(mutex_);
    planned_ = now;
}

void WorkerHealth::Missed(const std::string& what) {
    std::lock_guard lock(mutex_);
    missed_.insert(what);
}

void WorkerHealth::Reached(const std::string& what) {
    std::lock_guard lock(mutex_);
    missed_.erase(what);
}

void WorkerHealth::Stopping() {
    std::lock_guard lock(mutex_);
    stopping_ = true;
}

HttpResponse WorkerHealth::Alive(Instant now) const {
    std::lock_guard lock(mutex_);
    if (turned_ < 0) {
        return {503, "the worker has not begun\n"};
    }
    if (now - turned_ > kDeadAfter) {
        return {503, fmt::format("the worker hangs since {} s\n", (now - turned_) / kSecond)};
    }
    return {200, "ok\n"};
}

std::string WorkerHealth::Trouble(Instant now) const {
    if (planned_ < 0 && missed_.empty()) {
        return "the worker has not looked at the lake yet";
    }
    if (!missed_.empty()) {
        return *missed_.begin() + " can't be reached";
    }
    if (now - planned_ > kLateAfter) {
        return fmt::format("the worker has last looked at the lake {} s ago", (now - planned_) / kSecond);
    }
    return "";
}

HttpResponse WorkerHealth::Ready(Instant now) const {
    std::lock_guard lock(mutex_);
    std::string trouble = stopping_ ? "the worker is stopping" : Trouble(now);
    return trouble.empty() ? HttpResponse{200, "ok\n"} : HttpResponse{503, trouble + "\n"};
}

bool WorkerHealth::Good(Instant now) const {
    std::lock_guard lock(mutex_);
    return stopping_ || Trouble(now).empty();
}

const HttpAddress& WorkerMonitor::Listen(const HttpAddress& address) {
    std::map<std::string, HttpServer::Page> pages;
    pages["/metrics"] = [this] {
        Instant now = SteadyNow();
        return HttpResponse{200, metrics_.Text(now, health_.Good(now)), WorkerMetrics::ContentType()};
    };
    pages["/healthz"] = [this] { return health_.Alive(SteadyNow()); };
    pages["/readyz"] = [this] { return health_.Ready(SteadyNow()); };
    server_ = std::make_unique<HttpServer>(address, pages);
    return server_->Address();
}

ObservedTable ObservedOf(const DynamicTable& table, const TableView& view, std::optional<int64_t> lag_seconds,
                         Instant now) {
    ObservedTable observed{table.name.Text(), {}, {}};
    if (view.data_snapshot != kNoSnapshot) {
        observed.data_at = now - view.age;
    }
    if (table.suspended == Suspension::None || table.suspended == Suspension::ByFailures) {
        observed.target_seconds = lag_seconds;
    }
    return observed;
}

ObservedRefresh ObservedOf(const TableOutcome& outcome) {
    ObservedRefresh observed;
    observed.table = outcome.table.name.Text();
    RefreshStatus status = StatusOf(outcome);
    observed.status = Lower(Text(status));
    if (outcome.error) {
        observed.error_type = Text(ClassOf(*outcome.error));
    }
    if (status == RefreshStatus::Failed) {
        observed.seconds =
            static_cast<double>(std::max<int64_t>(outcome.finished_at - outcome.started_at, 0)) / kSecond;
    }
    if (status == RefreshStatus::Succeeded) {
        observed.seconds = outcome.duration_ms / 1000;
    }
    if (status == RefreshStatus::Succeeded && outcome.action != "NO_DATA") {
        observed.rows_changed = outcome.rows_inserted + outcome.rows_deleted;
        observed.affected_keys = outcome.extent.affected_keys;
        observed.cardinality_ratio = outcome.extent.CardinalityRatio();
        observed.dedup_ratio = outcome.extent.DedupRatio();
    }
    return observed;
}

} // namespace freshet
