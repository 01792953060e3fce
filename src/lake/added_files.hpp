#pragma once

#include "lake/catalog.hpp"

#include <cstdint>
#include <set>

namespace freshet {

/// Ids of the columns whose values lie, in some live file that ducklake_add_data_files() registered, as another type
/// than the column's, or under a name that isn't the column's: such files keep what their writer chose (FLOAT for a
/// DOUBLE). `at`: as in FindTable(). Opens each such file once per engine, for its schema.
std::set<int64_t> ColumnsOfOtherTypeInAddedFiles(Session& session, const TableInfo& table, Snapshot at);

} // namespace freshet
