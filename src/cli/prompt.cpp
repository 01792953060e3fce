#include "cli/prompt.hpp"

#include "bind/statement.hpp"
#include "cli/interrupt.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>

#include <readline/history.h>
#include <readline/readline.h>

namespace freshet {

namespace {

constexpr int kHistoryLength = 5000;

/// Readline calls this some ten times a second while it waits: the only way for Ctrl-C, which another thread takes, to
/// end the line.
int EndLineIfInterrupted() {
    if (WasInterrupted()) {
        rl_replace_line("", 0);
        rl_done = 1;
    }
    return 0;
}

std::optional<std::string> ReadLine(const char* prompt) {
    std::unique_ptr<char, decltype(&std::free)> line(readline(prompt), &std::free);
    return line ? std::optional<std::string>(line.get()) : std::nullopt;
}

bool IsQuit(const std::string& line) {
    return line == "exit" || line == "quit" || line == ".quit" || line == ".exit" || line == "\\q";
}

class History {
public:
    explicit History(std::string file) : file_(std::move(file)) {
        std::error_code problem;
        std::filesystem::create_directories(std::filesystem::path(file_).parent_path(), problem);
        using_history();
        stifle_history(kHistoryLength);
        read_history(file_.c_str());
    }
    ~History() { write_history(file_.c_str()); }
    History(const History&) = delete;
    History& operator=(const History&) = delete;

    void Add(const std::string& statement) { add_history(statement.c_str()); }

private:
    std::string file_;
};

/// The next complete text; nothing at the end of the input.
std::optional<std::string> ReadText() {
    std::string text;
    for (;;) {
        ForgetInterrupt();
        auto line = ReadLine(text.empty() ? "freshet> " : "      -> ");
        if (WasInterrupted()) {
            std::fputs("^C\n", stderr);
            text.clear();
            continue;
        }
        if (!line || (text.empty() && IsQuit(*line))) {
            return std::nullopt;
        }
        text += (text.empty() ? "" : "\n") + *line;
        if (SplitStatements(text).empty()) {
            text.clear();
        } else if (EndsStatement(text)) {
            return text;
        }
    }
}

} // namespace

bool RunPrompt(StatementRunner& runner, const std::string& history_file) {
    History history(history_file);
    rl_event_hook = EndLineIfInterrupted;
    rl_catch_signals = 0;
    std::fputs("Statements end with a semicolon; Ctrl-D leaves.\n", stderr);
    bool done = true;
    while (auto text = ReadText()) {
        history.Add(*text);
        done = runner.Run({"", *text});
    }
    std::fputs("\n", stderr);
    return done;
}

} // namespace freshet
