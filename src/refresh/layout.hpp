#pragma once

#include "refresh/dynamic_table.hpp"

#include <vector>

namespace freshet {

/// Throws UnknownColumn where PARTITIONED BY or SORTED BY of the table names none of these columns. No columns: they
/// aren't known, and all will do.
void CheckLayout(const DynamicTable& table, const std::vector<Column>& columns);

} // namespace freshet
