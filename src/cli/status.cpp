#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/interrupt.hpp"
#include "cli/json_text.hpp"

#include <chrono>
#include <fmt/format.h>
#include <thread>

namespace freshet {

namespace {

struct StatusOptions : CommandOptions {
    bool watch = false;
    int64_t every = 2;

    void Validate() const {
        if (every < 1) {
            throw Error(Code::Usage, "--every must be at least 1 second");
        }
    }

    int Run(Invocation& invocation) const {
        Service& service = invocation.OpenService();
        Show(invocation, service.Status());
        while (watch && !WasInterrupted()) {
            Pause();
            if (!WasInterrupted()) {
                Again(invocation, service);
            }
        }
        return 0;
    }

private:
    /// Ctrl-C needn't wait for its end.
    void Pause() const {
        for (int64_t tenth = 0; tenth < every * 10 && !WasInterrupted(); tenth++) {
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
        }
    }

    static void Again(Invocation& invocation, Service& service) {
        try {
            StatusReport report = service.Status();
            if (invocation.Out().IsTerminal() && !invocation.Options().json) {
                invocation.Out().Write("\033[H\033[2J"); // the picture changes in its place
            }
            Show(invocation, report);
        } catch (const Error& error) {
            if (!WasInterrupted()) {
                throw;
            }
        }
    }

    static void Show(Invocation& invocation, const StatusReport& report) {
        Table tables = StatusTable(report.tables), workers = WorkerTable(report.workers);
        if (invocation.Options().json) {
            invocation.Out().Line(fmt::format(R"({{"tables":{},"workers":{}}})", RowsJson(tables), RowsJson(workers)));
        } else {
            invocation.PrintTable(tables);
            invocation.Out().Line("");
            if (report.workers.empty()) {
                invocation.Out().Line("no worker runs");
            } else {
                invocation.PrintTable(workers);
            }
        }
        invocation.Out().Flush();
    }
};

} // namespace

void RegisterStatus(CommandTree& tree) {
    tree.Add<StatusOptions>("status", "how the tables stand against their target lag, and who keeps them fresh",
                            [](Arguments& arguments, StatusOptions& options) {
                                arguments.Flag("--watch", options.watch, "again and again, until Ctrl-C");
                                arguments.Number("--every", options.every, "seconds between two looks");
                            });
}

} // namespace freshet
