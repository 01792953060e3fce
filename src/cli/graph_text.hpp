#pragma once

#include "service/reports.hpp"

#include <string>

namespace freshet {

/// Tables by depth, each with what it reads.
std::string GraphAsText(const GraphReport& graph);
/// For Graphviz.
std::string GraphAsDot(const GraphReport& graph);
std::string GraphAsMermaid(const GraphReport& graph);

} // namespace freshet
