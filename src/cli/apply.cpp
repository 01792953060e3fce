#include "base/clock.hpp"
#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/interrupt.hpp"
#include "cli/json_text.hpp"
#include "cli/plan_text.hpp"
#include "cli/table_text.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <mutex>

namespace freshet {

namespace {

std::string StatusText(StepOutcome::Status status) {
    switch (status) {
    case StepOutcome::Status::Done:
        return "DONE";
    case StepOutcome::Status::DoneBefore:
        return "DONE BEFORE";
    case StepOutcome::Status::Failed:
        return "FAILED";
    case StepOutcome::Status::Skipped:
        break;
    }
    return "SKIPPED";
}

/// What a running apply shows: a line on standard error for each step as it ends, as dbt has them, and what runs
/// meanwhile. Used by the threads of the steps and of the line of progress.
class ApplyProgress {
public:
    ApplyProgress(Invocation& invocation, const ProjectPlan& plan) : invocation_(invocation), plan_(plan) {}

    void Begin(size_t step) {
        std::lock_guard lock(mutex_);
        running_.push_back({step, {}});
    }

    void End(const StepOutcome& outcome) {
        const PlanStep& step = plan_.steps[outcome.step];
        size_t done = Forget(outcome.step);
        std::string rows = outcome.rows > 0 ? fmt::format(", {} rows", outcome.rows) : "";
        std::string time = outcome.duration_ms > 0 ? fmt::format(" in {:.2f} s", outcome.duration_ms / 1000) : "";
        invocation_.Note(fmt::format("{} of {}  {:<11} {}{}{}", done, plan_.steps.size(), StatusText(outcome.status),
                                     StepTitle(step), time, rows));
        for (const auto& warning : outcome.warnings) {
            invocation_.Warn(step.name.Text() + ": " + warning);
        }
    }

    /// The step that has run for the longest, and how many others do.
    std::string Line() {
        constexpr size_t kTitleWidth = 40;
        std::lock_guard lock(mutex_);
        if (running_.empty()) {
            return "applying";
        }
        const Running& oldest = running_.front();
        std::string others = running_.size() > 1 ? fmt::format(" and {} more", running_.size() - 1) : "";
        return fmt::format("{} {:.1f} s{}", Cut(StepTitle(plan_.steps[oldest.step]), kTitleWidth),
                           oldest.since.Milliseconds() / 1000, others);
    }

private:
    struct Running {
        size_t step;
        Stopwatch since;
    };

    /// How many steps have ended, this one among them.
    size_t Forget(size_t step) {
        std::lock_guard lock(mutex_);
        std::erase_if(running_, [&](const Running& running) { return running.step == step; });
        return ++done_;
    }

    Invocation& invocation_;
    const ProjectPlan& plan_;
    std::mutex mutex_;
    std::vector<Running> running_; ///< the oldest first
    size_t done_ = 0;
};

struct ApplyCommand : CommandOptions {
    std::optional<std::string> subject; ///< folder or plan file
    PlanOptions plan;
    int64_t parallel = 4;

    void Validate() const {
        if (parallel < 1) {
            throw Error(Code::Usage, "--parallel takes a number above zero");
        }
    }

    int Run(Invocation& invocation) const {
        bool from_file = subject && !std::filesystem::is_directory(*subject);
        if (subject && !from_file) {
            invocation.EnterDirectory(*subject);
        }
        ProjectPlan planned = from_file ? FromFile(invocation) : FromProject(invocation);
        bool json = invocation.Options().json;
        if (!json) {
            invocation.Out().Write(PlanText(planned, invocation.OutStyle()));
            invocation.Out().Flush();
        }
        if (planned.Empty()) {
            if (json) {
                invocation.Out().Line(ApplyJson(planned, {}));
            }
            return 0;
        }
        // With JSON on standard output the plan belongs to the question, which goes to standard error.
        if (!invocation.Confirm((json ? PlanText(planned, Style(false)) : "") + "Apply this plan?")) {
            invocation.Note("nothing was done");
            return 1;
        }
        ApplyReport report = Apply(invocation, planned);
        if (json) {
            invocation.Out().Line(ApplyJson(planned, report.outcomes));
        }
        ReportErrors(invocation, planned, report);
        return report.Good() ? 0 : 1;
    }

private:
    ProjectPlan FromProject(Invocation& invocation) const {
        PlanRequest request = plan.Request(invocation.Configure());
        Service& service = invocation.OpenService(MissingLake::IsCreated);
        return invocation.While("planning", [&] { return service.Plan(request); });
    }

    ProjectPlan FromFile(Invocation& invocation) const {
        if (!plan.select.empty() || !plan.exclude.empty() || !plan.variables.empty() || plan.prune) {
            throw Error(Code::Usage, "a saved plan is done as it is: no selection, variables or --prune",
                        "give them to freshet plan --out FILE");
        }
        ProjectPlan planned = ReadPlan(ReadText(*subject, *subject).text, *subject);
        invocation.OpenService(MissingLake::IsCreated);
        return planned;
    }

    ApplyReport Apply(Invocation& invocation, const ProjectPlan& planned) const {
        ApplyProgress progress(invocation, planned);
        ApplyRequest request;
        request.parallel = parallel;
        request.stop = [] { return WasInterrupted(); };
        request.on_begin = [&](size_t step) { progress.Begin(step); };
        request.on_end = [&](const StepOutcome& outcome) { progress.End(outcome); };
        Service& service = invocation.OpenService();
        return invocation.While([&](double) { return progress.Line(); },
                                [&] { return service.Apply(planned, request); });
    }

    static void ReportErrors(Invocation& invocation, const ProjectPlan& planned, const ApplyReport& report) {
        size_t done = 0;
        for (const auto& outcome : report.outcomes) {
            if (outcome.error && outcome.status == StepOutcome::Status::Failed) {
                invocation.Report(*outcome.error);
            }
            done += outcome.error ? 0 : 1;
        }
        if (!report.Good()) {
            invocation.Note(fmt::format("{} of {} steps done; apply again does the rest", done, planned.steps.size()));
        }
    }
};

} // namespace

void RegisterApply(CommandTree& tree) {
    tree.Add<ApplyCommand>("apply", "make what exists as the models of a project have it",
                           [](Arguments& arguments, ApplyCommand& options) {
                               arguments.Text("DIR|PLANFILE", options.subject,
                                              "folder of the project (default: this one), or a saved plan");
                               DeclarePlanOptions(arguments, options.plan);
                               arguments.Number("--parallel", options.parallel, "so many steps at a time");
                           });
}

} // namespace freshet
