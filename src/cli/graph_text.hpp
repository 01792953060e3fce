#pragma once

#include "service/reports.hpp"

#include <string>

namespace freshet {

/// Source tables, below each what reads it; what hangs on several is followed once.
std::string GraphAsText(const GraphReport& graph);
/// For Graphviz.
std::string GraphAsDot(const GraphReport& graph);
std::string GraphAsMermaid(const GraphReport& graph);

/// What is told of a dynamic table beside its name: "lag 4 s of 1 minute, ACTIVE". Empty for a source table.
std::string NodeNote(const GraphNode& node);

} // namespace freshet
