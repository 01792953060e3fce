#include "cli/program.hpp"

#include "base/redact.hpp"
#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/completion.hpp"
#include "cli/json_text.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <clocale>
#include <csignal>
#include <fmt/format.h>
#include <sstream>
#include <string_view>

namespace freshet {

namespace {

constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;

void RegisterCommands(CommandTree& tree) {
    RegisterInit(tree);
    RegisterDemo(tree);
    RegisterSelftest(tree);
    RegisterSql(tree);
    RegisterPlan(tree);
    RegisterApply(tree);
    RegisterCreate(tree);
    RegisterValidate(tree);
    RegisterList(tree);
    RegisterDescribe(tree);
    RegisterHistory(tree);
    RegisterGraph(tree);
    RegisterLineage(tree);
    RegisterRefresh(tree);
    RegisterExplain(tree);
    RegisterVerify(tree);
    RegisterDiff(tree);
    RegisterSuspend(tree);
    RegisterResume(tree);
    RegisterDrop(tree);
    RegisterWorker(tree);
    RegisterStatus(tree);
    RegisterMaintain(tree);
    RegisterConfig(tree);
    RegisterDoctor(tree);
    RegisterVersion(tree);
}

void DeclareCommonOptions(CLI::App& program, CommonOptions& options) {
    const char* group = "Common options";
    program.add_option("-C", options.directory, "as if started in this folder")->type_name("DIR")->group(group);
    program.add_option("--profile", options.profile, "profile of freshet.yml")->type_name("NAME")->group(group);
    program.add_option("--set", options.settings, "a setting of freshet.yml, for this run")
        ->type_name("KEY=VALUE")
        ->expected(1)
        ->take_all()
        ->allow_extra_args(false) // each takes one value: what follows is the command's
        ->group(group);
    program.add_flag("--json", options.json, "results as JSON")->group(group);
    program.add_flag("-q,--quiet", options.quiet, "no notes and warnings")->group(group);
    program.add_flag("-v,--verbose", options.verbose, "more notes")->group(group);
    program.add_flag("--no-color", options.no_color, "no colours (also NO_COLOR)")->group(group);
    program.add_flag("-y,--yes", options.yes, "ask nothing")->group(group);
}

std::vector<std::string> CommandNames(const CLI::App& program) {
    std::vector<std::string> names;
    for (const CLI::App* command : program.get_subcommands({})) {
        names.push_back(command->get_name());
    }
    return names;
}

std::vector<std::string> OptionNames(const CLI::App& program) {
    std::vector<std::string> names;
    auto add = [&](const CLI::App& app) {
        for (const CLI::Option* option : app.get_options()) {
            for (const auto& name : option->get_lnames()) {
                names.push_back("--" + name);
            }
        }
    };
    add(program);
    for (const CLI::App* command : program.get_subcommands()) {
        add(*command);
    }
    return names;
}

std::string NearestHint(const std::string& word, const std::vector<std::string>& names, const std::string& otherwise) {
    auto nearest = NearestName(word, names);
    return nearest ? fmt::format("did you mean \"{}\"?", *nearest) : otherwise;
}

/// What is wrong with the command line, in our words where CLI11's would not name the nearest command or option.
Error UsageError(const CLI::App& program, const CLI::ParseError& problem) {
    auto given = program.get_subcommands();
    std::vector<std::string> rest = program.remaining(true);
    std::string help = given.empty() ? "freshet --help" : fmt::format("freshet {} --help", given[0]->get_name());
    if (rest.empty()) {
        bool nothing = given.empty() && problem.get_name() == "RequiredError";
        return {Code::Usage, nothing ? "no command given" : problem.what(), help};
    }
    const std::string& word = rest[0];
    if (word.size() > 1 && word[0] == '-') {
        return {Code::Usage, fmt::format("unknown option {}", word), NearestHint(word, OptionNames(program), help)};
    }
    if (given.empty()) {
        return {Code::Usage, fmt::format("unknown command \"{}\"", word),
                NearestHint(word, CommandNames(program), help)};
    }
    return {Code::Usage, fmt::format("unexpected argument \"{}\"", word), help};
}

struct HelpOptions : CommandOptions {
    std::optional<std::string> command;
    const CLI::App* program = nullptr;

    int Run(Invocation& invocation) const {
        auto named = program->get_subcommands([&](const CLI::App* each) { return each->get_name() == command; });
        if (command && named.empty()) {
            throw Error(Code::Usage, fmt::format("unknown command \"{}\"", *command),
                        NearestHint(*command, CommandNames(*program), "freshet --help"));
        }
        const CLI::App* subject = command ? named[0] : program;
        std::string title = program->get_name() + (command ? " " + *command : "");
        invocation.Out().Write(program->get_formatter()->make_help(subject, title, CLI::AppFormatMode::Normal));
        return 0;
    }
};

void RegisterHelp(CommandTree& tree, const CLI::App& program) {
    tree.Add<HelpOptions>("help", "the same as --help, of the program or of a command",
                          [&program](Arguments& arguments, HelpOptions& options) {
                              options.program = &program;
                              arguments.Text("COMMAND", options.command, "the command");
                          });
}

int ReportFailure(Invocation& invocation, const Error& error) {
    invocation.Report(error);
    if (invocation.Options().json) {
        invocation.Out().Line(ErrorJson(error));
    }
    return error.GetCode() == Code::Usage ? kExitUsage : kExitFailed;
}

int RunCommand(const CommandTree& tree, Invocation& invocation) {
    try {
        invocation.EnterDirectory();
        return tree.Run(invocation);
    } catch (const Error& error) {
        return ReportFailure(invocation, error);
    } catch (const std::exception& problem) {
        return ReportFailure(invocation, {Code::Defect, Redact(problem.what()), "this is a defect in Freshet"});
    }
}

int FinishOutput(Invocation& invocation, int exit_code) {
    if (invocation.Out().Finish()) {
        return exit_code;
    }
    invocation.Report({Code::FileUnreadable, "standard output can't be written"});
    return std::max(exit_code, kExitFailed);
}

} // namespace

int RunProgram(int count, char** arguments) {
    std::signal(SIGPIPE, SIG_IGN);       // a reader that went away is seen by Output
    std::setlocale(LC_CTYPE, "C.UTF-8"); // widths of characters
    CommonOptions options;
    CLI::App program("Freshet keeps tables in a DuckLake fresh by processing only what changed.", "freshet");
    program.require_subcommand(1);
    program.fallthrough();
    program.set_version_flag("--version", "freshet " FRESHET_VERSION, "the version");
    DeclareCommonOptions(program, options);
    CommandTree tree(program);
    RegisterCommands(tree);
    RegisterCompletion(tree, program);
    RegisterHelp(tree, program);
    try {
        program.parse(count, arguments);
    } catch (const CLI::Success& help) {
        std::ostringstream text;
        program.exit(help, text);
        Invocation invocation(options);
        invocation.Out().Write(text.str());
        return FinishOutput(invocation, 0);
    } catch (const CLI::ParseError& problem) {
        // The line may have been left unread before --json was reached.
        options.json = std::any_of(arguments, arguments + count,
                                   [](const char* argument) { return std::string_view(argument) == "--json"; });
        Invocation invocation(options);
        return FinishOutput(invocation, ReportFailure(invocation, UsageError(program, problem)));
    }
    Invocation invocation(options);
    return FinishOutput(invocation, RunCommand(tree, invocation));
}

} // namespace freshet
