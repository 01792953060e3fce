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
/// is, and as far as the line is wide enough. Nothing else may be written to the terminal meanwhile.
class ProgressLine {
public:
    /// `what` is done: "refreshing". Not `enabled`: nothing is shown. `progress` is asked in a thread of its own.
    ProgressLine(std::string what, bool enabled, std::function<StatementProgress()> progress);
    ~ProgressLine();
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

private:
    void Show();

    std::string what_;
    std::function<StatementProgress()> progress_;
    std::mutex mutex_;
    std::condition_variable ended_;
    bool end_ = false;
    std::thread thread_;
};

} // namespace freshet
