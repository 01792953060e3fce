#include "cli/completion.hpp"

#include "cli/command.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>

namespace freshet {

namespace {

/// Names of dynamic tables, for commands that take one; nothing where there is no lake.
constexpr const char* kListNames = "freshet list 2>/dev/null | awk 'NR > 1 { print $2 \".\" $1 }'";

std::vector<const CLI::App*> CommandsOf(const CLI::App& program) {
    return program.get_subcommands([](const CLI::App*) { return true; });
}

std::vector<std::string> Switches(const CLI::Option& option) {
    std::vector<std::string> names;
    for (const auto& name : option.get_snames()) {
        names.push_back("-" + name);
    }
    for (const auto& name : option.get_lnames()) {
        names.push_back("--" + name);
    }
    return names;
}

std::string OptionWords(const CLI::App& app) {
    std::string words;
    for (const CLI::Option* option : app.get_options()) {
        for (const auto& name : Switches(*option)) {
            words += (words.empty() ? "" : " ") + name;
        }
    }
    return words;
}

bool TakesTable(const CLI::App& command) {
    auto options = command.get_options();
    return std::any_of(options.begin(), options.end(), [](const CLI::Option* option) {
        return option->get_positional() && option->get_name() == "NAME";
    });
}

std::string CommandWords(const CLI::App& program) {
    std::string words;
    for (const CLI::App* command : CommandsOf(program)) {
        words += (words.empty() ? "" : " ") + command->get_name();
    }
    return words;
}

/// A text within single quotes of any of the shells.
std::string Quoted(const std::string& text) {
    std::string quoted = "'";
    for (char c : text) {
        quoted += c == '\'' ? std::string("’") : std::string(1, c);
    }
    return quoted + "'";
}

std::string Bash(const CLI::App& program) {
    std::string names = CommandWords(program), choices = names;
    std::replace(choices.begin(), choices.end(), ' ', '|');
    std::string cases;
    for (const CLI::App* command : CommandsOf(program)) {
        std::string tables = TakesTable(*command) ? fmt::format(" $({})", kListNames) : "";
        cases += fmt::format("    {}) words=\"{}{} $common\" ;;\n", command->get_name(), OptionWords(*command), tables);
    }
    return fmt::format(R"(# bash completion of freshet: source <(freshet completion bash)
_freshet() {{
    local current="${{COMP_WORDS[COMP_CWORD]}}" command="" word words="" common="{}"
    for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        case "$word" in
        {}) command="$word"; break ;;
        esac
    done
    case "$command" in
    "") words="{} $common" ;;
{}    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current"; [ -z "$command" ] || compgen -f -- "$current")
}}
complete -o filenames -F _freshet freshet)",
                       OptionWords(program), choices, names, cases);
}

std::string Zsh(const CLI::App& program) {
    std::string commands, cases;
    for (const CLI::App* command : CommandsOf(program)) {
        std::string text = command->get_description();
        std::replace(text.begin(), text.end(), ':', ';');
        commands += fmt::format("    {}\n", Quoted(command->get_name() + ":" + text));
        std::string tables = TakesTable(*command) ? fmt::format("; compadd -- $({})", kListNames) : "";
        cases += fmt::format("    {}) compadd -- {}{} ;;\n", command->get_name(), OptionWords(*command), tables);
    }
    return fmt::format(R"(#compdef freshet
# zsh completion of freshet: freshet completion zsh > a folder of $fpath, as _freshet
_freshet() {{
    local -a commands
    commands=(
{})
    local word command=""
    for word in ${{words[2,CURRENT-1]}}; do
        (( ${{commands[(I)$word:*]}} )) && {{ command=$word; break; }}
    done
    compadd -- {}
    case "$command" in
    "") _describe command commands; return ;;
{}    esac
    _files
}}
compdef _freshet freshet)",
                       commands, OptionWords(program), cases);
}

