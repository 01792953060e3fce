#pragma once

namespace freshet {

/// Runs the command line. Returns the exit code: 0 all done, 1 something failed, 2 usage error.
int RunProgram(int count, char** arguments);

} // namespace freshet
