#pragma once

#include "lake/session.hpp"
#include "refresh/dynamic_table.hpp"

#include <string>
#include <vector>

namespace freshet {

/// Names move, tables stay: table ids, content, state and history are those of before. Each is one lake transaction,
/// redone where another process is faster. Throws NotYetAvailable between schemas, since DuckLake keeps a table in its
/// schema.

/// Throws DependentsExist while dynamic tables read it by its name, AlreadyExists where the new name is taken.
DynamicTable RenameTable(Session& session, const std::string& id, const TableName& to);

/// Two tables exchange their names. What reads them by name reads the other one from then on, and is refilled by
/// difference. Throws Cycle where one of them would then read itself. Returns both.
std::vector<DynamicTable> SwapTables(Session& session, const std::string& first, const std::string& second);

} // namespace freshet
