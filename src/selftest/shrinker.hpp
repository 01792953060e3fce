#pragma once

#include "selftest/case_runner.hpp"
#include "selftest/script.hpp"

#include <functional>

namespace freshet::selftest {

/// A failing script made smaller.
struct Shrunk {
    Script script;
    CaseOutcome outcome; ///< of this script; has a failure
    int64_t runs = 0;    ///< scripts tried
};

/// Leaves out steps, statements and parts of statements as long as a failure of the same kind remains, until nothing
/// more can go or `go_on` says stop.
/// @param outcome  of `script`; has a failure
/// @param run  runs a candidate
Shrunk Shrink(const Script& script, const CaseOutcome& outcome, const std::function<CaseOutcome(const Script&)>& run,
              const std::function<bool()>& go_on);

} // namespace freshet::selftest
