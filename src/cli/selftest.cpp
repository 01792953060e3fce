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

constexpr int64_t kDefaultCases = 15;

/// A folder with one script per case that failed, or nothing of the kind. A case's script is there before the case
/// runs, so that it stays if the program crashes.
class KeptScripts {
public:
    KeptScripts(std::optional<std::filesystem::path> folder, int64_t seed) : folder_(std::move(folder)), seed_(seed) {}

    bool Keeps() const { return folder_.has_value(); }
    std::string FileOf(int64_t number) const {
        return (*folder_ / fmt::format("selftest_{}_{}.sql", seed_, number)).string();
    }

    void Write(int64_t number, const std::string& script) const {
        if (!folder_) {
            return;
        }
        std::error_code problem;
        std::filesystem::create_directories(*folder_, problem);
        std::ofstream stream(FileOf(number));
        stream << script;
        stream.close();
        if (!stream) {
            throw Error(Code::FileUnreadable, fmt::format("{} can't be written", FileOf(number)));
        }
    }

    void Discard(int64_t number) const {
        std::error_code ignored;
        if (folder_) {
            std::filesystem::remove(FileOf(number), ignored);
        }
    }

private:
    std::optional<std::filesystem::path> folder_;
    int64_t seed_;
};

/// Says on a terminal how far it is; failures and, with --verbose, cases everywhere.
class SelftestProgress : public selftest::Observer {
public:
    SelftestProgress(Invocation& invocation, const KeptScripts& kept, const selftest::Plan& plan)
        : invocation_(invocation), kept_(kept), plan_(plan) {}

    void Begins(int64_t number, std::optional<int64_t> planned, const selftest::Script& script) override {
        kept_.Write(number, selftest::ScriptText(script, selftest::RepeatCommand(plan_.seed, number)));
        if (isatty(STDERR_FILENO) != 0 || invocation_.Options().verbose) {
            invocation_.Note(planned ? fmt::format("case {} ({} planned)", number, *planned)
                                     : fmt::format("case {}", number));
        }
    }

    void Ends(int64_t number, const selftest::CaseOutcome& outcome) override {
        if (!outcome.failure) {
            kept_.Discard(number);
        }
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
    const KeptScripts& kept_;
    const selftest::Plan& plan_;
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
        KeptScripts kept(keep, seed);
        SelftestProgress progress(invocation, kept, plan);
        selftest::Report report = selftest::RunSelftest(plan, progress);
        for (const auto& failed : report.failures) {
            kept.Write(failed.number, Script(report, failed));
        }
        if (invocation.Options().json) {
            invocation.Out().Line(SelftestJson(report));
        } else {
            Show(invocation, report, kept);
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

    static std::string Script(const selftest::Report& report, const selftest::FailedCase& failed) {
        return selftest::ScriptText(failed.shrunk, selftest::RepeatCommand(report.seed, failed.number));
    }

    static void Show(Invocation& invocation, const selftest::Report& report, const KeptScripts& kept) {
        Output& out = invocation.Out();
        invocation.PrintTable(SelftestFeatures(report));
        if (!report.refusals.empty()) {
            invocation.PrintTable(SelftestRefusals(report));
        }
        for (const auto& line : SelftestLines(report)) {
            out.Line(line);
        }
        for (const auto& failed : report.failures) {
            std::string place = kept.Keeps() ? ", kept in " + kept.FileOf(failed.number) : "";
            out.Line(fmt::format("\nFAILED: case {}{}", failed.number, place));
            out.Line(Script(report, failed));
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
