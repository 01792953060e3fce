#include "cli/statements.hpp"

#include "base/clock.hpp"
#include "base/redact.hpp"
#include "base/utf8.hpp"
#include "bind/statement.hpp"
#include "cli/interrupt.hpp"
#include "cli/json_text.hpp"
#include "cli/pager.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <unistd.h>
#include <utility>

namespace freshet {

bool StatementRunner::Run(const Source& source) {
    return RunFrom(source, 0);
}

bool StatementRunner::RunAsTheyCome(std::istream& lines) {
    Source source; // everything read, so that places have their lines
    size_t begun = 0;
    bool all_done = true;
    auto go_on = [&] { return !WasInterrupted() && (all_done || keep_going_); };
    for (std::string line; go_on() && std::getline(lines, line);) {
        source.text += line + "\n";
        if (line.find(';') != std::string::npos && EndsStatement(source.text.substr(begun))) {
            all_done &= RunFrom(source, begun);
            begun = source.text.size();
        }
    }
    return go_on() ? RunFrom(source, begun) && all_done : false;
}

bool StatementRunner::RunFrom(const Source& source, size_t begin) {
    bool all_done = true;
    for (auto statement : SplitStatements(source.text.substr(begin))) {
        statement.offset += begin;
        // Ctrl-C between two statements finds nothing to interrupt and still means: stop.
        bool done = !WasInterrupted() && RunOne(statement, source);
        all_done &= done;
        if (WasInterrupted() || (!done && !keep_going_)) {
            return false;
        }
    }
    return all_done;
}

bool StatementRunner::RunOne(const Excerpt& statement, const Source& source) {
    number_++;
    Stopwatch watch;
    try {
        if (auto wrong = FirstWrongByte(statement.text)) {
            throw NotUtf8(source.file, source.text, statement.offset + *wrong);
        }
        StatementResult result = invocation_.While("running", [&] { return session_.Execute(statement, source); });
        Show(result, watch.Milliseconds());
        return true;
    } catch (const Error& error) {
        ShowFailure(error);
    } catch (const std::exception& problem) {
        ShowFailure({Code::Defect, Redact(problem.what()), "this is a defect in Freshet"});
    }
    return false;
}

void StatementRunner::Show(const StatementResult& result, double milliseconds) {
    Output& out = invocation_.Out();
    if (invocation_.Options().json) {
        out.Line(StatementJson(number_, result));
    } else {
        Print(result);
    }
    out.Flush();
    for (const auto& warning : result.warnings) {
        invocation_.Warn(warning);
    }
    if (timer_) {
        invocation_.Note(fmt::format("time: {:.1f} ms", milliseconds));
    } else if (invocation_.Options().verbose) {
        invocation_.Note(fmt::format("statement {}: {:.1f} ms", number_, milliseconds));
    }
}

/// On a terminal what is longer than the screen goes through a pager, and so do tables that are wider.
void StatementRunner::Print(const StatementResult& result) {
    Output& out = invocation_.Out();
    bool terminal = out.IsTerminal();
    std::string text = RenderResult({result.columns, result.rows}, form_, {terminal, terminal, out.Width(), {}});
    if (form_ == ResultForm::Markdown && !text.empty()) { // tables without a blank line between are one
        text = (std::exchange(printed_, true) ? "\n" : "") + text;
    }
    auto lines = static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
    bool too_wide = form_ == ResultForm::Wide && DisplayWidth(text.substr(0, text.find('\n'))) > out.Width();
    bool too_big = lines >= out.Height() || too_wide;
    if (!terminal || isatty(STDIN_FILENO) == 0 || !too_big || !ShowInPager(text)) {
        out.Write(text);
    }
}

void StatementRunner::ShowFailure(const Error& error) {
    invocation_.Report(error);
    if (invocation_.Options().json) {
        invocation_.Out().Line(StatementJson(number_, error));
        invocation_.Out().Flush();
    }
}

} // namespace freshet
