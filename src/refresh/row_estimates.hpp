#pragma once

#include "delta/analysis.hpp"
#include "lake/session.hpp"
#include "refresh/dynamic_table.hpp"

#include <vector>

namespace freshet {

/// Notes in each report how many rows its operator gives, without reading data: from the statistics of source tables,
/// from kept state and from the table's own count of rows; where these don't tell, by the usual guesses. Unknown (-1)
/// where no input's rows are known.
void EstimateRows(Session& session, const delta::Analysis& analysis, const Frontier& frontier, Snapshot newest,
                  std::vector<delta::OperatorReport>& reports);

} // namespace freshet
