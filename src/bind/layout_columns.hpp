#pragma once

#include <string>
#include <vector>

namespace freshet {

/// The columns that a list of PARTITIONED BY or SORTED BY names: "year(d), k DESC" names d and k. Empty for a text that
/// can't be parsed, which DuckLake then refuses itself.
std::vector<std::string> LayoutColumns(const std::string& layout);

} // namespace freshet
