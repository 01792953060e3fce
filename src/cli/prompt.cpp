#include "cli/prompt.hpp"

#include "base/redact.hpp"
#include "bind/lexical.hpp"
#include "bind/statement.hpp"
#include "cli/interrupt.hpp"
#include "cli/prompt_commands.hpp"
#include "cli/prompt_words.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

namespace freshet {

namespace {

constexpr int kHistoryLength = 5000;

// Readline calls plain functions: what these need can't be handed over otherwise.
std::atomic<bool> line_dropped = false; ///< by Ctrl-C, which another thread takes
PromptWords* words = nullptr;
std::vector<std::string> completions;
std::string lines_above; ///< of the statement

/// Readline calls this some ten times a second while it waits: the only way for Ctrl-C to end the line.
int EndLineIfDropped() {
    if (line_dropped) {
        rl_replace_line("", 0);
        rl_done = 1;
    }
    return 0;
}

char* NextCompletion(const char* /*word*/, int state) {
    static size_t next = 0;
    next = state == 0 ? 0 : next;
    return next < completions.size() ? strdup(completions[next++].c_str()) : nullptr;
}

char** Complete(const char* word, int begin, int /*end*/) {
    rl_attempted_completion_over = 1; // never names of files
    const std::string line(rl_line_buffer), before = line.substr(0, static_cast<size_t>(begin));
    if (before == ".") { // a command of the prompt; readline wants the word without the dot
        completions.clear();
        for (const auto& name : PromptCommandNames()) {
            if (name.compare(1, std::strlen(word), word) == 0) {
                completions.push_back(name.substr(1));
            }
        }
    } else {
        completions = words->Completing(before, word, lines_above + "\n" + line);
    }
    return rl_completion_matches(word, NextCompletion);
}

class History {
public:
    explicit History(std::string file) : file_(std::move(file)) {
        std::error_code problem;
        std::filesystem::create_directories(std::filesystem::path(file_).parent_path(), problem);
        using_history();
        history_comment_char = '#'; // a line with the time before each entry: entries may have several lines
        history_write_timestamps = 1;
        read_history(file_.c_str());
        bool too_long = history_length > kHistoryLength;
        stifle_history(kHistoryLength);
        if (too_long) {
            write_history(file_.c_str());
        }
    }
    History(const History&) = delete;
    History& operator=(const History&) = delete;

    /// The file has each entry at once: a session may end by a signal, and others may write to the file meanwhile.
    void Add(const std::string& statement) {
        add_history(statement.c_str());
        Append(fmt::format("#{}\n{}\n", std::time(nullptr), Redact(statement)));
    }

private:
    /// In one call, so that entries of several prompts don't mix. What can't be written is missing the next time only.
    void Append(const std::string& entry) const {
        int file = open(file_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
        if (file >= 0) {
            [[maybe_unused]] ssize_t written = write(file, entry.data(), entry.size());
            close(file);
        }
    }

    std::string file_;
};

/// Does the text end within a comment that goes on in the next line?
bool EndsWithinComment(const std::string& text) {
    std::string lines = text + "\n";
    for (size_t at = 0; at < lines.size();) {
        Stretch stretch = NextStretch(lines, at);
        if (stretch.region == Region::Comment && !stretch.closed) {
            return true;
        }
        at = stretch.end;
    }
    return false;
}

/// A line without its end, which text that was pasted from other systems has too; nothing at the end of the input.
std::optional<std::string> ReadLine(const char* prompt) {
    RepeatedInterrupts drop_line([] { line_dropped = true; });
    std::unique_ptr<char, decltype(&std::free)> line(readline(prompt), &std::free);
    if (!line) {
        return std::nullopt;
    }
    std::string text = line.get();
    text.erase(text.find_last_not_of('\r') + 1);
    return text;
}

class Prompt {
public:
    Prompt(StatementRunner& runner, Invocation& invocation, const std::string& history_file)
        : runner_(runner), invocation_(invocation), history_(history_file) {}

    bool Run() {
        bool done = true;
        while (auto text = ReadText()) {
            history_.Add(*text);
            if (!IsPromptCommand(*text)) {
                ForgetInterrupt();
                done = runner_.Run({"", *text});
                words->Forget();
            } else if (!RunPromptCommand(*text, runner_, invocation_)) {
                break;
            }
        }
        return done;
    }

private:
    /// The next complete text or command; nothing at the end of the input.
    static std::optional<std::string> ReadText() {
        std::string text;
        for (;;) {
            line_dropped = false;
            lines_above = text;
            auto line = ReadLine(text.empty() ? "freshet> " : "      -> ");
            if (line_dropped) {
                std::fputs("^C\n", stderr);
                text.clear();
                continue;
            }
            if (!line) {
                std::fputs("\n", stderr);
                return std::nullopt;
            }
            if (text.empty() && IsPromptCommand(*line)) {
                return line;
            }
            text += (text.empty() ? "" : "\n") + *line;
            if (SplitStatements(text).empty() && !EndsWithinComment(text)) {
                text.clear();
            } else if (EndsStatement(text)) {
                return text;
            }
        }
    }

    StatementRunner& runner_;
    Invocation& invocation_;
    History history_;
};

} // namespace

bool RunPrompt(StatementRunner& runner, SqlSession& session, Invocation& invocation, const std::string& history_file) {
    PromptWords known(session);
    words = &known;
    rl_readline_name = "freshet";
    rl_event_hook = EndLineIfDropped;
    rl_attempted_completion_function = Complete;
    rl_completer_word_break_characters = " \t\n\"'><=;|&{}()[]+-*/%,.!";
    rl_basic_quote_characters = ""; // completions have their closing quote
    rl_catch_signals = 0;
    invocation.Note("Statements end with a semicolon; .help tells more, Ctrl-D leaves.");
    return Prompt(runner, invocation, history_file).Run();
}

} // namespace freshet
