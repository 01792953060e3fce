#pragma once

#include "delta/change.hpp"
#include "lake/session.hpp"
#include "refresh/dependencies.hpp"

#include <string>
#include <utility>
#include <vector>

namespace freshet {

/// How a dynamic table is refreshed, said without refreshing it.
struct Explanation {
    std::string mode; ///< INCREMENTAL or FULL: what the definition allows
    std::string reason;
    std::vector<delta::OperatorReport> operators;
    std::string plan;   ///< the definition as bound, before rules are applied, as an indented text; empty: none
    std::string advice; ///< what would make it incremental; empty where it is, or where nothing can be said
    std::vector<std::string> statements;               ///< of a refresh in which every input changed
    std::vector<std::pair<std::string, double>> costs; ///< way, estimated milliseconds if 0.1 % of the rows change
};

/// The definition has to be parsed (node.definition). Reads metadata only.
Explanation ExplainTable(Session& session, const TableNode& node);

} // namespace freshet
