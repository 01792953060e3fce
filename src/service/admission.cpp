#include "service/admission.hpp"

#include <chrono>

namespace freshet {

namespace {

constexpr auto kLookEvery = std::chrono::milliseconds(50);

} // namespace

Admission::Place::~Place() {
    if (admission_ != nullptr) {
        std::lock_guard lock(admission_->mutex_);
        admission_->inside_--;
        admission_->one_alone_ = admission_->one_alone_ && !alone_;
        admission_->changed_.notify_all();
    }
}

bool Admission::MayEnter(bool alone) {
    if (inside_ == 0) {
        return true;
    }
    if (alone || one_alone_ || inside_ >= slots_) {
        return false;
    }
    MemoryUse memory = engine_.ReadMemoryUse();
    return memory.limit - memory.used >= memory.limit / slots_;
}

std::optional<Admission::Place> Admission::Enter(bool alone, const std::function<bool()>& given_up) {
    std::unique_lock lock(mutex_);
    int64_t ticket = next_ticket_++;
    waiting_.insert(ticket);
    while (*waiting_.begin() != ticket || !MayEnter(alone)) {
        changed_.wait_for(lock, kLookEvery); // memory becomes free without a word
        lock.unlock();
        bool enough = given_up();
        lock.lock();
        if (enough) {
            waiting_.erase(ticket);
            changed_.notify_all();
            return {};
        }
    }
    waiting_.erase(ticket);
    inside_++;
    one_alone_ = alone;
    changed_.notify_all();
    return std::optional<Place>(std::in_place, *this, alone);
}

} // namespace freshet
