#pragma once

#include "service/service.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace freshet {

/// How it is told that work goes on: not at all, on one line of a terminal, or by plain lines for a log.
enum class ProgressForm { None, OneLine, PlainLines };

/// Tells on standard error that something goes on, and for how long. One line is shown after a tenth of a second,
/// renewed as often, erased at destruction; as far as the engine knows, and the line is wide enough, it tells how far
/// the running statement is. Plain lines come every ten seconds. What else is written meanwhile goes through Aside().
class ProgressLine {
public:
    /// What is done, and for how long, after so many milliseconds: "refreshing 1.2 s".
    using Text = std::function<std::string(double)>;

    /// `text` and `progress` are asked in a thread of its own.
    ProgressLine(Text text, ProgressForm form, std::function<StatementProgress()> progress);
    ~ProgressLine();
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    /// Calls `write` while the line is not shown. From any thread.
    void Aside(const std::function<void()>& write);

private:
    void Show();
    void TellInLines();
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
