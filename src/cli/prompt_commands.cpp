#include "cli/prompt_commands.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <sstream>

namespace freshet {

namespace {

constexpr const char* kHelp = R"(Statements end with a semicolon and may go over several lines.
  .help           this text
  .mode [FORM]    how results are shown: table (cut to the terminal), wide, json, jsonl, csv, markdown
  .tables         the lake's tables
  .timer on|off   the time that each statement took
  .quit           ends the session, as does Ctrl-D
Ctrl-C drops the line, or stops the statement that runs; twice ends the program then.
Tab completes keywords, tables and columns. Long results go through $PAGER, or less.
FRS numbers: freshet explain FRS-2003.
)";

std::vector<std::string> Words(const std::string& line) {
    std::istringstream in(line);
    std::vector<std::string> words;
    for (std::string word; in >> word;) {
        words.push_back(word);
    }
    return words;
}

Error Unknown(const std::string& what, const std::string& word, const std::vector<std::string>& known) {
    auto nearest = NearestName(word, known);
    return {Code::Usage, fmt::format("unknown {} \"{}\"", what, word),
            nearest ? fmt::format("did you mean \"{}\"?", *nearest) : fmt::format("{}", fmt::join(known, ", "))};
}

void SetForm(const std::vector<std::string>& words, StatementRunner& runner, Invocation& invocation) {
    const auto& names = ResultFormNames();
    if (words.size() < 2) {
        invocation.Out().Line(names.at(static_cast<size_t>(runner.Form())));
    } else if (std::find(names.begin(), names.end(), words[1]) == names.end()) {
        throw Unknown("form", words[1], names);
    } else {
        runner.SetForm(ResultFormOf(words[1]));
    }
}

void SetTimer(const std::vector<std::string>& words, StatementRunner& runner) {
    if (words.size() != 2 || (words[1] != "on" && words[1] != "off")) {
        throw Error(Code::Usage, ".timer takes on or off");
    }
    runner.SetTimer(words[1] == "on");
}

} // namespace

const std::vector<std::string>& PromptCommandNames() {
    static const std::vector<std::string> names = {".exit", ".help", ".mode", ".quit", ".tables", ".timer"};
    return names;
}

bool IsPromptCommand(const std::string& line) {
    std::vector<std::string> words = Words(line);
    return !words.empty() && (words[0][0] == '.' ||
                              (words.size() == 1 && (words[0] == "exit" || words[0] == "quit" || words[0] == "\\q")));
}

bool RunPromptCommand(const std::string& line, StatementRunner& runner, Invocation& invocation) {
    std::vector<std::string> words = Words(line);
    try {
        if (words[0] == ".help") {
            invocation.Out().Write(kHelp);
        } else if (words[0] == ".mode") {
            SetForm(words, runner, invocation);
        } else if (words[0] == ".timer") {
            SetTimer(words, runner);
        } else if (words[0] == ".tables") {
            runner.Run(
                {"", "SELECT schema, name FROM (SHOW ALL TABLES) WHERE database = 'lake' AND schema <> '__freshet'"});
        } else if (words[0][0] != '.' || words[0] == ".quit" || words[0] == ".exit") {
            return false;
        } else {
            throw Unknown("command", words[0], PromptCommandNames());
        }
    } catch (const Error& error) {
        invocation.Report(error);
    }
    invocation.Out().Flush();
    return true;
}

} // namespace freshet
