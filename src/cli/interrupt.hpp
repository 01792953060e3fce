#pragma once

#include <csignal>
#include <functional>
#include <initializer_list>

namespace freshet {

/// Takes Ctrl-C (SIGINT), or all of these signals, away from the threads and gives them to one that waits for them: the
/// first one calls what OnInterrupt() set, a second Ctrl-C within the same statement ends the program, as does the
/// first one where nothing was set. Call it while the program has one thread. Calling it again does nothing.
void WatchInterrupts(std::initializer_list<int> signals = {SIGINT});

/// What the next Ctrl-C does; runs in the waiting thread. Empty: the program ends.
void OnInterrupt(std::function<void()> action);

/// While it lives, each Ctrl-C does this, in the waiting thread, and never ends the program: something that lasts has
/// the terminal. Afterwards what OnInterrupt() set before holds again.
class RepeatedInterrupts {
public:
    explicit RepeatedInterrupts(std::function<void()> action);
    ~RepeatedInterrupts();
    RepeatedInterrupts(const RepeatedInterrupts&) = delete;
    RepeatedInterrupts& operator=(const RepeatedInterrupts&) = delete;

private:
    std::function<void()> before_;
};

/// From now on a signal changes nothing, but for a second Ctrl-C: the program ends anyway, with its exit code.
void IgnoreInterrupts();

/// Ends the program as an interrupted one, at once; the system drops what it holds.
[[noreturn]] void EndInterrupted();

/// Was there a Ctrl-C since the last ForgetInterrupt()?
bool WasInterrupted();
void ForgetInterrupt();

} // namespace freshet