std::string FishOptions(const CLI::App& app, const std::string& condition) {
    std::string lines;
    for (const CLI::Option* option : app.get_options()) {
        std::string forms;
        for (const auto& name : option->get_snames()) {
            forms += " -s " + name;
        }
        for (const auto& name : option->get_lnames()) {
            forms += " -l " + name;
        }
        if (!forms.empty()) {
            std::string value = option->get_expected_max() > 0 ? " -r" : "";
            lines += fmt::format("complete -c freshet{}{}{} -d {}\n", condition, forms, value,
                                 Quoted(option->get_description()));
        }
    }
    return lines;
}

std::string Fish(const CLI::App& program) {
    std::string lines = "# fish completion of freshet: freshet completion fish | source\n" + FishOptions(program, "");
    for (const CLI::App* command : CommandsOf(program)) {
        std::string name = command->get_name();
        lines += fmt::format("complete -c freshet -n __fish_use_subcommand -a {} -d {}\n", name,
                             Quoted(command->get_description()));
        std::string condition = fmt::format(" -n '__fish_seen_subcommand_from {}'", name);
        if (TakesTable(*command)) {
            lines +=
                fmt::format("complete -c freshet{} -a \"({})\"\n", condition,
                            "freshet list 2>/dev/null | string replace -rf '^(\\S+)\\s+(\\S+).*' '$2.$1' | tail -n +2");
        }
        lines += FishOptions(*command, condition);
    }
    lines.pop_back();
    return lines;
}

/// Text of a manual page: a hyphen is a hyphen, and no line is a request.
std::string Roff(const std::string& text) {
    std::string roff;
    for (char c : text) {
        roff += c == '-' ? "\\-" : c == '\\' ? "\\e" : std::string(1, c);
    }
    return roff.starts_with(".") || roff.starts_with("'") ? "\\&" + roff : roff;
}

std::string RoffOptions(const CLI::App& app) {
    std::string lines;
    for (const CLI::Option* option : app.get_options()) {
        std::string names =
            option->get_positional() ? option->get_name() : fmt::format("{}", fmt::join(Switches(*option), ", "));
        lines += fmt::format(".TP\n.B {}\n{}\n", Roff(names), Roff(option->get_description()));
    }
    return lines;
}

std::string Man(const CLI::App& program) {
    std::string page =
        fmt::format(".TH FRESHET 1 \"\" \"freshet {}\"\n.SH NAME\nfreshet \\- {}\n.SH SYNOPSIS\n.B freshet\n"
                    "[OPTIONS] COMMAND [OPTIONS] [ARGUMENTS]\n.SH OPTIONS\n{}.SH COMMANDS\n",
                    FRESHET_VERSION, Roff(program.get_description()), RoffOptions(program));
    for (const CLI::App* command : CommandsOf(program)) {
        page += fmt::format(".SS freshet {}\n{}\n{}", command->get_name(), Roff(command->get_description()),
                            RoffOptions(*command));
    }
    page += ".SH EXIT STATUS\n0: everything asked for was done. 1: something failed. 2: the command line can't be "
            "understood.";
    return page;
}

struct CompletionOptions : CommandOptions {
    std::string shell;
    const CLI::App* program = nullptr;

    int Run(Invocation& invocation) const {
        invocation.Out().Line(shell == "bash"   ? Bash(*program)
                              : shell == "zsh"  ? Zsh(*program)
                              : shell == "fish" ? Fish(*program)
                                                : Man(*program));
        return 0;
    }

    void Validate() const {
        if (shell.empty()) {
            throw Error(Code::Usage, "no shell named", "name bash, zsh or fish; man gives the manual page");
        }
    }
};

} // namespace

void RegisterCompletion(CommandTree& tree, const CLI::App& program) {
    tree.Add<CompletionOptions>("completion", "completion script for bash, zsh or fish; or the manual page",
                                [&program](Arguments& arguments, CompletionOptions& options) {
                                    options.program = &program;
                                    arguments.Choice("SHELL", options.shell, {"bash", "zsh", "fish", "man"},
                                                     "bash, zsh, fish, or man for the manual page");
                                });
}

} // namespace freshet
