#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/plan_text.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <fstream>

namespace freshet {

namespace {

constexpr int kExitChanges = 2;

/// A pipe or a terminal isn't looked at: reading from it would wait.
bool IsSomethingElse(const std::string& file) {
    std::error_code absent;
    if (!std::filesystem::is_regular_file(file, absent)) {
        return false;
    }
    std::ifstream before(file, std::ios::binary);
    int first = before.peek();
    return before && first != std::ifstream::traits_type::eof() && first != '{';
}

struct PlanCommand : CommandOptions {
    std::optional<std::string> directory;
    PlanOptions plan;
    std::optional<std::string> out;
    bool detailed_exitcode = false;

    int Run(Invocation& invocation) const {
        if (directory) {
            invocation.EnterDirectory(*directory);
        }
        ProjectPlan planned = invocation.While(
            "planning", [&] { return invocation.OpenService().Plan(plan.Request(invocation.Configure())); });
        if (out) {
            Save(WritePlan(planned));
        }
        if (invocation.Options().json) {
            invocation.Out().Line(WritePlan(planned));
        } else {
            invocation.Out().Write(PlanText(planned, invocation.OutStyle()));
        }
        if (out) {
            invocation.Note(fmt::format("saved: freshet apply {} does exactly this", *out));
        }
        return detailed_exitcode && !planned.Empty() ? kExitChanges : 0;
    }

private:
    /// An older plan is replaced; anything else, a model perhaps, is not.
    void Save(const std::string& text) const {
        if (IsSomethingElse(*out)) {
            throw Error(Code::Usage, fmt::format("{} exists, and is no plan", *out), "name another file");
        }
        std::ofstream file(*out, std::ios::binary | std::ios::trunc);
        file << text << "\n";
        file.close();
        if (!file) {
            throw Error(Code::FileUnreadable, fmt::format("{} can't be written", *out));
        }
    }
};

} // namespace

void RegisterPlan(CommandTree& tree) {
    tree.Add<PlanCommand>(
        "plan", "compare the models of a project with what exists", [](Arguments& arguments, PlanCommand& options) {
            arguments.Text("DIR", options.directory, "folder of the project (default: this one)");
            DeclarePlanOptions(arguments, options.plan);
            arguments.Text("-o,--out", options.out, "keep the plan in a file, for apply");
            arguments.Flag("--detailed-exitcode", options.detailed_exitcode, "exit 2 where there is something to do");
        });
}

} // namespace freshet
