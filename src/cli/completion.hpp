#pragma once

namespace CLI {
class App;
}

namespace freshet {

class CommandTree;

/// freshet completion: scripts for shells and the manual page, made from the program's commands as they are declared.
void RegisterCompletion(CommandTree& tree, const CLI::App& program);

} // namespace freshet
