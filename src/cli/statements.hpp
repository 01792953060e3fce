#pragma once

#include "bind/source.hpp"
#include "cli/invocation.hpp"
#include "service/service.hpp"

#include <istream>

namespace freshet {

/// Runs the statements of texts in one session and prints what each gives: tables for people, or with --json one line
/// per statement, written when it ends.
class StatementRunner {
public:
    StatementRunner(Invocation& invocation, SqlSession& session, bool keep_going)
        : invocation_(invocation), session_(session), keep_going_(keep_going) {}

    /// Cuts the text before anything is parsed. False if a statement failed; what follows it runs only with keep_going.
    bool Run(const Source& source);
    /// Reads lines and runs statements as soon as they are complete, so that another program may hold a session open.
    bool RunAsTheyCome(std::istream& lines);

private:
    bool RunFrom(const Source& source, size_t begin);
    bool RunOne(const Excerpt& statement, const Source& source);
    void Show(const StatementResult& result, double milliseconds);
    void ShowFailure(const Error& error);

    Invocation& invocation_;
    SqlSession& session_;
    bool keep_going_;
    size_t number_ = 0; ///< of the statement, over all texts
};

} // namespace freshet
