#pragma once

#include "bind/source.hpp"
#include "cli/invocation.hpp"
#include "cli/result_text.hpp"
#include "service/service.hpp"

#include <istream>

namespace freshet {

/// Runs the statements of texts in one session and prints what each gives: in a form for people or programs, or with
/// --json one line per statement, written when it ends.
class StatementRunner {
public:
    StatementRunner(Invocation& invocation, SqlSession& session, bool keep_going)
        : invocation_(invocation), session_(session), keep_going_(keep_going) {}

    /// Cuts the text before anything is parsed. False if a statement failed; what follows it runs only with keep_going.
    bool Run(const Source& source);
    /// Reads lines and runs statements as soon as they are complete, so that another program may hold a session open.
    bool RunAsTheyCome(std::istream& lines);

    ResultForm Form() const { return form_; }
    void SetForm(ResultForm form) { form_ = form; }
    /// Tells how long each statement took.
    void SetTimer(bool on) { timer_ = on; }

private:
    bool RunFrom(const Source& source, size_t begin);
    bool RunOne(const Excerpt& statement, const Source& source);
    void Show(const StatementResult& result, double milliseconds);
    void Print(const StatementResult& result);
    void ShowFailure(const Error& error);

    Invocation& invocation_;
    SqlSession& session_;
    bool keep_going_;
    ResultForm form_ = ResultForm::Table;
    bool timer_ = false;
    bool printed_ = false; ///< a result as Markdown
    size_t number_ = 0;    ///< of the statement, over all texts
};

} // namespace freshet
