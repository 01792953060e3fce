#include "service/time_limit.hpp"

#include "base/duration.hpp"

#include <fmt/format.h>

namespace freshet {

Error StoppedByTimeout(const DynamicTable& table) {
    return {Code::RefreshTimeout,
            fmt::format("the refresh was stopped after {}", DurationText(table.options.TimeoutSeconds())),
            "raise the table's TIMEOUT"};
}

TimeLimit::TimeLimit(Session& session, const Registry& registry) : session_(session), registry_(registry) {
    thread_ = std::thread([this] { Watch(); });
}

TimeLimit::~TimeLimit() {
    {
        std::lock_guard lock(mutex_);
        ends_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void TimeLimit::Begin(const std::string& id) {
    std::lock_guard lock(mutex_);
    const DynamicTable* table = registry_.FindById(id);
    if (table != nullptr && stopped_.contains(id)) {
        throw StoppedByTimeout(*table);
    }
    if (id != current_ && table != nullptr) {
        current_ = id;
        deadline_ = Clock::now() + std::chrono::seconds(table->options.TimeoutSeconds());
        changed_.notify_all();
    }
}

void TimeLimit::Explain(TableOutcome& outcome) {
    std::lock_guard lock(mutex_);
    if (outcome.error && stopped_.contains(outcome.table.id)) {
        outcome.error = StoppedByTimeout(outcome.table);
    }
}

void TimeLimit::Watch() {
    std::unique_lock lock(mutex_);
    while (!ends_) {
        if (!deadline_) {
            changed_.wait(lock);
        } else if (Clock::now() < *deadline_) {
            auto until = *deadline_; // the one waited for changes meanwhile
            changed_.wait_until(lock, until);
        } else {
            stopped_.insert(current_);
            deadline_.reset();
            session_.Interrupt();
        }
    }
}

} // namespace freshet
