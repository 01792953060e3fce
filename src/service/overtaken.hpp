#pragma once

#include "base/error.hpp"

namespace freshet {

/// Did another process make, replace or drop the table after its name and definition were looked at?
bool TellsOfOtherDefiner(const Error& error);

/// Does `work`, which begins with a look at what is there, again where another process defined the table meanwhile: a
/// new look tells what that means for it.
template <class Work>
auto UnlessOvertaken(const Work& work) {
    constexpr int kAttempts = 10;
    for (int attempt = 1;; attempt++) {
        try {
            return work();
        } catch (const Error& error) {
            if (attempt == kAttempts || !TellsOfOtherDefiner(error)) {
                throw;
            }
        }
    }
}

} // namespace freshet
