#pragma once

#include <duckdb/parser/statement/select_statement.hpp>

namespace freshet {

/// Does a part of the query other than its root choose among rows: LIMIT, OFFSET, DISTINCT ON? What a join above then
/// looks for must not be looked for below (Session::AvoidJoinFilters()).
bool CutsRowsInside(const duckdb::SelectStatement& query);

} // namespace freshet
