#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/json_text.hpp"
#include "service/demo_flights.hpp"
#include "service/demo_run.hpp"
#include "service/demo_tpch.hpp"

#include <filesystem>
#include <fmt/format.h>

namespace freshet {

namespace {

/// Prints each round as it ends; progress goes to standard error.
class Reporter : public DemoObserver {
public:
    explicit Reporter(Invocation& invocation) : invocation_(invocation) {}

    void Begins(const std::string& what) override {
        if (invocation_.Options().verbose) {
            invocation_.Note(what);
        }
    }

    void Notes(const std::string& text) override { invocation_.Warn(text); }

    void Ends(const DemoRound& round) override {
        for (const auto& line : round.lines) {
            if (line.refresh.error) {
                invocation_.Report(*line.refresh.error);
            }
            if (line.verification.error) {
                invocation_.Report(*line.verification.error);
            }
        }
        if (invocation_.Options().json) {
            return;
        }
        invocation_.Out().Line(fmt::format("\nround {}: {}", round.number, round.title));
        Table table;
        for (const char* name :
             {"table", "action", "strategy", "in", "out", "refresh ms", "recompute ms", "equal", "reason"}) {
            bool number = std::string(name) == "in" || std::string(name) == "out";
            table.columns.push_back({name, number ? "BIGINT" : "VARCHAR"});
        }
        for (const auto& line : round.lines) {
            const auto& entry = line.refresh;
            table.rows.push_back({entry.table.Text(), entry.error ? "FAILED" : entry.action, entry.strategy,
                                  entry.rows_inserted, entry.rows_deleted, fmt::format("{:.0f}", entry.duration_ms),
                                  line.recompute_ms ? fmt::format("{:.0f}", *line.recompute_ms) : std::string("-"),
                                  std::string(line.Good() ? "yes" : "NO"), entry.reason});
        }
        invocation_.PrintTable(table);
        invocation_.Out().Flush();
    }

private:
    Invocation& invocation_;
};

constexpr double kMaxScale = 100;
constexpr int64_t kMaxRounds = 100;

struct DemoOptions : CommandOptions {
    std::string subject = "tpch";
    double scale = 1;
    int64_t rounds = 4;
    std::string mode = "auto";
    std::string catalog = "sqlite";
    std::optional<std::string> data;
    std::optional<std::string> keep;

    void Validate() const {
        bool known = catalog == "sqlite" || catalog == "duckdb" || catalog.rfind("postgres:", 0) == 0;
        if (!known) {
            throw Error(Code::Usage, "unknown catalog " + catalog,
                        "sqlite, duckdb or postgres:<libpq connection string>");
        }
        if (!(scale > 0 && scale <= kMaxScale) || rounds < 0 || rounds > kMaxRounds) {
            throw Error(
                Code::Usage,
                fmt::format("--scale must be above 0 and at most {}, --rounds at most {}", kMaxScale, kMaxRounds),
                "--scale 0.1 --rounds 4");
        }
        if (subject == "flights") {
            ValidateData();
        } else if (data) {
            throw Error(Code::Usage, "--data is for demo flights", "freshet demo flights --data DIR");
        }
    }

    void ValidateData() const {
        if (!data) {
            throw Error(Code::Usage, "demo flights needs --data DIR", "the folder with the OpenFlights files");
        }
        for (const char* file : FlightsDemo::kFiles) {
            if (!std::filesystem::is_regular_file(std::filesystem::path(*data) / file)) {
                throw Error(Code::FileUnreadable, fmt::format("there is no {} in {}", file, *data),
                            "--data names the folder with the OpenFlights files");
            }
        }
    }

    int Run(Invocation& invocation) const {
        auto demo = MakeSubject();
        DemoLakeOptions options;
        options.catalog = catalog;
        options.extensions = demo->Extensions();
        if (keep) {
            options.keep = *keep;
        }
        DemoLake lake(options);
        Reporter reporter(invocation);
        DemoReport report = RunDemo(*demo, lake, {rounds, mode}, reporter);
        if (invocation.Options().json) {
            invocation.Out().Line(DemoJson(report));
        } else {
            invocation.Out().Line(fmt::format("\n{}; peak memory {:.0f} MB",
                                              report.Good() ? "every table equals its query after every round"
                                                            : "SOME TABLES DIFFER OR FAILED",
                                              report.peak_memory_mb));
        }
        return report.Good() ? 0 : 1;
    }

private:
    std::unique_ptr<DemoSubject> MakeSubject() const {
        if (subject == "flights") {
            return std::make_unique<FlightsDemo>(std::filesystem::absolute(*data), rounds + 1);
        }
        return std::make_unique<TpchDemo>(scale);
    }
};

} // namespace

void RegisterDemo(CommandTree& tree) {
    tree.Add<DemoOptions>(
        "demo", "the main job on generated or real data, with a report",
        [](Arguments& arguments, DemoOptions& options) {
            arguments.Choice("WHAT", options.subject, {"tpch", "flights"}, "which data");
            arguments.Real("--scale", options.scale, "TPC-H scale factor");
            arguments.Number("--rounds", options.rounds, "rounds of changes");
            arguments.Choice("--mode", options.mode, {"auto", "incremental", "full"}, "REFRESH_MODE of the tables");
            arguments.Default("--catalog", options.catalog, "sqlite, duckdb or postgres:<libpq connection string>");
            arguments.Text("--data", options.data, "folder with the OpenFlights files");
            arguments.Text("--keep", options.keep, "folder in which the lake stays afterwards");
        });
}

} // namespace freshet
