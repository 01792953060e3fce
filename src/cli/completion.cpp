#include "cli/completion.hpp"

#include "cli/command.hpp"
#include "cli/error_pages.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>

namespace freshet {

namespace {

/// Names of dynamic tables, one a line, for commands that take one; nothing where there is no lake.
constexpr const char* kListNames = "completion tables 2>/dev/null";

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

bool TakesValue(const CLI::Option& option) {
    return option.get_expected_max() > 0;
}

/// The values among which an option's has to be; none where any will do.
std::vector<std::string> ChoicesOf(const CLI::Option& option) {
    std::string type = option.get_type_name(); // "TEXT:{table,wide}"
    size_t begin = type.find('{'), end = type.find('}');
    return begin == std::string::npos ? std::vector<std::string>{}
                                      : CLI::detail::split(type.substr(begin + 1, end - begin - 1), ',');
}

std::string ErrorNumbers() {
    std::string words;
    for (const auto& page : ErrorPages()) {
        words += " " + CodeText(page.code);
    }
    return words;
}

std::string CommandWords(const CLI::App& program) {
    std::string words;
    for (const CLI::App* command : CommandsOf(program)) {
        words += (words.empty() ? "" : " ") + command->get_name();
    }
    return words;
}

/// What may follow a command: its options, and what its arguments may be, but for tables.
std::string WordsOf(const CLI::App& program, const CLI::App& command) {
    std::string words = OptionWords(command);
    for (const CLI::Option* option : command.get_options()) {
        if (option->get_positional()) {
            words += fmt::format(" {}", fmt::join(ChoicesOf(*option), " "));
        }
    }
    const std::string& name = command.get_name();
    return words + (name == "explain" ? ErrorNumbers() : name == "help" ? " " + CommandWords(program) : "");
}

/// A text within single quotes of any of the shells.
std::string Quoted(const std::string& text) {
    std::string quoted = "'";
    for (char c : text) {
        quoted += c == '\'' ? std::string("’") : std::string(1, c);
    }
    return quoted + "'";
}

/// What a shell is to do for a value that has to be one of these words; of none: any value.
using ValueAction = std::string (*)(const std::string& words);

std::string BashValue(const std::string& words) {
    return words.empty() ? ":" : fmt::format("words=\"{}\" files=\"\"", words);
}

std::string ZshValue(const std::string& words) {
    return words.empty() ? "_files; return" : fmt::format("compadd -- {}; return", words);
}

/// Options of a command with a value, as patterns of "command option" for `case`, and what to do for each.
std::string ValueCases(const CLI::App& app, const std::string& command, ValueAction action) {
    std::string cases;
    for (const CLI::Option* option : app.get_options()) {
        if (option->get_positional() || !TakesValue(*option)) {
            continue;
        }
        std::string patterns;
        for (const auto& name : Switches(*option)) {
            patterns += fmt::format("{}{}\" {}\"", patterns.empty() ? "" : "|", command, name);
        }
        cases +=
            fmt::format("    {}) {} ;;\n", patterns, action(fmt::format("{}", fmt::join(ChoicesOf(*option), " "))));
    }
    return cases;
}

/// Patterns of the program's own options with a value, which are no commands.
std::string BashSkipped(const CLI::App& program) {
    std::string patterns;
    for (const CLI::Option* option : program.get_options()) {
        for (const auto& name : TakesValue(*option) ? Switches(*option) : std::vector<std::string>{}) {
            patterns += (patterns.empty() ? "" : "|") + name;
        }
    }
    return patterns;
}

std::string Bash(const CLI::App& program) {
    std::string names = CommandWords(program), choices = names;
    std::replace(choices.begin(), choices.end(), ' ', '|');
    std::string cases, values = ValueCases(program, "*", BashValue);
    for (const CLI::App* command : CommandsOf(program)) {
        const char* tables = TakesTable(*command) ? " tables=yes" : "";
        cases += fmt::format("        {}) words=\"{} $common\"{} ;;\n", command->get_name(), WordsOf(program, *command),
                             tables);
        values += ValueCases(*command, command->get_name(), BashValue);
    }
    return fmt::format(R"(# bash completion of freshet: source <(freshet completion bash)
_freshet() {{
    local current="${{COMP_WORDS[COMP_CWORD]}}" previous="${{COMP_WORDS[COMP_CWORD-1]}}" common="{}"
    local command="" word words="" tables="" files=yes at
    local -a place=()
    for ((at = 1; at < COMP_CWORD; at++)); do
        word="${{COMP_WORDS[at]}}"
        case "$word" in
        -C|--profile) place+=("$word" "${{COMP_WORDS[++at]}}") ;;
        {}) ((++at)) ;;
        {}) [ -n "$command" ] || command="$word" ;;
        esac
    done
    case "$command $previous" in
{}    *)
        case "$command" in
        "") words="{} $common" files="" ;;
{}        esac ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current"
        [ -z "$files" ] || compgen -f -- "$current")
    [ -z "$tables" ] || while IFS= read -r word; do
        [[ "$word" != "${{current//\\/}}"* ]] || COMPREPLY+=("$word")
    done < <(freshet "${{place[@]}}" {})
}}
complete -o filenames -F _freshet freshet)",
                       OptionWords(program), BashSkipped(program), choices, values, names, cases, kListNames);
}

