#pragma once

#include "cli/statements.hpp"

#include <string>

namespace freshet {

/// Reads statements from a terminal, with line editing, completion and a history kept in `history_file`, until Ctrl-D.
/// A statement goes over as many lines as it needs and runs at its semicolon. False if the last statement failed.
bool RunPrompt(StatementRunner& runner, SqlSession& session, Invocation& invocation, const std::string& history_file);

} // namespace freshet
