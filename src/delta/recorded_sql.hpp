#pragma once

#include "delta/analysis.hpp"

#include <string>
#include <vector>

namespace freshet::delta {

/// The statements of a refresh by change in which every source had rows inserted and deleted, as the rules would run
/// them; nothing runs. Versions stand as $frontier and $snapshot. `companion_prefix` begins the names of companion
/// tables in SQL, the operator's number follows.
std::vector<std::string> RecordedSql(const Analysis& analysis, const std::string& companion_prefix);

} // namespace freshet::delta
