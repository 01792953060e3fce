#pragma once

#include <string>

namespace freshet::delta {

/// Thrown within the analysis: why the definition can't be refreshed by change, naming the clause.
struct Refusal {
    std::string reason;
};

} // namespace freshet::delta
