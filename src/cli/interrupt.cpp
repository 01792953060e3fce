#include "cli/interrupt.hpp"

#include <atomic>
#include <csignal>
#include <mutex>
#include <thread>
#include <unistd.h>
#include <utility>

namespace freshet {

namespace {

constexpr int kExitInterrupted = 130;

/// Never destroyed: the waiting thread outlives main().
struct Watch {
    std::mutex mutex;
    std::function<void()> action;
    bool ignored = false;
    std::atomic<bool> interrupted = false;
};

Watch& TheWatch() {
    static auto* watch = new Watch;
    return *watch;
}

/// Supervisors send SIGTERM to a process and then to its group: only Ctrl-C means more the second time.
void HandleInterrupt(int signal) {
    Watch& watch = TheWatch();
    std::lock_guard lock(watch.mutex);
    bool again = watch.interrupted.exchange(true);
    if ((!watch.action && !watch.ignored) || (again && signal == SIGINT)) {
        EndInterrupted();
    }
    if (!again && !watch.ignored) {
        watch.action();
    }
}

void WaitForInterrupts(sigset_t signals) {
    for (int signal = 0; sigwait(&signals, &signal) == 0;) {
        HandleInterrupt(signal);
    }
}

} // namespace

void WatchInterrupts(std::initializer_list<int> wanted) {
    static std::once_flag once;
    std::call_once(once, [&] {
        TheWatch();
        sigset_t signals;
        sigemptyset(&signals);
        for (int signal : wanted) {
            sigaddset(&signals, signal);
        }
        pthread_sigmask(SIG_BLOCK, &signals, nullptr);
        std::thread(WaitForInterrupts, signals).detach();
    });
}

void OnInterrupt(std::function<void()> action) {
    std::lock_guard lock(TheWatch().mutex);
    TheWatch().action = std::move(action);
}

void IgnoreInterrupts() {
    std::lock_guard lock(TheWatch().mutex);
    TheWatch().ignored = true;
}

void EndInterrupted() {
    _exit(kExitInterrupted);
}

RepeatedInterrupts::RepeatedInterrupts(std::function<void()> action) {
    std::lock_guard lock(TheWatch().mutex);
    before_ = std::exchange(TheWatch().action, [action = std::move(action)] {
        action();
        ForgetInterrupt(); // the next one is a first one again
    });
}

RepeatedInterrupts::~RepeatedInterrupts() {
    OnInterrupt(std::move(before_));
}

bool WasInterrupted() {
    return TheWatch().interrupted;
}

void ForgetInterrupt() {
    TheWatch().interrupted = false;
}

} // namespace freshet
