#pragma once

#include "cli/statements.hpp"

#include <string>
#include <vector>

namespace freshet {

/// ".help" and the like, the prompt's own commands.
const std::vector<std::string>& PromptCommandNames();

/// Is the line one of the prompt's own commands, rather than SQL?
bool IsPromptCommand(const std::string& line);

/// Does what the line asks for; failures are reported. False if the prompt is to end.
bool RunPromptCommand(const std::string& line, StatementRunner& runner, Invocation& invocation);

} // namespace freshet
