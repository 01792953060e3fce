#pragma once

#include "bind/source.hpp"

#include <set>
#include <string>

namespace freshet {

/// A plain SET of a setting that changes what queries mean is for all connections of the instance, also for those by
/// which DuckLake reads its catalog. Returns the statement with SESSION where it sets or resets one of these; every
/// other one as it is. Refuses default_order = 'DESC', by which columns would be found in reverse, here and there.
/// @param settings  names in lower case
std::string ForSessionAlone(const Excerpt& statement, const std::set<std::string>& settings);

} // namespace freshet