std::string Zsh(const CLI::App& program) {
    std::string commands, cases, values = ValueCases(program, "*", ZshValue);
    for (const CLI::App* command : CommandsOf(program)) {
        std::string text = command->get_description();
        std::replace(text.begin(), text.end(), ':', ';');
        commands += fmt::format("    {}\n", Quoted(command->get_name() + ":" + text));
        std::string tables =
            TakesTable(*command) ? fmt::format("; compadd -- ${{(f)\"$(freshet {})\"}}", kListNames) : "";
        cases += fmt::format("    {}) compadd -- {}{} ;;\n", command->get_name(), WordsOf(program, *command), tables);
        values += ValueCases(*command, command->get_name(), ZshValue);
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
    case "$command ${{words[CURRENT-1]}}" in
{}    esac
    compadd -- {}
    case "$command" in
    "") _describe command commands; return ;;
{}    esac
    _files
}}
compdef _freshet freshet)",
                       commands, values, OptionWords(program), cases);
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
            auto choices = ChoicesOf(*option);
            std::string value = !TakesValue(*option) ? ""
                                : choices.empty()    ? " -r"
                                                     : fmt::format(" -x -a '{}'", fmt::join(choices, " "));
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
            lines += fmt::format("complete -c freshet{} -a \"(freshet {})\"\n", condition, kListNames);
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

/// "--format text|dot", "--set KEY=VALUE": an option as it is written.
std::string Written(const CLI::Option& option) {
    std::string names =
        option.get_positional() ? option.get_name() : fmt::format("{}", fmt::join(Switches(option), ", "));
    if (option.get_positional() || !TakesValue(option)) {
        return names;
    }
    auto choices = ChoicesOf(option);
    std::string type = option.get_type_name();
    return names + " " +
           (choices.empty() ? type.substr(0, type.find(':')) : fmt::format("{}", fmt::join(choices, "|")));
}

std::string RoffOptions(const CLI::App& app) {
    std::string lines;
    for (const CLI::Option* option : app.get_options()) {
        lines += fmt::format(".TP\n.B {}\n{}\n", Roff(Written(*option)), Roff(option->get_description()));
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
            "understood. 130: ended by Ctrl\\-C.";
    return page;
}

struct CompletionOptions : CommandOptions {
    std::string shell;
    const CLI::App* program = nullptr;

    int Run(Invocation& invocation) const {
        if (shell == "tables") {
            for (const auto& entry : invocation.OpenService().List()) {
                invocation.Out().Line(entry.table.Text());
                if (entry.table.schema == "main") { // a name alone means that of main
                    invocation.Out().Line(QuoteIfNeeded(entry.table.name));
                }
            }
            return 0;
        }
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
                                    arguments.Choice("SHELL", options.shell, {"bash", "zsh", "fish", "man", "tables"},
                                                     "bash, zsh, fish; man for the manual page; tables for the names "
                                                     "that the scripts propose");
                                });
}

} // namespace freshet
