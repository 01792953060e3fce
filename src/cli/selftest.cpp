#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/interrupt.hpp"
#include "cli/selftest_text.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace freshet {

namespace {

constexpr int64_t kDefaultCases = 20;

/// Says on a terminal how far it is; failures and, with --verbose, cases everywhere.
class SelftestProgress : public selftest::Observer {
public:
    explicit SelftestProgress(Invocation& invocation) : invocation_(invocation) {}

    void Begins(int64_t number, std::optional<int64_t> planned) override {
        if (isatty(STDERR_FILENO) != 0 || invocation_.Options().verbose) {
            invocation_.Note(planned ? fmt::format("case {} ({} planned)", number, *planned)
                                     : fmt::format("case {}", number));
        }
    }

    void Ends(int64_t number, const selftest::CaseOutcome& outcome) override {
        if (!invocation_.Options().verbose) {
            return;
        }
        for (const auto& [name, table] : outcome.tables) {
            invocation_.Note(table.created ? fmt::format("  {}.{}: {} by change, {} in full, {} compared", number, name,
                                                         table.by_change, table.in_full, table.compared)
                                           : fmt::format("  {}.{} can't be run: {}", number, name, table.skipped));
        }
    }

    void Shrinks(int64_t number, const selftest::Failure& failure) override {
        invocation_.Warn(
            fmt::format("case {}: {}: {}; making its script smaller", number, failure.table, failure.problem));
    }

    bool GoOn() override { return !WasInterrupted(); }

private:
    Invocation& invocation_;
};

struct SelftestOptions : CommandOptions {
    int64_t cases = kDefaultCases;
    int64_t seed = 1;
    std::optional<std::string> only;
    std::optional<std::string> minutes;
    std::optional<std::string> keep;

    void Validate() const {
        if (only && minutes) {
            throw Error(Code::Usage, "both --case and --minutes are given", "use one of them");
        }
        MakePlan();
    }

    int Run(Invocation& invocation) const {
        selftest::Plan plan = MakePlan();
        WatchInterrupts(); // before the engine starts threads: they inherit the blocked signal
        OnInterrupt([] {});
        SelftestProgress progress(invocation);
        selftest::Report report = selftest::RunSelftest(plan, progress);
        std::vector<std::string> files = KeepScripts(report);
        if (invocation.Options().json) {
            invocation.Out().Line(SelftestJson(report));
        } else {
            Show(invocation, report, files);
        }
        return report.Good() && report.complete ? 0 : 1;
    }

private:
    selftest::Plan MakePlan() const {
        selftest::Plan plan;
        plan.seed = static_cast<uint64_t>(seed);
        plan.cases = cases;
        plan.only = only ? std::optional(Positive<int64_t>("--case", *only)) : std::nullopt;
        plan.minutes = minutes ? std::optional(Positive<double>("--minutes", *minutes)) : std::nullopt;
        return plan;
    }

    template <class Number>
    static Number Positive(const std::string& name, const std::string& text) {
        std::istringstream stream(text);
        Number number{};
        if (!(stream >> number) || !stream.eof() || !(number > 0)) {
            throw Error(Code::Usage, fmt::format("{} takes a number above zero, not \"{}\"", name, text),
                        "freshet selftest --help");
        }
        return number;
    }

    /// One file per failure; their names.
    std::vector<std::string> KeepScripts(const selftest::Report& report) const {
        std::vector<std::string> files;
        for (const auto& failed : report.failures) {
            if (!keep) {
                break;
            }
            std::error_code problem;
            std::filesystem::create_directories(*keep, problem);
            auto file = std::filesystem::path(*keep) / fmt::format("selftest_{}_{}.sql", report.seed, failed.number);
            std::ofstream stream(file);
            stream << selftest::ScriptText(failed.shrunk, selftest::RepeatCommand(report.seed, failed.number));
            stream.close();
            if (!stream) {
                throw Error(Code::FileUnreadable, fmt::format("{} can't be written", file.string()));
            }
            files.push_back(file.string());
        }
        return files;
    }

    static void Show(Invocation& invocation, const selftest::Report& report, const std::vector<std::string>& files) {
        Output& out = invocation.Out();
        invocation.PrintTable(SelftestFeatures(report));
        if (!report.refusals.empty()) {
            invocation.PrintTable(SelftestRefusals(report));
        }
        for (const auto& line : SelftestLines(report)) {
            out.Line(line);
        }
        for (size_t i = 0; i < report.failures.size(); i++) {
            const auto& failed = report.failures[i];
            out.Line(fmt::format("\nFAILED: case {}{}", failed.number, files.empty() ? "" : ", kept in " + files[i]));
            out.Line(selftest::ScriptText(failed.shrunk, selftest::RepeatCommand(report.seed, failed.number)));
        }
        out.Line(!report.Good()    ? "SOME TABLES DIFFER OR FAILED"
                 : report.complete ? "every table equals its query after every refresh"
                                   : "interrupted; every table so far equals its query");
    }
};

} // namespace

void RegisterSelftest(CommandTree& tree) {
    tree.Add<SelftestOptions>(
        "selftest", "random queries and changes against recomputing, in temporary lakes",
        [](Arguments& arguments, SelftestOptions& options) {
            arguments.Number("--cases", options.cases, "how many cases; each makes a lake and several tables");
            arguments.Number("--seed", options.seed, "which cases: the same seed gives the same ones everywhere");
            arguments.Text("--case", options.only, "this case of the seed alone");
            arguments.Text("--minutes", options.minutes, "as many cases as fit into this time, instead of --cases");
            arguments.Text("--keep", options.keep, "folder for the scripts of cases that fail");
        });
}

} // namespace freshet
