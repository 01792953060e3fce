#include "cli/progress_line.hpp"

#include "base/clock.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace freshet {

namespace {

constexpr const char* kEraseLine = "\r\033[K";

void Write(const std::string& text) {
    std::fputs(text.c_str(), stderr);
    std::fflush(stderr);
}

/// A line that would wrap can't be erased.
bool Fits(size_t columns) {
    winsize size{};
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || columns < size.ws_col;
}

} // namespace

ProgressLine::ProgressLine(std::string what, bool enabled) : what_(std::move(what)) {
    if (!enabled) {
        return;
    }
    sigset_t all, before; // signals are for the threads of the work
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] { Show(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

ProgressLine::~ProgressLine() {
    if (!thread_.joinable()) {
        return;
    }
    {
        std::lock_guard lock(mutex_);
        end_ = true;
    }
    ended_.notify_one();
    thread_.join();
}

void ProgressLine::Show() {
    constexpr std::array kSigns = {"|", "/", "-", "\\"};
    constexpr auto kPause = std::chrono::milliseconds(90);
    Stopwatch watch;
    bool shown = false;
    std::unique_lock lock(mutex_);
    for (size_t turn = 0; !ended_.wait_for(lock, kPause, [&] { return end_; }); turn++) {
        std::string line =
            fmt::format("{} {} {:.1f} s", kSigns[turn % kSigns.size()], what_, watch.Milliseconds() / 1000);
        if (Fits(line.size())) {
            Write(kEraseLine + line);
            shown = true;
        }
    }
    if (shown) {
        Write(kEraseLine);
    }
}

} // namespace freshet
