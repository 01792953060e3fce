#pragma once

#include "service/reports.hpp"

#include <string>

namespace freshet {

/// A picture that stands alone: source tables on the left, each table right of all that it reads, with lag and state.
std::string GraphAsSvg(const GraphReport& graph);

} // namespace freshet
