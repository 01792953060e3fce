#pragma once

#include "delta/analysis.hpp"
#include "lake/session.hpp"
#include "refresh/dynamic_table.hpp"

#include <vector>

namespace freshet {

/// Notes in each report how many rows its operator gives, where that is known without reading data: from the statistics
/// of source tables, from kept state, and from the table's own count of rows.
void EstimateRows(Session& session, const delta::Analysis& analysis, const Frontier& frontier, Snapshot newest,
                  std::vector<delta::OperatorReport>& reports);

} // namespace freshet
