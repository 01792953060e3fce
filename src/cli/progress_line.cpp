#include "cli/progress_line.hpp"

#include "base/clock.hpp"
#include "cli/table_text.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fmt/format.h>
#include <fstream>
#include <sys/ioctl.h>
#include <unistd.h>

namespace freshet {

namespace {

constexpr const char* kEraseLine = "\r\033[K";

void Write(const std::string& text) {
    std::fputs(text.c_str(), stderr);
    std::fflush(stderr);
}

/// 1.2 million
std::string Count(int64_t rows) {
    constexpr double kThousand = 1e3, kMillion = 1e6;
    auto value = static_cast<double>(rows);
    return value < kThousand  ? std::to_string(rows)
           : value < kMillion ? fmt::format("{:.0f} thousand", value / kThousand)
                              : fmt::format("{:.1f} million", value / kMillion);
}

/// Bytes that the process has read so far, from files and sockets; 0 where the system doesn't tell.
int64_t BytesRead() {
    std::ifstream counters("/proc/self/io");
    std::string name;
    int64_t bytes = 0;
    counters >> name >> bytes;
    return name == "rchar:" ? bytes : 0;
}

/// How far a statement is, and how long it may still take at the pace of its beginning.
class Outlook {
public:
    std::string Text(const StatementProgress& progress, double now_ms) {
        constexpr double kLeastPercent = 3, kLeastTime = 500; // before these an estimate means nothing
        constexpr double kMegabyte = 1e6, kSecond = 1e3, kAll = 100;
        constexpr double kAsGoodAsAll = 99.5; // what was read is worked on
        std::string text;
        if (progress.percent < percent_) { // another statement
            began_ms_ = now_ms;
        }
        percent_ = progress.percent;
        if (percent_ > 0 && percent_ < kAsGoodAsAll) {
            text = fmt::format(", {:.0f} %", percent_);
            text += progress.all_rows > 0 ? fmt::format(" of {} rows", Count(progress.all_rows)) : "";
            double taken = now_ms - began_ms_;
            if (percent_ >= kLeastPercent && taken >= kLeastTime) {
                text += fmt::format(", {:.0f} s left", taken * (kAll - percent_) / percent_ / kSecond);
            }
        }
        auto read = static_cast<double>(BytesRead() - read_before_);
        return text + (read >= kMegabyte ? fmt::format(", {:.0f} MB read", read / kMegabyte) : "");
    }

private:
    double percent_ = -1;
    double began_ms_ = 0;
    int64_t read_before_ = BytesRead();
};

/// A line that would wrap can't be erased.
bool Fits(size_t columns) {
    winsize size{};
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || columns < size.ws_col;
}

} // namespace

ProgressLine::ProgressLine(Text text, ProgressForm form, std::function<StatementProgress()> progress)
    : text_(std::move(text)), progress_(std::move(progress)) {
    if (form == ProgressForm::None) {
        return;
    }
    sigset_t all, before; // signals are for the threads of the work
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this, form] { form == ProgressForm::OneLine ? Show() : TellInLines(); });
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

void ProgressLine::Aside(const std::function<void()>& write) {
    std::lock_guard lock(mutex_);
    Erase();
    write();
}

void ProgressLine::Show() {
    constexpr std::array kSigns = {"|", "/", "-", "\\"};
    constexpr auto kPause = std::chrono::milliseconds(90);
    Stopwatch watch;
    Outlook outlook;
    std::unique_lock lock(mutex_);
    for (size_t turn = 0; !ended_.wait_for(lock, kPause, [&] { return end_; }); turn++) {
        double now = watch.Milliseconds();
        Draw(fmt::format("{} {}", kSigns[turn % kSigns.size()], text_(now)), outlook.Text(progress_(), now));
    }
    Erase();
}

void ProgressLine::TellInLines() {
    constexpr auto kPause = std::chrono::seconds(10);
    Stopwatch watch;
    Outlook outlook;
    std::unique_lock lock(mutex_);
    while (!ended_.wait_for(lock, kPause, [&] { return end_; })) {
        double now = watch.Milliseconds();
        Write(text_(now) + outlook.Text(progress_(), now) + "\n");
    }
}

void ProgressLine::Draw(const std::string& line, const std::string& more) {
    if (Fits(DisplayWidth(line))) {
        Write(kEraseLine + line + (Fits(DisplayWidth(line + more)) ? more : ""));
        shown_ = true;
    }
}

void ProgressLine::Erase() {
    if (shown_) {
        Write(kEraseLine);
        shown_ = false;
    }
}

} // namespace freshet
