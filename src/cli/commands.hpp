#pragma once

namespace freshet {

class CommandTree;

void RegisterInit(CommandTree& tree);
void RegisterVersion(CommandTree& tree);

} // namespace freshet
