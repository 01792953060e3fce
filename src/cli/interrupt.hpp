#pragma once

#include <functional>

namespace freshet {

/// Takes Ctrl-C (SIGINT) away from the threads and gives it to one that waits for it: the first one calls what
/// OnInterrupt() set, a second one within the same statement ends the program, as does the first one where nothing was
/// set. Call it while the program has one thread. Calling it again does nothing.
void WatchInterrupts();

/// What the next Ctrl-C does; runs in the waiting thread. Empty: the program ends.
void OnInterrupt(std::function<void()> action);

/// Was there a Ctrl-C since the last ForgetInterrupt()?
bool WasInterrupted();
void ForgetInterrupt();

} // namespace freshet
