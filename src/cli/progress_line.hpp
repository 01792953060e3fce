#pragma once

#include "service/service.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace freshet {

/// A line on a terminal's standard error that tells that something goes on, and for how long: shown after a tenth of a
/// second, renewed as often, erased at destruction. As far as the engine knows it tells how far the running statement
/// is, and as far as the line is wide enough. What else is written to the terminal meanwhile goes through Aside().
class ProgressLine {
public:
    /// What is done, and for how long, after so many milliseconds: "refreshing 1.2 s".
    using Text = std::function<std::string(double)>;

    /// Not `enabled`: nothing is shown. `text` and `progress` are asked in a thread of its own.
    ProgressLine(Text text, bool enabled, std::function<StatementProgress()> progress);
    ~ProgressLine();
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    /// Calls `write` while the line is not shown. From any thread.
    void Aside(const std::function<void()>& write);

private:
    void Show();
    void Draw(const std::string& line, const std::string& more);
    void Erase();

    Text text_;
    std::function<StatementProgress()> progress_;
    std::mutex mutex_;
    std::condition_variable ended_;
    bool end_ = false;
    bool shown_ = false;
    std::thread thread_;
};

} // namespace freshet
