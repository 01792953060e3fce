#include "base/duration.hpp"
#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/interrupt.hpp"

#include <csignal>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace freshet {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kUsualAddress = "127.0.0.1:9464";

Json ToJson(const Value& value) {
    return std::visit(
        [](const auto& content) -> Json {
            if constexpr (std::is_same_v<std::decay_t<decltype(content)>, std::monostate>) {
                return nullptr;
            } else {
                return content;
            }
        },
        value);
}

std::string JsonLine(const WorkerLine& line) {
    Json object = {
        {"at", TimestampText(line.at)}, {"level", line.level}, {"event", line.event}, {"message", line.text}};
    for (const auto& [name, value] : line.fields) {
        object[name] = ToJson(value);
    }
    return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

int64_t Span(const std::string& option, const std::string& text, bool may_be_zero) {
    auto seconds = ParseDuration(text);
    if (!seconds && may_be_zero && text.starts_with("0 ") && ParseDuration("1" + text.substr(1))) {
        return 0;
    }
    if (!seconds) {
        throw Error(Code::Usage, fmt::format("{} can't be \"{}\"", option, text), "for example '30 seconds'");
    }
    return *seconds;
}

struct WorkerCommand : CommandOptions {
    WorkerOptions worker;
    std::optional<std::string> id;
    std::string grace = "30 seconds";
    std::string heartbeat = "30 seconds";
    std::string expiry = "5 minutes";
    std::string retry_after = "2 seconds";
    std::optional<std::string> listen;

    void Complete(Invocation&) {
        worker.id = id.value_or("");
        worker.grace_seconds = Span("--grace", grace, true);
        worker.heartbeat_seconds = Span("--heartbeat", heartbeat, false);
        worker.expiry_seconds = Span("--expiry", expiry, false);
        worker.first_pause_seconds = Span("--retry-after", retry_after, false);
        CompleteListen();
    }

    void Validate() const {
        if (worker.parallel < 1) {
            throw Error(Code::Usage, "--parallel must be at least 1");
        }
        if (worker.once && worker.drain) {
            throw Error(Code::Usage, "both --once and --drain are given");
        }
        if (worker.expiry_seconds < 2 * worker.heartbeat_seconds) {
            throw Error(Code::Usage, "--expiry must be at least twice --heartbeat",
                        "else a worker that lives would be taken for dead");
        }
        if (id && id->empty()) {
            throw Error(Code::Usage, "--id is empty");
        }
    }

    int Run(Invocation& invocation) const {
        OnInterrupt([] { _exit(0); }); // it has begun nothing: connecting may take long
        WatchInterrupts({SIGINT, SIGTERM});
        auto log = [&](const WorkerLine& line) { Show(invocation, line); };
        std::unique_ptr<Worker> running = invocation.OpenService().NewWorker(worker, log);
        OnInterrupt([&] { running->Stop(); });
        if (WasInterrupted()) { // a moment ago
            running->Stop();
        }
        WorkerReport report;
        try {
            report = running->Run();
        } catch (...) {
            IgnoreInterrupts(); // the worker goes away
            throw;
        }
        IgnoreInterrupts();
        bool to_an_end = worker.once || worker.drain;
        return to_an_end && report.left_failing > 0 ? 1 : 0;
    }

private:
    /// What runs for a moment is not worth a port; several workers of one machine can't share the usual one.
    void CompleteListen() {
        bool passing = worker.once || worker.drain;
        std::string wanted = listen.value_or(passing ? "off" : kUsualAddress);
        worker.must_listen = listen.has_value();
        if (wanted != "off") {
            worker.listen = ParseHttpAddress(wanted);
            if (!worker.listen) {
                throw Error(Code::Usage, fmt::format("--listen can't be \"{}\"", wanted),
                            "HOST:PORT, a port of the loopback interface, or off");
            }
        }
    }

    static void Show(Invocation& invocation, const WorkerLine& line) {
        if (invocation.Options().json) {
            invocation.Out().Line(JsonLine(line));
        } else if (!invocation.Options().quiet || line.level != "info") {
            invocation.Out().Line(
                fmt::format("{}  {:<7}  {}", TimestampText(line.at).substr(0, 23), line.level, line.text));
        }
        invocation.Out().Flush();
    }
};

} // namespace

void RegisterWorker(CommandTree& tree) {
    tree.Add<WorkerCommand>(
        "worker", "keep all dynamic tables within their target lag until stopped",
        [](Arguments& arguments, WorkerCommand& options) {
            arguments.Number("--parallel", options.worker.parallel, "refreshes at once");
            arguments.Flag("--once", options.worker.once, "try what is due once, then end");
            arguments.Flag("--drain", options.worker.drain, "take in everything that has changed by now, then end");
            arguments.Default("--grace", options.grace, "how long running refreshes may go on after SIGTERM or Ctrl-C");
            arguments.Text(
                "--listen", options.listen,
                "HOST:PORT of /metrics, /healthz and /readyz, a port alone is of the loopback interface; off; "
                "default: 127.0.0.1:9464 if it is free");
            arguments.Text("--id", options.id, "name of this worker; default: one is made up");
            arguments.Default("--heartbeat", options.heartbeat, "time between two signs of life");
            arguments.Default("--expiry", options.expiry, "without a sign of life for so long, others take over");
            arguments.Default("--retry-after", options.retry_after,
                              "pause after a failed refresh; doubles with each further one");
        });
}

} // namespace freshet
