#pragma once

#include "lake/session.hpp"

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

namespace freshet {

/// Which refreshes of one worker may run now. They share one engine: DuckDB hands its threads to all running queries in
/// turn, and takes memory for them from one limit. So
/// * at most `slots` tables are refreshed at once, first come first served;
/// * a further one begins only while at least 1/slots of the memory limit is free: what runs alone may use all of it,
///   and spills beyond;
/// * a table whose last refresh had too little memory runs with nothing beside it.
/// Thread-safe.
class Admission {
public:
    Admission(Engine& engine, int64_t slots) : engine_(engine), slots_(slots) {}

    /// The right to refresh one table. Gives it back when it goes.
    class Place {
    public:
        Place(Admission& admission, bool alone) : admission_(&admission), alone_(alone) {}
        ~Place();
        Place(Place&& other) noexcept : admission_(std::exchange(other.admission_, nullptr)), alone_(other.alone_) {}
        Place& operator=(Place&& other) noexcept {
            std::swap(admission_, other.admission_);
            std::swap(alone_, other.alone_);
            return *this;
        }

    private:
        Admission* admission_;
        bool alone_;
    };

    /// Waits for a place. Nothing once `given_up` says so; that is asked a few times a second.
    std::optional<Place> Enter(bool alone, const std::function<bool()>& given_up);

private:
    bool MayEnter(bool alone);

    Engine& engine_;
    const int64_t slots_;
    std::mutex mutex_;
    std::condition_variable changed_;
    int64_t inside_ = 0;
    bool one_alone_ = false;
    int64_t next_ticket_ = 0;
    std::set<int64_t> waiting_; ///< tickets
};

} // namespace freshet
